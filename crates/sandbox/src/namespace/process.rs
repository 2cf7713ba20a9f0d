//! What `/proc` tells of processes.

use std::fs;
use std::path::Path;

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
    fn the_argument_strings_are_where_the_kernel_says() {
        let [(_, arguments), (_, environment)] = string_areas();
        assert!(arguments > 0 && environment > 0);
    }
}
