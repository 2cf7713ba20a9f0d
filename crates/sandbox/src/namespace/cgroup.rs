//! Control groups: the kernel's own account of a run's memory, processes and time.
//!
//! Version 1 has one hierarchy a controller, version 2 has one for all. Groups are made below the supervisor's own,
//! one per run, and named after the supervisor (process and start time), so that those of a dead one can be told.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::cgroup_mounts::{self, Bases};
use super::process;

const PREFIX: &str = "mledojo-";
/// Groups made by this process, over all its sandboxes.
static MADE: AtomicU64 = AtomicU64::new(0);
/// How long an empty group may take to go away.
const REMOVAL: Duration = Duration::from_secs(2);

/// Where this process can make control groups.
#[derive(Debug)]
pub(super) struct Cgroups {
    bases: Bases,
    /// Whether the share of processors can be limited.
    has_quota: bool,
}

/// One run's control group, removed when dropped.
pub(super) struct Group {
    folders: Vec<PathBuf>,
    /// Files through which a version 1 process enters.
    join: Vec<File>,
    /// The version 2 folder in which a process is born.
    birth: Option<File>,
    memory: Option<Memory>,
    /// The folder of the controller that counts tasks.
    processes: Option<PathBuf>,
    cpu: Option<Cpu>,
    /// The version 1 folder of the controller that limits the share of processors.
    quota: Option<PathBuf>,
}

/// Where the figures of CPU time are.
enum Cpu {
    /// The folder of the accounting controller.
    V1(PathBuf),
    /// The group's `cpu.stat`.
    V2(PathBuf),
}

/// CPU time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CpuTime {
    pub(super) user: Duration,
    pub(super) system: Duration,
}

impl CpuTime {
    pub(super) fn total(self) -> Duration {
        self.user + self.system
    }

    /// What came after `earlier`.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self { user: self.user.saturating_sub(earlier.user), system: self.system.saturating_sub(earlier.system) }
    }
}

/// The time over which a share of processors holds.
const PERIOD: Duration = Duration::from_millis(100);

/// Where the memory controller's figures are.
struct Memory {
    events: File,
    peak: PathBuf,
    folder: PathBuf,
}

impl Cgroups {
    /// Finds out by trying. `None` where no memory controller can be used.
    pub(super) fn detect() -> Option<Self> {
        for bases in cgroup_mounts::candidates() {
            let mut cgroups = Self { bases, has_quota: false };
            let Ok(group) = cgroups.create(true) else { continue };
            if group.memory.is_some() && group.limit(Some(1 << 30), 64).is_ok() {
                cgroups.has_quota = group.limit_cpus(None).is_ok();
                cgroups.remove_stale();
                return Some(cgroups);
            }
        }
        None
    }

    /// For people: version and controllers.
    pub(super) fn describe(&self) -> String {
        match &self.bases {
            Bases::V1 { pids, cpuacct, .. } => {
                let more = [(pids.is_some(), ", pids"), (cpuacct.is_some(), ", cpuacct"), (self.has_quota, ", cpu")];
                let more: String = more.into_iter().filter_map(|(usable, name)| usable.then_some(name)).collect();
                format!("cgroup v1 (memory{more})")
            }
            Bases::V2(_) => format!("cgroup v2 (memory, pids{})", if self.has_quota { ", cpu" } else { "" }),
        }
    }

    /// Whether processes can be counted.
    pub(super) fn has_processes(&self) -> bool {
        !matches!(&self.bases, Bases::V1 { pids: None, .. })
    }

    /// Whether the share of processors can be limited.
    pub(super) fn has_quota(&self) -> bool {
        self.has_quota
    }

    /// Makes a group without limits. To enter another one later takes long, so it must be known whether
    /// [`limit_cpus`](Group::limit_cpus) is to come.
    pub(super) fn create(&self, limits_cpus: bool) -> io::Result<Group> {
        // Asked anew each time, as a program may fork after it has made a sandbox.
        let own = std::process::id();
        let start = process::start_time(own).unwrap_or_default();
        let name = format!("{PREFIX}{own}-{start}-{}", MADE.fetch_add(1, Ordering::Relaxed));
        let mut group = Group {
            folders: Vec::new(),
            join: Vec::new(),
            birth: None,
            memory: None,
            processes: None,
            cpu: None,
            quota: None,
        };
        match &self.bases {
            Bases::V1 { memory: base, pids, cpuacct, cpu } => {
                let folder = group.add_v1(base, &name)?;
                let events = File::open(folder.join("memory.oom_control"))?;
                group.memory = Some(Memory { events, peak: folder.join("memory.max_usage_in_bytes"), folder });
                if let Some(base) = pids {
                    let folder = group.add_v1(base, &name)?;
                    group.processes = Some(folder);
                }
                if let Some(base) = cpuacct {
                    group.cpu = Some(Cpu::V1(group.add_v1(base, &name)?));
                }
                if let Some(base) = cpu.as_ref().filter(|_| limits_cpus) {
                    let folder = base.join(&name);
                    // Mostly one hierarchy accounts time and limits it.
                    if !group.folders.contains(&folder) {
                        group.add_v1(base, &name)?;
                    }
                    group.quota = Some(folder);
                }
            }
            Bases::V2(base) => {
                let folder = group.add(base, &name)?;
                let events = File::open(folder.join("memory.events"))?;
                group.memory = Some(Memory { events, peak: folder.join("memory.peak"), folder: folder.clone() });
                group.processes = Some(folder.clone());
                group.cpu = Some(Cpu::V2(folder.join("cpu.stat")));
                group.birth = Some(File::open(folder)?);
            }
        }
        Ok(group)
    }

    /// Removes the groups of supervisors that are gone.
    fn remove_stale(&self) {
        for base in self.bases.folders() {
            let Ok(entries) = fs::read_dir(base) else { continue };
            for entry in entries.flatten() {
                if entry.file_name().to_str().is_some_and(is_stale) {
                    // One that still holds a dying process is removed by whoever comes next.
                    let _ = fs::remove_dir(entry.path());
                }
            }
        }
    }
}

fn is_stale(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX) else { return false };
    let mut fields = rest.split('-').map(str::parse::<u64>);
    let (Some(Ok(process)), Some(Ok(start))) = (fields.next(), fields.next()) else { return false };
    u32::try_from(process).is_ok_and(|process| process::start_time(process) != Some(start))
}

impl Group {
    fn add(&mut self, base: &Path, name: &str) -> io::Result<PathBuf> {
        let folder = base.join(name);
        fs::create_dir(&folder)?;
        self.folders.push(folder.clone());
        Ok(folder)
    }

    fn add_v1(&mut self, base: &Path, name: &str) -> io::Result<PathBuf> {
        let folder = self.add(base, name)?;
        // A thread that writes itself into `tasks` passes the kernel's lock over all processes; `cgroup.procs` doesn't.
        self.join.push(File::options().write(true).open(folder.join("tasks"))?);
        Ok(folder)
    }

    /// Sets limits: bytes of memory, and tasks.
    pub(super) fn limit(&self, memory: Option<u64>, tasks: u64) -> io::Result<()> {
        if let (Some(bytes), Some(Memory { folder, .. })) = (memory, &self.memory) {
            if self.birth.is_some() {
                write(&folder.join("memory.max"), bytes)?;
                let _ = write(&folder.join("memory.swap.max"), 0);
                let _ = write(&folder.join("memory.oom.group"), 1);
            } else {
                write(&folder.join("memory.limit_in_bytes"), bytes)?;
                // Absent where the kernel doesn't account swap.
                let _ = write(&folder.join("memory.memsw.limit_in_bytes"), bytes);
            }
        }
        self.processes.as_ref().map_or(Ok(()), |folder| write(&folder.join("pids.max"), tasks))
    }

    /// Files into which the child writes `0`.
    pub(super) fn join(&self) -> Vec<RawFd> {
        self.join.iter().map(AsRawFd::as_raw_fd).collect()
    }

    /// The group in which the child is to be born.
    pub(super) fn birth(&self) -> Option<RawFd> {
        self.birth.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// Files through which a process that wasn't born here enters, by writing `0`.
    pub(super) fn entrances(&self) -> io::Result<Vec<OwnedFd>> {
        if self.birth.is_none() {
            return self.join.iter().map(|file| file.try_clone().map(OwnedFd::from)).collect();
        }
        let open = |folder: &PathBuf| File::options().write(true).open(folder.join("cgroup.procs")).map(OwnedFd::from);
        self.folders.iter().map(open).collect()
    }

    /// Limits the share of processors: so many at a time; `None`: all, as it is at first.
    pub(super) fn limit_cpus(&self, cpus: Option<u32>) -> io::Result<()> {
        let period = PERIOD.as_micros();
        let share = cpus.map(|cpus| (period * u128::from(cpus.max(1))).to_string());
        if self.birth.is_some() {
            let folder = self.folders.first().ok_or(io::ErrorKind::NotFound)?;
            return File::options()
                .write(true)
                .open(folder.join("cpu.max"))?
                .write_all(format!("{} {period}", share.as_deref().unwrap_or("max")).as_bytes());
        }
        let folder = self.quota.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        write(&folder.join("cpu.cfs_period_us"), period)?;
        write(&folder.join("cpu.cfs_quota_us"), share.as_deref().unwrap_or("-1"))
    }

    /// Whether memory is accounted here.
    pub(super) fn has_memory(&self) -> bool {
        self.memory.is_some()
    }

    /// Whether processes are counted here.
    pub(super) fn has_processes(&self) -> bool {
        self.processes.is_some()
    }

    /// Whether the kernel killed a process because the memory limit was reached.
    pub(super) fn out_of_memory(&self) -> bool {
        let text = self.memory.as_ref().and_then(|memory| read(&memory.events));
        text.and_then(|text| field(&text, "oom_kill")).is_some_and(|count| count > 0)
    }

    /// Largest memory so far, in bytes.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        read_path(&self.memory.as_ref()?.peak)?.trim().parse().ok()
    }

    /// Whether a new process was refused because of the limit.
    pub(super) fn out_of_processes(&self) -> bool {
        let text = self.processes.as_ref().and_then(|folder| read_path(&folder.join("pids.events")));
        text.and_then(|text| field(&text, "max")).is_some_and(|count| count > 0)
    }

    /// Time used by all processes, also those that nobody waited for.
    pub(super) fn cpu(&self) -> Option<CpuTime> {
        match self.cpu.as_ref()? {
            Cpu::V1(folder) => {
                let number = |name| read_path(&folder.join(name))?.trim().parse().ok();
                let total = Duration::from_nanos(number("cpuacct.usage")?);
                // Counted by timer ticks, unlike the total.
                let system = Duration::from_nanos(number("cpuacct.usage_sys").unwrap_or_default()).min(total);
                Some(CpuTime { user: total.saturating_sub(system), system })
            }
            Cpu::V2(file) => {
                let text = read_path(file)?;
                let time = |name| field(&text, name).map(Duration::from_micros);
                Some(CpuTime { user: time("user_usec")?, system: time("system_usec")? })
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let deadline = Instant::now() + REMOVAL;
        for folder in &self.folders {
            // Busy for the moment that the last process takes to vanish.
            while let Err(error) = fs::remove_dir(folder) {
                if error.kind() == io::ErrorKind::NotFound || Instant::now() >= deadline {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// A control file's content from its beginning. The kernel gives all of such a small one at once.
fn read(file: &File) -> Option<String> {
    let mut bytes = [0; 2048];
    let count = file.read_at(&mut bytes, 0).ok()?;
    Some(String::from_utf8_lossy(bytes.get(..count)?).into_owned())
}

fn read_path(path: &Path) -> Option<String> {
    read(&File::open(path).ok()?)
}

fn write(path: &Path, value: impl std::fmt::Display) -> io::Result<()> {
    File::options().write(true).open(path)?.write_all(value.to_string().as_bytes())
}

/// The number after `name` in lines `name number`.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let text = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
        assert_eq!(field(text, "oom_kill"), Some(3));
        assert_eq!(field("low 0\nmax 12\noom 1\n", "max"), Some(12));
        assert_eq!(field("", "max"), None);
    }

    #[test]
    fn version_2_is_written_and_read_in_its_own_form() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("cpu.max"), "max 100000").unwrap();
        fs::write(file("cpu.stat"), "usage_usec 70\nuser_usec 40\nsystem_usec 30\nnr_periods 0\n").unwrap();
        let mut group = Group {
            folders: vec![folder.path().to_owned()],
            join: Vec::new(),
            birth: Some(File::open(folder.path()).unwrap()),
            memory: None,
            processes: None,
            cpu: Some(Cpu::V2(file("cpu.stat"))),
            quota: None,
        };
        group.limit_cpus(Some(3)).unwrap();
        assert_eq!(fs::read_to_string(file("cpu.max")).unwrap(), "300000 100000");
        let cpu = group.cpu().unwrap();
        assert_eq!((cpu.user.as_micros(), cpu.system.as_micros(), cpu.total().as_micros()), (40, 30, 70));
        group.folders.clear();
    }

    #[test]
    fn groups_of_the_living_are_kept() {
        let own = std::process::id();
        let start = process::start_time(own).unwrap();
        assert!(!is_stale(&format!("{PREFIX}{own}-{start}-0")));
        assert!(is_stale(&format!("{PREFIX}{own}-{}-0", start + 1)));
        assert!(!is_stale("system.slice"));
        assert!(!is_stale("mledojo-other"));
    }
}
