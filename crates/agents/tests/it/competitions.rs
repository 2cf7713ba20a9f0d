//! Numbers for made-up data: the same on every run.

/// A small generator (SplitMix64) of numbers from 0 to 1.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Facts of metadata for a competition.
pub(crate) fn facts(task: &str, metric: &str, direction: &str, id: &str, targets: &[&str]) -> serde_json::Value {
    serde_json::json!({
        "task": task,
        "metric": {"name": metric, "direction": direction},
        "submission": {"id_columns": [id], "target_columns": targets},
    })
}

/// Mean absolute difference of the predicted column and the truth.
pub(crate) fn mean_error(rows: &[Vec<String>], truth: &[f64]) -> f64 {
    assert_eq!(rows.len(), truth.len());
    let errors = rows.iter().zip(truth).map(|(row, truth)| (row[1].parse::<f64>().unwrap() - truth).abs());
    errors.sum::<f64>() / truth.len() as f64
}
