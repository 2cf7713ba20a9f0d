//! A full disk and folders without access, each in a namespace of its own, so that root isn't needed and nothing stays
//! mounted.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use mledojo_prepare::{PrepareError, PrepareRequest, Prepared, prepare};

use crate::packages::{SITE_PACKAGES, competition, names, prepare_into};

/// Runs an ignored test under `unshare`, after a shell command; `$OUT` is `folder`.
pub(crate) fn run_unshared(flags: &str, setup: &str, test: &str, folder: &Path) {
    let output = Command::new("unshare")
        .args([flags, "--", "sh", "-ec"])
        .arg(format!("{setup}\nexec \"$TEST\" --exact {test} --ignored --nocapture"))
        .env("TEST", std::env::current_exe().unwrap())
        .env("OUT", folder)
        .output()
        .expect("`unshare` of util-linux runs");
    let shown = [output.stdout, output.stderr].concat();
    let shown = String::from_utf8_lossy(&shown);
    assert!(output.status.success() && shown.contains("1 passed"), "unshare {flags}: {shown}");
}

pub(crate) fn folder_of_parent() -> PathBuf {
    std::env::var_os("OUT").expect("the parent test sets OUT").into()
}

#[test]
fn a_full_disk_is_one_error_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    run_unshared("-Urm", "mount -t tmpfs -o size=160k tmpfs \"$OUT\"", "host::on_a_small_disk", folder.path());
}

#[test]
#[ignore = "a part of `a_full_disk_is_one_error_and_leaves_nothing`"]
fn on_a_small_disk() {
    let folder = folder_of_parent();
    // Iris fits, the digits do not, and what was there stays whole.
    let (iris, digits) = (competition("iris"), competition("digits"));
    let small = prepare_into(&iris, &folder.join("iris")).unwrap();
    let error = prepare_into(&digits, &folder.join("digits")).unwrap_err();
    assert!(matches!(error, PrepareError::DiskFull { .. }), "{error:?}");
    assert!(error.to_string().starts_with("the disk is full: cannot "), "{error}");
    assert_eq!(names(&folder), [".digits.lock", ".iris.lock", "iris"]);
    small.verify().unwrap();
    // A directory to be replaced is kept when its successor doesn't fit.
    let before = names(&folder.join("iris"));
    let mut other = competition("digits");
    other.spec.slug = "iris".to_owned();
    prepare_into(&other, &folder.join("iris")).unwrap_err();
    assert_eq!(names(&folder.join("iris")), before);
    Prepared::open(&folder.join("iris")).unwrap().verify().unwrap();
}

#[test]
fn folders_without_access_are_one_error_each() {
    let folder = tempfile::tempdir().unwrap();
    // In a user namespace without a mapping even root is held to the modes of files.
    run_unshared("-U", "true", "host::without_access", folder.path());
}

#[test]
#[ignore = "a part of `folders_without_access_are_one_error_each`"]
fn without_access() {
    let folder = folder_of_parent();
    let iris = competition("iris");
    let set_mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let refused = |site_packages: &Path, out: &Path| {
        let error = prepare(&PrepareRequest { competition: &iris, site_packages, out }).unwrap_err();
        assert!(matches!(error, PrepareError::PermissionDenied { .. }), "{error:?}");
        error.to_string()
    };

    let sealed = folder.join("sealed");
    fs::create_dir(&sealed).unwrap();
    set_mode(&sealed, 0o000);
    let message = refused(&sealed, &folder.join("out/iris"));
    assert!(message.contains("cannot read") && message.contains("iris.csv"), "{message}");
    assert_eq!(names(&folder.join("out")), [".iris.lock"]);
    let message = refused(&SITE_PACKAGES, &sealed.join("iris"));
    assert!(message.contains("sealed"), "{message}");

    set_mode(&sealed, 0o555);
    let message = refused(&SITE_PACKAGES, &sealed.join("iris"));
    assert!(message.contains("sealed"), "{message}");

    let whole = folder.join("whole");
    prepare(&PrepareRequest { competition: &iris, site_packages: &SITE_PACKAGES, out: &whole }).unwrap();
    set_mode(&whole.join("private"), 0o000);
    let error = Prepared::open(&whole).unwrap_err();
    assert!(matches!(error, PrepareError::PermissionDenied { .. }), "{error:?}");
    set_mode(&whole.join("private"), 0o755);
    set_mode(&sealed, 0o755);
}
