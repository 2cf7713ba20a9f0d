//! Bad input of every kind: one clear error, and no hang.

use std::fs::File;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use serde_json::{Value, json};

use crate::world::{Ran, World, guess};

/// A home with iris prepared, and its sample submission.
fn with_iris() -> (World, String) {
    let world = World::new();
    let prepared = world.json(&["prepare", "iris"]);
    let sample = std::fs::read_to_string(format!("{}/sample_submission.csv", prepared["public"].as_str().unwrap()));
    (world, sample.unwrap())
}

fn grade(world: &World, file: &str) -> (i32, Value) {
    let ran = world.run(&["grade", "iris", "--submission", file, "--json"]);
    (ran.code, serde_json::from_str(&ran.stdout).unwrap())
}

#[test]
fn odd_but_valid_files_are_graded_the_same() {
    let (world, sample) = with_iris();
    world.write("plain.csv", &sample);
    world.write("bom.csv", format!("\u{feff}{sample}"));
    world.write("crlf.csv", sample.replace('\n', "\r\n"));
    world.write("unended.csv", sample.trim_end());
    symlink(world.path("plain.csv"), world.path("link.csv")).unwrap();
    let expected = grade(&world, "plain.csv");
    assert_eq!(expected.0, 0);
    for file in ["bom.csv", "crlf.csv", "unended.csv", "link.csv"] {
        assert_eq!(grade(&world, file), expected, "{file}");
    }
}

#[test]
fn bad_submissions_end_with_3_and_a_reason() {
    let (world, sample) = with_iris();
    let second = sample.lines().nth(1).unwrap();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(sample.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    world.write("empty.csv", "");
    world.write("utf16.csv", utf16);
    world.write("truncated.csv", &sample[..sample.len() / 2]);
    world.write("quote.csv", format!("{sample}\"99"));
    world.write("twice.csv", format!("{sample}{second}\n"));
    world.write("ragged.csv", format!("{sample}1,2,3\n"));
    world.write("columns.csv", sample.replace("species", "kind"));
    world.write("binary.csv", b"\x1f\x8b\x08\x00rest");
    std::fs::create_dir(world.path("folder.csv")).unwrap();
    assert!(Command::new("mkfifo").arg(world.path("pipe.csv")).status().unwrap().success());
    File::create(world.path("sparse.csv")).unwrap().set_len(5 << 30).unwrap();
    symlink("/nowhere/at/all", world.path("dangling.csv")).unwrap();
    let cases = [
        ("empty.csv", "empty"),
        ("utf16.csv", "UTF-16"),
        ("truncated.csv", "end the file with a whole row"),
        ("quote.csv", "quote"),
        ("twice.csv", "the id of an earlier row"),
        ("ragged.csv", "line"),
        ("columns.csv", "species"),
        ("binary.csv", "gzip"),
        ("folder.csv", "folder"),
        ("pipe.csv", "regular file"),
        ("sparse.csv", "larger than the limit"),
        ("dangling.csv", "cannot be read"),
        ("nowhere.csv", "cannot be read"),
    ];
    for (file, reason) in cases {
        let (code, graded) = grade(&world, file);
        assert_eq!((code, &graded["valid"]), (3, &json!(false)), "{file}: {graded}");
        let message = graded["error"]["message"].as_str().unwrap();
        assert!(message.contains(reason) || graded.to_string().contains(reason), "{file}: {message}");
        assert!(graded["error"]["kind"].is_string());
    }
}

#[test]
fn a_malformed_spec_is_named_with_file_and_key() {
    let world = World::new();
    let spec = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/iris/competition.toml"));
    let spec = spec.unwrap().replace("\"iris\"", "\"mine\"");
    world.write("catalog/mine/brief.md", "Mine.");
    world.write("catalog/mine/leaderboard.csv", "public_score,private_score\n0.5,0.5\n");
    let cases = [
        (spec.replace("direction = \"maximize\"", "direction = \"minimize\""), "metric.direction"),
        (spec.replace("title =", "titel ="), "titel"),
        (spec.replace("name = \"accuracy\"", "name = \"luck\""), "luck"),
        (spec.replace("test_fraction = 0", "test_fraction = 7"), "prepare.test_fraction"),
        ("slug = ".to_owned(), "line 1"),
    ];
    for (text, key) in cases {
        world.write("catalog/mine/competition.toml", text);
        let ran = world.run(&["competitions", "show", "mine", "--catalog", "catalog"]);
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains("mine/competition.toml") && ran.stderr.contains(key), "{key}: {}", ran.stderr);
        let check = world.run(&["catalog", "check", "--catalog", "catalog"]);
        assert_eq!(check.code, 1);
        assert!(
            check.stdout.contains(key) && check.stdout.contains("209 competitions, 1 problems"),
            "{}",
            check.stdout
        );
    }
}

#[test]
fn a_home_that_cannot_be_used_is_named() {
    let world = World::new();
    world.write("file", "");
    let ran = Ran::from(world.command(&["prepare", "iris"]).env("MLEDOJO_HOME", world.path("file")).output().unwrap());
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("file/competitions"), "{}", ran.stderr);
}

#[test]
fn an_unreadable_home_is_named() {
    let (world, _) = with_iris();
    let home = world.path("home/competitions/iris");
    std::fs::set_permissions(&home, PermissionsExt::from_mode(0o000)).unwrap();
    // Nothing is unreadable to root, so root's tests ask as somebody else.
    let binary = world.path("mledojo");
    std::fs::copy(env!("CARGO_BIN_EXE_mledojo"), &binary).unwrap();
    std::fs::set_permissions(world.path(""), PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = Command::new(&binary);
    command
        .args(["grade", "iris", "--submission", "x.csv", "--home"])
        .arg(world.path("home"))
        .env_remove("MLEDOJO_HOME");
    if rustix::process::geteuid().is_root() {
        std::os::unix::process::CommandExt::uid(&mut command, 12345);
    }
    let ran = Ran::from(command.output().unwrap());
    std::fs::set_permissions(&home, PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("ermission denied") && ran.stderr.contains("competitions/iris"), "{}", ran.stderr);
}

#[test]
fn a_damaged_episode_is_named() {
    let world = World::new();
    let script = world.script(&[json!({ "action": "execute_code", "params": { "code": guess("setosa") } })]);
    world.json(&["run", "iris", "--agent", &script, "--output", "ep"]);
    let log = std::fs::read_to_string(world.path("ep/steps.jsonl")).unwrap();
    world.write("ep/steps.jsonl", log.replacen("\"reward\"", "\"award\"", 1));
    for args in [&["episode", "show", "ep"][..], &["run", "--resume", "ep"], &["episode", "replay", "ep"]] {
        let ran = world.run(args);
        assert_eq!(ran.code, 1);
        assert!(ran.stderr.contains("steps.jsonl") && ran.stderr.contains("line 1"), "{}", ran.stderr);
    }
    let none = world.run(&["episode", "show", "nowhere"]);
    assert!(none.code == 1 && none.stderr.contains("nowhere"), "{}", none.stderr);
}
