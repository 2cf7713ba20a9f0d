//! The process that compiles sources, and the framed exchange with it over two pipes.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::Deserialize;

use super::command::die_with_parent;

const SCRIPT: &str = include_str!("syntax_helper.py");
/// Compiling 10 MB of ordinary source takes 2.5 GiB.
const ADDRESS_SPACE: u64 = 4 << 30;
/// An answer is some hundred bytes.
const LONGEST_ANSWER: usize = 1 << 20;

/// What the process says of a source.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    /// The exception's class, if the source is invalid.
    pub(super) kind: Option<String>,
    pub(super) message: Option<String>,
    pub(super) line: Option<u32>,
    pub(super) column: Option<u32>,
    pub(super) text: Option<String>,
    /// Why it could not tell.
    pub(super) unchecked: Option<String>,
}

/// A running process; dropping it ends it.
#[derive(Debug)]
pub(super) struct Helper {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Helper {
    /// Starts the process. It ends with the calling thread, so that must live as long as the helper is wanted.
    pub(super) fn start(python: &Path) -> io::Result<Self> {
        let mut command = Command::new(python);
        command.args(["-I", "-S", "-B", "-W", "ignore", "-X", "utf8", "-c", SCRIPT]);
        command.env_clear().current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        die_with_parent(&mut command);
        // SAFETY: between fork and exec only system calls are made; nothing is allocated and no lock is taken.
        unsafe {
            command.pre_exec(|| {
                let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
                setrlimit(Resource::As, limit(ADDRESS_SPACE))?;
                setrlimit(Resource::Core, limit(0))?;
                setrlimit(Resource::Fsize, limit(0))?;
                Ok(())
            });
        }
        let mut child = command.spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe));
        };
        rustix::io::ioctl_fionbio(&stdin, true)?;
        rustix::io::ioctl_fionbio(&stdout, true)?;
        Ok(Self { child, stdin, stdout })
    }

    /// Whether the process still runs.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a source and waits for the answer. After an error the exchange is out of step: drop the helper.
    pub(super) fn ask(&mut self, source: &[u8], deadline: Instant) -> io::Result<Answer> {
        let length = u32::try_from(source.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        self.send(&length.to_le_bytes(), deadline)?;
        self.send(source, deadline)?;
        let mut length = [0; 4];
        self.receive(&mut length, deadline)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > LONGEST_ANSWER {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        let mut answer = vec![0; length];
        self.receive(&mut answer, deadline)?;
        Ok(serde_json::from_slice(&answer)?)
    }

    fn send(&mut self, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.stdin.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    wait(self.stdin.as_fd(), PollFlags::OUT, deadline)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn receive(&mut self, mut into: &mut [u8], deadline: Instant) -> io::Result<()> {
        while !into.is_empty() {
            match self.stdout.read(into) {
                Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                Ok(read) => into = &mut into[read..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    wait(self.stdout.as_fd(), PollFlags::IN, deadline)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Ends the process and tells how it ended, for a message.
    pub(super) fn end(mut self) -> String {
        // If it crashed, its own end is the one worth telling.
        let crashed = self.child.try_wait().ok().flatten();
        let _ = self.child.kill();
        let ended = self.child.wait().ok();
        crashed.or(ended).map_or_else(|| "unknown".to_owned(), |status| status.to_string())
    }

    #[cfg(test)]
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `file` is ready for `what`, or fails at `deadline`.
fn wait(file: BorrowedFd<'_>, what: PollFlags, deadline: Instant) -> io::Result<()> {
    let left = deadline.saturating_duration_since(Instant::now());
    let timeout = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: i64::from(left.subsec_nanos()) };
    match poll(&mut [PollFd::from_borrowed_fd(file, what)], Some(&timeout)) {
        Ok(0) => Err(io::Error::from(io::ErrorKind::TimedOut)),
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
