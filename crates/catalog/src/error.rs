//! Why a competition could not be read.

/// An error in the catalog's data, or in the question asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// No competition has this slug.
    #[error("there is no competition `{slug}`{}", suggestion(.near))]
    Unknown {
        /// What was asked for.
        slug: String,
        /// Slugs that look alike, or a few of those that exist.
        near: Vec<String>,
    },
    /// A set of competitions was named where one is needed.
    #[error(
        "`{name}` is a set of {competitions} competitions, and one is needed here\nhint: `mledojo competitions list {name}` shows them"
    )]
    IsSet {
        /// The set.
        name: String,
        /// How many there are in it.
        competitions: usize,
    },
    /// A file of a competition cannot be read.
    #[error("cannot read `{file}`: {source}")]
    Read {
        /// The file.
        file: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{file}`: {source}")]
    Write {
        /// The file.
        file: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file is not what the schema says.
    #[error("`{file}`: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// The key or the line, what was found there, and what was expected.
        message: String,
    },
}

impl CatalogError {
    pub(crate) fn invalid(file: &str, message: impl Into<String>) -> Self {
        Self::Invalid { file: file.to_owned(), message: message.into() }
    }
}

fn suggestion(near: &[String]) -> String {
    if near.is_empty() {
        return "\nhint: `mledojo competitions list` shows all".to_owned();
    }
    format!("\nhint: did you mean {}? `mledojo competitions list` shows all", near.join(", "))
}
