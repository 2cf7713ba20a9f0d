//! Reports on a run: one typed [`Report`], and pages made from it.
//!
//! [`Report::read`] reads a run folder, or episodes outside of one; [`Report::html`] is a page that needs nothing else,
//! [`Report::markdown`] a text, and the value itself is JSON. Every figure names the rows of [`Report::episodes`] that it
//! was made from by an anchor.

mod build;
mod category;
mod compare;
mod entry;
mod failures;
mod figures;
mod format;
mod html;
mod markdown;
mod mle_bench;
mod options;
mod plot;
mod plots;
mod source;

pub use failures::{FailureCount, Failures};
pub use figures::{
    Aup, CategoryHead, CheckRow, CompetitionRow, CompetitionScore, EpisodeRow, Figures, Medals, PlayerReport, Report,
    StepCurve, Time,
};
pub use mle_bench::{MleBench, MleBenchPlayer};
pub use options::{ReportError, ReportOptions};
