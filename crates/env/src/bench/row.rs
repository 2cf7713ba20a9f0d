//! One measured figure, and whether it is what it should be.

use serde::Serialize;

/// What a figure must reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Target {
    pub(super) fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

/// One measurement.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The name by which it is asked for.
    pub name: &'static str,
    /// What was compared, in words.
    pub what: &'static str,
    /// The figure: a ratio of medians, or an amount.
    pub value: f64,
    /// Unit of the figure: `×`, `kB`, or nothing for a share.
    pub unit: &'static str,
    /// First and third quartile of the rounds' own figures, where there is more than one round.
    pub spread: Option<(f64, f64)>,
    /// What it must reach.
    pub target: Target,
    /// Whether it does.
    pub met: bool,
    /// How often it was measured, warm-up aside.
    pub rounds: usize,
    /// What the figure is made of. Not comparable between runs.
    pub details: Vec<Detail>,
}

/// A number behind a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    /// What it is.
    pub what: &'static str,
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
}

/// A number behind a row.
pub(super) fn detail(what: &'static str, value: f64, unit: &'static str) -> Detail {
    Detail { what, value, unit }
}
