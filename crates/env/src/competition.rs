//! A competition that is ready to be played: what it is, its data, and its judge.

use std::sync::Arc;

use mledojo_catalog::{BoardKind, BoardSource, Competition, Leaderboard, Spec};
use mledojo_metrics::Scoring;
use mledojo_prepare::Prepared;
use mledojo_sandbox::{CodePaths, INPUT_DIR, Input};

use crate::engine::Engine;
use crate::error::EnvError;
use crate::grade::Judge;
use crate::judging::Judging;

/// A competition with its data on disk. Immutable; environments share it through an `Arc`.
pub struct PreparedCompetition {
    spec: Spec,
    data: Prepared,
    judge: Judge,
}

impl PreparedCompetition {
    /// Joins a competition and its prepared folder, judged as the competition has it.
    ///
    /// # Errors
    /// As [`judged`](Self::judged).
    pub fn new(competition: Competition, data: Prepared) -> Result<Self, EnvError> {
        let judging = Judging::of(&competition.spec);
        Self::judged(judging, competition, data, None)
    }

    /// Joins a competition and its prepared folder. The boards in the folder win over those of the catalog, so that an
    /// exact board takes the place of a summary; those that the user imported win over both. `engine` runs metrics that
    /// are Python files; others need none.
    ///
    /// # Errors
    /// Answers or boards that cannot be read, or answers on which the metric is undefined; a Python metric without an
    /// engine.
    pub fn judged(
        judging: Judging,
        mut competition: Competition,
        data: Prepared,
        engine: Option<&Arc<Engine>>,
    ) -> Result<Self, EnvError> {
        for kind in [BoardKind::Public, BoardKind::Private] {
            if competition.leaderboard.board(kind).is_some_and(|board| board.source() == BoardSource::Imported) {
                continue;
            }
            if let Some(board) = Leaderboard::read_board(&data.leaderboard(kind), competition.spec.metric.direction)? {
                competition.leaderboard = competition.leaderboard.with_board(kind, board);
            }
        }
        let judge = Judge::new(&competition, judging, &data.answers(), engine)?;
        Ok(Self { spec: competition.spec, data, judge })
    }

    /// The same competition, whose scores come from a metric of one's own.
    ///
    /// # Errors
    /// As [`Judge::with_scoring`].
    pub fn with_scoring(self, scoring: Box<dyn Scoring>) -> Result<Self, EnvError> {
        Ok(Self { judge: self.judge.with_scoring(scoring)?, ..self })
    }

    /// What the competition is.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Where its data lies.
    #[must_use]
    pub fn data(&self) -> &Prepared {
        &self.data
    }

    /// Who grades its submissions.
    #[must_use]
    pub fn judge(&self) -> &Judge {
        &self.judge
    }

    /// The data folder as the agent's code sees it.
    pub(crate) fn data_path(&self, paths: CodePaths) -> String {
        match paths {
            CodePaths::Kaggle => format!("{INPUT_DIR}/{}", self.spec.slug),
            CodePaths::Host => self.data.public().to_string_lossy().into_owned(),
        }
    }

    /// The data folder as an input of a job.
    pub(crate) fn input(&self) -> Input {
        Input { host: self.data.public(), name: self.spec.slug.clone() }
    }
}
