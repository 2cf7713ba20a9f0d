//! What an engine is asked to create for a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::engine::{Kind, text};
use crate::error::SandboxError;
use crate::job::{INPUT_DIR, Limits, SOURCE_DIR, WORK_DIR};

/// As whom code runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    /// `uid:gid`, as the container sees them.
    name: String,
    /// How the container's users are mapped to the host's, where the engine must be told.
    mapping: Option<&'static str>,
    /// The host user to whom the working folder must be given first.
    pub(super) owner: Option<u32>,
}

/// A host user that no account has.
const NOBODY: u32 = 1_000_000_000;

impl User {
    /// The user whose files on the host are `uid`'s own; for root, a user who owns nothing.
    pub(super) fn new(kind: Kind, uid: u32, gid: u32) -> Self {
        let (name, mapping, owner) = match (kind.rootless, kind.podman) {
            (true, true) => (format!("{uid}:{gid}"), Some("keep-id"), None),
            // A rootless Docker maps its root to the user who runs it, and every other user to none of the host's.
            (true, false) => ("0:0".to_owned(), None, None),
            (false, _) if uid == 0 => (format!("{NOBODY}:{NOBODY}"), None, Some(NOBODY)),
            (false, _) => (format!("{uid}:{gid}"), None, None),
        };
        Self { name, mapping, owner }
    }
}

/// A folder or file of the host in the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bind {
    pub(super) host: PathBuf,
    pub(super) target: String,
    pub(super) writable: bool,
}

/// One container.
pub(super) struct Spec<'a> {
    pub(super) image: &'a str,
    pub(super) python: &'a Path,
    pub(super) script_name: &'a str,
    pub(super) args: &'a [String],
    pub(super) variables: &'a BTreeMap<String, String>,
    pub(super) user: &'a User,
    /// The script's folder, the working folder, and then the rest.
    pub(super) source: &'a Path,
    pub(super) work_dir: &'a Path,
    pub(super) binds: &'a [Bind],
    pub(super) limits: &'a Limits,
    pub(super) labels: &'a BTreeMap<String, String>,
}

/// Tasks beside the code's: the container's init.
const INIT_TASKS: u64 = 1;
const OPEN_FILES: u64 = 4096;

impl Spec<'_> {
    /// The body of `POST /containers/create`.
    pub(super) fn to_json(&self) -> Result<Value, SandboxError> {
        let limits = self.limits;
        let mut mounts = vec![mount(self.source, SOURCE_DIR, false)?, mount(self.work_dir, WORK_DIR, true)?];
        for bind in self.binds {
            mounts.push(mount(&bind.host, &bind.target, bind.writable)?);
        }
        let mut host = json!({
            "NetworkMode": "none",
            "ReadonlyRootfs": true,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "Privileged": false,
            "IpcMode": "private",
            "PidsLimit": u64::from(limits.processes.max(1)) + INIT_TASKS,
            "ShmSize": limits.tmp_size,
            "Tmpfs": { "/tmp": format!("rw,exec,nosuid,nodev,mode=1777,size={}", limits.tmp_size) },
            "Mounts": mounts,
            "Ulimits": ulimits(limits),
            // An init, as a signal without a handler does nothing to a process that is the first one.
            "Init": true,
            // Output is streamed and capped; the engine must not keep a copy of a flood.
            "LogConfig": { "Type": "none" },
            "RestartPolicy": { "Name": "no" },
            "AutoRemove": false,
        });
        if let Some(memory) = limits.memory {
            host["Memory"] = memory.into();
            // The sum of memory and swap: none of the latter.
            host["MemorySwap"] = memory.into();
        }
        if let Some(cpus) = limits.cpus {
            host["NanoCpus"] = (u64::from(cpus.max(1)) * 1_000_000_000).into();
        }
        if let Some(mapping) = self.user.mapping {
            host["UsernsMode"] = mapping.into();
        }
        let arguments = std::iter::once(format!("{SOURCE_DIR}/{}", self.script_name)).chain(self.args.iter().cloned());
        Ok(json!({
            "Image": self.image,
            "Hostname": "sandbox",
            "User": self.user.name,
            "Env": self.variables.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>(),
            // In place of the image's own, if it has one.
            "Entrypoint": [text(self.python)?],
            "Cmd": arguments.collect::<Vec<_>>(),
            "WorkingDir": WORK_DIR,
            "AttachStdin": false,
            "AttachStdout": true,
            "AttachStderr": true,
            "OpenStdin": false,
            "Tty": false,
            "Healthcheck": { "Test": ["NONE"] },
            "Labels": self.labels,
            "HostConfig": host,
        }))
    }
}

/// Where an input of this name appears.
pub(super) fn input_target(name: &str) -> String {
    format!("{INPUT_DIR}/{name}")
}

fn mount(host: &Path, target: &str, writable: bool) -> Result<Value, SandboxError> {
    Ok(json!({ "Type": "bind", "Source": text(host)?, "Target": target, "ReadOnly": !writable }))
}

fn ulimits(limits: &Limits) -> Vec<Value> {
    let most = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let both = |name: &str, soft: u64, hard: u64| json!({ "Name": name, "Soft": most(soft), "Hard": most(hard) });
    let mut list = vec![
        both("fsize", limits.file_size, limits.file_size),
        both("core", 0, 0),
        both("nofile", OPEN_FILES, OPEN_FILES),
    ];
    if let Some(cpu) = limits.cpu {
        // Whole seconds, rounded up. SIGXCPU comes at the soft limit, SIGKILL at the hard one.
        let seconds = (cpu.as_secs() + u64::from(cpu.subsec_nanos() > 0)).max(1);
        list.push(both("cpu", seconds, seconds + 1));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_the_users_own_with_every_kind_of_engine() {
        let kind = |podman, rootless| Kind { podman, rootless };
        let user = |kind, uid| {
            let user = User::new(kind, uid, uid);
            (user.name, user.mapping, user.owner)
        };
        assert_eq!(user(kind(false, false), 1000), ("1000:1000".into(), None, None));
        assert_eq!(user(kind(false, false), 0), ("1000000000:1000000000".into(), None, Some(NOBODY)));
        assert_eq!(user(kind(false, true), 1000), ("0:0".into(), None, None));
        assert_eq!(user(kind(true, true), 1000), ("1000:1000".into(), Some("keep-id"), None));
    }
}
