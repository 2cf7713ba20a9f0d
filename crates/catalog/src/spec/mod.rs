//! The spec of a competition: the schema of `competition.toml`.
//!
//! Base facts stand at the top, then `[metric]`, `[submission]` and what else says how submissions are graded,
//! `[leaderboard]`, and where the data comes from: `[prepare]`, or `[download]` and `[recipe]`. Unknown keys are errors.

mod difference;
mod kinds;
mod leaderboard;
mod prepare;
pub mod recipe;

use mledojo_metrics::spec::{AnswersSpec, Changes, SurplusColumns};
use mledojo_metrics::{Grading, Metric, Protocol};
pub use mledojo_metrics::{MetricSpec, SubmissionSpec};
use serde::{Deserialize, Serialize};

pub use difference::{Difference, Topic};
pub use kinds::{Complexity, Modality, Task};
pub use leaderboard::{BoardFigures, Entrants, LeaderboardSpec};
pub use prepare::{DownloadSource, DownloadSpec, ImageSpec, Layout, Origin, PrepareSpec, Source};

use recipe::RecipeSpec;

use crate::error::CatalogError;

/// The whole of `competition.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Letters, digits and hyphens: unique in a catalog, also the folder's name.
    pub slug: String,
    /// Title for people.
    pub title: String,
    /// Where the task or its data is described.
    pub url: String,
    /// The benchmarks that the competition is part of.
    pub suites: Vec<String>,
    /// How hard it is, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complexity: Option<Complexity>,
    /// Who made the data or the competition; empty if unknown.
    pub host: String,
    /// Teams that took part on Kaggle, which may be more than stand on the board.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teams: Option<usize>,
    /// Size of the download, or of `public/` where there is none, in megabytes (10⁶ bytes), about.
    pub data_size_mb: f64,
    /// Terms of the data.
    pub license: String,
    /// Free-form tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Kind of data.
    pub modality: Modality,
    /// Kind of prediction.
    pub task: Task,
    /// What protocol `mle-dojo` does otherwise than `corrected`, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// How submissions are scored.
    pub metric: MetricSpec,
    /// What a submission looks like.
    pub submission: SubmissionSpec,
    /// What the answers look like, where they differ from a submission.
    #[serde(default)]
    pub answers: AnswersSpec,
    /// What protocol `mle-dojo` changes in the three tables above.
    #[serde(default, rename = "mle-dojo")]
    pub mle_dojo: Changes,
    /// Share of the scored rows whose score an agent is shown, 0 < f < 1; the others decide in the end. Left out: all
    /// rows are shown and decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_fraction: Option<f64>,
    /// What the leaderboard is made of.
    pub leaderboard: LeaderboardSpec,
    /// How `public/` and `private/` are made from the runtime's packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prepare: Option<PrepareSpec>,
    /// What has to be downloaded first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download: Option<DownloadSpec>,
    /// How `public/` and `private/` are made from a download.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<RecipeSpec>,
}

impl Spec {
    /// Reads a spec; `file` names it in errors.
    pub(crate) fn parse(text: &str, file: &str) -> Result<Self, CatalogError> {
        let invalid = |message: String| CatalogError::Invalid { file: file.to_owned(), message };
        let spec: Self = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        spec.check().map_err(|(key, message)| invalid(format!("key `{key}`: {message}")))?;
        Ok(spec)
    }

    /// Whether a text can be a slug: ASCII letters, digits and single hyphens, as Kaggle's are.
    #[must_use]
    pub fn is_slug(text: &str) -> bool {
        !text.is_empty()
            && text.len() <= 120
            && text.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    }

    /// The tables that say how submissions are graded.
    #[must_use]
    pub fn grading(&self) -> Grading {
        Grading {
            metric: self.metric.clone(),
            submission: self.submission.clone(),
            answers: self.answers.clone(),
            mle_dojo: self.mle_dojo.clone(),
        }
    }

    /// The metric under a protocol.
    #[must_use]
    pub fn metric_of(&self, protocol: Protocol) -> &Metric {
        match (protocol, &self.mle_dojo.metric) {
            (Protocol::MleDojo, Some(changed)) => &changed.metric,
            _ => &self.metric.metric,
        }
    }

    /// The Python files that hold the metrics of either protocol.
    pub(crate) fn python_metrics(&self) -> impl Iterator<Item = &str> {
        [Some(&self.metric), self.mle_dojo.metric.as_ref()].into_iter().flatten().filter_map(|spec| {
            match &spec.metric {
                Metric::Python { file, .. } => Some(file.as_str()),
                _ => None,
            }
        })
    }

    /// Whether the catalog says how its data is prepared.
    #[must_use]
    pub fn has_recipe(&self) -> bool {
        self.prepare.is_some() || self.recipe.is_some()
    }

    /// Files of `site-packages` that hold the answers, or copies of them.
    #[must_use]
    pub fn masked(&self) -> &[String] {
        self.prepare.as_ref().map_or(&[], |recipe| &recipe.masked)
    }

    /// What the types cannot say. The error is (key, message).
    fn check(&self) -> Result<(), (String, String)> {
        let error = |key: &str, message: &str| Err((key.to_owned(), message.to_owned()));
        if !Self::is_slug(&self.slug) {
            return error("slug", &format!("`{}` is not made of letters, digits and hyphens", self.slug));
        }
        if !(self.data_size_mb.is_finite() && self.data_size_mb >= 0.0) {
            return error("data_size_mb", "expected a number of megabytes, 0 or more");
        }
        if self.public_fraction.is_some_and(|fraction| !(fraction > 0.0 && fraction < 1.0)) {
            return error("public_fraction", "expected a share of the rows between 0 and 1, such as 0.3");
        }
        self.grading().check().map_err(|error| (error.key, error.message))?;
        self.check_sample()?;
        self.recipe.as_ref().map_or(Ok(()), RecipeSpec::check)?;
        match (&self.prepare, &self.download) {
            (None, None) => {
                error("prepare", "missing: where does the data come from? Expected `prepare` or `download`")
            }
            (Some(prepare), _) => prepare.check(),
            (None, Some(_)) => Ok(()),
        }
    }

    /// The sample must be a submission's head.
    fn check_sample(&self) -> Result<(), (String, String)> {
        let submission = &self.submission;
        let header = submission.sample.first().map(String::as_str).unwrap_or_default();
        if header.is_empty() {
            return Err(("submission.sample".to_owned(), "expected the header of a valid file".to_owned()));
        }
        if self.prepare.is_some() {
            // The data is made from these columns, in this order.
            let expected = [submission.id_columns.as_slice(), submission.target_columns.as_slice()].concat().join(",");
            if header != expected {
                return Err(("submission.sample".to_owned(), format!("the first line must be `{expected}`")));
            }
        }
        let found: Vec<&str> = header.split(',').map(|name| name.trim_matches('"')).collect();
        let mut asked = submission.id_columns.iter().chain(&submission.target_columns);
        if let Some(missing) = asked.find(|name| !found.contains(&name.as_str())) {
            return Err(("submission.sample".to_owned(), format!("the first line lacks the column `{missing}`")));
        }
        let known = submission.id_columns.iter().chain(&submission.target_columns);
        let known: Vec<&String> = known.chain(&submission.unused_columns).chain(&submission.optional_columns).collect();
        // Without target columns, those of the answers count.
        if submission.target_columns.is_empty() || submission.surplus == SurplusColumns::Ignored {
            return Ok(());
        }
        match found.iter().find(|name| !known.iter().any(|known| known == *name)) {
            Some(surplus) => Err(("submission.sample".to_owned(), format!("the column `{surplus}` is not asked for"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_fraction_is_a_part() {
        let spec = crate::pack::files("iris").unwrap().spec;
        let read = |fraction: &str| Spec::parse(&format!("public_fraction = {fraction}\n{spec}"), "file");
        assert_eq!(read("0.25").unwrap().public_fraction, Some(0.25));
        for wrong in ["0", "0.0", "1.0", "-0.5", "nan", "30"] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains("key `public_fraction`: expected a share"), "{error}");
        }
    }

    #[test]
    fn slugs_are_what_kaggle_allows() {
        for good in ["iris", "AI4Code", "tabular-playground-series-dec-2021", "3d"] {
            assert!(Spec::is_slug(good), "{good}");
        }
        for bad in ["", "-", "a--b", "a/b", "..", "a b", "a\n", "ü"] {
            assert!(!Spec::is_slug(bad), "{bad:?}");
        }
    }
}
