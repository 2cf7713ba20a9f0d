//! Placing files of the download where they go, without reading them where the file system allows.
//!
//! A file is a hard link to the download's, if both are on one file system: that costs next to nothing, but both are
//! then one inode, whose number and times follow the order in which the download was packed or unpacked, often class
//! by class. So that no test file tells its class that way, such files get an inode of their own ([`Inode::Own`]):
//! copied (larger ones by sharing blocks, where the file system can), in the order of their new names, and all of one
//! time. The download is never changed, not even its times.
//!
//! Threads take small batches of files off one list. A folder is opened when its turn comes and read as far as it is
//! needed, so a million files in it cost no more memory than a hundred (but for inodes of their own, which are sorted).

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat};

use crate::error::PrepareError;
use crate::times;

/// How many files a thread takes at once.
const BATCH: usize = 64;

/// Files up to this size are copied in one piece.
const SMALL: u64 = 64 << 10;

/// Folders in folders. More are links that lead in a circle.
const DEEPEST: usize = 64;

/// A file or folder, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    /// Where it lies. Links are followed.
    pub(crate) from: PathBuf,
    /// Where it goes. Folders above it are made.
    pub(crate) to: PathBuf,
    /// For a folder, that of all files in it.
    pub(crate) inode: Inode,
}

/// Whose inode a placed file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inode {
    /// The download's, where that is possible.
    Shared,
    /// One that tells nothing of the download.
    Own,
}

/// Places files, and folders with all that is in them. `done` hears of the number of files as they are placed.
///
/// What an interrupted attempt placed stays as it is; anything else at a file's place is replaced.
///
/// # Errors
/// A file that isn't there, is neither file nor folder, or cannot be placed. Others may have been placed then.
pub(crate) fn place(mut placements: Vec<Placement>, done: &(dyn Fn(u64) + Sync)) -> Result<(), PrepareError> {
    // As bytes, because comparing paths is slow. Of two files for one place the later one counts.
    placements.sort_by(|a, b| a.to.as_os_str().as_bytes().cmp(b.to.as_os_str().as_bytes()));
    placements.dedup_by(|later, earlier| {
        let same = later.to == earlier.to;
        if same {
            std::mem::swap(later, earlier);
        }
        same
    });
    // A folder takes one new file at a time, so every other thread begins at the other end, likely another folder.
    let list = Mutex::new(placements.into_iter());
    let mut folders = place_level(done, |thread| {
        let mut list = lock(&list);
        Ok(match thread % 2 {
            0 => list.by_ref().take(BATCH).collect(),
            _ => list.by_ref().rev().take(BATCH).collect(),
        })
    })?;
    let mut depth = 0;
    while let Some(folder) = folders.first() {
        depth += 1;
        if depth > DEEPEST {
            return Err(PrepareError::io("place", &folder.from, rustix::io::Errno::LOOP.into()));
        }
        let list = Mutex::new(folders.into_iter().flat_map(entries).fuse());
        folders = place_level(done, |_| lock(&list).by_ref().take(BATCH).collect())?;
    }
    Ok(())
}

/// Places files, several at a time; `take` gives a thread its next ones, none at the end. Returns the folders among them,
/// which were made but are empty.
fn place_level(
    done: &(dyn Fn(u64) + Sync),
    take: impl Fn(usize) -> Result<Vec<Placement>, PrepareError> + Sync,
) -> Result<Vec<Placement>, PrepareError> {
    let (folders, failed) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let work = |thread| -> Result<(), PrepareError> {
        while !failed.load(Ordering::Relaxed) {
            let batch = take(thread)?;
            if batch.is_empty() {
                break;
            }
            let mut files = 0;
            for placement in batch {
                match place_one(&placement).map_err(|error| failure(&placement, error))? {
                    Placed::File => files += 1,
                    Placed::Folder => lock(&folders).push(placement),
                }
            }
            done(files);
        }
        Ok(())
    };
    let work = |thread| work(thread).inspect_err(|_| failed.store(true, Ordering::Relaxed));
    thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let helpers: Vec<_> = (1..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        let placed = work(0);
        helpers.into_iter().fold(placed, |placed, helper| {
            let helped = helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            placed.and(helped)
        })
    })?;
    Ok(folders.into_inner().unwrap_or_else(|poison| poison.into_inner()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// What is in a folder.
fn entries(folder: Placement) -> Box<dyn Iterator<Item = Result<Placement, PrepareError>> + Send> {
    let Placement { from, to, inode } = folder;
    let listing = match fs::read_dir(&from) {
        Ok(listing) => listing,
        Err(error) => return Box::new(std::iter::once(Err(PrepareError::io("read", &from, error)))),
    };
    let entries = listing.map(move |entry| match entry {
        Ok(entry) => Ok(Placement { from: entry.path(), to: to.join(entry.file_name()), inode }),
        Err(error) => Err(PrepareError::io("read", &from, error)),
    });
    match inode {
        Inode::Shared => Box::new(entries),
        Inode::Own => {
            let mut entries: Vec<_> = entries.collect();
            entries.sort_unstable_by(|a, b| name_of(a).cmp(&name_of(b)));
            Box::new(entries.into_iter())
        }
    }
}

fn name_of(entry: &Result<Placement, PrepareError>) -> Option<&[u8]> {
    entry.as_ref().ok()?.to.file_name().map(|name| name.as_bytes())
}

enum Placed {
    File,
    /// It was made; what is in it is yet to be placed.
    Folder,
}

fn place_one(placement: &Placement) -> io::Result<Placed> {
    let Placement { from, to, inode } = placement;
    if *inode == Inode::Shared {
        let link = || Ok(linkat(CWD, from, CWD, to, AtFlags::SYMLINK_FOLLOW)?);
        if make(to, link, || is_same_file(from, to)).is_ok() {
            return Ok(Placed::File);
        }
        // A folder, another file system, one without links, another user's file: copying works, or tells the reason.
    }
    // A pipe would keep its opener waiting; of files the flag says nothing.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mut source = File::from(rustix::fs::open(from, flags, Mode::empty())?);
    let meta = source.metadata()?;
    if meta.is_dir() {
        fs::create_dir_all(to)?;
        return Ok(Placed::Folder);
    }
    if !meta.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is neither file nor folder"));
    }
    if let Some(mut target) = make(to, || File::create_new(to).map(Some), || is_whole_copy(to, meta.len()))? {
        if meta.len() <= SMALL {
            let mut bytes = Vec::with_capacity(meta.len() as usize);
            source.take(meta.len()).read_to_end(&mut bytes)?;
            target.write_all(&bytes)?;
        } else if !share_blocks(&source, &target) {
            io::copy(&mut source, &mut target)?;
        }
        // Last, so that a copy of this time is a whole one.
        times::neutralize(&target)?;
    }
    Ok(Placed::File)
}

/// Makes a file. Folders above it are made if they are missing. What lies there already is removed, unless `is_done`
/// says that it is the file itself: then there is nothing to make.
fn make<T: Default>(to: &Path, mut create: impl FnMut() -> io::Result<T>, is_done: impl Fn() -> bool) -> io::Result<T> {
    match create() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(to.parent().unwrap_or(to))?;
            create()
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if is_done() {
                return Ok(T::default());
            }
            fs::remove_file(to)?;
            create()
        }
        made => made,
    }
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    let inode = |path| fs::metadata(path).map(|meta| (meta.dev(), meta.ino()));
    matches!((inode(a), inode(b)), (Ok(a), Ok(b)) if a == b)
}

fn is_whole_copy(path: &Path, size: u64) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| {
        meta.is_file() && meta.len() == size && meta.modified().is_ok_and(|time| time == times::neutral())
    })
}

/// Makes the target's blocks those of the source, if the file system can.
#[cfg(target_os = "linux")]
fn share_blocks(source: &File, target: &File) -> bool {
    rustix::fs::ioctl_ficlone(target, source).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn share_blocks(_source: &File, _target: &File) -> bool {
    false
}

fn failure(placement: &Placement, error: io::Error) -> PrepareError {
    // What is missing is the file, for folders above its place are made.
    let path = if error.kind() == io::ErrorKind::NotFound { &placement.from } else { &placement.to };
    PrepareError::io("place", path, error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// A download of two folders and a link to a third, and a place beside it.
    fn download() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (raw, out) = (folder.path().join("raw"), folder.path().join("out"));
        for (path, data) in
            [("cat/1.jpg", "one"), ("cat/2.jpg", "two"), ("dog/deep/er/3.jpg", "three"), ("b/4.jpg", "")]
        {
            fs::create_dir_all(raw.join(path).parent().unwrap()).unwrap();
            fs::write(raw.join(path), data).unwrap();
        }
        symlink("../b", raw.join("dog/link")).unwrap();
        symlink("2.jpg", raw.join("cat/link.jpg")).unwrap();
        (folder, raw, out)
    }

    fn placed(placements: &[(PathBuf, PathBuf, Inode)]) -> Result<u64, PrepareError> {
        let count = AtomicU64::new(0);
        let placements =
            placements.iter().map(|(from, to, inode)| Placement { from: from.clone(), to: to.clone(), inode: *inode });
        place(placements.collect(), &|files| _ = count.fetch_add(files, Ordering::Relaxed))?;
        Ok(count.into_inner())
    }

    fn text(path: &Path) -> String {
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    #[test]
    fn files_and_folders_go_where_they_should() {
        for inode in [Inode::Shared, Inode::Own] {
            let (_folder, raw, out) = download();
            let list = [
                (raw.join("cat/1.jpg"), out.join("a/b/x.jpg"), inode),
                (raw.join("cat/link.jpg"), out.join("a/y.jpg"), inode),
                (raw.join("dog"), out.join("dog"), inode),
            ];
            assert_eq!(placed(&list).unwrap(), 4);
            assert_eq!(text(&out.join("a/b/x.jpg")), "one");
            assert_eq!(text(&out.join("a/y.jpg")), "two");
            assert_eq!(text(&out.join("dog/deep/er/3.jpg")), "three");
            assert_eq!(text(&out.join("dog/link/4.jpg")), "");
            // What a link led to, not the link.
            for link in ["a/y.jpg", "dog/link"] {
                assert!(!fs::symlink_metadata(out.join(link)).unwrap().is_symlink());
            }
        }
    }

    #[test]
    fn inodes_of_their_own_tell_nothing_of_the_download() {
        let (_folder, raw, out) = download();
        placed(&[(raw.clone(), out.join("shared"), Inode::Shared), (raw.clone(), out.join("own"), Inode::Own)])
            .unwrap();
        let inode = |path: PathBuf| fs::metadata(path).unwrap().ino();
        assert_eq!(inode(out.join("shared/cat/1.jpg")), inode(raw.join("cat/1.jpg")));
        assert_ne!(inode(out.join("own/cat/1.jpg")), inode(raw.join("cat/1.jpg")));
        for name in ["cat/1.jpg", "cat/2.jpg", "cat/link.jpg", "dog/deep/er/3.jpg"] {
            let meta = fs::metadata(out.join("own").join(name)).unwrap();
            assert_eq!((meta.modified().unwrap(), meta.nlink()), (times::neutral(), 1), "{name}");
            assert_ne!(fs::metadata(raw.join(name)).unwrap().modified().unwrap(), times::neutral(), "{name}");
        }
    }

    #[test]
    fn a_next_attempt_mends_what_an_interrupted_one_left() {
        for inode in [Inode::Shared, Inode::Own] {
            let (_folder, raw, out) = download();
            let list = [(raw.join("cat"), out.clone(), inode)];
            placed(&list).unwrap();
            let kept = fs::metadata(out.join("2.jpg")).unwrap().ino();
            // Half a copy, or a file of another download.
            fs::remove_file(out.join("1.jpg")).unwrap();
            fs::write(out.join("1.jpg"), "o").unwrap();
            placed(&list).unwrap();
            assert_eq!(text(&out.join("1.jpg")), "one");
            assert_eq!(fs::metadata(out.join("2.jpg")).unwrap().ino(), kept);
            assert_eq!(text(&raw.join("cat/1.jpg")), "one");
        }
    }

    #[test]
    fn what_cannot_be_placed_is_named() {
        let (_folder, raw, out) = download();
        let refused = |from: PathBuf, inode| {
            let error = placed(&[(from.clone(), out.join("x"), inode)]).unwrap_err().to_string();
            assert!(error.contains("cannot place"), "{error}");
            error
        };
        for inode in [Inode::Shared, Inode::Own] {
            assert!(refused(raw.join("cat/9.jpg"), inode).contains("cat/9.jpg"));
        }
        rustix::fs::mknodat(CWD, raw.join("fifo"), rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(refused(raw.join("fifo"), Inode::Own).contains("neither file nor folder"));
        symlink("..", raw.join("cat/circle")).unwrap();
        assert!(placed(&[(raw, out.join("x"), Inode::Shared)]).is_err());
    }

    #[test]
    fn many_files() {
        let folder = tempfile::tempdir().unwrap();
        let raw = folder.path().join("raw");
        fs::create_dir_all(&raw).unwrap();
        for id in 0..1000 {
            fs::write(raw.join(format!("{id}.txt")), format!("{id}")).unwrap();
        }
        let list: Vec<_> = (0..1000)
            .map(|id| {
                let inode = if id % 2 == 0 { Inode::Shared } else { Inode::Own };
                (raw.join(format!("{id}.txt")), folder.path().join(format!("out/{}/{id}", id % 3)), inode)
            })
            .collect();
        assert_eq!(placed(&list).unwrap(), 1000);
        for (id, (_, to, _)) in list.iter().enumerate() {
            assert_eq!(text(to), id.to_string());
        }
        assert_eq!(placed(&[(raw, folder.path().join("whole"), Inode::Own)]).unwrap(), 1000);
        assert_eq!(fs::read_dir(folder.path().join("whole")).unwrap().count(), 1000);
    }
}
