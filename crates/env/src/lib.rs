//! The Gym-style environment: actions, observations, rewards, episodes and their log.
//!
//! Start with [`Environment`]: it joins a [`PreparedCompetition`] (what is played) and an [`Engine`] (what runs code)
//! into `reset` and `step`. [`EnvPool`] runs many of them at once; [`Episode`] reads back what was played.
//!
//! *Invariant:* this crate knows nothing of language models, HTTP or command lines.

mod action;
mod base_feedback;
pub mod bench;
mod budget;
mod checkpoint;
mod code;
mod competition;
mod config;
mod custom;
mod engine;
mod environment;
mod episode;
mod error;
mod feedback;
mod grade;
mod history;
mod info;
mod judging;
mod observation;
mod pool;
mod python_metric;
mod recipe_script;
mod removal;
mod replay;
mod reply;
mod result;
mod reward;
mod slots;
mod state;
mod step;
mod submission;
mod workbench;
mod workspace;

pub use action::{ACTION_NAMES, Action, ActionError, Call};
pub use base_feedback::BaseFeedback;
pub use budget::Budget;
pub use competition::PreparedCompetition;
pub use config::EnvConfig;
pub use custom::{CustomAction, CustomContext};
pub use engine::Engine;
pub use environment::{Environment, ResetOptions};
pub use episode::{Artifacts, Episode, EpisodeHeader, EpisodeSummary, StepRecord, Steps};
pub use error::EnvError;
pub use feedback::{Feedback, FeedbackContext, FeedbackProvider, FeedbackProviders};
pub use grade::{Grade, Grades, Judge};
pub use history::HistoryLine;
pub use info::{InfoProvider, InfoProviders};
pub use judging::Judging;
pub use observation::{ActionStatus, Observation};
pub use pool::{ActionStats, Answer, EnvId, EnvPool, PoolError, PoolStats, Reply, Request};
pub use recipe_script::SandboxedScripts;
pub use replay::{Difference, replay};
pub use reply::{CodeBlock, FunctionSchema, ReplyError, ToolSchema, code_blocks, tool_schemas};
pub use result::{ActionResult, Failure, Refusal, Run, Submission};
pub use reward::RewardMode;
pub use slots::Slots;
pub use step::{RunInfo, StepInfo, StepResult};
pub use submission::{SUBMISSION_FILE, SubmissionFileError};
pub use workbench::{NoWatcher, Watcher, Workbench};
