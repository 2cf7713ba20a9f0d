//! Trajectories for training: episodes in, data sets out.
//!
//! [`export_sft`], [`export_rl`] and [`export_preference`] read episodes (those of a run, or single ones) one at a time and
//! write JSONL and Parquet with a card, so that `datasets`, pandas and polars load them as they are.
//!
//! What goes in is what the agent saw and did, clean of the host's paths and keys. Scores on held-out rows stay out unless
//! they are asked for. The same episodes and settings give the same bytes.

mod card;
mod chat;
mod conversation;
mod dataset;
mod error;
mod mle_dojo;
mod parquet;
mod preference;
mod request;
mod rl;
mod schema;
mod scrub;
mod select;
mod sft;
mod source;
#[cfg(test)]
mod testing;
mod text;
mod trajectory;

pub use dataset::Format;
pub use error::ExportError;
pub use mle_dojo::{ImportSummary, export_mle_dojo, import_mle_dojo};
pub use preference::{PairKind, PreferenceOptions, export_preference};
pub use request::{ExportRequest, ExportSummary};
pub use rl::{RlOptions, export_rl};
pub use select::{Deduplication, EpisodeSelection, FailureSelection, StepSelection};
pub use sft::{SftOptions, export_sft};
