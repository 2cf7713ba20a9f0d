//! What an agent is told of its step, and by whom.

use std::collections::BTreeMap;

use mledojo_catalog::Spec;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::action::Action;
use crate::base_feedback::BaseFeedback;
use crate::grade::Grade;
use crate::result::ActionResult;

/// What one provider says of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// For a language model.
    pub text: String,
    /// The same, as data.
    pub data: Value,
}

/// What a provider may look at.
#[derive(Debug, Clone, Copy)]
pub struct FeedbackContext<'a> {
    /// The competition.
    pub spec: &'a Spec,
    /// The action; `None` when the call was none.
    pub action: Option<&'a Action>,
    /// What came of it.
    pub result: &'a ActionResult,
    /// The best grade of the episode, this step included.
    pub best: Option<&'a Grade>,
}

/// A source of feedback.
///
/// ```
/// use mledojo_env::{Feedback, FeedbackContext, FeedbackProvider};
///
/// struct Cheers;
///
/// impl FeedbackProvider for Cheers {
///     fn feedback(&mut self, context: FeedbackContext<'_>) -> Feedback {
///         let text = if context.result.grade().is_some() { "Well done." } else { "Go on." };
///         Feedback { text: text.to_owned(), data: text.into() }
///     }
/// }
/// ```
pub trait FeedbackProvider: Send {
    /// Comments on a step. It does not fail: what it can't say, it says in words. A comment without text is left out of
    /// the observation.
    fn feedback(&mut self, context: FeedbackContext<'_>) -> Feedback;
}

/// The providers of an environment, by name; each step asks all of them. `base` is always there.
pub struct FeedbackProviders(BTreeMap<String, Box<dyn FeedbackProvider>>);

impl Default for FeedbackProviders {
    fn default() -> Self {
        let base: Box<dyn FeedbackProvider> = Box::new(BaseFeedback);
        Self(BTreeMap::from([("base".to_owned(), base)]))
    }
}

impl FeedbackProviders {
    /// Registers a provider; one of the same name, `base` included, is replaced.
    pub fn register(&mut self, name: impl Into<String>, provider: Box<dyn FeedbackProvider>) {
        self.0.insert(name.into(), provider);
    }

    /// Asks every provider.
    pub(crate) fn all(&mut self, context: FeedbackContext<'_>) -> BTreeMap<String, Feedback> {
        let all = self.0.iter_mut().map(|(name, provider)| (name.clone(), provider.feedback(context)));
        all.filter(|(name, feedback)| name == "base" || !feedback.text.is_empty()).collect()
    }
}
