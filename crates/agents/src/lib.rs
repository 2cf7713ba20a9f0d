//! Agents that play episodes.
//!
//! Start with [`AgentSpec`]: it names an agent, as on a command line, and builds it. [`play`] lets the agent play an
//! [`Environment`](mledojo_env::Environment) until the episode ends; [`restore`] brings its memory back when an
//! interrupted episode goes on.
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
pub mod feedback;
pub mod llm;
mod play;
mod script;
mod spec;

pub use agent::{Agent, AgentError};
pub use play::{PlayError, PlayEvent, PlaySummary, play, restore};
pub use spec::AgentSpec;
