//! The demo, with every bundled competition at the table.

use crate::world::World;

#[test]
fn the_baseline_beats_its_first_score_and_half_of_the_board_everywhere() {
    let world = World::new();
    let competitions = "breast-cancer,co2,diabetes,digits,iris,wine";
    let demo = world.json(&["demo", "--competitions", competitions, "--output", "run"]);
    let episodes = demo["episodes"].as_array().unwrap();
    assert_eq!(episodes.len(), 6);
    for episode in episodes {
        let slug = episode["competition"].as_str().unwrap();
        assert_eq!(episode["failed_steps"], 0, "{episode}");
        assert_eq!(episode["steps"], 8, "{episode}");
        let (first, best) = (&episode["first"]["human_rank"], &episode["best"]["human_rank"]);
        assert!(best.as_f64() > first.as_f64(), "{slug}: {first} → {best}");
        assert!(best.as_f64() > Some(0.5), "{slug}: {best}");
    }

    let short = world.json(&["demo", "--steps", "1", "--competitions", "iris", "--output", "second"]);
    assert_eq!(short["episodes"][0]["truncated"], true);
    let taken = world.run(&["demo", "--competitions", "iris", "--output", "second"]);
    assert_eq!(taken.code, 1);
    assert!(taken.stderr.contains("not empty"), "{}", taken.stderr);
}
