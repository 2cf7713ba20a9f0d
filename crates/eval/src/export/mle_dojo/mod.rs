//! MLE-Dojo's own trajectory files, out and in.
//!
//! `agent_trajectory.json` is the conversation: a list of `{"role": "user" | "assistant", "content"}`. `env_history.json` is what
//! the environment did: the actions by name with their results and feedback, and the best score.

mod files;
mod import;
mod write;

pub use import::{ImportSummary, import_mle_dojo};
pub use write::export_mle_dojo;
