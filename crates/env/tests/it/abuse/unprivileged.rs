//! All of it again as a user without any privilege.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use super::{arena, attempt};

const USER: u32 = 12345;

#[test]
fn everything_holds_without_root() {
    if !rustix::process::geteuid().is_root() {
        // Then the other tests have shown it.
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    copy(arena::competition().data().root(), &data);
    let scripts = folder.path().join("scripts");
    copy(&attempt::folder(), &scripts);
    let program = folder.path().join("it");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    open(folder.path());
    // Becoming another user this way also leaves all of root's groups.
    let output = Command::new(&program)
        .args(["abuse::", "--skip", "abuse::unprivileged", "--skip", "abuse::page"])
        .env("HOME", folder.path())
        .env("TMPDIR", folder.path())
        .env(arena::DATA, data)
        .env(attempt::SCRIPTS, scripts)
        .current_dir(folder.path())
        .uid(USER)
        .gid(USER)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "as user {USER}:\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(" 0 passed"), "{text}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    open(to);
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
            std::os::unix::fs::chown(&target, Some(USER), None).unwrap();
        }
    }
    std::os::unix::fs::chown(to, Some(USER), None).unwrap();
}

fn open(path: &Path) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o777)).unwrap();
}
