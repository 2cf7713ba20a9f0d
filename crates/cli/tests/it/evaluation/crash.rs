//! kill -9 at random moments, then the same command: all comes out as if nothing had happened.

use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use super::made::{competitions, outcomes, script, traces};
use crate::world::World;

const KILLS: u32 = 3;

#[test]
fn an_experiment_killed_at_random_moments_comes_out_the_same() {
    // 2 competitions × 3 agents × 4 seeds. The baseline imports a lot, so it plays in the large one alone.
    killed(2, 4, &[], 3);
}

/// `cargo test -p mledojo --test it -- --ignored two_hundred`: minutes.
#[test]
#[ignore = "takes minutes"]
fn two_hundred_episodes_killed_at_random_moments_come_out_the_same() {
    // 10 competitions × 4 agents × 5 seeds.
    killed(10, 5, &["baseline"], 3);
}

#[expect(clippy::print_stdout, reason = "the seed is wanted when it fails")]
fn killed(competition_count: usize, seeds: usize, others: &[&str], scripts: u32) {
    let world = World::new();
    let mut slugs = competitions(&world, competition_count - 1);
    slugs.push("iris".to_owned());
    let mut agents: Vec<String> = others.iter().map(|agent| (*agent).to_owned()).collect();
    agents.extend((1..=scripts).map(|n| script(&world, &format!("script-{n}.jsonl"), 10 * n)));
    let episodes = competition_count * agents.len() * seeds;
    let (slugs, agents, count) = (slugs.join(","), agents.join(","), seeds.to_string());
    let args = |out: &'static str| {
        [
            "eval",
            "--agents",
            &agents,
            "--competitions",
            &slugs,
            "--seeds",
            &count,
            "--steps",
            "6",
            "--out",
            out,
            "--quiet",
        ]
        .map(str::to_owned)
    };
    let command = |out: &'static str| world.command(&args(out).each_ref().map(String::as_str));

    let started = Instant::now();
    let whole = command("whole").output().unwrap();
    let took = started.elapsed();
    assert!(whole.status.success(), "{whole:?}");

    let mut random = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {random}, undisturbed in {took:?}");
    let mut known = 0;
    for _ in 0..KILLS {
        let mut child = command("killed").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (random >> 33) as f64 / f64::from(1_u32 << 31);
        std::thread::sleep(took.mul_f64(share / f64::from(KILLS)) + Duration::from_millis(100));
        child.kill().unwrap();
        child.wait().unwrap();
        let finished = outcomes(&world.path("killed")).len();
        assert!(finished >= known, "{finished} finished, {known} before");
        known = finished;
    }
    let last = command("killed").output().unwrap();
    assert!(last.status.success(), "{last:?}");

    let (whole, killed) = (world.path("whole"), world.path("killed"));
    assert_eq!(outcomes(&killed).len(), episodes);
    assert_eq!(outcomes(&killed), outcomes(&whole));
    // Each step had its effect once.
    assert_eq!(traces(&killed), traces(&whole));
}
