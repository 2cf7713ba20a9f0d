//! Feedback from a language model or a person, beside the environment's own.
//!
//! Start with [`LlmFeedback`] and [`HumanFeedback`]: both are
//! [`FeedbackProvider`](mledojo_env::FeedbackProvider)s that comment on the steps in which code was to run. Either may be
//! silent; neither ever fails a step.
//!
//! *Invariant:* a reviewer sees what the agent sees of a step, and less of the score: no answers, no private board, no
//! HumanRank, which is made of both boards.

mod account;
mod human;
mod review;
mod spec;

pub use human::{AskHuman, HumanChannel, HumanFeedback, HumanHandle, PendingQuestion, Unanswered};
pub use review::{LlmFeedback, ReviewBudget};
pub use spec::FeedbackSpec;
