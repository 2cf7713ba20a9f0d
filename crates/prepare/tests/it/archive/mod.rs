//! Unpacking: whole archives of every kind, and what hostile or broken ones do.

mod broken;
mod hostile;
mod packing;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use mledojo_prepare::archive::{ArchiveError, Limits, Unpacked, Unpacker};

use packing::{Entry, gz, sevenz, tar, zip};

use crate::host::{folder_of_parent, run_unshared};

/// A folder with an archive in it and room beside it.
struct Case {
    folder: tempfile::TempDir,
    archive: PathBuf,
}

impl Case {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join(name);
        fs::write(&archive, bytes).unwrap();
        Self { folder, archive }
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("a/b/into")
    }

    fn unpack(&self) -> Result<Unpacked, ArchiveError> {
        self.unpack_by(Unpacker::new())
    }

    /// Nothing may ever be written outside the target folder.
    fn unpack_by(&self, unpacker: Unpacker<'_>) -> Result<Unpacked, ArchiveError> {
        let done = unpacker.unpack(&self.archive, &self.target());
        for (folder, expected) in [(self.folder.path(), 2), (&self.folder.path().join("a"), 1)] {
            let found = fs::read_dir(folder).map_or(0, Iterator::count);
            assert!(found <= expected, "{} entries in {}", found, folder.display());
        }
        assert!(
            !self.archive.with_file_name("a/b").exists()
                || fs::read_dir(self.folder.path().join("a/b")).unwrap().count() == 1
        );
        done
    }

    fn refused(&self) -> ArchiveError {
        let error = self.unpack().unwrap_err();
        let message = error.to_string();
        assert!(message.contains(self.archive.to_str().unwrap()), "the message names no archive: {message}");
        error
    }
}

/// Every file below a folder, with its bytes.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

fn noise(length: usize) -> Vec<u8> {
    let mut random = mledojo_prepare::random::RandomState::new(length as u32);
    (0..length).map(|_| random.randint(0, 256).unwrap() as u8).collect()
}

fn sample() -> Vec<Entry> {
    vec![
        Entry::file("train.csv", b"id,target\n1,0\n2,1\n"),
        Entry::folder("images/"),
        Entry::file("images/a b/1.png", &noise(300_000)),
        Entry::file("images/a b/2.png", &vec![7; 200_001]),
        Entry::file("empty.txt", b""),
        Entry::file("\u{e9}t\u{e9}/caf\u{e9}.txt", b"coffee"),
    ]
}

fn kinds(entries: &[Entry]) -> Vec<(&'static str, Vec<u8>)> {
    let (zip, tar, sevenz) = (zip(entries), tar(entries), sevenz(entries));
    let packed = gz(&tar);
    vec![("x.zip", zip), ("x.tar", tar), ("x.tar.gz", packed.clone()), ("x.tgz", packed), ("x.7z", sevenz)]
}

#[test]
fn every_kind_gives_the_files_that_were_packed() {
    let entries = sample();
    let expected: BTreeMap<String, Vec<u8>> = entries
        .iter()
        .filter(|entry| !entry.is_folder())
        .map(|entry| (entry.name.clone(), entry.data.clone()))
        .collect();
    for (name, bytes) in kinds(&entries) {
        // The kind is told by the bytes, so a wrong name does no harm.
        for name in [name, "x.download"] {
            let case = Case::new(name, &bytes);
            let read = AtomicU64::new(0);
            let count = |bytes| _ = read.fetch_add(bytes, Ordering::Relaxed);
            let unpacked = case.unpack_by(Unpacker::new().progress(&count)).unwrap();
            assert_eq!(tree(&case.target()), expected, "{name}");
            assert!(unpacked.files == 5 || unpacked.files == 6, "{name}: {unpacked:?}");
            assert_eq!(unpacked.bytes, expected.values().map(|data| data.len() as u64).sum::<u64>(), "{name}");
            let read = read.into_inner() as f64 / bytes.len() as f64;
            assert!((0.9..1.1).contains(&read), "{name}: progress told {read} of the archive");
        }
    }
}

#[test]
fn a_gz_file_gives_one_file_by_its_name() {
    let case = Case::new("train.csv.gz", &[gz(b"id\n1\n"), gz(b"2\n")].concat());
    case.unpack().unwrap();
    assert_eq!(tree(&case.target()), BTreeMap::from([("train.csv".to_owned(), b"id\n1\n2\n".to_vec())]));
}

#[test]
fn archives_in_the_archive_are_unpacked_where_they_lie() {
    let inner = zip(&[Entry::file("train.csv", b"1")]);
    let images = tar(&[Entry::file("images/1.png", b"2")]);
    let outer = zip(&[
        Entry::file("data/train.csv.zip", &inner),
        Entry::file("images.tgz", &gz(&images)),
        Entry::file("test.csv.gz", &gz(b"3")),
        Entry::file("notes.txt", &inner),
        Entry::file("deep.zip", &zip(&[Entry::file("deeper/deepest.zip", &zip(&[Entry::file("x", b"4")]))])),
    ]);
    let case = Case::new("all.zip", &outer);
    case.unpack_by(Unpacker::new().nested(true)).unwrap();
    let names: Vec<String> = tree(&case.target()).into_keys().collect();
    assert_eq!(names, ["data/train.csv", "deeper/x", "images/1.png", "notes.txt", "test.csv"]);

    let case = Case::new("all.zip", &outer);
    case.unpack().unwrap();
    let names: Vec<String> = tree(&case.target()).into_keys().collect();
    assert_eq!(names, ["data/train.csv.zip", "deep.zip", "images.tgz", "notes.txt", "test.csv.gz"]);
}

#[test]
fn archives_share_a_folder_and_the_last_one_wins() {
    let case = Case::new("x.zip", &zip(&[Entry::file("train/1.png", b"1"), Entry::file("a/b", b"1")]));
    case.unpack().unwrap();
    fs::write(&case.archive, zip(&[Entry::file("train/2.png", b"2"), Entry::file("a/b", b"2")])).unwrap();
    case.unpack().unwrap();
    let tree = tree(&case.target());
    assert_eq!(
        tree.iter().map(|(name, data)| (&**name, &**data)).collect::<Vec<_>>(),
        [("a/b", &b"2"[..]), ("train/1.png", b"1"), ("train/2.png", b"2")]
    );
    for entry in ["train", "a/b/c"] {
        fs::write(&case.archive, zip(&[Entry::file(entry, b"a file for a folder, or a folder for a file")])).unwrap();
        assert!(matches!(case.refused(), ArchiveError::Exists { .. }));
    }
    assert_eq!(self::tree(&case.target()), tree);
}

#[test]
fn an_archive_comes_out_whole_or_not_at_all() {
    let entries = [Entry::file("1.png", b"1"), Entry::link("2.png", "1.png")];
    for (name, bytes) in kinds(&entries) {
        let case = Case::new(name, &bytes);
        // As a killed process leaves it.
        let left = case.target().join(format!(".unpacking-{name}"));
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("1.png"), b"half").unwrap();
        case.refused();
        assert_eq!(fs::read_dir(case.target()).unwrap().count(), 0, "{name}");

        fs::create_dir_all(&left).unwrap();
        fs::write(left.join("0.png"), b"half").unwrap();
        fs::write(&case.archive, &kinds(&entries[..1]).into_iter().find(|kind| kind.0 == name).unwrap().1).unwrap();
        case.unpack().unwrap();
        assert_eq!(tree(&case.target()).into_keys().collect::<Vec<_>>(), ["1.png"], "{name}");
    }
}

#[test]
fn many_small_files() {
    let entries: Vec<Entry> =
        (0..1000).map(|id| Entry::file(&format!("{}/{id}.txt", id % 7), format!("{id}").as_bytes())).collect();
    for (name, bytes) in kinds(&entries) {
        let case = Case::new(name, &bytes);
        assert_eq!(case.unpack().unwrap().files, 1000);
        let tree = tree(&case.target());
        assert_eq!(tree.len(), 1000);
        assert!(tree.iter().all(|(name, data)| name.ends_with(&format!("/{}.txt", String::from_utf8_lossy(data)))));
    }
}

#[test]
fn modes_and_times_are_not_taken_over() {
    use std::os::unix::fs::MetadataExt as _;
    let entry = Entry { mode: 0o104_777, ..Entry::file("run.sh", b"#!") };
    for (name, bytes) in kinds(&[entry]) {
        let case = Case::new(name, &bytes);
        case.unpack().unwrap();
        let meta = fs::metadata(case.target().join("run.sh")).unwrap();
        assert_eq!(meta.mode() & 0o7111, 0, "{name}: {:o}", meta.mode());
        assert!(meta.modified().unwrap().elapsed().unwrap().as_secs() < 600, "{name}");
    }
}

#[test]
fn a_full_disk_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let test = "archive::on_a_small_disk";
    run_unshared("-Urm", "mount -t tmpfs -o size=400k tmpfs \"$OUT\"", test, folder.path());
}

#[test]
#[ignore = "a part of `a_full_disk_is_told`"]
fn on_a_small_disk() {
    let folder = folder_of_parent();
    let big = Entry::file("big.csv", &vec![b'1'; 1 << 20]);
    let kinds = kinds(&[big]).into_iter().chain([("big.csv.gz", gz(&vec![b'1'; 1 << 20]))]);
    for (number, (name, bytes)) in kinds.enumerate() {
        let case = Case::new(name, &bytes);
        let into = folder.join(number.to_string());
        let error = Unpacker::new().unpack(&case.archive, &into).unwrap_err();
        assert!(matches!(error, ArchiveError::DiskFull { .. }), "{name}: {error:?}");
        assert!(tree(&into).is_empty(), "{name}");
        fs::remove_dir_all(into).unwrap();
    }
    let case = Case::new("x.zip", &zip(&[Entry::file("small.csv", b"1")]));
    Unpacker::new().limits(Limits::default()).unpack(&case.archive, &folder).unwrap();
}
