//! Why Kaggle gave nothing, and what to do about it.

use std::path::{Path, PathBuf};

use crate::fetch::DownloadError;

/// An error of the credentials, of Kaggle, or of the download.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KaggleError {
    /// No credentials anywhere.
    #[error(
        "no Kaggle credentials: neither `KAGGLE_API_TOKEN`, nor `KAGGLE_USERNAME` and `KAGGLE_KEY`, nor `access_token` or \
         `kaggle.json` in {looked}\nhint: {MAKE_TOKEN}"
    )]
    NoCredentials {
        /// The folders that were looked in.
        looked: String,
    },
    /// One variable of two.
    #[error("`{has}` is set, and `{lacks}` is not: Kaggle needs both")]
    HalfCredentials {
        /// The one that is set.
        has: &'static str,
        /// The one that is missing.
        lacks: &'static str,
    },
    /// A file with credentials that is not what it should be.
    #[error("`{}` {message}", path.display())]
    CredentialsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// Letters that no token or key has.
    #[error("the Kaggle credentials from {from} hold blanks or other letters that none has: copy them anew")]
    UnusableCredentials {
        /// Where they were found.
        from: String,
    },
    /// An address that credentials must not be sent to.
    #[error("`{address}` {message}")]
    Address {
        /// The address.
        address: String,
        /// Why not.
        message: &'static str,
    },
    /// 401: the key is not, or no longer, valid.
    #[error("Kaggle doesn't accept the credentials from {from}{}\nhint: {MAKE_TOKEN}", said(.message))]
    Unauthorized {
        /// Where they were found.
        from: String,
        /// What Kaggle says.
        message: String,
    },
    /// 403: the rules are not accepted.
    #[error(
        "the rules of `{name}` are not accepted yet{}\nhint: open {}, sign in as the same user, accept them (some \
         competitions: press \"Late Submission\" first), and run the same command again",
        said(.message), rules_page(.name)
    )]
    RulesNotAccepted {
        /// The competition.
        name: String,
        /// What Kaggle says.
        message: String,
    },
    /// 403 for another reason.
    #[error(
        "Kaggle doesn't let this user have the data of `{name}`{}\nhint: accept the rules at {}; some competitions ask \
         for a confirmed phone number (https://www.kaggle.com/settings), and a token may be limited to other uses",
        said(.message), rules_page(.name)
    )]
    Forbidden {
        /// The competition.
        name: String,
        /// What Kaggle says.
        message: String,
    },
    /// 404: no such thing, or not for this user.
    #[error(
        "Kaggle has no {what} of a competition `{name}` that this user can see{}\nhint: compare the name with the address \
         of the competition's page, and see whether the rules have to be accepted first: {}",
        said(.message), rules_page(.name)
    )]
    NotFound {
        /// The competition.
        name: String,
        /// What was asked for.
        what: String,
        /// What Kaggle says.
        message: String,
    },
    /// 429: too many requests, even after waiting.
    #[error("Kaggle asks for fewer requests{}\nhint: {}, then run the same command; it goes on from there", said(.message), wait(*.seconds))]
    TooManyRequests {
        /// What Kaggle says.
        message: String,
        /// The wait that it asks for.
        seconds: Option<u64>,
    },
    /// A page for people instead of data.
    #[error("{error}\nhint: Kaggle sends such a page to users who still have to do something: see {}", rules_page(.name))]
    Page {
        /// The competition.
        name: String,
        /// What came.
        error: DownloadError,
    },
    /// A list of files that is none.
    #[error("Kaggle's list of the files of `{name}` makes no sense: {message}")]
    List {
        /// The competition.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// A name that leads out of the folder, or is none.
    #[error("`{name}` is no name of a {what}")]
    Name {
        /// The name.
        name: String,
        /// What it should name.
        what: &'static str,
    },
    /// The download failed.
    #[error(transparent)]
    Download(#[from] DownloadError),
}

const MAKE_TOKEN: &str = "make a token at https://www.kaggle.com/settings (API, \"Generate New Token\") and put it into \
                          `KAGGLE_API_TOKEN` or `~/.kaggle/access_token`, or a legacy key into `~/.kaggle/kaggle.json`";

impl KaggleError {
    pub(crate) fn credentials(path: &Path, message: impl Into<String>) -> Self {
        Self::CredentialsFile { path: path.to_owned(), message: message.into() }
    }

    /// What a download's error means when Kaggle is the server.
    pub(crate) fn of(error: DownloadError, name: &str, what: &str, from: &str) -> Self {
        let name = name.to_owned();
        let Some((status, message)) = error.refusal().map(|(status, said)| (status, said.to_owned())) else {
            return match error {
                DownloadError::OtherContent { .. } => Self::Page { name, error },
                error => Self::Download(error),
            };
        };
        let about_rules = ["rule", "accept", "participate"].iter().any(|word| message.to_lowercase().contains(word));
        match status {
            401 => Self::Unauthorized { from: from.to_owned(), message },
            403 if about_rules => Self::RulesNotAccepted { name, message },
            403 => Self::Forbidden { name, message },
            404 => Self::NotFound { name, what: what.to_owned(), message },
            429 => Self::TooManyRequests { message, seconds: error.retry_after().map(|wait| wait.as_secs()) },
            _ => Self::Download(error),
        }
    }

    /// What a program may want to tell apart; `failure` for the rest.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoCredentials { .. } | Self::HalfCredentials { .. } => "no_credentials",
            Self::CredentialsFile { .. } | Self::UnusableCredentials { .. } | Self::Unauthorized { .. } => {
                "unauthorized"
            }
            Self::RulesNotAccepted { .. } => "rules_not_accepted",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound { .. } => "not_found",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::Download(DownloadError::NoRoom { .. } | DownloadError::DiskFull { .. }) => "disk_full",
            Self::Download(DownloadError::Cancelled) => "interrupted",
            _ => "failure",
        }
    }

    /// Whether every other competition would fail alike.
    #[must_use]
    pub fn concerns_all(&self) -> bool {
        match self {
            Self::NoCredentials { .. }
            | Self::HalfCredentials { .. }
            | Self::CredentialsFile { .. }
            | Self::UnusableCredentials { .. }
            | Self::Unauthorized { .. }
            | Self::TooManyRequests { .. } => true,
            Self::Download(error) => error.concerns_all(),
            _ => false,
        }
    }
}

/// The page where a user accepts a competition's rules.
fn rules_page(name: &str) -> String {
    format!("https://www.kaggle.com/competitions/{name}/rules")
}

fn said(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" ({message})") }
}

fn wait(seconds: Option<u64>) -> String {
    seconds.map_or("wait some minutes".to_owned(), |seconds| format!("wait {seconds} s"))
}
