//! What the two protocols do differently, in words.

use serde::{Deserialize, Serialize};

/// A difference between the protocols, for people. What graders and recipes do is said by their own tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// What it is about.
    pub topic: Topic,
    /// What protocol `mle-dojo` does.
    pub mle_dojo: String,
    /// What protocol `corrected` does.
    pub corrected: String,
}

/// What a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// How submissions are scored.
    Metric,
    /// How the data is prepared: a leak, or something broken.
    Data,
}
