//! A disk that fills up in the middle of an episode: a clear error, nothing lost, and it goes on when there is room.

use std::process::Command;

use serde_json::json;

use crate::world::{Ran, World, guess, logged_steps};

#[test]
fn a_full_disk_loses_no_finished_step() {
    let world = World::new();
    world.json(&["prepare", "iris"]);
    let fill = "
import os, shutil
if shutil.disk_usage('.').free < 10e6:
    file = os.open('fill', os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(file, b'x' * 65536):
            pass
    except OSError as error:
        print(error)
";
    let script = world.script(&[
        json!({ "action": "execute_code", "params": { "code": guess("setosa") } }),
        json!({ "action": "validate_code", "params": { "code": fill } }),
        json!({ "action": "execute_code", "params": { "code": guess("virginica") } }),
    ]);
    std::fs::create_dir(world.path("small")).unwrap();
    // The disk lives as long as its mount namespace, so all that looks at it runs inside.
    let inside = r#"
set -e
mount -t tmpfs -o size=16m tmpfs small
head -c 14M /dev/zero >small/ballast
set +e
"$MLEDOJO" run iris --agent "$SCRIPT" --output small/ep >out 2>err
echo $? >code
cp -r small/ep full
rm small/ballast
"$MLEDOJO" run --resume small/ep --json >resumed 2>resumed-err
echo $? >resumed-code
"#;
    let mut command = world.command(&[]);
    let environment: Vec<_> = command.get_envs().map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned))).collect();
    command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.arg("--map-root-user");
    }
    command.args(["--mount", "sh", "-c", inside]).current_dir(world.path(""));
    for (name, value) in environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let ran = Ran::from(command.env("MLEDOJO", env!("CARGO_BIN_EXE_mledojo")).env("SCRIPT", &script).output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");

    let read = |name: &str| std::fs::read_to_string(world.path(name)).unwrap();
    assert_eq!(read("code").trim(), "1", "{}", read("err"));
    assert!(read("err").contains("No space left on device"), "{}", read("err"));
    assert!(!logged_steps(&world.path("full")).is_empty());
    assert_eq!(read("resumed-code").trim(), "0", "{}", read("resumed-err"));
    let resumed: serde_json::Value = serde_json::from_str(&read("resumed")).unwrap();
    assert_eq!(resumed["episode"]["steps"], 4);
}
