//! What a pool has done, and how fast.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::Serialize;

use super::lock;

/// Figures of a pool, from its beginning to now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolStats {
    /// Seconds since the pool began.
    pub seconds: f64,
    /// Slots for code.
    pub slots: usize,
    /// Share of the slots' time in which code ran, 0 to 1.
    pub occupancy: f64,
    /// Mean seconds of a step with code beyond the seconds its process ran: what the framework costs.
    pub mean_overhead_seconds: f64,
    /// By action; `begin` is the beginning of an episode.
    pub actions: BTreeMap<String, ActionStats>,
}

/// Figures of one action. Times are in seconds; waiting is counted apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActionStats {
    /// How many were done.
    pub count: u64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Longest.
    pub max: f64,
    /// Median of the waiting.
    pub queued_p50: f64,
    /// 95th percentile of the waiting.
    pub queued_p95: f64,
}

/// Counts what the workers do.
pub(super) struct Recorder {
    began: Instant,
    slots: usize,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    overhead: f64,
    runs: u64,
    actions: BTreeMap<String, Latencies>,
}

/// Histograms of microseconds with two significant digits.
struct Latencies {
    work: Histogram<u64>,
    queued: Histogram<u64>,
}

/// Names of actions come from agents: beyond so many, others are counted together.
const MOST_NAMES: usize = 64;

impl Recorder {
    pub(super) fn new(slots: usize) -> Self {
        Self { began: Instant::now(), slots, counts: Mutex::default() }
    }

    /// One request: how long it waited and was worked on, and for how many seconds its process ran.
    pub(super) fn record(&self, name: &str, queued: Duration, work: Duration, child: Option<f64>) {
        let mut counts = lock(&self.counts);
        if let Some(child) = child {
            counts.overhead += work.as_secs_f64() - child;
            counts.runs += 1;
        }
        let known = counts.actions.contains_key(name) || counts.actions.len() < MOST_NAMES;
        let name = if known { name } else { "other" };
        let latencies = counts.actions.entry(name.to_owned()).or_insert_with(Latencies::new);
        latencies.work.saturating_record(microseconds(work));
        latencies.queued.saturating_record(microseconds(queued));
    }

    /// The figures, with the time for which slots were held.
    pub(super) fn stats(&self, busy: Duration) -> PoolStats {
        let seconds = self.began.elapsed().as_secs_f64();
        let counts = lock(&self.counts);
        PoolStats {
            seconds,
            slots: self.slots,
            occupancy: busy.as_secs_f64() / (self.slots as f64 * seconds),
            mean_overhead_seconds: if counts.runs == 0 { 0.0 } else { counts.overhead / counts.runs as f64 },
            actions: counts.actions.iter().map(|(name, latencies)| (name.clone(), latencies.stats())).collect(),
        }
    }
}

impl Latencies {
    fn new() -> Self {
        #[expect(clippy::expect_used, reason = "2 is within the 0 to 5 that a histogram takes")]
        let histogram = || Histogram::new(2).expect("two significant digits");
        Self { work: histogram(), queued: histogram() }
    }

    fn stats(&self) -> ActionStats {
        let at = |histogram: &Histogram<u64>, quantile| histogram.value_at_quantile(quantile) as f64 / 1e6;
        ActionStats {
            count: self.work.len(),
            p50: at(&self.work, 0.5),
            p95: at(&self.work, 0.95),
            p99: at(&self.work, 0.99),
            max: self.work.max() as f64 / 1e6,
            queued_p50: at(&self.queued, 0.5),
            queued_p95: at(&self.queued, 0.95),
        }
    }
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
