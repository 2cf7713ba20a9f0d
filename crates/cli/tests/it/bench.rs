//! `mledojo bench`.

use crate::world::World;

#[test]
fn a_measurement_is_told_with_its_target() {
    let world = World::new();
    let found = world.json(&["bench", "--quick", "--only", "cold-jail,flat-output"]);
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| row["name"].as_str().unwrap()).collect::<Vec<_>>(), ["cold-jail", "flat-output"]);
    let [jail, output] = [&rows[0], &rows[1]];
    // How fast this host is, a test can't say; a jail is never free, and costs less than a dozen interpreters.
    let ratio = jail["value"].as_f64().unwrap();
    assert!(ratio > 0.5 && ratio < 12.0, "{found}");
    assert_eq!(jail["met"], (ratio <= jail["target"]["at_most"].as_f64().unwrap()));
    assert_eq!((jail["rounds"].as_u64(), jail["details"].as_array().unwrap().len()), (Some(12), 2));
    assert!(output["value"].as_f64().unwrap() < 64.0, "{found}");
}

#[test]
fn an_unknown_measurement_is_refused_with_the_known_ones() {
    let ran = World::new().run(&["bench", "--only", "speed"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("no measurement `speed`") && ran.stderr.contains("warm-floor"), "{ran:?}");
}
