//! All of it again as a user without any privilege.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use crate::support::is_root;

const USER: u32 = 12345;

#[test]
fn everything_holds_without_root() {
    if !is_root() {
        // Then the other tests have shown it.
        return;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let open = |path: &std::path::Path| std::fs::set_permissions(path, PermissionsExt::from_mode(0o777)).unwrap();
    open(folder.path());
    let program = folder.path().join("it");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    open(&program);
    // Becoming another user this way also leaves all of root's groups.
    let output = Command::new(&program)
        .args(["--skip", "unprivileged::", "--skip", "science::", "--skip", "runtime::", "--skip", "parity::science"])
        .env("HOME", folder.path())
        .env("TMPDIR", folder.path())
        .current_dir(folder.path())
        .uid(USER)
        .gid(USER)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "as user {USER}:\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(" 0 passed"), "{text}");
}
