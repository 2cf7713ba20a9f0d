//! Why a model gave no reply.

use std::path::PathBuf;
use std::time::Duration;

/// Why there is no reply. [`is_infrastructure`](Self::is_infrastructure) tells what no agent is to blame for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LlmError {
    /// Not the name of a model.
    #[error("`{name}` names no model: {message}")]
    Model {
        /// The name.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// A setting or file that is not what it should be.
    #[error("{what}: {message}")]
    Setting {
        /// The file and key, or the setting.
        what: String,
        /// What is wrong with it.
        message: String,
    },
    /// No key, or one that cannot be used.
    #[error("no usable key for provider `{provider}`: {message}")]
    Key {
        /// The provider.
        provider: String,
        /// What is wrong, and what to do.
        message: String,
    },
    /// The provider doesn't accept the key, or doesn't let it use the model.
    #[error("`{model}`: the provider doesn't accept the key ({status}){}", said(.message))]
    Unauthorized {
        /// The model.
        model: String,
        /// The HTTP status.
        status: u16,
        /// What the provider says.
        message: String,
    },
    /// The provider has no such model, for this key.
    #[error("`{model}`: the provider has no such model, or doesn't show it to this key{}", said(.message))]
    NoSuchModel {
        /// The model.
        model: String,
        /// What the provider says.
        message: String,
    },
    /// The account is out of money or quota; waiting doesn't help.
    #[error("`{model}`: the account has no money or quota left{}", said(.message))]
    Quota {
        /// The model.
        model: String,
        /// What the provider says.
        message: String,
    },
    /// The conversation is longer than the model reads.
    #[error("`{model}`: the conversation is too long for this model{}", said(.message))]
    ContextTooLong {
        /// The model.
        model: String,
        /// What the provider says.
        message: String,
    },
    /// The provider refuses the conversation for what it is about.
    #[error("`{model}`: the provider refuses the conversation{}", said(.message))]
    Blocked {
        /// The model.
        model: String,
        /// What the provider says.
        message: String,
    },
    /// The request is none that the provider takes.
    #[error("`{model}`: the provider doesn't take the request ({status}){}", said(.message))]
    BadRequest {
        /// The model.
        model: String,
        /// The HTTP status.
        status: u16,
        /// What the provider says.
        message: String,
    },
    /// Too many requests, even after waiting.
    #[error("`{model}`: the provider asks for fewer requests{}", said(.message))]
    RateLimited {
        /// The model.
        model: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
        /// What the provider says.
        message: String,
    },
    /// The provider failed, even after waiting.
    #[error("`{model}`: the provider failed ({status}){}", said(.message))]
    Server {
        /// The model.
        model: String,
        /// The HTTP status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
        /// What the provider says.
        message: String,
    },
    /// No connection, or one that broke.
    #[error("`{model}`: no answer from `{host}`: {message}")]
    NoAnswer {
        /// The model.
        model: String,
        /// The server.
        host: String,
        /// What failed.
        message: String,
        /// Whether it may pass.
        transient: bool,
    },
    /// Too slow.
    #[error("`{model}`: `{host}` took longer than {seconds} s to {what}")]
    Timeout {
        /// The model.
        model: String,
        /// The server.
        host: String,
        /// What it was to do in that time.
        what: &'static str,
        /// The limit.
        seconds: f64,
    },
    /// An answer that is none of this API's.
    #[error("`{model}`: `{host}` gave no reply of a model: {message}")]
    BadReply {
        /// The model.
        model: String,
        /// The server.
        host: String,
        /// What came instead.
        message: String,
    },
    /// Replies are taken from a record alone, and this one is not in it.
    #[error(
        "`{model}`: the record in `{}` has no reply to this request (`{digest}`)\nhint: mode `auto` asks the model for \
         what is not recorded",
        folder.display()
    )]
    NotRecorded {
        /// The model.
        model: String,
        /// The folder of the record.
        folder: PathBuf,
        /// The request's digest.
        digest: String,
    },
    /// A record that cannot be read or written.
    #[error("the record of replies `{}`: {message}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What failed.
        message: String,
    },
    /// The call was cancelled.
    #[error("the call was cancelled")]
    Cancelled,
}

impl LlmError {
    /// Whether the same request may well succeed a little later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Server { .. } | Self::Timeout { .. } | Self::BadReply { .. } => true,
            Self::NoAnswer { transient, .. } => *transient,
            _ => false,
        }
    }

    /// Whether it says nothing of the agent: what failed is the network, the provider, the account, or this host's
    /// settings. What is left is the request's own fault: too long, refused, or malformed.
    #[must_use]
    pub fn is_infrastructure(&self) -> bool {
        !matches!(self, Self::ContextTooLong { .. } | Self::Blocked { .. } | Self::BadRequest { .. } | Self::Cancelled)
    }

    /// A stable word for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Model { .. } => "model",
            Self::Setting { .. } => "setting",
            Self::Key { .. } => "key",
            Self::Unauthorized { .. } => "unauthorized",
            Self::NoSuchModel { .. } => "no_such_model",
            Self::Quota { .. } => "quota",
            Self::ContextTooLong { .. } => "context_too_long",
            Self::Blocked { .. } => "blocked",
            Self::BadRequest { .. } => "bad_request",
            Self::RateLimited { .. } => "rate_limited",
            Self::Server { .. } => "server",
            Self::NoAnswer { .. } => "no_answer",
            Self::Timeout { .. } => "timeout",
            Self::BadReply { .. } => "bad_reply",
            Self::NotRecorded { .. } => "not_recorded",
            Self::Record { .. } => "record",
            Self::Cancelled => "cancelled",
        }
    }

    /// How long the server asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
