//! What `/proc` tells of processes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// When a process started, in clock ticks since boot; with its number this names it uniquely.
pub(crate) fn start_time(pid: u32) -> Option<u64> {
    stat_field(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?, 22)
}

/// Where this process keeps its argument and environment strings: address and length of each.
pub(super) fn string_areas() -> [(usize, usize); 2] {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let area = |first| {
        let start = usize::try_from(stat_field(&stat, first)?).ok()?;
        let end = usize::try_from(stat_field(&stat, first + 1)?).ok()?;
        (start > 0 && end > start).then_some((start, end - start))
    };
    [48, 50].map(|first| area(first).unwrap_or((0, 0)))
}

/// A numeric field of a `stat` line, counted from 1 as in `proc(5)`.
fn stat_field(stat: &str, number: usize) -> Option<u64> {
    // The second field is the program's name in parentheses, which may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(number - 3)?.parse().ok()
}

/// What a process and all below it use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Processes and threads.
    pub(crate) tasks: u64,
    /// Bytes resident; memory that processes share counts once for each.
    pub(crate) resident: u64,
}

/// All processes below `root`, which isn't among them.
pub(crate) fn descendants(root: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
        for thread in threads.flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
                found.push(child);
                open.push(child);
            }
        }
    }
    found
}

/// What processes have used by now, with those that they have waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Used {
    /// CPU time in programs and in the kernel.
    pub(super) user: Duration,
    pub(super) system: Duration,
    /// Bytes that they made the kernel write to disks.
    pub(super) written: u64,
}

impl std::ops::AddAssign for Used {
    fn add_assign(&mut self, other: Self) {
        self.user += other.user;
        self.system += other.system;
        self.written += other.written;
    }
}

/// The sum over these processes, as far as it can be read.
pub(super) fn used(pids: &[u32]) -> Used {
    let tick = Duration::from_secs(1) / u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100).max(1);
    let mut sum = Used::default();
    for pid in pids {
        let read = |name| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let (stat, io) = (read("stat"), read("io"));
        let ticks = |number| u32::try_from(stat_field(&stat, number).unwrap_or_default()).unwrap_or(u32::MAX);
        sum += Used {
            user: tick * ticks(14) + tick * ticks(16),
            system: tick * ticks(15) + tick * ticks(17),
            written: field(&io, "write_bytes:").unwrap_or_default(),
        };
    }
    sum
}

/// The threads of a process.
pub(super) fn threads(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    threads.flatten().filter_map(|thread| thread.file_name().to_str()?.parse().ok()).collect()
}

/// The sum over these processes, from their `status`.
pub(crate) fn usage(pids: &[u32]) -> Usage {
    let mut sum = Usage::default();
    for pid in pids {
        let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { continue };
        sum.tasks += field(&status, "Threads:").unwrap_or(0);
        sum.resident += field(&status, "VmRSS:").unwrap_or(0) * 1024;
    }
    sum
}

/// Bytes in use by these processes, where shared memory counts once; what can't be read counts in full.
pub(crate) fn proportional(pids: &[u32]) -> u64 {
    let one = |pid: &u32| {
        let folder = format!("/proc/{pid}");
        let exact = fs::read_to_string(Path::new(&folder).join("smaps_rollup")).ok();
        exact.and_then(|text| field(&text, "Pss:")).map_or_else(|| usage(&[*pid]).resident, |kib| kib * 1024)
    };
    pids.iter().map(one).sum()
}

/// Bytes in the files of memory (`memfd_create`) that these processes hold open: no process's resident memory, as long
/// as they aren't mapped. What is mapped counts in both, as what lies in a private file system does.
pub(super) fn memory_files(pids: &[u32]) -> u64 {
    let mut sizes = BTreeMap::new();
    for pid in pids {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        for descriptor in descriptors {
            let path = descriptor.path();
            if fs::read_link(&path).is_ok_and(|target| target.to_string_lossy().starts_with("/memfd:"))
                && let Ok(metadata) = fs::metadata(&path)
            {
                // `stat` counts blocks of 512 bytes.
                sizes.insert((metadata.dev(), metadata.ino()), metadata.blocks() * 512);
            }
        }
    }
    sizes.values().sum()
}

/// The number after `name` in lines `name number unit`.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_past_any_name() {
        let stat = "7 (a) b (c) S 1 2 3";
        assert_eq!(stat_field(stat, 4), Some(1));
        assert_eq!(stat_field(stat, 6), Some(3));
        assert_eq!(stat_field(stat, 9), None);
    }

    #[test]
    fn a_child_is_found_and_measured() {
        let mut child = std::process::Command::new("sleep").arg("20").spawn().unwrap();
        let found = descendants(std::process::id());
        assert!(found.contains(&child.id()), "{found:?}");
        let usage = usage(&[child.id()]);
        assert_eq!(usage.tasks, 1);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_file_of_memory_counts_once_and_what_it_holds() {
        let file = rustix::fs::memfd_create("file", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        let own = [std::process::id()];
        let before = memory_files(&own);
        let second = rustix::io::dup(&file).unwrap();
        let mut file = fs::File::from(file);
        std::io::Write::write_all(&mut file, &vec![1; 3 << 20]).unwrap();
        file.set_len(1 << 30).unwrap();
        let counted = memory_files(&own) - before;
        assert!((3 << 20..4 << 20).contains(&counted), "{counted}");
        drop((file, second));
    }

    #[test]
    fn the_argument_strings_are_where_the_kernel_says() {
        let [(_, arguments), (_, environment)] = string_areas();
        assert!(arguments > 0 && environment > 0);
    }
}
