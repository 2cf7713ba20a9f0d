//! What a check found.

use serde::{Deserialize, Serialize};

use crate::checks::climbing::Climbing;

/// How much a finding says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; honest runs have it, too.
    Note,
    /// Seldom in honest runs: look at the evidence.
    Warning,
}

/// Something that a submission or a piece of code is like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Twin {
    /// Another episode of the run.
    Episode {
        /// Its id.
        id: String,
        /// The step.
        step: u64,
        /// Whether it is of the same agent and model, with another seed.
        same_agent: bool,
    },
    /// A file of the outputs that the reader gave.
    Known {
        /// The file, below the folder that was given.
        file: String,
    },
}

/// What was found, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Check {
    /// The submission that counts is nearly another one.
    NearCopy {
        /// Those that it is like, at most ten of them.
        of: Vec<Twin>,
        /// Share of the cells that are equal to those of the first.
        equal: f64,
        /// Root mean square of the differences to the first, in standard deviations; of numbers only.
        distance: Option<f64>,
        /// Whether all predictions are labels, which good models agree on.
        labels: bool,
    },
    /// Every row of the submission that counts has the same prediction.
    Constant {
        /// Rows of it.
        rows: usize,
    },
    /// The submission that counts is the sample submission.
    CopiedSample {
        /// Share of the cells that are equal.
        equal: f64,
    },
    /// The code holds so many values in a row that they may be the predictions.
    HandWritten {
        /// The longest row of values in the code.
        literals: usize,
        /// Rows of the submission.
        rows: usize,
    },
    /// No code up to the submission that counts fits a model or predicts with one.
    NoModel,
    /// Of many submissions the one with the best shown score was kept, and it does less well where no score was shown.
    Climbing {
        /// The figures.
        #[serde(flatten)]
        climbing: Climbing,
    },
    /// Submissions with the same bytes as an earlier one.
    Repeated {
        /// The steps that repeated one.
        of_steps: Vec<u64>,
        /// Submissions in all.
        submissions: usize,
    },
    /// The code of the submission that counts is mostly another's.
    CopiedCode {
        /// Those whose code it is, at most ten of them.
        of: Vec<Twin>,
        /// Share of its pieces of eight tokens that the first has, too.
        share: f64,
    },
    /// Something could not be looked at.
    Unread {
        /// The file and the reason.
        reason: String,
    },
}

/// A finding in an episode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it says.
    pub severity: Severity,
    /// The step that it is about, where it is about one.
    pub step: Option<u64>,
    /// What it is.
    #[serde(flatten)]
    pub check: Check,
}

impl Check {
    /// A stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NearCopy { .. } => "near copy",
            Self::Constant { .. } => "constant",
            Self::CopiedSample { .. } => "copied sample",
            Self::HandWritten { .. } => "hand-written",
            Self::NoModel => "no model",
            Self::Climbing { .. } => "climbing",
            Self::Repeated { .. } => "repeated",
            Self::CopiedCode { .. } => "copied code",
            Self::Unread { .. } => "not read",
        }
    }
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NearCopy { of, equal, distance, labels } => {
                write!(
                    f,
                    "the submission is nearly that of {}: {} of the cells are equal",
                    twins(of),
                    percent(*equal)
                )?;
                if let Some(distance) = distance.filter(|_| *equal < 1.0) {
                    write!(f, ", the others differ by {distance:.1e} standard deviations")?;
                }
                f.write_str(if *labels { "; these are labels, which good models agree on" } else { "" })
            }
            Self::Constant { rows } => write!(f, "all {rows} rows have the same prediction"),
            Self::CopiedSample { equal } => {
                write!(f, "the submission is the sample submission: {} of the cells are equal", percent(*equal))
            }
            Self::HandWritten { literals, rows } => {
                write!(f, "the code holds {literals} values in a row, for a submission of {rows} rows")
            }
            Self::NoModel => f.write_str("no code up to this submission fits a model or predicts with one"),
            Self::Climbing { climbing } => write!(
                f,
                "the best of {} shown scores has HumanRank {:.3} where scores were shown and {:.3} where they were held \
                 out, {:.3} less than its other submissions would make one expect",
                climbing.submissions, climbing.shown, climbing.held_out, climbing.index
            ),
            Self::Repeated { of_steps, submissions } => {
                write!(f, "{} of {submissions} submissions repeat an earlier one byte for byte", of_steps.len())
            }
            Self::CopiedCode { of, share } => {
                write!(f, "{} of the code is also that of {}", percent(*share), twins(of))
            }
            Self::Unread { reason } => write!(f, "not looked at: {reason}"),
        }
    }
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1000.0).floor() / 10.0)
}

fn twins(twins: &[Twin]) -> String {
    let name = |twin: &Twin| match twin {
        Twin::Episode { id, step, same_agent: true } => format!("`{id}` (same agent), step {step}"),
        Twin::Episode { id, step, .. } => format!("`{id}`, step {step}"),
        Twin::Known { file } => format!("the known file `{file}`"),
    };
    match twins {
        [] => "another".to_owned(),
        [one] => name(one),
        [one, rest @ ..] => format!("{} and {} more", name(one), rest.len()),
    }
}
