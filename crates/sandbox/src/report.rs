//! What a run did: its outcome, its output, and what it used.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::gpu::GpuUse;
use crate::network::NetworkLog;

/// How a run ended. Exactly one holds; a limit wins over the exit code that it caused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// Exit code 0.
    Ok,
    /// Another exit code (an uncaught Python exception is 1).
    ExitCode {
        /// The code, 1 to 255.
        code: i32,
    },
    /// Ended by a signal that no limit explains (a crash).
    Signal {
        /// The signal's number.
        signal: i32,
    },
    /// The wall-clock limit was reached.
    Timeout,
    /// The CPU-time limit was reached.
    CpuTime,
    /// The memory limit was reached.
    Memory,
    /// The limit on GPU memory was reached.
    GpuMemory,
    /// The run failed after it had reached the limit on processes.
    Processes,
    /// Too much output.
    Output,
    /// The run failed after a file had reached the limit on file size.
    FileSize,
    /// The caller cancelled the run.
    Cancelled,
    /// The sandbox could not be set up for this run; the code never started.
    StartFailure {
        /// What was being set up, and the system's reason.
        message: String,
    },
}

impl Outcome {
    /// Whether the code ran to its end with exit code 0.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        *self == Self::Ok
    }
}

/// What is kept of one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    /// The first bytes.
    pub head: Vec<u8>,
    /// The last bytes, without those already in `head`.
    pub tail: Vec<u8>,
    /// How many bytes were written in all.
    pub total: u64,
}

impl Captured {
    /// How many bytes between `head` and `tail` are gone.
    #[must_use]
    pub fn omitted(&self) -> u64 {
        self.total - (self.head.len() + self.tail.len()) as u64
    }

    /// The text for people and models: invalid UTF-8 becomes U+FFFD, a gap is marked with its size.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_within(usize::MAX)
    }

    /// The text, with no more than about `limit` bytes of the stream in it: half from its beginning, half from its end.
    ///
    /// ```
    /// let captured = mledojo_sandbox::Captured { head: b"abcdef".to_vec(), tail: b"xyz".to_vec(), total: 100 };
    /// assert_eq!(captured.text(), "abcdef\n[… 91 bytes left out …]\nxyz");
    /// assert_eq!(captured.text_within(4), "ab\n[… 96 bytes left out …]\nyz");
    /// ```
    #[must_use]
    pub fn text_within(&self, limit: usize) -> String {
        if self.omitted() == 0 && self.total as usize <= limit {
            return String::from_utf8_lossy(&[self.head.as_slice(), self.tail.as_slice()].concat()).into_owned();
        }
        // With nothing omitted the two ends are one stream, whose second half may lie in `head`.
        let whole = [self.head.as_slice(), self.tail.as_slice()].concat();
        let (before, after) =
            if self.omitted() == 0 { (&whole[..], &whole[..]) } else { (&self.head[..], &self.tail[..]) };
        let head = &before[..before.len().min(limit / 2)];
        let tail = &after[after.len() - after.len().min(limit / 2)..];
        format!(
            "{}\n[… {} bytes left out …]\n{}",
            String::from_utf8_lossy(head),
            self.total - (head.len() + tail.len()) as u64,
            String::from_utf8_lossy(tail)
        )
    }
}

/// What one run did.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// Standard output.
    pub stdout: Captured,
    /// Standard error.
    pub stderr: Captured,
    /// From the hand-over of the code until its last process was gone.
    pub wall: Duration,
    /// CPU time (user and system) of all its processes.
    pub cpu: Duration,
    /// Largest memory of all its processes together, in bytes, where the host can tell.
    pub peak_memory: Option<u64>,
    /// What it did with the network that its job allowed.
    pub network: NetworkLog,
    /// What it did with the GPUs that its job gave it.
    pub gpu: Option<GpuUse>,
    /// Whether it ran in a warm interpreter.
    pub warm: bool,
}

impl Report {
    /// That nothing was run.
    pub(crate) fn without_run(outcome: Outcome, wall: Duration) -> Self {
        Self {
            outcome,
            stdout: Captured::default(),
            stderr: Captured::default(),
            wall,
            cpu: Duration::ZERO,
            peak_memory: None,
            network: NetworkLog::default(),
            gpu: None,
            warm: false,
        }
    }
}
