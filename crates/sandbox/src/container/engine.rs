//! A container engine, by the part of Docker's API that Podman speaks as well.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::http::{Address, Answer, Raw, encoded};
use crate::error::SandboxError;

/// How long an engine may take to answer. Starting a container on a loaded host can take many seconds.
const PATIENCE: Duration = Duration::from_secs(120);
/// The same for what is only looked at, so that a slow engine doesn't hold up the clock.
const GLANCE: Duration = Duration::from_secs(5);

/// An engine that answered.
#[derive(Debug, Clone)]
pub(super) struct Engine {
    address: Address,
    /// `/v1.45`
    prefix: String,
}

/// What an engine says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) podman: bool,
    pub(super) rootless: bool,
}

/// A container's state, as far as an outcome depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct State {
    #[serde(default)]
    pub(super) running: bool,
    #[serde(rename = "OOMKilled", default)]
    pub(super) out_of_memory: bool,
    #[serde(default)]
    pub(super) exit_code: i32,
    #[serde(default)]
    pub(super) error: String,
}

/// What a container uses while it runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) cpu: Duration,
    /// The kernel's part of it.
    pub(super) system_cpu: Duration,
    pub(super) memory: u64,
    pub(super) tasks: u64,
}

/// A container in a list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    pub(super) id: String,
    #[serde(default)]
    pub(super) labels: std::collections::BTreeMap<String, String>,
}

impl Engine {
    /// The engine at `address`, or else at `DOCKER_HOST`, or else at the first usual socket where one answers.
    pub(super) fn connect(address: Option<&str>) -> Result<Self, SandboxError> {
        let given = address.map(str::to_owned).or_else(|| std::env::var("DOCKER_HOST").ok()).filter(|a| !a.is_empty());
        if let Some(given) = given {
            let address = parse(&given)?;
            return Self::at(address.clone()).map_err(|error| unreachable(&format!("`{address}`: {error}")));
        }
        let sockets = usual_sockets();
        let mut failures = Vec::new();
        for socket in &sockets {
            match Self::at(Address::Unix(socket.clone())) {
                Ok(engine) => return Ok(engine),
                Err(error) => failures.push(format!("`{}`: {error}", socket.display())),
            }
        }
        Err(unreachable(&failures.join("; ")))
    }

    fn at(address: Address) -> io::Result<Self> {
        let answer = address.ask("GET", "/_ping", None, GLANCE)?;
        if answer.status != 200 {
            return Err(io::Error::other(format!("answered {} to a ping", answer.status)));
        }
        // The engine's own version is the one that it surely speaks.
        let version = answer.api_version.filter(|version| !version.is_empty());
        let prefix = version.map(|version| format!("/v{version}")).unwrap_or_default();
        Ok(Self { address, prefix })
    }

    pub(super) fn kind(&self) -> Result<Kind, SandboxError> {
        let info: Value = self.get("ask for its properties", "/info")?;
        let options = info["SecurityOptions"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let named = options.into_iter().any(|option| option.split(',').any(|part| part == "name=rootless"));
        Ok(Kind {
            podman: info.get("BuildahVersion").is_some(),
            rootless: named || info["Rootless"].as_bool() == Some(true),
        })
    }

    /// One line for people: what it is and where.
    pub(super) fn describe(&self) -> Result<String, SandboxError> {
        let kind = self.kind()?;
        let name = if kind.podman { "Podman" } else { "Docker" };
        let rootless = if kind.rootless { ", rootless" } else { "" };
        Ok(format!("{name}{rootless}, at `{}`", self.address))
    }

    /// The digest of an image that the engine has.
    pub(super) fn image(&self, name: &str) -> Result<String, SandboxError> {
        // A name may hold slashes, which are part of the path.
        let path = format!("/images/{}/json", name.split('/').map(encoded).collect::<Vec<_>>().join("/"));
        let answer = self.ask("look for an image", "GET", &path, None)?;
        if answer.status == 404 {
            return Err(SandboxError::Runtime {
                reason: format!("the container engine at `{}` has no image `{name}`", self.address),
                hint: "make one with `docker build` (or `podman build`) from the project's `docker/Dockerfile`, or pull it"
                    .into(),
            });
        }
        let image: Value = self.expect("look for an image", answer)?;
        let id = image["Id"].as_str().filter(|id| !id.is_empty());
        id.map(str::to_owned).ok_or_else(|| self.failed("look for an image", "the answer names no `Id`"))
    }

    /// All containers with a label, running or not.
    pub(super) fn labelled(&self, label: &str) -> Result<Vec<Listed>, SandboxError> {
        let filters = encoded(&json!({ "label": [label] }).to_string());
        self.get("list containers", &format!("/containers/json?all=1&filters={filters}"))
    }

    pub(super) fn create(&self, name: &str, container: &Value) -> Result<(), SandboxError> {
        let path = format!("/containers/create?name={name}");
        let answer = self.ask("create a container", "POST", &path, Some(&container.to_string()))?;
        self.expect::<Value>("create a container", answer).map(drop)
    }

    /// The container's output from its start on.
    pub(super) fn attach(&self, name: &str) -> Result<Raw, SandboxError> {
        let path = format!("{}/containers/{name}/attach?stream=1&stdout=1&stderr=1", self.prefix);
        let opened = self.address.open(&path, PATIENCE);
        match opened.map_err(|error| self.failed("read a container's output", &error.to_string()))? {
            Ok(raw) => Ok(raw),
            Err(answer) => Err(self.refused("read a container's output", &answer)),
        }
    }

    /// Starts a container; `Err` within is the engine's reason not to.
    pub(super) fn start(&self, name: &str) -> Result<Result<(), String>, SandboxError> {
        let answer = self.ask("start a container", "POST", &format!("/containers/{name}/start"), None)?;
        Ok(if answer.status < 300 { Ok(()) } else { Err(reason(&answer)) })
    }

    pub(super) fn state(&self, name: &str) -> Result<State, SandboxError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Inspected {
            state: State,
        }
        self.get("look at a container", &format!("/containers/{name}/json")).map(|inspected: Inspected| inspected.state)
    }

    /// What a running container uses now; `None` if the engine can't tell, or not at once.
    pub(super) fn usage(&self, name: &str) -> Option<Usage> {
        let path = format!("{}/containers/{name}/stats?stream=0&one-shot=1", self.prefix);
        let answer = self.address.ask("GET", &path, None, GLANCE).ok().filter(|answer| answer.status == 200)?;
        let stats: Value = serde_json::from_slice(&answer.body).ok()?;
        let (memory, cpu) = (&stats["memory_stats"], &stats["cpu_stats"]["cpu_usage"]);
        Some(Usage {
            cpu: Duration::from_nanos(cpu["total_usage"].as_u64()?),
            system_cpu: Duration::from_nanos(cpu["usage_in_kernelmode"].as_u64().unwrap_or(0)),
            // Only the first version of control groups knows the largest.
            memory: memory["max_usage"].as_u64().max(memory["usage"].as_u64()).unwrap_or(0),
            tasks: stats["pids_stats"]["current"].as_u64().unwrap_or(0),
        })
    }

    /// Kills what runs in a container. One that has ended meanwhile is no error.
    pub(super) fn kill(&self, name: &str) -> Result<(), SandboxError> {
        let path = format!("/containers/{name}/kill?signal=KILL");
        let answer = self.ask("kill a container", "POST", &path, None)?;
        if answer.status < 300 || matches!(answer.status, 404 | 409) {
            return Ok(());
        }
        Err(self.refused("kill a container", &answer))
    }

    /// Removes a container, whatever its state. One that is gone, or on its way out, is no error.
    pub(super) fn remove(&self, name: &str) -> Result<(), SandboxError> {
        let path = format!("/containers/{name}?force=1&v=1");
        let answer = self.ask("remove a container", "DELETE", &path, None)?;
        if answer.status < 300 || matches!(answer.status, 404 | 409) {
            return Ok(());
        }
        Err(self.refused("remove a container", &answer))
    }

    fn get<T: DeserializeOwned>(&self, action: &'static str, path: &str) -> Result<T, SandboxError> {
        let answer = self.ask(action, "GET", path, None)?;
        self.expect(action, answer)
    }

    fn ask(&self, action: &'static str, method: &str, path: &str, body: Option<&str>) -> Result<Answer, SandboxError> {
        let answer = self.address.ask(method, &format!("{}{path}", self.prefix), body, PATIENCE);
        answer.map_err(|error| self.failed(action, &error.to_string()))
    }

    fn expect<T: DeserializeOwned>(&self, action: &'static str, answer: Answer) -> Result<T, SandboxError> {
        if answer.status >= 300 {
            return Err(self.refused(action, &answer));
        }
        serde_json::from_slice(&answer.body)
            .map_err(|error| self.failed(action, &format!("the answer is not what was expected: {error}")))
    }

    fn refused(&self, action: &'static str, answer: &Answer) -> SandboxError {
        self.failed(action, &format!("{} (status {})", reason(answer), answer.status))
    }

    pub(super) fn failed(&self, action: &'static str, reason: &str) -> SandboxError {
        SandboxError::Engine { action, address: self.address.to_string(), reason: reason.to_owned() }
    }
}

/// The engine's own words.
fn reason(answer: &Answer) -> String {
    let message = serde_json::from_slice::<Value>(&answer.body).ok();
    let message = message.as_ref().and_then(|value| value["message"].as_str()).map(str::trim);
    message.map_or_else(|| String::from_utf8_lossy(&answer.body).trim().to_owned(), str::to_owned)
}

/// An address as `DOCKER_HOST` has it.
fn parse(text: &str) -> Result<Address, SandboxError> {
    let tls = std::env::var("DOCKER_TLS_VERIFY").is_ok_and(|value| !value.is_empty());
    let address = match text.split_once("://") {
        Some(("unix", path)) if path.starts_with('/') => Some(Address::Unix(path.into())),
        Some(("tcp" | "http", host)) if host.contains(':') && !tls => {
            Some(Address::Tcp(host.trim_end_matches('/').to_owned()))
        }
        _ => None,
    };
    address.ok_or_else(|| SandboxError::Runtime {
        reason: format!("the container engine's address `{text}` cannot be used"),
        hint: "set `DOCKER_HOST` to `unix:///path/to/socket` or `tcp://host:port`; TLS and SSH are not supported, but \
               `ssh -L` can forward a socket"
            .into(),
    })
}

/// Where Docker and Podman listen, as the system's service and as the user's.
fn usual_sockets() -> Vec<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let below = |folder: &Option<PathBuf>, name: &str| folder.as_ref().map(|folder| folder.join(name));
    let sockets = [
        Some("/var/run/docker.sock".into()),
        below(&runtime, "docker.sock"),
        below(&home, ".docker/run/docker.sock"),
        below(&runtime, "podman/podman.sock"),
        Some("/run/podman/podman.sock".into()),
    ];
    sockets.into_iter().flatten().collect()
}

fn unreachable(reason: &str) -> SandboxError {
    SandboxError::Runtime {
        reason: format!("no container engine answers: {reason}"),
        hint: "start Docker, or Podman's service (`systemctl --user start podman.socket`), or name the engine's socket in \
               `DOCKER_HOST`; the user needs the right to open it"
            .into(),
    }
}

/// Whether a path can be named to an engine: it takes only text.
pub(super) fn text(path: &Path) -> Result<&str, SandboxError> {
    path.to_str().ok_or_else(|| {
        SandboxError::InvalidJob(format!("the path `{}` is not UTF-8, which a container engine needs", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_docker_host() {
        assert_eq!(parse("unix:///run/x.sock").unwrap(), Address::Unix("/run/x.sock".into()));
        assert_eq!(parse("tcp://127.0.0.1:2375").unwrap(), Address::Tcp("127.0.0.1:2375".into()));
        assert_eq!(parse("tcp://127.0.0.1:2375").unwrap().to_string(), "tcp://127.0.0.1:2375");
        for bad in ["ssh://me@host", "/run/x.sock", "unix://x", "tcp://host", "npipe:////./pipe/docker", ""] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_engines_own_words_are_passed_on() {
        let answer = |body: &str| Answer { status: 500, api_version: None, body: body.into() };
        assert_eq!(reason(&answer("{\"message\":\"no space left\\n\"}")), "no space left");
        assert_eq!(reason(&answer("{\"cause\":\"x\",\"message\":\"podman says\",\"response\":500}")), "podman says");
        assert_eq!(reason(&answer("plain\n")), "plain");
    }
}
