//! When to try again, and how long to wait before.

use std::time::{Duration, SystemTime};

use ureq::http::HeaderMap;

use crate::fetch::error::DownloadError;
use crate::fetch::watch::{DownloadEvent, Watch, sleep};

/// How often a request is tried, and how the pauses between grow.
///
/// The pause doubles from `base` up to `most`, and half of it is random, so that many clients don't come back at once.
/// A server that says how long to wait (`Retry-After`) is obeyed up to `patience`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in a row that may fail; one that got bytes begins a new row.
    pub attempts: u32,
    /// The first pause.
    pub base: Duration,
    /// The longest pause of our own.
    pub most: Duration,
    /// The longest wait that a server may ask for.
    pub patience: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 6,
            base: Duration::from_secs(1),
            most: Duration::from_secs(60),
            patience: Duration::from_secs(15 * 60),
        }
    }
}

/// What came of an attempt.
pub(crate) struct Attempt<T> {
    pub(crate) result: Result<T, DownloadError>,
    /// Whether it brought bytes that stay.
    pub(crate) progressed: bool,
}

impl Retry {
    /// Tries until it works, fails for good, fails too often in a row, or the watcher wants the end.
    pub(crate) fn run<T>(
        &self,
        watch: &dyn Watch,
        mut attempt: impl FnMut() -> Attempt<T>,
    ) -> Result<T, DownloadError> {
        let mut failures = 0;
        loop {
            let Attempt { result, progressed } = attempt();
            let error = match result {
                Err(error) if error.is_transient() => error,
                done => return done,
            };
            failures = if progressed { 1 } else { failures + 1 };
            let Some(pause) = self.pause(failures, error.retry_after()) else {
                return Err(DownloadError::GaveUp { attempts: failures, last: Box::new(error) });
            };
            watch.event(&DownloadEvent::Retry { reason: &error.to_string(), pause });
            if !sleep(pause, watch) {
                return Err(DownloadError::Cancelled);
            }
        }
    }

    /// The pause after so many failures in a row; `None` if that's enough, or if the server asks for too much.
    #[must_use]
    pub fn pause(&self, failures: u32, asked: Option<Duration>) -> Option<Duration> {
        if failures >= self.attempts || asked.is_some_and(|asked| asked > self.patience) {
            return None;
        }
        let doubled = self.base.saturating_mul(1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX)).min(self.most);
        let own = doubled.mul_f64(0.5 + 0.5 * fastrand::f64());
        Some(asked.map_or(own, |asked| asked.max(own)))
    }
}

/// What `Retry-After` says, in seconds or as a date.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Retry = Retry {
        attempts: 5,
        base: Duration::from_millis(100),
        most: Duration::from_millis(350),
        patience: Duration::from_secs(10),
    };

    #[test]
    fn pauses_grow_and_are_never_twice_the_same() {
        for (failures, longest) in [(1, 100), (2, 200), (3, 350), (4, 350)] {
            let longest = Duration::from_millis(longest);
            for _ in 0..100 {
                let pause = RETRY.pause(failures, None).unwrap();
                assert!(pause >= longest / 2 && pause <= longest, "{pause:?} after {failures}");
            }
        }
        assert_eq!(RETRY.pause(5, None), None);
        let pauses: std::collections::HashSet<Duration> = (0..20).filter_map(|_| RETRY.pause(3, None)).collect();
        assert!(pauses.len() > 1);
    }

    #[test]
    fn the_server_is_obeyed_within_reason() {
        assert_eq!(RETRY.pause(1, Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
        assert!(RETRY.pause(1, Some(Duration::ZERO)).unwrap() >= Duration::from_millis(50));
        assert_eq!(RETRY.pause(1, Some(Duration::from_secs(11))), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let after = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", value.parse().unwrap());
            retry_after(&headers, httpdate::parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT").unwrap())
        };
        assert_eq!(after("120"), Some(Duration::from_secs(120)));
        assert_eq!(after("Wed, 21 Oct 2015 07:28:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(after("Wed, 21 Oct 2015 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(after("soon"), None);
    }
}
