//! As whom the code runs.

use std::fs;

use crate::error::SandboxError;

/// User and group of the code, as it sees itself.
pub(super) const INSIDE_ID: u32 = 1000;
/// The host's user and group that stand behind it when the supervisor is root: one that no account has.
const HOST_ID: u32 = 1_000_000_000;

/// How the supervisor comes by new namespaces, and who the code is to the host.
///
/// It holds no pointer, so that a process without the supervisor's memory can have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Identity {
    /// The supervisor has no privilege: everything happens in a user namespace whose only user is its own.
    Unprivileged { uid_map: MapLine, gid_map: MapLine },
    /// The supervisor is root: it sets the jail up with its own rights, and only the code gets a user namespace, whose
    /// only user is `host_id`.
    Privileged { map: MapLine, host_id: u32 },
}

/// What is written to `uid_map` or `gid_map`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MapLine {
    text: [u8; LONGEST_LINE],
    length: usize,
}

/// Three numbers of ten digits, and spaces.
const LONGEST_LINE: usize = 32;

impl MapLine {
    /// Maps [`INSIDE_ID`] alone.
    fn to(outside: u32) -> Self {
        let mut line = Self { text: [0; LONGEST_LINE], length: 0 };
        for (to, from) in line.text.iter_mut().zip(format!("{INSIDE_ID} {outside} 1").bytes()) {
            *to = from;
            line.length += 1;
        }
        line
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.text.get(..self.length).unwrap_or_default()
    }
}

impl Identity {
    /// Reads what the calling process may do.
    pub(super) fn detect() -> Result<Self, SandboxError> {
        let status = read("/proc/self/status")?;
        let effective = effective_capabilities(&status);
        // SAFETY: these calls take nothing and cannot fail.
        let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
        if uid == 0 && NEEDED_CAPABILITIES.iter().all(|bit| effective >> bit & 1 == 1) {
            let host_id = host_id(&read("/proc/self/uid_map")?, &read("/proc/self/gid_map")?);
            if let Some(host_id) = host_id {
                return Ok(Self::Privileged { map: MapLine::to(host_id), host_id });
            }
        }
        Ok(Self::Unprivileged { uid_map: MapLine::to(uid), gid_map: MapLine::to(gid) })
    }

    /// The host's user and group to whom the working folder must belong; `None` where that is the supervisor's own.
    pub(super) fn owner(&self) -> Option<u32> {
        match self {
            Self::Unprivileged { .. } => None,
            Self::Privileged { host_id, .. } => Some(*host_id),
        }
    }
}

/// `CAP_CHOWN`, `CAP_DAC_OVERRIDE`, `CAP_SETGID`, `CAP_SETUID`, `CAP_NET_ADMIN`, `CAP_SYS_CHROOT`, `CAP_SYS_ADMIN`.
const NEEDED_CAPABILITIES: [u32; 7] = [0, 1, 6, 7, 12, 18, 21];

fn read(path: &str) -> Result<String, SandboxError> {
    fs::read_to_string(path).map_err(|source| SandboxError::Io { action: "read", path: path.into(), source })
}

fn effective_capabilities(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
        .unwrap_or(0)
}

/// An identity that exists in both maps: [`HOST_ID`], or in a container that has fewer, the highest one.
fn host_id(uid_map: &str, gid_map: &str) -> Option<u32> {
    let (uids, gids) = (ranges(uid_map), ranges(gid_map));
    let in_both = |id: u32| {
        let within = |ranges: &[(u32, u32)]| ranges.iter().any(|(first, last)| (*first..=*last).contains(&id));
        within(&uids) && within(&gids)
    };
    if in_both(HOST_ID) {
        return Some(HOST_ID);
    }
    // 65534 stands for "nobody" and for what isn't mapped.
    let highest = uids.iter().chain(&gids).map(|(_, last)| *last).filter(|id| *id != 65534 && *id >= INSIDE_ID);
    highest.filter(|id| in_both(*id)).max()
}

/// First and last identity of each line `inside outside count`.
fn ranges(map: &str) -> Vec<(u32, u32)> {
    map.lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace().map(str::parse::<u32>);
            let first = fields.next()?.ok()?;
            let count = fields.nth(1)?.ok()?;
            Some((first, first.saturating_add(count.checked_sub(1)?)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_room_for_the_largest_number() {
        assert_eq!(MapLine::to(u32::MAX).bytes(), b"1000 4294967295 1");
    }

    #[test]
    fn the_whole_range_of_a_host_has_the_fixed_identity() {
        let map = "         0          0 4294967295\n";
        assert_eq!(host_id(map, map), Some(HOST_ID));
    }

    #[test]
    fn a_container_gets_its_highest_identity() {
        let map = "0 1000 1\n1 100000 65536\n";
        assert_eq!(host_id(map, map), Some(65536));
        assert_eq!(host_id("0 1000 1\n", "0 1000 1\n"), None);
        assert_eq!(host_id(map, "0 1000 1\n"), None);
    }

    #[test]
    fn capabilities_are_read_from_the_status() {
        assert_eq!(effective_capabilities("Name:\tx\nCapEff:\t000001ffffffffff\n"), 0x1ff_ffff_ffff);
        assert_eq!(effective_capabilities(""), 0);
    }
}
