//! A stand-in for a container engine: a server on a Unix socket that speaks Docker's API as far as the sandbox uses it.
//! It runs nothing; what a container prints and how it ends is laid down by the test.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// What the engine is, and what becomes of the containers it is asked for.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) podman: bool,
    pub(crate) rootless: bool,
    /// Answers without a length, in chunks, as engines do for long ones.
    pub(crate) chunked: bool,
    /// What the image's Python says of itself; `None`: it ends with code 127.
    pub(crate) probe: Option<Value>,
    /// Frames, and how long to wait before each.
    pub(crate) output: Vec<(Duration, Vec<u8>)>,
    pub(crate) end: End,
    pub(crate) out_of_memory: bool,
    /// A file that the code leaves, and its size.
    pub(crate) leaves: Option<(PathBuf, usize)>,
    /// Tasks that `stats` tells of.
    pub(crate) tasks: u64,
    /// Refusals: the path's end, as `/start`, to status and message.
    pub(crate) refuse: HashMap<&'static str, (u16, &'static str)>,
    /// Why no container but the probe's can be started.
    pub(crate) no_start: Option<&'static str>,
    /// Containers that are there from the start.
    pub(crate) there: Vec<Value>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum End {
    /// By itself, after its output.
    Code(i32),
    /// Never, until killed.
    Hang,
    /// Never, and prints without end.
    Flood,
    /// The connection is cut after the output, and the engine is gone.
    EngineDies,
}

impl Default for Script {
    fn default() -> Self {
        let covers = json!([["/usr/lib/python3/dist-packages/data", true], ["/opt/packages/answers.csv", false]]);
        Self {
            podman: false,
            rootless: false,
            chunked: false,
            probe: Some(json!({
                "executable": "/usr/local/bin/python3",
                "versions": { "python": "3.12.4", "numpy": "2.4.6" },
                "covers": covers,
            })),
            output: Vec::new(),
            end: End::Code(0),
            out_of_memory: false,
            leaves: None,
            tasks: 1,
            refuse: HashMap::new(),
            no_start: None,
            there: Vec::new(),
        }
    }
}

/// A frame of the stream that `attach` gives: stdout is 1, stderr 2.
pub(crate) fn frame(stream: u8, bytes: &[u8]) -> Vec<u8> {
    let mut frame = vec![stream, 0, 0, 0];
    frame.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    frame.extend(bytes);
    frame
}

/// The engine. It ends with the test's process.
pub(crate) struct StandIn {
    shared: Arc<Shared>,
    folder: TempDir,
}

struct Shared {
    script: Script,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    containers: HashMap<String, Container>,
    dead: bool,
}

#[derive(Default, Clone)]
struct Container {
    is_probe: bool,
    started: bool,
    /// The exit code, once it has ended.
    ended: Option<i32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
}

impl StandIn {
    pub(crate) fn new(script: Script) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let shared = Arc::new(Shared { script, state: Mutex::default(), changed: Condvar::new() });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(connection) = connection else { return };
                let shared = Arc::clone(&serving);
                // A client that hangs up in the middle is part of some tests.
                std::thread::spawn(move || {
                    let _ = shared.serve(connection);
                });
            }
        });
        Self { shared, folder }
    }

    pub(crate) fn address(&self) -> String {
        format!("unix://{}", self.folder.path().join("engine.sock").display())
    }

    /// The same over TCP.
    pub(crate) fn tcp_address(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let socket = self.folder.path().join("engine.sock");
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let engine = UnixStream::connect(&socket).unwrap();
                let (mut from_client, mut to_engine) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_engine));
                let (mut from_engine, mut to_client) = (engine, client);
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from_engine, &mut to_client);
                    let _ = to_client.shutdown(Shutdown::Both);
                });
            }
        });
        address
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.state.lock().unwrap().requests.clone()
    }

    /// The body of the latest `create`.
    pub(crate) fn created(&self) -> Value {
        let requests = self.requests();
        requests.iter().rev().find(|request| request.path.contains("/containers/create")).unwrap().body.clone()
    }

    /// Names of containers that were not removed.
    pub(crate) fn containers(&self) -> Vec<String> {
        self.shared.state.lock().unwrap().containers.keys().cloned().collect()
    }
}

impl Shared {
    fn serve(&self, mut connection: UnixStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(connection.try_clone()?);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            if header.trim().is_empty() {
                break;
            }
            if let Some((_, value)) = header.to_ascii_lowercase().split_once("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        {
            let mut state = self.state.lock().unwrap();
            if state.dead {
                return Ok(());
            }
            state.requests.push(Request { method: method.clone(), path: path.clone(), body: body.clone() });
        }
        if path == "/_ping" {
            return connection
                .write_all(b"HTTP/1.1 200 OK\r\nApi-Version: 1.47\r\nServer: stand-in\r\nContent-Length: 2\r\n\r\nOK");
        }
        let path = path.strip_prefix("/v1.47").expect("requests have the version that the engine speaks");
        let (route, query) = path.split_once('?').unwrap_or((path, ""));
        if let Some((status, message)) = self.refusal(route) {
            return self.answer(&mut connection, status, &json!({ "message": message }));
        }
        let parts: Vec<&str> = route.trim_start_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["info"]) => self.answer(&mut connection, 200, &self.info()),
            ("GET", ["images", .., "json"]) => {
                self.answer(&mut connection, 200, &json!({ "Id": "sha256:4bcff639", "RepoTags": ["science:1"] }))
            }
            ("GET", ["containers", "json"]) => {
                assert!(query.contains("all=1") && query.contains("filters="), "{query}");
                self.answer(&mut connection, 200, &json!(self.script.there))
            }
            ("POST", ["containers", "create"]) => {
                let name = query.strip_prefix("name=").unwrap().to_owned();
                let is_probe = body["Cmd"][0] == "/kaggle/src/probe.py";
                let container = Container { is_probe, ..Container::default() };
                self.state.lock().unwrap().containers.insert(name.clone(), container);
                self.answer(&mut connection, 201, &json!({ "Id": format!("id-of-{name}"), "Warnings": [] }))
            }
            ("POST", ["containers", name, "attach"]) => self.attach(&mut connection, name),
            ("POST", ["containers", name, action @ ("start" | "kill")]) => {
                let mut state = self.state.lock().unwrap();
                let container = state.containers.get_mut(*name).unwrap();
                if let Some(message) = self.script.no_start.filter(|_| *action == "start" && !container.is_probe) {
                    return self.answer(&mut connection, 500, &json!({ "message": message }));
                }
                match *action {
                    "start" => container.started = true,
                    _ => container.ended = container.ended.or(Some(137)),
                }
                drop(state);
                self.changed.notify_all();
                connection.write_all(b"HTTP/1.1 204 No Content\r\nApi-Version: 1.47\r\n\r\n")
            }
            ("GET", ["containers", name, "json"]) => {
                let container = self.state.lock().unwrap().containers.get(*name).cloned().unwrap();
                let running = container.started && container.ended.is_none();
                self.answer(
                    &mut connection,
                    200,
                    &json!({ "Id": format!("id-of-{name}"), "Name": format!("/{name}"), "State": {
                        "Status": if running { "running" } else { "exited" },
                        "Running": running, "Paused": false, "Restarting": false,
                        "OOMKilled": self.script.out_of_memory && !container.is_probe, "Dead": false, "Pid": 0,
                        "ExitCode": container.ended.unwrap_or(0), "Error": "",
                    } }),
                )
            }
            ("GET", ["containers", _, "stats"]) => self.answer(
                &mut connection,
                200,
                &json!({
                    "cpu_stats": { "cpu_usage": { "total_usage": 1_250_000_000_u64 } },
                    "memory_stats": { "usage": 104_857_600, "limit": 1_073_741_824 },
                    "pids_stats": { "current": self.script.tasks, "limit": 65 },
                }),
            ),
            ("DELETE", ["containers", name]) => {
                self.state.lock().unwrap().containers.remove(*name);
                connection.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            }
            _ => self.answer(&mut connection, 404, &json!({ "message": "page not found" })),
        }
    }

    fn refusal(&self, route: &str) -> Option<(u16, &'static str)> {
        self.script.refuse.iter().find(|(end, _)| route.ends_with(**end)).map(|(_, refusal)| *refusal)
    }

    fn info(&self) -> Value {
        let mut options = vec!["name=seccomp,profile=builtin"];
        options.extend(self.script.rootless.then_some("name=rootless"));
        let mut info = json!({ "ID": "x", "ServerVersion": "28.0.1", "SecurityOptions": options });
        if self.script.podman {
            info["BuildahVersion"] = "1.39.0".into();
        }
        info
    }

    fn answer(&self, connection: &mut UnixStream, status: u16, body: &Value) -> std::io::Result<()> {
        let body = body.to_string();
        if !self.script.chunked {
            let head =
                format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
            return connection.write_all(format!("{head}\r\n\r\n{body}").as_bytes());
        }
        connection.write_all(format!("HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n\r\n").as_bytes())?;
        for piece in body.as_bytes().chunks(7) {
            connection.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
            connection.write_all(piece)?;
            connection.write_all(b"\r\n")?;
        }
        connection.write_all(b"0\r\n\r\n")
    }

    /// Sends the output once the container is started, and ends with it.
    fn attach(&self, connection: &mut UnixStream, name: &str) -> std::io::Result<()> {
        connection.write_all(
            b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\n\
              Upgrade: tcp\r\n\r\n",
        )?;
        let is_probe = self.wait(name, |container| container.started).is_some_and(|container| container.is_probe);
        if is_probe {
            let code = match &self.script.probe {
                Some(probe) => connection.write_all(&frame(1, format!("{probe}\n").as_bytes())).map(|()| 0)?,
                None => connection.write_all(&frame(2, b"python3: not found\n")).map(|()| 127)?,
            };
            self.end(name, code);
            return Ok(());
        }
        for (wait, bytes) in &self.script.output {
            std::thread::sleep(*wait);
            connection.write_all(bytes)?;
        }
        if let Some((path, size)) = &self.script.leaves {
            std::fs::write(path, vec![0; *size])?;
        }
        match self.script.end {
            End::Code(code) => self.end(name, code),
            End::EngineDies => self.state.lock().unwrap().dead = true,
            End::Hang => drop(self.wait(name, |container| container.ended.is_some())),
            End::Flood => {
                let frame = frame(1, &[b'x'; 32 << 10]);
                while !self.has_ended(name) {
                    connection.write_all(&frame)?;
                }
            }
        }
        Ok(())
    }

    fn end(&self, name: &str, code: i32) {
        if let Some(container) = self.state.lock().unwrap().containers.get_mut(name) {
            container.ended = container.ended.or(Some(code));
        }
    }

    fn has_ended(&self, name: &str) -> bool {
        self.state.lock().unwrap().containers.get(name).is_none_or(|container| container.ended.is_some())
    }

    /// Waits for a change of the container; `None` if it is gone before.
    fn wait(&self, name: &str, until: impl Fn(&Container) -> bool) -> Option<Container> {
        let mut state = self.state.lock().unwrap();
        loop {
            let container = state.containers.get(name)?;
            if until(container) {
                return Some(container.clone());
            }
            state = self.changed.wait_timeout(state, Duration::from_millis(50)).unwrap().0;
        }
    }
}
