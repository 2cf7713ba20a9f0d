//! Agents that play episodes.
//!
//! Start with [`AgentSpec`]: it names an agent, as on a command line, and builds it. [`play`] lets the agent play an
//! [`Environment`](mledojo_env::Environment) until the episode ends; [`restore`] brings its memory back when an
//! interrupted episode goes on. An agent of one's own is an [`Agent`], or, if it asks a language model, a [`Scaffold`] at
//! a [`Desk`]. [`llm`] is how models are asked.
//!
//! ```
//! use mledojo_agents::AgentSpec;
//!
//! let agent = "baseline".parse::<AgentSpec>()?.build(7)?;
//! assert_eq!(agent.name(), "baseline");
//! # Ok::<(), mledojo_agents::AgentError>(())
//! ```
//!
//! *Invariant:* this crate knows nothing of how runs are stored, evaluated or shown. An agent learns of the
//! competition from observations alone.

mod agent;
mod baseline;
mod desk;
mod error;
pub mod feedback;
mod human;
mod limits;
pub mod llm;
mod mle;
mod options;
mod play;
mod process;
mod prompts;
mod replay;
mod scaffold;
mod script;
mod spec;
mod tools;
mod transcript;
mod tree;
mod view;

pub use agent::Agent;
pub use desk::{Answer, Ask, Desk};
pub use error::AgentError;
pub use limits::{Limit, ModelUse, PlayLimits};
pub use options::{AgentOptions, HistoryPolicy};
pub use play::{PlayError, PlayEvent, PlaySummary, play, play_within, restore};
pub use prompts::Prompts;
pub use scaffold::{ModelAgent, Scaffold};
pub use spec::AgentSpec;
pub use transcript::{CallFault, CallRecord, Purpose, read_transcript};
pub use tree::{JournalLine, Move, Node, Outcome, Policy, SearchPolicy, Tree, TreePage, read_journal};
