//! Where the control group hierarchies are mounted, and where in them this process is.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders below which groups can perhaps be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bases {
    V1 { memory: PathBuf, pids: Option<PathBuf>, cpuacct: Option<PathBuf>, cpu: Option<PathBuf> },
    V2(PathBuf),
}

impl Bases {
    pub(super) fn folders(&self) -> Vec<&Path> {
        match self {
            Self::V1 { memory, pids, cpuacct, cpu } => {
                let all = [Some(memory), pids.as_ref(), cpuacct.as_ref(), cpu.as_ref()];
                all.into_iter().flatten().map(PathBuf::as_path).collect()
            }
            Self::V2(base) => vec![base],
        }
    }
}

/// In the order in which they are to be tried.
pub(super) fn candidates() -> Vec<Bases> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let (mounts, own) = (read("/proc/self/mountinfo"), read("/proc/self/cgroup"));
    let mut candidates = Vec::new();
    if let Some(memory) = v1_folder(&mounts, &own, "memory") {
        let [pids, cpuacct, cpu] = ["pids", "cpuacct", "cpu"].map(|name| v1_folder(&mounts, &own, name));
        candidates.push(Bases::V1 { memory, pids, cpuacct, cpu });
    }
    if let Some((top, own)) = v2_folders(&mounts, &own) {
        // A group that holds processes cannot hold groups with controllers, so mostly a group above our own serves.
        for base in own.ancestors().take_while(|base| base.starts_with(&top)) {
            if enable_controllers(base) {
                candidates.push(Bases::V2(base.to_path_buf()));
            }
        }
    }
    candidates
}

/// Whether groups below `base` have the controllers, after asking for them.
fn enable_controllers(base: &Path) -> bool {
    let control = base.join("cgroup.subtree_control");
    let enabled = || {
        let text = fs::read_to_string(&control).unwrap_or_default();
        ["memory", "pids"].iter().all(|name| text.split_whitespace().any(|word| word == *name))
    };
    let usable = enabled() || (fs::write(&control, "+memory +pids").is_ok() && enabled());
    if usable {
        // Without it, the share of processors is limited otherwise.
        let _ = fs::write(&control, "+cpu");
    }
    usable
}

struct Mount<'a> {
    root: &'a str,
    point: &'a str,
    kind: &'a str,
    options: &'a str,
}

/// The lines of `/proc/self/mountinfo`.
fn mounts(text: &str) -> impl Iterator<Item = Mount<'_>> {
    text.lines().filter_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let mut left = left.split(' ').skip(3);
        let mut right = right.split(' ');
        let (root, point) = (left.next()?, left.next()?);
        Some(Mount { root, point, kind: right.next()?, options: right.nth(1)? })
    })
}

fn v1_folder(mountinfo: &str, own: &str, controller: &str) -> Option<PathBuf> {
    let mount = mounts(mountinfo)
        .find(|mount| mount.kind == "cgroup" && mount.options.split(',').any(|option| option == controller))?;
    let path = own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        controllers.split(',').any(|name| name == controller).then_some(path)
    })?;
    within(&mount, path)
}

/// The hierarchy's mount point, and our own group below it.
fn v2_folders(mountinfo: &str, own: &str) -> Option<(PathBuf, PathBuf)> {
    let mount = mounts(mountinfo).find(|mount| mount.kind == "cgroup2")?;
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    let folder = within(&mount, path)?;
    Some((PathBuf::from(mount.point), folder))
}

/// A group's folder: its path is that from the hierarchy's root, of which a container may see only a part.
fn within(mount: &Mount<'_>, path: &str) -> Option<PathBuf> {
    let below = Path::new(path).strip_prefix(mount.root).or_else(|_| Path::new(path).strip_prefix("/")).ok()?;
    Some(Path::new(mount.point).join(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
30 24 0:27 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
31 24 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
32 24 0:29 /docker/abc /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
33 24 0:30 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
";
    const OWN: &str = "9:memory:/jobs/a\n8:cpu,cpuacct:/\n7:pids:/docker/abc/x\n0::/user.slice/app.scope\n";

    #[test]
    fn folders_follow_the_mounts() {
        let folder = |controller| v1_folder(MOUNTS, OWN, controller);
        assert_eq!(folder("memory"), Some("/sys/fs/cgroup/memory/jobs/a".into()));
        assert_eq!(folder("cpuacct"), Some("/sys/fs/cgroup/cpu,cpuacct/".into()));
        assert_eq!(folder("pids"), Some("/sys/fs/cgroup/pids/x".into()));
        assert_eq!(folder("hugetlb"), None);
        let (top, own) = v2_folders(MOUNTS, OWN).unwrap();
        assert_eq!(top, Path::new("/sys/fs/cgroup/unified"));
        assert_eq!(own, Path::new("/sys/fs/cgroup/unified/user.slice/app.scope"));
    }
}
