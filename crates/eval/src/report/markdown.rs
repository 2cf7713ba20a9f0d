//! The report as Markdown.

use minijinja::context;
use minijinja::value::Serde;

use crate::report::figures::Report;
use crate::report::html::{environment, failure_kinds};
use crate::report::options::ReportError;

impl Report {
    /// The report as Markdown: its tables, without plots.
    ///
    /// # Errors
    /// A template of ours that is broken.
    pub fn markdown(&self) -> Result<String, ReportError> {
        let context = context! { report => Serde(self), failure_kinds => Serde(failure_kinds(self)) };
        Ok(environment()?.get_template("report.md")?.render(context)?)
    }
}
