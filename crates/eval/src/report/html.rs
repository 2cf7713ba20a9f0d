//! The report as a page.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};

use crate::report::figures::Report;
use crate::report::format;
use crate::report::options::ReportError;
use crate::report::plot::escape;
use crate::report::plots::{EXECUTION_KINDS, Plots, key};

impl Report {
    /// The report as an HTML page that needs no other file, in light and dark, for screens, phones and paper.
    ///
    /// # Errors
    /// A template of ours that is broken.
    pub fn html(&self) -> Result<String, ReportError> {
        let keys: Vec<Value> = (0..self.players.len()).map(|index| Value::from_safe_string(key(index))).collect();
        let context = context! {
            report => Serde(self),
            plots => Serde(Plots::of(self)),
            keys,
            style => Value::from_safe_string(include_str!("templates/style.css").to_owned()),
            execution_kinds => Serde(EXECUTION_KINDS),
            failure_kinds => Serde(failure_kinds(self)),
        };
        Ok(environment()?.get_template("report.html")?.render(context)?)
    }
}

/// The kinds of failures over all players, the most frequent first, with the count of each player.
pub(crate) fn failure_kinds(report: &Report) -> Vec<(String, Vec<usize>)> {
    const MOST: usize = 20;
    let mut kinds: std::collections::BTreeMap<String, Vec<usize>> = std::collections::BTreeMap::new();
    for (player, of) in report.players.iter().enumerate() {
        for failure in &of.failures.kinds {
            let name = match failure.detail.as_str() {
                "" => failure.kind.clone(),
                detail => format!("{}: {detail}", failure.kind),
            };
            kinds.entry(name).or_insert_with(|| vec![0; report.players.len()])[player] += failure.count;
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<usize>()));
    kinds.truncate(MOST);
    kinds
}

/// The templates, and the filters that write numbers in them.
pub(crate) fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("rank", format::rank);
    environment.add_filter("percent", format::percent);
    environment.add_filter("elo", format::elo);
    environment.add_filter("score", format::score);
    environment.add_filter("money", format::money);
    environment.add_filter("tokens", format::tokens);
    environment.add_filter("seconds", format::seconds);
    environment.add_filter("breakable", breakable);
    environment.add_filter("cell", |text: String| text.replace('|', "\\|").replace(['\n', '\r'], " "));
    environment.add_template("report.html", include_str!("templates/report.html"))?;
    environment.add_template("report.md", include_str!("templates/report.md"))?;
    Ok(environment)
}

/// A name that may be broken behind its slashes and points, as HTML.
fn breakable(name: &str) -> Value {
    let mut html = String::new();
    for part in name.split_inclusive(['/', '@', '·']) {
        html.push_str(&escape(part));
        html.push_str("<wbr>");
    }
    Value::from_safe_string(html.trim_end_matches("<wbr>").to_owned())
}
