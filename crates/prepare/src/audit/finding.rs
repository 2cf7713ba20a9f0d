//! What an audit found.

use serde::Serialize;

/// How a leak gives answers away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leak {
    /// A column of a public table holds the target, something that can be turned into it, or something that is only
    /// known once the target is.
    Column,
    /// The sample submission depends on the answers.
    SampleSubmission,
    /// The order of the test rows follows the target.
    Order,
    /// The ids of the test rows follow the target.
    Ids,
    /// Names of files or folders tell the target.
    FileNames,
    /// Sizes or times of files tell the target.
    FileMetadata,
    /// A file that is no table holds the values of the answers.
    SideFile,
    /// Test rows or files come again in the training data, labels and all.
    Duplicates,
}

/// A leak.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What kind of leak.
    pub leak: Leak,
    /// The file in `public/`; of a file in an archive, `archive!file`.
    pub file: String,
    /// The column, or what else within the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The column of the answers that is given away.
    pub target: String,
    /// What was counted.
    pub evidence: String,
}

/// All that an audit found, and what it looked at.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AuditReport {
    /// The leaks, by file.
    pub findings: Vec<Finding>,
    /// Tables that were looked into.
    pub tables: usize,
    /// Columns that were compared with the answers.
    pub columns: usize,
    /// Files of `public/`.
    pub files: usize,
    /// Files that could not be looked into, and why.
    pub not_read: Vec<String>,
}

impl AuditReport {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Sorts the findings, and keeps one for each place: with a hundred target columns, the first tells enough.
    pub(super) fn settle(&mut self) {
        let mut seen = std::collections::HashSet::new();
        self.findings.retain(|finding| seen.insert((finding.leak, finding.file.clone(), finding.column.clone())));
        self.findings.sort_by(|a, b| (&a.file, a.leak, &a.column).cmp(&(&b.file, b.leak, &b.column)));
        self.not_read.sort();
    }
}
