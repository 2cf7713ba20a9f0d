//! Episodes on disk.
//!
//! ```text
//! <episode>/
//!   episode.json       the header: competition, seed, agent, settings, runtime
//!   steps.jsonl        one line a step, appended and synced before the step's observation goes out
//!   artifacts/0003/    what step 3 left: code.py, stdout.txt, stderr.txt, submission.csv; synced as well, unless the
//!                      line holds the same text
//!   work/              the agent's working folder
//!   before-0003/       while the code of step 3 runs: what is needed to undo it
//! ```
//! The log is the product: everything else (resume, `episode show`, replay) reads only what lies here.

mod header;
mod log;
mod reader;
mod record;
mod summary;

pub use header::EpisodeHeader;
pub(crate) use log::{EpisodeLog, write, write_synced};
pub use reader::{Episode, Steps};
pub(crate) use record::LONGEST_IN_LINE;
pub use record::{Artifacts, StepRecord};
pub use summary::EpisodeSummary;
