//! What this host offers to the `namespace` sandbox: the data behind `mledojo doctor`.

#[cfg(target_os = "linux")]
mod linux;

use serde::Serialize;

#[cfg(target_os = "linux")]
pub use self::linux::probe_gpus;
use crate::choice::CHOICES;
use crate::container;
use crate::error::SandboxError;

/// Whether a part of isolation is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is.
    Ok,
    /// A weaker way is used in its place.
    Warning,
    /// It isn't, and the sandbox cannot work without.
    Missing,
}

/// One thing looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What: `kernel`, `user namespace`.
    pub name: String,
    /// Whether it is there.
    pub status: Status,
    /// What was found.
    pub detail: String,
    /// What a user can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// All that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostReport {
    /// In the order in which the sandbox needs them.
    pub checks: Vec<Check>,
}

impl HostReport {
    /// Whether the `namespace` sandbox works here.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.checks.iter().all(|check| check.status != Status::Missing)
    }
}

/// Looks at this host by trying what the sandbox will do. Takes some ten milliseconds and leaves nothing behind.
#[must_use]
pub fn probe() -> HostReport {
    #[cfg(target_os = "linux")]
    return linux::probe();
    #[cfg(not(target_os = "linux"))]
    {
        let hint = Some("choose the `container` sandbox, or `process` for code that you trust");
        HostReport { checks: vec![check("namespaces", Status::Missing, "only Linux has them", hint)] }
    }
}

/// Whether each sandbox can be used here, by its name in [`CHOICES`]; `host` is what [`probe`] found, `image` the one for
/// containers. Asks the container engine, if there is one.
#[must_use]
pub fn sandboxes(host: &HostReport, image: Option<&str>) -> Vec<Check> {
    let one = |name: &&str| match *name {
        "container" => match container::describe(image) {
            Ok(detail) => check(name, Status::Ok, &detail, None),
            Err(SandboxError::Runtime { reason, hint }) => check(name, Status::Missing, &reason, Some(&hint)),
            Err(error) => check(name, Status::Missing, &error.to_string(), None),
        },
        "process" => {
            let hint = "only for code that you trust";
            check(name, Status::Warning, "works everywhere and isolates NOTHING", Some(hint))
        }
        _ if host.is_usable() => check(name, Status::Ok, "can be used", None),
        _ => check(name, Status::Missing, "something that it needs is missing, as said above", None),
    };
    CHOICES.iter().map(one).collect()
}

fn check(name: &str, status: Status, detail: &str, hint: Option<&str>) -> Check {
    Check { name: name.into(), status, detail: detail.into(), hint: hint.map(Into::into) }
}
