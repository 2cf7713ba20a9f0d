//! Why a reply is no call, in words that help to write the next one.

use crate::action::ActionError;

/// Why a model's reply is no call. Its text is written for the model: what is wrong, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// Nothing, or reasoning alone.
    #[error("the reply is empty; answer with one JSON object: {{\"action\": \"…\", \"params\": {{…}}}}")]
    Empty,
    /// Words without a call.
    #[error(
        "the reply holds no action; answer with one JSON object such as \
         {{\"action\": \"request_info\", \"params\": {{\"info_type\": \"overview\"}}}}, or with one Python block"
    )]
    NoCall,
    /// Several calls.
    #[error("the reply holds {count} actions; answer with exactly one, and wait for what comes of it")]
    ManyCalls {
        /// How many.
        count: usize,
    },
    /// Several blocks of code, and no call.
    #[error("the reply holds {count} blocks of code and no action; put the whole script into one block")]
    ManyScripts {
        /// How many.
        count: usize,
    },
    /// A block of code that doesn't end.
    #[error(
        "the block of code has no closing fence, so the reply was cut off; write a shorter script, and end it with ```"
    )]
    OpenFence,
    /// Malformed JSON.
    #[error("not valid JSON: {reason} at line {line}, column {column}, near `{near}`; {hint}")]
    Json {
        /// Where, from 1.
        line: usize,
        /// Where in the line, from 1.
        column: usize,
        /// The parser's reason.
        reason: String,
        /// What is written there.
        near: String,
        /// How to write it.
        hint: &'static str,
    },
    /// JSON, but no object.
    #[error("the reply is {found}, not an object; write {{\"action\": \"…\", \"params\": {{…}}}}")]
    NotAnObject {
        /// What it is.
        found: &'static str,
    },
    /// An object that names no action.
    #[error("the key `action` is missing, found {keys}; write {{\"action\": \"…\", \"params\": {{…}}}}")]
    NoAction {
        /// The keys that are there.
        keys: String,
    },
    /// A key whose value has another type.
    #[error("`{key}` must be {expected}, and is {found}")]
    WrongType {
        /// The key.
        key: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A key that there is not.
    #[error("unknown key `{key}`; the object has {expected} and nothing else")]
    UnknownKey {
        /// The key.
        key: String,
        /// Those that there are.
        expected: &'static str,
    },
    /// A well-formed call that is no action.
    #[error(transparent)]
    Action(#[from] ActionError),
}

/// How to write what a JSON parser does not take. `line` is the one where it stopped.
pub(super) fn json_hint(reason: &str, text: &str, line: &str, is_end: bool) -> &'static str {
    if reason.contains("control character") {
        return "inside a JSON text write line ends as \\n and tabs as \\t";
    }
    if reason.contains("invalid escape") {
        return "inside a JSON text write a backslash as \\\\";
    }
    if is_end && text.contains("\"\"\"") || line.contains("\"\"\"") {
        return "JSON has no triple quotes: write one text, with line ends as \\n and quotes as \\\"";
    }
    if is_end {
        return "the object does not end: write a shorter script if the reply was cut off, and close every brace";
    }
    if reason.contains("key must be a string") {
        return "keys and texts stand in double quotes, and no comma follows the last entry";
    }
    if reason.contains("trailing comma") {
        return "remove the comma after the last entry";
    }
    if reason.contains("trailing characters") {
        return "write nothing after the object";
    }
    "inside a JSON text write quotes as \\\" and line ends as \\n, and use no Python syntax outside of it"
}
