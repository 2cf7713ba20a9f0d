//! What an agent can do.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One action of an agent. On the wire: `{"action": "execute_code", "params": {"code": "…"}}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Call")]
#[serde(try_from = "Call")]
pub enum Action {
    /// Asks about the competition: `overview`, `sample_submission`, `data_structure`, `data_path`, `output_path`,
    /// `name`, `metadata`, `all`, or the name of a registered provider.
    RequestInfo {
        /// What is asked.
        info_type: String,
    },
    /// Runs code without grading what it writes.
    ValidateCode {
        /// Python source.
        code: String,
    },
    /// Runs code and grades the submission that it writes.
    ExecuteCode {
        /// Python source.
        code: String,
    },
    /// Asks for the latest steps of this episode.
    GetHistory,
    /// Empties the working folder and forgets the current score; budgets, best score and history stay.
    Reset,
    /// The agent declares itself done.
    Finish,
    /// An action registered by the user of the library.
    Custom {
        /// Its registered name.
        name: String,
        /// Its parameters.
        params: Map<String, Value>,
    },
}
