//! Removing what an agent's code left, whatever its shape: trees of any depth, locked folders, odd names.

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, chmodat, openat, renameat, statat, unlinkat};
use rustix::io::Errno;
use rustix::time::{ClockId, Timespec, clock_gettime};

/// Removes all that lies in `folder`, and then the folder.
///
/// Folders within folders are moved up into `folder` first, so that the depth of a tree, and the length of its paths, is
/// no matter: two descriptors and no memory serve for any.
pub(crate) fn remove_tree(folder: &Path) -> io::Result<()> {
    let top = OwnedFd::from(File::open(folder)?);
    let mut moved = 0;
    loop {
        let mut found = false;
        for entry in Dir::read_from(&top)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            found = true;
            match unlinkat(&top, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => continue,
                Err(Errno::ISDIR | Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
            empty(&top, name, &mut moved)?;
            unlinkat(&top, name, AtFlags::REMOVEDIR)?;
        }
        if !found {
            break;
        }
    }
    std::fs::remove_dir(folder)
}

/// Empties the folder `name` in `top`; folders in it that are not empty are moved to `top`.
fn empty(top: &OwnedFd, name: &CStr, moved: &mut u64) -> io::Result<()> {
    let folder = open_folder(top, name)?;
    loop {
        let mut found = false;
        for entry in Dir::read_from(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            found = true;
            match unlinkat(&folder, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => continue,
                Err(Errno::ISDIR | Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
            if unlinkat(&folder, name, AtFlags::REMOVEDIR).is_ok() {
                continue;
            }
            // To move a folder is to change it, which its own rights may forbid.
            let _ = chmodat(&folder, name, Mode::RWXU, AtFlags::empty());
            loop {
                *moved += 1;
                match renameat(&folder, name, top, format!("moved-{moved}")) {
                    Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
                    renamed => break renamed?,
                }
            }
        }
        if !found {
            return Ok(());
        }
    }
}

fn open_folder(parent: &OwnedFd, name: &CStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // It takes the right to write, too, to empty it.
    let _ = chmodat(parent, name, Mode::RWXU, AtFlags::empty());
    Ok(openat(parent, name, flags, Mode::empty())?)
}

/// The time by the clock that stamps files.
pub(crate) fn file_clock() -> Timespec {
    #[cfg(target_os = "linux")]
    return clock_gettime(ClockId::RealtimeCoarse);
    #[cfg(not(target_os = "linux"))]
    clock_gettime(ClockId::Realtime)
}

/// Folders within folders that [`remove_newer`] follows; the sandbox allows no more.
const DEEPEST: usize = 256;

/// Removes the files below `folder` that were made or changed since `time`, by the clock that stamps files, and moves
/// the folders that were made since then to `trash`. What cannot be removed stays.
pub(crate) fn remove_newer(folder: &Path, time: Timespec, trash: &Path) -> io::Result<()> {
    let mut sweep = Sweep { since: (time.tv_sec, time.tv_nsec), moved: 0, trash };
    sweep.folder(&OwnedFd::from(File::open(folder)?), 0);
    Ok(())
}

struct Sweep<'a> {
    since: (i64, i64),
    moved: u64,
    trash: &'a Path,
}

impl Sweep<'_> {
    fn folder(&mut self, folder: &OwnedFd, depth: usize) {
        let Ok(entries) = Dir::read_from(folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let Ok(stat) = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
                if (stat.st_ctime, stat.st_ctime_nsec as i64) >= self.since {
                    let _ = unlinkat(folder, name, AtFlags::empty());
                }
            } else if birth(folder, name).is_some_and(|birth| birth >= self.since) {
                let _ = chmodat(folder, name, Mode::RWXU, AtFlags::empty());
                self.moved += 1;
                let _ = renameat(folder, name, rustix::fs::CWD, self.trash.join(format!("new-{}", self.moved)));
            } else if depth < DEEPEST
                && let Ok(child) = open_folder(folder, name)
            {
                self.folder(&child, depth + 1);
            }
        }
    }
}

/// When a folder was made, where the file system knows.
#[cfg(target_os = "linux")]
fn birth(parent: &OwnedFd, name: &CStr) -> Option<(i64, i64)> {
    use rustix::fs::{StatxFlags, statx};

    let stat = statx(parent, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BTIME).ok()?;
    let known = StatxFlags::from_bits_retain(stat.stx_mask).contains(StatxFlags::BTIME);
    known.then_some((stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec.into()))
}

#[cfg(not(target_os = "linux"))]
fn birth(_parent: &OwnedFd, _name: &CStr) -> Option<(i64, i64)> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_tree_of_any_depth_is_removed() {
        let outer = tempfile::tempdir().unwrap();
        let trash = outer.path().join("trash");
        fs::create_dir_all(trash.join("work-0/moved-1/x")).unwrap();
        fs::write(trash.join("moved-2"), "in the way").unwrap();
        fs::write(trash.join("work-0").join(std::ffi::OsStr::from_bytes(b"\n\xff")), "odd").unwrap();
        std::os::unix::fs::symlink("/usr", trash.join("work-0/link")).unwrap();
        let name = "deep-".repeat(40);
        let mut folder = OwnedFd::from(File::open(trash.join("work-0")).unwrap());
        for depth in 0..3000 {
            rustix::fs::mkdirat(&folder, name.as_str(), Mode::RWXU).unwrap();
            let side = if depth % 2 == 0 { "aside" } else { "zside" };
            rustix::fs::mkdirat(&folder, side, Mode::RWXU).unwrap();
            rustix::fs::mkdirat(&folder, format!("{side}/inner"), Mode::empty()).unwrap();
            let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
            folder = openat(&folder, name.as_str(), flags, Mode::empty()).unwrap();
        }
        fs::set_permissions(trash.join("work-0"), fs::Permissions::from_mode(0o0)).unwrap();
        remove_tree(&trash).unwrap();
        assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 0);
    }

    #[test]
    fn many_folders_are_removed_in_time() {
        let outer = tempfile::tempdir().unwrap();
        let trash = outer.path().join("trash");
        for n in 0..2000 {
            fs::create_dir_all(trash.join(format!("work-0/{}/{n}", n / 100))).unwrap();
        }
        let start = std::time::Instant::now();
        remove_tree(&trash).unwrap();
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    }

    #[test]
    fn only_what_is_new_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (work, trash) = (folder.path().join("work"), folder.path().join("trash"));
        fs::create_dir_all(work.join("old/deeper")).unwrap();
        fs::create_dir(&trash).unwrap();
        for name in ["keep", "grown", "old/keep", "old/deeper/grown"] {
            fs::write(work.join(name), "old").unwrap();
        }
        std::thread::sleep(Duration::from_millis(30));
        let now = file_clock();
        std::thread::sleep(Duration::from_millis(30));
        fs::create_dir_all(work.join("new/tree")).unwrap();
        for name in ["made", "grown", "old/made", "old/deeper/grown", "new/tree/file"] {
            fs::write(work.join(name), "new").unwrap();
        }
        remove_newer(&work, now, &trash).unwrap();
        assert_eq!(fs::read_dir(&trash).unwrap().count(), 1);
        let left = |name: &str| {
            let mut names: Vec<_> = fs::read_dir(work.join(name)).unwrap().map(|e| e.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert_eq!(left(""), ["keep", "old"]);
        assert_eq!(left("old"), ["deeper", "keep"]);
        assert!(left("old/deeper").is_empty());
    }
}
