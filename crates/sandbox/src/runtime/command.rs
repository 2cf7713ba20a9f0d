//! Running the installer's commands: in a controlled environment, into a log, and never longer than we live.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};

/// Settings of the user that would put packages elsewhere, take other ones, or hide what we read from the output. All
/// others (indexes, proxies, certificates, caches) hold.
const DROPPED: [&str; 31] = [
    "PIP_CONSTRAINT",
    "PIP_DRY_RUN",
    "PIP_EDITABLE",
    "PIP_IGNORE_INSTALLED",
    "PIP_LOG",
    "PIP_NO_BINARY",
    "PIP_NO_DEPS",
    "PIP_ONLY_BINARY",
    "PIP_PREFIX",
    "PIP_PROGRESS_BAR",
    "PIP_PYTHON",
    "PIP_QUIET",
    "PIP_REQUIREMENT",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "PIP_VERBOSE",
    "UV_BREAK_SYSTEM_PACKAGES",
    "UV_BUILD_CONSTRAINT",
    "UV_CONSTRAINT",
    "UV_EXCLUDE_NEWER",
    "UV_NO_BINARY",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_RESOLUTION",
    "UV_SYSTEM_PYTHON",
    "UV_VENV_SEED",
    "VIRTUAL_ENV",
];

/// Lines of a failed command's output that an error quotes.
const QUOTED_LINES: usize = 12;

/// The user's environment, without what changes how Python starts or where packages go.
pub(super) fn isolate_environment(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("PYTHON") || DROPPED.contains(&text.as_ref()) {
            command.env_remove(&name);
        }
    }
    // Also where a configuration file says otherwise.
    command.env("PIP_USER", "0");
    command.env("PYTHONUTF8", "1").env("PYTHONUNBUFFERED", "1").env("NO_COLOR", "1");
}

/// Makes the command's process end when the calling thread does, whatever ends that. Only Linux can.
pub(super) fn die_with_parent(command: &mut Command) {
    let parent = rustix::process::getpid();
    // SAFETY: between fork and exec only system calls are made; nothing is allocated and no lock is taken.
    unsafe {
        command.pre_exec(move || {
            #[cfg(target_os = "linux")]
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
            // The parent may have been gone before the request was in force.
            if rustix::process::getppid() != Some(parent) {
                return Err(io::Error::from(io::ErrorKind::BrokenPipe));
            }
            Ok(())
        });
    }
}

/// Lets everybody read what the command makes, whatever the umask: agents' code may run as another user.
pub(super) fn readable_by_all(command: &mut Command) {
    // SAFETY: only a system call is made between fork and exec.
    unsafe {
        command.pre_exec(|| {
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
            Ok(())
        });
    }
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    /// The last lines of its output, for an error.
    pub(super) tail: String,
}

/// Runs commands, with the output of all of them in one log.
#[derive(Debug)]
pub(super) struct Runner<'a> {
    pub(super) log: &'a mut File,
    /// Kept open by every command, so that it stays locked for as long as any of them writes into the environment.
    pub(super) lock: &'a File,
}

impl Runner<'_> {
    /// Runs `command` to its end; `on_line` sees each line of its output.
    pub(super) fn run(&mut self, command: &mut Command, on_line: &mut dyn FnMut(&str)) -> io::Result<Finished> {
        let _ = writeln!(self.log, "$ {}", describe(command));
        isolate_environment(command);
        die_with_parent(command);
        readable_by_all(command);
        inherit(command, self.lock);
        let (reader, writer) = io::pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn()?;
        // The command holds the write ends of the pipe, without which the output would never end.
        command.stdout(Stdio::null()).stderr(Stdio::null());

        let mut tail = VecDeque::new();
        let mut reader = BufReader::new(reader);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes)? > 0 {
            let _ = self.log.write_all(&bytes);
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            if line.trim().is_empty() {
                continue;
            }
            on_line(&line);
            if tail.len() == QUOTED_LINES {
                tail.pop_front();
            }
            tail.push_back(line);
        }
        let status = child.wait()?;
        let _ = writeln!(self.log, "# {status}\n");
        Ok(Finished { status, tail: Vec::from(tail).join("\n") })
    }
}

/// Lets the command's process keep `file` open.
pub(super) fn inherit(command: &mut Command, file: &File) {
    let descriptor = file.as_raw_fd();
    // SAFETY: only a system call is made between fork and exec, on a descriptor that is open for as long as `file`
    // is, and the caller keeps `file` until the command has been spawned.
    unsafe {
        command.pre_exec(move || {
            rustix::io::fcntl_setfd(BorrowedFd::borrow_raw(descriptor), rustix::io::FdFlags::empty())?;
            Ok(())
        });
    }
}

pub(super) fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().lines().next().unwrap_or_default().to_owned()).collect::<Vec<_>>().join(" ")
}
