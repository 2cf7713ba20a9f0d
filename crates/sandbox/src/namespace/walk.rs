//! Counting what lies below a folder while somebody may be writing there: in slices, and without following a link out.

use std::collections::HashSet;
use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, Stat, openat2, statat};
use rustix::io::Errno;
use rustix::time::Timespec;

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Bytes taken on the disk.
    pub(super) bytes: u64,
    /// Entries of all kinds.
    pub(super) entries: u64,
    /// Bytes, of those, of files that were made or changed since the run began.
    pub(super) changed_bytes: u64,
    /// How many such files.
    pub(super) changed_files: u64,
    /// Such a file is as large as a file may be.
    pub(super) full_file: bool,
    /// A folder lies deeper than [`DEEPEST`].
    pub(super) too_deep: bool,
}

/// Folders within folders, at most. It bounds the descriptors that a walk holds.
pub(super) const DEEPEST: usize = 256;
/// Bytes of a path below one open folder, well within what the kernel takes.
const LONGEST_PATH: usize = 2048;
/// From this size on a file is remembered, so that one that is moved about isn't counted twice.
const LARGE: u64 = 1 << 20;

/// Which files matter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    /// When the run began, by the clock that stamps files.
    pub(super) began: Timespec,
    /// The largest size of a file.
    pub(super) file_size: u64,
}

impl Marks {
    fn is_changed(&self, stat: &Stat) -> bool {
        (stat.st_ctime, stat.st_ctime_nsec as i64) >= (self.began.tv_sec, self.began.tv_nsec)
    }

    /// Whether a file that the run has written is as large as a file may be.
    pub(super) fn is_full(&self, stat: &Stat) -> bool {
        stat.st_size as u64 >= self.file_size && self.is_changed(stat)
    }
}

/// A folder to be listed.
struct Folder {
    below: Rc<OwnedFd>,
    path: Vec<u8>,
    depth: usize,
}

/// A folder that is being listed.
struct Listing {
    entries: Dir,
    folder: Folder,
}

/// A walk under way.
pub(super) struct Walk {
    marks: Marks,
    open: Vec<Folder>,
    listing: Option<Listing>,
    seen: HashSet<(u64, u64)>,
    tally: Tally,
}

impl Walk {
    /// Begins at `root`.
    pub(super) fn new(root: Rc<OwnedFd>, marks: Marks) -> Self {
        let open = vec![Folder { below: root, path: b".".to_vec(), depth: 0 }];
        Self { marks, open, listing: None, seen: HashSet::new(), tally: Tally::default() }
    }

    /// What has been found so far.
    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    /// Looks at up to so many entries. Returns whether there are no more.
    pub(super) fn advance(&mut self, entries: usize) -> bool {
        let mut left = entries;
        while left > 0 {
            left -= 1;
            let Some(listing) = &mut self.listing else {
                let Some(folder) = self.open.pop() else { return true };
                self.listing = list(folder);
                continue;
            };
            // A folder that fails while it is listed is done; it may have been removed.
            let Some(Ok(entry)) = listing.entries.read() else {
                self.listing = None;
                continue;
            };
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let Ok(stat) = listing.entries.fd().and_then(|fd| statat(fd, name, AtFlags::SYMLINK_NOFOLLOW)) else {
                continue;
            };
            let child = (FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
                .then(|| listing.folder.child(name.to_bytes(), &listing.entries))
                .flatten();
            self.count(&stat);
            if let Some(child) = child {
                if child.depth > DEEPEST {
                    self.tally.too_deep = true;
                } else {
                    self.open.push(child);
                }
            }
        }
        false
    }

    /// Adds a file that lies in no folder any more.
    pub(super) fn count_nameless(&mut self, stat: &Stat) {
        if self.seen.insert((stat.st_dev, stat.st_ino)) {
            self.add(stat);
        }
    }

    fn count(&mut self, stat: &Stat) {
        self.tally.entries += 1;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        let twice = is_file && (stat.st_nlink > 1 || bytes(stat) >= LARGE);
        if !twice || self.seen.insert((stat.st_dev, stat.st_ino)) {
            self.add(stat);
        }
    }

    fn add(&mut self, stat: &Stat) {
        self.tally.bytes += bytes(stat);
        if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile && self.marks.is_changed(stat) {
            self.tally.changed_files += 1;
            self.tally.changed_bytes += bytes(stat);
            self.tally.full_file |= self.marks.is_full(stat);
        }
    }
}

impl Folder {
    /// The folder of this name in this one, which is being listed.
    fn child(&self, name: &[u8], entries: &Dir) -> Option<Self> {
        let depth = self.depth + 1;
        if self.path.len() + 1 + name.len() <= LONGEST_PATH {
            let path = [self.path.as_slice(), b"/", name].concat();
            return Some(Self { below: Rc::clone(&self.below), path, depth });
        }
        let own = entries.fd().ok()?.try_clone_to_owned().ok()?;
        Some(Self { below: Rc::new(own), path: name.to_vec(), depth })
    }
}

/// Opens a folder, which must be where it was: nothing on the way may have become a link.
fn list(folder: Folder) -> Option<Listing> {
    let path = CString::new(folder.path.as_slice()).ok()?;
    let open = |flags| {
        let flags = flags | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        openat2(&folder.below, &path, flags, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
    };
    let opened = open(OFlags::RDONLY).or_else(|error| {
        // Its owner, who may be who we are, has locked it; what it holds counts all the same.
        if error != Errno::ACCESS {
            return Err(error);
        }
        unlock(open(OFlags::PATH)?.as_fd())?;
        open(OFlags::RDONLY)
    });
    let entries = Dir::new(opened.ok()?).ok()?;
    Some(Listing { entries, folder })
}

fn unlock(folder: BorrowedFd<'_>) -> Result<(), Errno> {
    let path = format!("/proc/self/fd/{}", folder.as_raw_fd());
    rustix::fs::chmod(path, Mode::RWXU)
}

/// Bytes that a file takes on the disk, whatever its size.
pub(super) fn bytes(stat: &Stat) -> u64 {
    stat.st_blocks as u64 * 512
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, Permissions};
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
    use std::path::Path;

    use super::*;

    fn walk(folder: &Path, slice: usize) -> Tally {
        let root = Rc::new(OwnedFd::from(File::open(folder).unwrap()));
        let marks = Marks { began: Timespec { tv_sec: 0, tv_nsec: 0 }, file_size: 1 << 30 };
        let mut walk = Walk::new(root, marks);
        while !walk.advance(slice) {}
        walk.tally()
    }

    #[test]
    fn what_takes_room_is_counted_once_however_it_is_sliced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a/b")).unwrap();
        fs::write(at("a/b/large"), vec![1; 3 << 20]).unwrap();
        fs::hard_link(at("a/b/large"), at("again")).unwrap();
        fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"odd\n\xff")), "x").unwrap();
        File::create(at("sparse")).unwrap().write_at(b"x", 1 << 29).unwrap();
        std::os::unix::fs::symlink("/usr", at("out")).unwrap();
        let tally = walk(folder.path(), usize::MAX);
        assert_eq!(tally.entries, 7);
        assert_eq!(tally.changed_files, 3);
        assert!((3 << 20..4 << 20).contains(&tally.bytes), "{tally:?}");
        assert_eq!(walk(folder.path(), 1), tally);
    }

    #[test]
    fn a_locked_folder_hides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let locked = folder.path().join("locked");
        fs::create_dir(&locked).unwrap();
        fs::write(locked.join("file"), vec![1; 1 << 20]).unwrap();
        fs::set_permissions(&locked, Permissions::from_mode(0o0)).unwrap();
        assert!(walk(folder.path(), 100).bytes >= 1 << 20);
    }

    #[test]
    fn depth_and_length_of_paths_do_not_matter_up_to_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let name = "n".repeat(200);
        let mut deep = File::open(folder.path()).unwrap();
        for depth in 1..=DEEPEST + 1 {
            rustix::fs::mkdirat(&deep, name.as_str(), Mode::RWXU).unwrap();
            let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
            deep = File::from(rustix::fs::openat(&deep, name.as_str(), flags, Mode::empty()).unwrap());
            let tally = if depth >= DEEPEST { Some(walk(folder.path(), 1000)) } else { None };
            if let Some(tally) = tally {
                assert_eq!((tally.entries, tally.too_deep), (depth as u64, depth > DEEPEST));
            }
        }
    }
}
