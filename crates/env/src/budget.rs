//! How long an episode may last.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Limits on an episode; reaching one truncates it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Steps, every action counted.
    pub steps: Option<u64>,
    /// Seconds of wall-clock time from the reset on, the agent's thinking included.
    pub seconds: Option<f64>,
}

impl Default for Budget {
    /// MLE-Dojo's paper: 15 steps, 12 hours.
    fn default() -> Self {
        Self { steps: Some(15), seconds: Some(12.0 * 3600.0) }
    }
}

/// Time spent in an episode, by a clock that cannot be set, across resumes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EpisodeClock {
    started: Instant,
    carried: Duration,
}

impl EpisodeClock {
    /// A clock that has already run for `carried`.
    pub(crate) fn start(carried: Duration) -> Self {
        Self { started: Instant::now(), carried }
    }

    /// Takes back time that has passed since the start.
    pub(crate) fn exclude(&mut self, time: Duration) {
        self.started += time.min(self.started.elapsed());
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.carried + self.started.elapsed()
    }
}

impl Budget {
    /// Steps left after `taken`.
    pub(crate) fn steps_left(&self, taken: u64) -> Option<u64> {
        self.steps.map(|limit| limit.saturating_sub(taken))
    }

    /// Seconds left after `elapsed`.
    pub(crate) fn seconds_left(&self, elapsed: Duration) -> Option<f64> {
        self.seconds.map(|limit| (limit - elapsed.as_secs_f64()).max(0.0))
    }

    /// Whether one of the limits is reached.
    pub(crate) fn is_used_up(&self, taken: u64, elapsed: Duration) -> bool {
        self.steps_left(taken) == Some(0) || self.seconds_left(elapsed) == Some(0.0)
    }
}
