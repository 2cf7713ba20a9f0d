//! What Linux offers to the `namespace` sandbox.

use std::fs;

use super::{Check, HostReport, Status, check};
use crate::gpu::{Gpu, GpuDriver, GpuId};
use crate::namespace;

/// `mount_setattr`, by which a whole tree of mounts becomes read-only at once.
const NEEDED_KERNEL: (u32, u32) = (5, 12);
/// From here on `RLIMIT_NPROC` counts each run by itself.
const WANTED_KERNEL: (u32, u32) = (5, 14);

pub(super) fn probe() -> HostReport {
    let mut checks = vec![kernel(), privilege()];
    for (name, result) in namespace::usable_namespaces() {
        let name = format!("{name} namespace");
        checks.push(match result {
            Ok(()) => check(&name, Status::Ok, "can be made", None),
            Err(error) => check(&name, Status::Missing, &error.to_string(), Some(NAMESPACE_HINT)),
        });
    }
    checks.push(match namespace::setup_works() {
        Ok(()) => check(
            "private root",
            Status::Ok,
            "mounts, /proc (other users' processes hidden) and root change work",
            None,
        ),
        Err(reason) => check("private root", Status::Missing, &reason, Some(MOUNT_HINT)),
    });
    checks.push(system_call_filter());
    checks.push(match namespace::control_groups() {
        Some(detail) => check("control groups", Status::Ok, &detail, None),
        None => check(
            "control groups",
            Status::Warning,
            "not writable: a watchdog looks at memory and processes every 20 ms",
            Some("run as root, or let systemd delegate the memory and pids controllers: `systemd-run --user --scope -p Delegate=yes …`"),
        ),
    });
    checks.extend(probe_gpus(&GpuDriver::of_host()));
    HostReport { checks }
}

/// The GPUs that jobs can be given, a check each, or why there are none.
#[must_use]
pub fn probe_gpus(driver: &GpuDriver) -> Vec<Check> {
    let gpus = match driver.gpus() {
        Ok(gpus) if gpus.is_empty() => return vec![check("GPUs", Status::Ok, "none: the driver knows of none", None)],
        // Most hosts have none, and nothing is wrong with them.
        Err(reason) => return vec![check("GPUs", Status::Ok, &format!("none: {reason}"), None)],
        Ok(gpus) => gpus,
    };
    let look = |gpu: &Gpu| {
        let detail = format!("{}, {} MiB, {}", gpu.name, gpu.memory >> 20, gpu.uuid);
        let grant = driver.grant(&[GpuId::Index(gpu.index)]);
        let nodes = grant.and_then(|grant| grant.nodes(namespace::privileged()));
        let name = format!("GPU {}", gpu.index);
        match nodes {
            Ok(_) => check(&name, Status::Ok, &detail, None),
            Err(error) => check(&name, Status::Warning, &detail, Some(&format!("jobs can't have it: {error}"))),
        }
    };
    gpus.iter().map(look).collect()
}

const NAMESPACE_HINT: &str = "without root: `sysctl user.max_user_namespaces=15000`, on Debian also \
`kernel.unprivileged_userns_clone=1`; in a container: `--security-opt seccomp=unconfined` or `--privileged`";
const MOUNT_HINT: &str = "on Ubuntu: `sysctl kernel.apparmor_restrict_unprivileged_userns=0`; in a container: \
`--security-opt systempaths=unconfined --security-opt apparmor=unconfined` or `--privileged`";

fn kernel() -> Check {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let release = release.trim();
    match version(release) {
        Some(version) if version >= WANTED_KERNEL => check("kernel", Status::Ok, release, None),
        Some(version) if version >= NEEDED_KERNEL => check(
            "kernel",
            Status::Warning,
            &format!("{release}: runs of one user share their limit on processes"),
            Some("Linux 5.14 or later counts each run by itself"),
        ),
        _ => check("kernel", Status::Missing, release, Some("Linux 5.12 or later is needed")),
    }
}

fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit()).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn privilege() -> Check {
    let detail = if namespace::privileged() {
        "root: code runs as a host user that no account has"
    } else {
        "unprivileged: code runs in a user namespace of this user"
    };
    check("privilege", Status::Ok, detail, None)
}

fn system_call_filter() -> Check {
    let actions = fs::read_to_string("/proc/sys/kernel/seccomp/actions_avail").unwrap_or_default();
    if actions.split_whitespace().any(|action| action == "errno") {
        return check("system call filter", Status::Ok, "seccomp filters can be installed", None);
    }
    check(
        "system call filter",
        Status::Missing,
        "the kernel has no seccomp filters",
        Some("build the kernel with CONFIG_SECCOMP_FILTER"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("6.18.44-fc-v669"), Some((6, 18)));
        assert_eq!(version("5.4.0"), Some((5, 4)));
        assert!(version("5.4.0") < Some(NEEDED_KERNEL));
        assert_eq!(version(""), None);
    }

    #[test]
    fn the_report_names_every_part() {
        let report = probe();
        let names: Vec<&str> = report.checks.iter().map(|check| check.name.as_str()).collect();
        for name in ["kernel", "user namespace", "private root", "system call filter", "control groups"] {
            assert!(names.contains(&name), "{names:?}");
        }
        assert_eq!(report.is_usable(), report.checks.iter().all(|check| check.status != Status::Missing));
    }
}
