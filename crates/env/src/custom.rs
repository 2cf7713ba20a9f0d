//! Actions that users of the library add.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use crate::action::ACTION_NAMES;
use crate::competition::PreparedCompetition;
use crate::feedback::Feedback;
use crate::grade::Grade;

/// What a registered action may look at.
#[derive(Clone, Copy)]
pub struct CustomContext<'a> {
    /// The competition, its answers included: what the action tells of them is up to its author.
    pub competition: &'a PreparedCompetition,
    /// The agent's working folder on the host. Whatever lies there is the agent's: don't follow links.
    pub work_dir: &'a Path,
    /// The best grade so far.
    pub best: Option<&'a Grade>,
}

/// An action of one's own.
pub trait CustomAction: Send {
    /// Carries it out.
    ///
    /// # Errors
    /// A reason in words for the agent; the step then fails.
    fn perform(&mut self, params: &Map<String, Value>, context: CustomContext<'_>) -> Result<Feedback, String>;
}

/// The registered actions, by name.
#[derive(Default)]
pub(crate) struct CustomActions(BTreeMap<String, Box<dyn CustomAction>>);

impl CustomActions {
    /// Registers an action, unless the name is one of the built-in actions.
    pub(crate) fn register(&mut self, name: String, action: Box<dyn CustomAction>) -> Result<(), String> {
        if ACTION_NAMES.contains(&name.as_str()) {
            return Err(format!("`{name}` is a built-in action"));
        }
        self.0.insert(name, action);
        Ok(())
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Box<dyn CustomAction>> {
        self.0.get_mut(name)
    }
}
