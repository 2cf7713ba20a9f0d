//! A warm interpreter as the supervisor sees it: a process that forks on demand.

use std::fs;
use std::io::{self, Read as _};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::stock::Variables;
use crate::interpreter::Interpreter;
use crate::job::SOURCE_DIR;
use crate::namespace::{Handover, SealedExecutable, prepare_exec};
use crate::packet;

const SCRIPT: &str = include_str!("zygote.py");
/// How long the imports may take.
const START: Duration = Duration::from_secs(120);
/// The longest name that a script may have.
const LONGEST_NAME: usize = 255;
/// Room for a job's variables, where the kernel shows them.
const ENVIRONMENT: usize = 4096;
/// What is kept of what it prints.
const LONGEST_OUTPUT: u64 = 16 << 10;

/// A running interpreter; dropping it ends it. Its forks in jails go on.
#[derive(Debug)]
pub(super) struct Zygote {
    pid: u32,
    control: Option<OwnedFd>,
    forks: AtomicU64,
    /// Ends when the process has.
    keeper: Option<JoinHandle<()>>,
}

impl Zygote {
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn is_alive(&self) -> bool {
        self.control.as_ref().is_some_and(|control| !packet::is_closed(control))
    }

    pub(super) fn forks(&self) -> u64 {
        self.forks.load(Ordering::Relaxed)
    }

    /// Asks for a fork that enters this jail. If there is none, the jail's init sees that nobody comes.
    pub(super) fn fork(&self, jail: &Handover) {
        self.forks.fetch_add(1, Ordering::Relaxed);
        let Some(control) = &self.control else { return };
        let descriptors: Vec<_> = jail.descriptors.iter().map(AsRawFd::as_raw_fd).collect();
        let _ = packet::send(control, &descriptors);
    }
}

impl Zygote {
    /// Ends it at once: it does not answer.
    pub(super) fn kill(&self) {
        if self.is_alive() {
            // SAFETY: takes numbers. The keeper waits for the process, so while it is alive its number is its own.
            unsafe { libc::kill(self.pid.cast_signed(), libc::SIGKILL) };
        }
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        self.control = None;
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

/// Starts an interpreter with these variables, and waits until it has imported what it can. Returns what was left out.
pub(super) fn start(
    executable: &SealedExecutable,
    interpreter: &Interpreter,
    variables: &Variables,
    modules: &[String],
    entry: &[u8],
) -> io::Result<(Zygote, Vec<String>)> {
    let mut modules = modules.to_vec();
    let mut notes = Vec::new();
    loop {
        let hello = start_once(executable, interpreter, variables, &modules, entry)?;
        match hello {
            Hello::Ready(zygote, failed) => {
                notes.extend(failed);
                return Ok((zygote, notes));
            }
            Hello::Threads(module) => {
                let before = modules.len();
                modules.retain(|name| *name != module);
                if modules.len() == before {
                    return Err(io::Error::other("it has threads before it imports anything"));
                }
                notes.push(format!("{module}: leaves threads behind, which a fork would lack"));
            }
        }
    }
}

enum Hello {
    Ready(Zygote, Vec<String>),
    Threads(String),
}

fn start_once(
    executable: &SealedExecutable,
    interpreter: &Interpreter,
    variables: &Variables,
    modules: &[String],
    entry: &[u8],
) -> io::Result<Hello> {
    let (control, inner) = packet::pair()?;
    packet::send(&control, &[packet::file(entry)?.as_raw_fd()])?;
    let (mut reader, writer) = io::pipe()?;
    let folder = Folder::with_script()?;
    let mut command = Command::new(format!("/proc/self/fd/{}", executable.file.as_raw_fd()));
    command.arg0(&interpreter.executable);
    command.arg(Path::new(SOURCE_DIR).join("x".repeat(LONGEST_NAME)));
    command.env_clear().envs(variables).current_dir("/");
    command.env("PYTHONPATH", &folder.0);
    command.env("MLEDOJO_ZYGOTE_CONTROL", inner.as_raw_fd().to_string());
    command.env("MLEDOJO_ZYGOTE_MODULES", modules.join(" "));
    command.env("MLEDOJO_ZYGOTE_SPACE", "x".repeat(ENVIRONMENT));
    // Like the streams that a script gets, so that Python buffers them alike.
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    prepare_exec(&mut command, inner.as_raw_fd());
    let (started, starting) = std::sync::mpsc::sync_channel::<io::Result<u32>>(1);
    let output = std::sync::Arc::new(Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&output);
    // The process ends with the thread that started it, so that thread stays as long as the process does.
    let keeper = std::thread::Builder::new().name("warm interpreter".into()).spawn(move || {
        let spawned = command.spawn();
        // The command holds the writing ends.
        drop(command);
        match spawned {
            Ok(mut child) => {
                let _ = started.send(Ok(child.id()));
                let mut bytes = Vec::new();
                let _ = reader.by_ref().take(LONGEST_OUTPUT).read_to_end(&mut bytes);
                let _ = io::copy(&mut reader, &mut io::sink());
                if let Ok(mut kept) = kept.lock() {
                    *kept = bytes;
                }
                let _ = Child::wait(&mut child);
            }
            Err(error) => {
                let _ = started.send(Err(error));
            }
        }
    })?;
    let pid = starting.recv().map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))??;
    drop(inner);
    let hello = packet::receive(&control, START).and_then(|first| {
        drop(folder);
        if first == b"loaded" { packet::receive(&control, START) } else { Ok(first) }
    });
    let mut zygote = Zygote { pid, control: Some(control), forks: AtomicU64::new(0), keeper: Some(keeper) };
    let hello = match hello {
        Ok(hello) => hello,
        Err(error) => {
            // It may be stuck in an import, where it doesn't see that nobody waits any more.
            zygote.kill();
            return Err(error);
        }
    };
    let text = String::from_utf8_lossy(&hello).into_owned();
    let mut lines = text.lines().map(str::to_owned);
    match lines.next().as_deref() {
        Some("ready") => Ok(Hello::Ready(zygote, lines.collect())),
        Some("threads") => Ok(Hello::Threads(lines.next().unwrap_or_default())),
        _ => {
            zygote.control = None;
            drop(zygote);
            let output = output.lock().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
            let reason = output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it ended without a word");
            Err(io::Error::other(reason.trim().to_owned()))
        }
    }
}

/// A folder that holds the script under the name that Python looks for. Needed until it is loaded.
struct Folder(PathBuf);

impl Folder {
    fn with_script() -> io::Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
        let name = format!("mledojo-{}-{}-{time}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let folder = Self(std::env::temp_dir().join(name));
        fs::DirBuilder::new().mode(0o700).create(&folder.0)?;
        fs::write(folder.0.join("sitecustomize.py"), SCRIPT)?;
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
