//! Containers whose supervisor is gone: marking ours, and removing what others left.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::engine::{Engine, Listed};
use crate::error::SandboxError;

/// Marks a container of this project; its value names the process that watches it.
pub(super) const SUPERVISOR: &str = "io.github.mledojo.supervisor";
/// The second, since 1970, by which its supervisor will have removed it.
const UNTIL: &str = "io.github.mledojo.until";
/// Beyond a run's wall time: creating, ending, removing, and clocks that differ.
const SLACK: Duration = Duration::from_secs(600);

/// The labels of a container whose run may take `wall`.
pub(super) fn labels(wall: Duration) -> BTreeMap<String, String> {
    let until = now().saturating_add(wall).saturating_add(SLACK).as_secs();
    let supervisor = Supervisor::current().to_string();
    [(SUPERVISOR.to_owned(), supervisor), (UNTIL.to_owned(), until.to_string())].into()
}

/// Removes the containers that nobody watches any more.
pub(super) fn remove(engine: &Engine) -> Result<(), SandboxError> {
    let current = Supervisor::current();
    for container in engine.labelled(SUPERVISOR)? {
        if is_left_over(&container, &current) {
            engine.remove(&container.id)?;
        }
    }
    Ok(())
}

fn is_left_over(container: &Listed, current: &Supervisor) -> bool {
    let until = container.labels.get(UNTIL).and_then(|until| until.parse().ok()).map(Duration::from_secs);
    let supervisor = container.labels.get(SUPERVISOR).and_then(|text| Supervisor::parse(text));
    let gone = supervisor.is_some_and(|supervisor| supervisor.world == current.world && !supervisor.is_alive());
    gone || until.is_none_or(|until| until < now())
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A process that watches containers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Supervisor {
    /// Where its number means something: a boot of a host, and a PID namespace. Empty where that can't be told.
    world: String,
    pid: u32,
    /// With the number this names it uniquely.
    start: u64,
}

impl std::fmt::Display for Supervisor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.world, self.pid, self.start)
    }
}

impl Supervisor {
    #[cfg(target_os = "linux")]
    fn current() -> Self {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let pid = std::process::id();
        let start = crate::namespace::process::start_time(pid).unwrap_or(0);
        Self { world: format!("{} {}", boot.trim(), space.display()), pid, start }
    }

    #[cfg(not(target_os = "linux"))]
    fn current() -> Self {
        Self { world: String::new(), pid: std::process::id(), start: 0 }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.rsplitn(3, '/');
        let (start, pid) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { world: parts.next()?.to_owned(), pid, start })
    }

    #[cfg(target_os = "linux")]
    fn is_alive(&self) -> bool {
        crate::namespace::process::start_time(self.pid) == Some(self.start)
    }

    /// Elsewhere nothing names a process uniquely, so only the time tells.
    #[cfg(not(target_os = "linux"))]
    fn is_alive(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(supervisor: &str, until: u64) -> Listed {
        let labels = [(SUPERVISOR.to_owned(), supervisor.to_owned()), (UNTIL.to_owned(), until.to_string())].into();
        Listed { id: "x".into(), labels }
    }

    #[test]
    fn a_container_is_left_over_when_its_supervisor_is_gone_or_its_time_is_past() {
        let current = Supervisor::current();
        assert_eq!(Supervisor::parse(&current.to_string()), Some(current.clone()));
        let later = now().as_secs() + 100;
        assert!(!is_left_over(&listed(&current.to_string(), later), &current));
        assert!(is_left_over(&listed(&current.to_string(), later - 200), &current));
        assert!(!is_left_over(&listed("another host/1/1", later), &current));
        if cfg!(target_os = "linux") {
            let gone = Supervisor { start: current.start + 1, ..current.clone() };
            assert!(is_left_over(&listed(&gone.to_string(), later), &current));
        }
        assert!(is_left_over(&Listed { id: "x".into(), labels: BTreeMap::new() }, &current));
    }
}
