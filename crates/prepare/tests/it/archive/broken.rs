//! Downloads that went wrong: something else, cut off, or with other bytes.

use std::fs;
use std::panic::catch_unwind;

use mledojo_prepare::archive::{ArchiveError, Unpacker};
use mledojo_prepare::random::RandomState;

use super::packing::{Entry, gz};
use super::{Case, kinds, noise, tree};

#[test]
fn what_is_no_archive_is_told() {
    let found = |bytes: &[u8]| match Case::new("titanic.zip", bytes).refused() {
        ArchiveError::NotAnArchive { found, .. } => found,
        other => panic!("{other:?}"),
    };
    assert!(found(b"<!DOCTYPE html>\n<html><body>Sign in</body></html>").contains("web page"));
    assert!(found(b"{\"code\":403,\"message\":\"You must accept this competition's rules\"}").contains("JSON"));
    assert_eq!(found(b"PassengerId,Survived\n1,0\n"), "text");
    assert_eq!(found(b""), "an empty file");
    assert!(found(b"Rar!\x1a\x07\x00").contains("RAR"));

    let folder = tempfile::tempdir().unwrap();
    let error = Unpacker::new().unpack(&folder.path().join("none.zip"), folder.path()).unwrap_err();
    assert!(error.to_string().contains("cannot read") && error.to_string().contains("none.zip"), "{error}");
    let error = Unpacker::new().unpack(folder.path(), &folder.path().join("x")).unwrap_err();
    assert!(matches!(error, ArchiveError::Io { .. }), "{error:?}");

    assert!(matches!(Case::new("x.tar.gz", &gz(b"no tar")).refused(), ArchiveError::Damaged { .. }));
}

fn entries() -> Vec<Entry> {
    vec![
        Entry::file("a/1.csv", &noise(2000)),
        Entry::file("a/2.csv", "1,2,3\n".repeat(400).as_bytes()),
        Entry::folder("b/"),
        Entry::file("b/3.csv", &noise(30)),
    ]
}

#[test]
fn a_cut_archive_is_never_taken_for_a_whole_one() {
    for (kind, bytes) in kinds(&entries()).into_iter().chain([("x.csv.gz", gz(&noise(3000)))]) {
        // Nothing but zeros comes after the two blocks that end a tar.
        let needed = if kind == "x.tar" { bytes.len() - 1024 } else { bytes.len() };
        for length in (513..needed).step_by(37).chain([needed - 1]) {
            let case = Case::new(kind, &bytes[..length]);
            let error = case.unpack().map(|_| ()).expect_err(kind);
            assert!(
                matches!(error, ArchiveError::Truncated { .. }),
                "{kind}, {length} of {} bytes: {error:?}",
                bytes.len()
            );
        }
    }
}

#[test]
fn a_changed_byte_does_no_harm() {
    let entries = entries();
    let mut random = RandomState::new(5);
    for (kind, bytes) in kinds(&entries).into_iter().chain([("x.csv.gz", gz(&noise(3000)))]) {
        let whole = Case::new(kind, &bytes);
        whole.unpack().unwrap();
        let whole = tree(&whole.target());
        let mut unnoticed = 0;
        for _ in 0..150 {
            let mut changed = bytes.clone();
            for _ in 0..random.randint(1, 4).unwrap() {
                let place = random.randint(0, changed.len() as i64).unwrap() as usize;
                changed[place] = random.randint(0, 256).unwrap() as u8;
            }
            let case = Case::new(kind, &changed);
            let done = catch_unwind(|| case.unpack().is_ok()).expect(kind);
            if done {
                let found = tree(&case.target());
                unnoticed += usize::from(found.values().ne(whole.values()));
            }
            fs::remove_dir_all(case.target()).ok();
        }
        // A tar has checksums of headers alone; all else checks its data.
        assert!(unnoticed == 0 || kind == "x.tar", "{kind}: {unnoticed} of 150 changes went unnoticed");
    }
}
