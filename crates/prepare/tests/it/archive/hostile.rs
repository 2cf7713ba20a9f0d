//! Archives that were made to do harm.

use mledojo_prepare::archive::{ArchiveError, Limits, Unpacker};

use super::packing::{Entry, gz, gz_of_zeros, patched, sevenz, sevenz_by_method, tar, tar_of_kind, zip};
use super::{Case, kinds, tree};

#[test]
fn names_that_lead_out_are_refused() {
    for name in ["../../out", "a/../../../out", "..\\..\\out", "/tmp/mledojo-out", "C:\\out", "..", "a/..", "x\ny"] {
        // Zip's writer mends some names, so they are put in afterwards.
        let stand_in = "Q".repeat(name.len());
        let hostile = Entry::file(name, b"harm");
        let archives = [
            ("x.zip", patched(&zip(&[Entry::file(&stand_in, b"harm")]), stand_in.as_bytes(), name.as_bytes())),
            ("x.tar", tar(std::slice::from_ref(&hostile))),
            ("x.tgz", gz(&tar(std::slice::from_ref(&hostile)))),
            ("x.7z", sevenz(&[hostile])),
        ];
        for (kind, bytes) in archives {
            let case = Case::new(kind, &bytes);
            let error = case.refused();
            assert!(matches!(&error, ArchiveError::Name { entry, .. } if entry == name), "{kind} {name:?}: {error:?}");
            assert!(tree(&case.target()).is_empty(), "{kind} {name:?}");
        }
    }
    assert!(!std::path::Path::new("/tmp/mledojo-out").exists());
}

#[test]
fn links_and_devices_are_refused() {
    // The way out in two steps: a link, and a file through it.
    let entries = [Entry::link("way", "/tmp"), Entry::file("way/mledojo-out", b"harm")];
    for (kind, bytes) in kinds(&entries) {
        let error = Case::new(kind, &bytes).refused();
        assert!(matches!(error, ArchiveError::Special { .. }), "{kind}: {error:?}");
    }
    assert!(!std::path::Path::new("/tmp/mledojo-out").exists());
    for kind in [tar::EntryType::Link, tar::EntryType::Char, tar::EntryType::Block, tar::EntryType::Fifo] {
        let error = Case::new("x.tar", &tar_of_kind(kind, "x")).refused();
        assert!(matches!(error, ArchiveError::Special { .. }), "{kind:?}: {error:?}");
    }
    let fifo = Entry { mode: 0o010_644, ..Entry::file("x", b"") };
    assert!(matches!(Case::new("x.7z", &sevenz(&[fifo])).refused(), ArchiveError::Special { .. }));
}

#[test]
fn one_file_twice_is_an_error_however_it_is_written() {
    let twins = [
        ("train/1.png", "train/1.png"),
        ("train/1.png", "./train/1.png"),
        ("train/1.png", "train\\1.png"),
        ("train/1.png", "train/.//1.png"),
    ];
    for (first, second) in twins {
        let entries = [Entry::file(first, b"one"), Entry::file(second, b"two")];
        for (kind, bytes) in [("x.tar", tar(&entries)), ("x.7z", sevenz(&entries))] {
            let case = Case::new(kind, &bytes);
            let error = case.refused();
            assert!(matches!(error, ArchiveError::Exists { .. }), "{kind} {first} {second}: {error:?}");
        }
    }
    let zipped = zip(&[Entry::file("train/1.png", b"one"), Entry::file("train/2.png", b"two")]);
    let twice = Case::new("x.zip", &patched(&zipped, b"train/2.png", b"train/1.png"));
    assert!(matches!(twice.refused(), ArchiveError::Damaged { .. }));
    let differs = Case::new("x.zip", &patched(&zipped, b"train/2.png", b"train\\1.png"));
    assert!(matches!(differs.refused(), ArchiveError::Exists { .. }));

    // é in UTF-8, and in the code page of the first PCs: one name for two spellings.
    let zipped = zip(&[Entry::file("\u{e9}.csv", b"one"), Entry::file("@.csv", b"two")]);
    let differs = Case::new("x.zip", &patched(&zipped, b"@.csv", b"\x82.csv"));
    assert!(matches!(differs.refused(), ArchiveError::Exists { .. }));
}

#[test]
fn a_file_is_no_folder() {
    let entries = [Entry::file("x", b"file"), Entry::file("x/y", b"below it")];
    for (kind, bytes) in kinds(&entries) {
        let case = Case::new(kind, &bytes);
        // A zip's entries are unpacked side by side, so either may come first.
        assert!(matches!(case.refused(), ArchiveError::Exists { .. }), "{kind}");
    }
}

#[test]
fn encrypted_archives_are_told() {
    // Bit 0 of the flags, in the local header and in the central directory.
    let mut zipped = zip(&[Entry::file("x", b"secret")]);
    let central = zipped.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    zipped[6] |= 1;
    zipped[central + 8] |= 1;
    assert!(matches!(Case::new("x.zip", &zipped).refused(), ArchiveError::Encrypted { .. }));

    Case::new("x.7z", &sevenz_by_method(&[0], &[])).unpack().expect("without a method it is a good archive");
    let aes = sevenz_by_method(&[0x06, 0xf1, 0x07, 0x01], &[0]);
    let error = Case::new("x.7z", &aes).refused();
    assert!(matches!(error, ArchiveError::Encrypted { .. }), "{error:?}");
}

#[test]
fn unknown_methods_are_told() {
    let mut zipped = zip(&[Entry::file("x", b"data")]);
    let central = zipped.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    zipped[8] = 77;
    zipped[central + 10] = 77;
    let error = Case::new("x.zip", &zipped).refused();
    assert!(matches!(error, ArchiveError::Unsupported { .. }), "{error:?}");
    let ppmd = sevenz_by_method(&[0x03, 0x04, 0x01], &[6, 0, 0, 0, 1]);
    assert!(matches!(Case::new("x.7z", &ppmd).refused(), ArchiveError::Unsupported { .. }));
    // A dictionary of 4 GiB.
    let greedy = sevenz_by_method(&[0x21], &[40]);
    assert!(matches!(Case::new("x.7z", &greedy).refused(), ArchiveError::Unsupported { .. }));
}

#[test]
fn bombs_are_stopped() {
    let bomb = gz_of_zeros(300 << 20);
    let cases = [
        // What comes out of a gz file isn't known before.
        ("x.csv.gz", bomb.clone()),
        ("x.zip", zip(&[Entry::file("x.csv.gz", &bomb)])),
        ("y.zip", zip(&[Entry::file("x.zip", &zip(&[Entry::file("x.csv.gz", &bomb)]))])),
    ];
    for (kind, bytes) in cases {
        let case = Case::new(kind, &bytes);
        let error = case.unpack_by(Unpacker::new().nested(true)).unwrap_err();
        assert!(error.to_string().contains("bomb"), "{kind}: {error:?}");
    }
    // A tar whose header alone goes on for 300 MiB.
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[0] = b'x';
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(300 << 20);
    header.set_cksum();
    let endless = [gz(header.as_bytes()), bomb].concat();
    let error = Case::new("x.tgz", &endless).refused();
    assert!(matches!(error, ArchiveError::TooMuch { .. } | ArchiveError::Damaged { .. }), "{error:?}");
}

#[test]
fn limits_hold_to_the_file_and_to_the_byte() {
    let entries: Vec<Entry> = (0..10).map(|id| Entry::file(&format!("{id}"), &[b'x'; 100])).collect();
    for (kind, bytes) in kinds(&entries) {
        let unpack = |limits| Case::new(kind, &bytes).unpack_by(Unpacker::new().limits(limits));
        let exact = Limits { files: 10, bytes: if kind.contains(".t") { 20_000 } else { 1000 }, ..Limits::default() };
        unpack(exact).unwrap();
        assert!(matches!(unpack(Limits { files: 9, ..exact }), Err(ArchiveError::TooMuch { .. })), "{kind}");
        assert!(matches!(unpack(Limits { bytes: 999, ..exact }), Err(ArchiveError::TooMuch { .. })), "{kind}");
    }
    let inner = zip(&entries);
    let outer = Case::new("x.zip", &zip(&[Entry::file("inner.zip", &inner)]));
    let unpack = |files| outer.unpack_by(Unpacker::new().nested(true).limits(Limits { files, ..Limits::default() }));
    assert!(matches!(unpack(10), Err(ArchiveError::TooMuch { .. })));

    let mut deep = zip(&[Entry::file("x", b"x")]);
    for _ in 0..6 {
        deep = zip(&[Entry::file("deep.zip", &deep)]);
    }
    let case = Case::new("deepest.zip", &deep);
    let error = case.unpack_by(Unpacker::new().nested(true)).unwrap_err();
    assert!(matches!(error, ArchiveError::Exists { .. } | ArchiveError::TooDeep { .. }), "{error:?}");
}

#[test]
fn a_zip_that_lies_about_sizes_is_damaged() {
    let zipped = zip(&[Entry::file("x", &[b'a'; 5000])]);
    let smaller = Case::new("x.zip", &patched(&zipped, &5000_u32.to_le_bytes(), &50_u32.to_le_bytes()));
    assert!(matches!(smaller.refused(), ArchiveError::Damaged { .. }));
    let larger = Case::new("x.zip", &patched(&zipped, &5000_u32.to_le_bytes(), &50_000_u32.to_le_bytes()));
    assert!(matches!(larger.refused(), ArchiveError::Damaged { .. }));
}
