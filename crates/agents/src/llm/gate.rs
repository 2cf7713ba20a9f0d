//! The door of a provider: so many requests at once, so many requests and tokens a minute, none while it asks to wait.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mledojo_sandbox::Cancel;
use serde::{Deserialize, Serialize};

use crate::llm::error::LlmError;

/// What a provider is asked at most. What is `None` is not limited.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimits {
    /// Requests at once.
    pub concurrency: Option<u32>,
    /// Requests a minute.
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute, read and written.
    pub tokens_per_minute: Option<u64>,
}

impl Default for RateLimits {
    /// 32 requests at once.
    fn default() -> Self {
        Self { concurrency: Some(32), requests_per_minute: None, tokens_per_minute: None }
    }
}

/// A bucket that fills steadily: what a minute allows, and never more at once.
#[derive(Debug)]
struct Bucket {
    per_minute: f64,
    level: f64,
    filled: Instant,
}

impl Bucket {
    fn new(per_minute: f64, now: Instant) -> Self {
        Self { per_minute, level: per_minute, filled: now }
    }

    fn fill(&mut self, now: Instant) {
        let more = now.saturating_duration_since(self.filled).as_secs_f64() * self.per_minute / 60.0;
        self.level = (self.level + more).min(self.per_minute);
        self.filled = now;
    }

    /// How long until so much can be taken. More than it ever holds is let through when it is full.
    fn wait(&mut self, amount: f64, now: Instant) -> Duration {
        self.fill(now);
        let missing = amount.min(self.per_minute) - self.level;
        if missing <= 0.0 { Duration::ZERO } else { Duration::from_secs_f64(missing * 60.0 / self.per_minute) }
    }
}

#[derive(Debug)]
struct State {
    running: u32,
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    /// The provider asked for silence until then.
    closed_until: Option<Instant>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Gate {
    concurrency: u32,
    state: Mutex<State>,
    left: Condvar,
}

/// A request that was let in. It leaves when this is dropped.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    gate: &'a Gate,
    /// Tokens that it was let in for.
    tokens: u64,
}

impl Gate {
    pub(crate) fn new(limits: RateLimits) -> Self {
        let now = Instant::now();
        let state = State {
            running: 0,
            requests: limits.requests_per_minute.map(|limit| Bucket::new(f64::from(limit.max(1)), now)),
            tokens: limits.tokens_per_minute.map(|limit| Bucket::new(limit.max(1) as f64, now)),
            closed_until: None,
        };
        let concurrency = limits.concurrency.map_or(u32::MAX, |limit| limit.max(1));
        Self { concurrency, state: Mutex::new(state), left: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits to be let in with so many tokens.
    pub(crate) fn enter(&self, tokens: u64, cancel: &Cancel) -> Result<Pass<'_>, LlmError> {
        const TICK: Duration = Duration::from_millis(50);
        let mut state = self.state();
        loop {
            if cancel.is_cancelled() {
                return Err(LlmError::Cancelled);
            }
            let now = Instant::now();
            let closed = state.closed_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
            let requests = state.requests.as_mut().map_or(Duration::ZERO, |bucket| bucket.wait(1.0, now));
            let by_tokens = state.tokens.as_mut().map_or(Duration::ZERO, |bucket| bucket.wait(tokens as f64, now));
            let wait = closed.max(requests).max(by_tokens);
            if wait.is_zero() && state.running < self.concurrency {
                state.running += 1;
                if let Some(bucket) = &mut state.requests {
                    bucket.level -= 1.0;
                }
                if let Some(bucket) = &mut state.tokens {
                    bucket.level -= tokens as f64;
                }
                return Ok(Pass { gate: self, tokens });
            }
            let wait = if wait.is_zero() { TICK } else { wait.min(TICK) };
            state = self.left.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Lets nobody in for so long.
    pub(crate) fn close(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut state = self.state();
        state.closed_until = Some(state.closed_until.map_or(until, |other| other.max(until)));
    }
}

impl Pass<'_> {
    /// What it really took, for what it was let in for was a guess.
    pub(crate) fn settle(self, tokens: u64) {
        if let Some(bucket) = &mut self.gate.state().tokens {
            bucket.level += self.tokens as f64 - tokens as f64;
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.state().running -= 1;
        self.gate.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(concurrency: Option<u32>, requests: Option<u32>, tokens: Option<u64>) -> RateLimits {
        RateLimits { concurrency, requests_per_minute: requests, tokens_per_minute: tokens }
    }

    #[test]
    fn a_bucket_fills_with_time() {
        let now = Instant::now();
        let mut bucket = Bucket::new(60.0, now);
        assert_eq!(bucket.wait(60.0, now), Duration::ZERO);
        bucket.level -= 60.0;
        assert_eq!(bucket.wait(1.0, now), Duration::from_secs(1));
        assert_eq!(bucket.wait(1.0, now + Duration::from_secs(1)), Duration::ZERO);
        // More than a minute allows has to wait for a full bucket, and not for ever.
        assert_eq!(bucket.wait(1000.0, now + Duration::from_secs(1)), Duration::from_secs(59));
        bucket.fill(now + Duration::from_secs(1000));
        assert!((bucket.level - 60.0).abs() < 1e-9);
    }

    #[test]
    fn no_more_than_so_many_at_once() {
        let gate = Gate::new(limits(Some(2), None, None));
        let (first, _second) = (gate.enter(1, &Cancel::default()).unwrap(), gate.enter(1, &Cancel::default()).unwrap());
        std::thread::scope(|scope| {
            let third = scope.spawn(|| gate.enter(1, &Cancel::default()).map(|_| Instant::now()));
            std::thread::sleep(Duration::from_millis(60));
            let released = Instant::now();
            drop(first);
            assert!(third.join().unwrap().unwrap() >= released);
        });
    }

    #[test]
    fn a_cancelled_wait_ends() {
        let gate = Gate::new(limits(None, Some(1), None));
        gate.enter(1, &Cancel::default()).unwrap().settle(1);
        let cancel = Cancel::default();
        cancel.cancel();
        assert!(matches!(gate.enter(1, &cancel), Err(LlmError::Cancelled)));
    }

    #[test]
    fn tokens_are_settled_by_what_they_were() {
        let gate = Gate::new(limits(None, None, Some(6000)));
        gate.enter(6000, &Cancel::default()).unwrap().settle(100);
        let begun = Instant::now();
        gate.enter(5000, &Cancel::default()).unwrap();
        assert!(begun.elapsed() < Duration::from_secs(1));
        gate.close(Duration::from_millis(80));
        gate.enter(1, &Cancel::default()).unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(80));
    }
}
