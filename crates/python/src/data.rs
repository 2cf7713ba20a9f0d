//! Competitions, their data, and grades, without an environment.

use std::path::PathBuf;

use mledojo_catalog::{BoardKind, Competition, Leaderboard};
use mledojo_env::{EnvError, Judge, Judging, PreparedCompetition};
use mledojo_metrics::{Metric, Protocol};
use mledojo_prepare::{NoProgress, Prepared};
use mledojo_sandbox::Cancel;
use pyo3::prelude::*;
use pyo3::types::PyAny;
use serde::Serialize;
use serde_json::{Value, json};

use crate::running::interruptible;
use crate::workbench::{JudgingOf, Workbench};
use crate::{errors, values};

#[pymethods]
impl Workbench {
    /// The facts of the competitions of these names and sets; of all without any.
    fn summaries<'py>(&self, py: Python<'py>, names: Vec<String>) -> PyResult<Bound<'py, PyAny>> {
        let catalog = self.inner.catalog();
        let chosen = || {
            let mut summaries = catalog.summaries()?;
            if !names.is_empty() {
                let chosen = catalog.select(&names)?;
                summaries.retain(|summary| chosen.contains(&summary.slug));
            }
            Ok(summaries)
        };
        let summaries = chosen().map_err(|error: mledojo_catalog::CatalogError| errors::env(py, &error.into()))?;
        let facts = summaries.into_iter().map(|summary| {
            let is_prepared = self.inner.competition_dir(&summary.slug).exists();
            let mut facts = json!(summary);
            facts["prepared"] = is_prepared.into();
            facts
        });
        values::to_python(py, &facts.collect::<Vec<Value>>())
    }

    /// What a competition is: spec, brief and boards.
    fn describe<'py>(&self, py: Python<'py>, slug: &str) -> PyResult<Bound<'py, PyAny>> {
        let competition = self.inner.catalog().get(slug).map_err(|error| errors::env(py, &error.into()))?;
        let board = |kind| {
            let board = competition.leaderboard.board(kind)?;
            Some(json!({ "teams": board.teams(), "source": format!("{:?}", board.source()).to_lowercase() }))
        };
        values::to_python(
            py,
            &json!({
                "spec": competition.spec,
                "brief": competition.brief,
                "boards": { "public": board(BoardKind::Public), "private": board(BoardKind::Private) },
            }),
        )
    }

    /// Where a score stands on the competition's boards.
    #[pyo3(signature = (slug, score, protocol=None))]
    fn standing<'py>(
        &self,
        py: Python<'py>,
        slug: &str,
        score: f64,
        protocol: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let competition = self.inner.catalog().get(slug).map_err(|error| errors::env(py, &error.into()))?;
        let judging = JudgingOf::new(protocol, None)?.over(Judging::of(&competition.spec));
        let leaderboard: Leaderboard = competition.leaderboard.under(judging.protocol);
        values::to_python(py, &leaderboard.standing(score))
    }

    /// Grades a submission, by a file of answers or by those of the prepared competition.
    #[pyo3(signature = (slug, submission, answers=None, *, protocol=None, public_fraction=None, data=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn grade<'py>(
        &self,
        py: Python<'py>,
        slug: &str,
        submission: PathBuf,
        answers: Option<PathBuf>,
        protocol: Option<&str>,
        public_fraction: Option<f64>,
        data: Option<PathBuf>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let competition = self.inner.catalog().get(slug).map_err(|error| errors::env(py, &error.into()))?;
        let judging = JudgingOf::new(protocol, public_fraction)?.over(Judging::of(&competition.spec));
        let engine = match competition.spec.metric_of(judging.protocol) {
            Metric::Python { .. } => Some(self.engine(py)?),
            _ => None,
        };
        let folder = data.unwrap_or_else(|| self.inner.competition_dir(slug));
        let cancel = Cancel::default();
        let graded = interruptible(py, &cancel, || {
            let prepared;
            let own;
            let judge = if let Some(answers) = &answers {
                own = Judge::new(&competition, judging, answers, engine.as_ref())?;
                &own
            } else {
                let data = Prepared::open(&folder)?;
                prepared = PreparedCompetition::judged(judging, competition, data, engine.as_ref())?;
                prepared.judge()
            };
            let grades = judge.grade(&submission, &cancel)?;
            let facts = (judge.metric().name().to_owned(), judge.metric().direction().to_string());
            Ok::<_, EnvError>((grades, facts))
        })?;
        let (grades, (metric, direction)) = graded.map_err(|error| errors::env(py, &error))?;
        let grades = grades.map_err(|rejection| errors::rejected(py, &rejection))?;
        let page = Page {
            grade: &grades.shown,
            held_out: grades.held_out.as_ref(),
            metric: &metric,
            direction: &direction,
            protocol: judging.protocol,
            public_fraction: judging.public_fraction,
        };
        values::to_python(py, &page)
    }

    /// Prepares a competition's data and returns its folder; what is there already is taken as it is.
    #[pyo3(signature = (slug, *, raw=None, out=None, protocol=None))]
    fn prepare(
        &self,
        py: Python<'_>,
        slug: &str,
        raw: Option<PathBuf>,
        out: Option<PathBuf>,
        protocol: Option<&str>,
    ) -> PyResult<PathBuf> {
        let competition = self.inner.catalog().get(slug).map_err(|error| errors::env(py, &error.into()))?;
        let judging = JudgingOf::new(protocol, None)?.over(Judging::of(&competition.spec));
        let prepared =
            interruptible(py, &Cancel::default(), || self.prepare_in(&competition, raw, out, judging.protocol))?;
        Ok(prepared.map_err(|error| errors::env(py, &error))?.root().to_owned())
    }

    /// Looks for leaks in a prepared folder; `slug` says which columns are ids and targets.
    #[pyo3(signature = (folder, slug=None))]
    fn audit<'py>(&self, py: Python<'py>, folder: PathBuf, slug: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        let spec = slug.map(|slug| self.inner.catalog().get(slug)).transpose();
        let spec = spec.map_err(|error| errors::env(py, &error.into()))?.map(|competition| competition.spec);
        let report = interruptible(py, &Cancel::default(), || {
            let prepared = Prepared::open(&folder)?;
            let submission = spec.as_ref().map(|spec| &spec.submission);
            mledojo_prepare::audit(&prepared, submission, &NoProgress)
        })?;
        values::to_python(py, &report.map_err(|error| errors::env(py, &error.into()))?)
    }
}

impl Workbench {
    fn prepare_in(
        &self,
        competition: &Competition,
        raw: Option<PathBuf>,
        out: Option<PathBuf>,
        protocol: Protocol,
    ) -> Result<Prepared, EnvError> {
        let spec = &competition.spec;
        if spec.prepare.is_some() {
            let out = out.unwrap_or_else(|| self.inner.competition_dir(&spec.slug));
            return self.inner.prepare_bundled(competition, &self.inner.runtime()?, &out);
        }
        if raw.is_none() && out.is_none() {
            return self.inner.prepare(competition, &self.inner.runtime()?, protocol);
        }
        let raw = raw.unwrap_or_else(|| self.inner.raw_dir(spec));
        let out = out.unwrap_or_else(|| self.inner.competition_dir(&spec.slug));
        self.inner.prepare_download(competition, &raw, &out, protocol)
    }
}

/// What grading tells.
#[derive(Serialize)]
struct Page<'a> {
    #[serde(flatten)]
    grade: &'a mledojo_env::Grade,
    held_out: Option<&'a mledojo_env::Grade>,
    metric: &'a str,
    direction: &'a str,
    protocol: Protocol,
    public_fraction: f64,
}
