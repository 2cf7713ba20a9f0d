//! A competition that is ready to be played: what it is, its data, and its judge.

use mledojo_catalog::{BoardKind, Competition, Leaderboard, Spec};
use mledojo_prepare::Prepared;
use mledojo_sandbox::{CodePaths, INPUT_DIR, Input};

use crate::error::EnvError;
use crate::grade::Judge;

/// A competition with its data on disk. Immutable; environments share it through an `Arc`.
pub struct PreparedCompetition {
    spec: Spec,
    data: Prepared,
    judge: Judge,
}

impl PreparedCompetition {
    /// Joins a competition and its prepared folder. The boards in the folder win over those of the catalog, so that
    /// an exact board can take the place of a summary.
    ///
    /// # Errors
    /// Answers or boards that cannot be read, or on which the metric is undefined.
    pub fn new(competition: Competition, data: Prepared) -> Result<Self, EnvError> {
        let Competition { spec, leaderboard, .. } = competition;
        let board = |kind| Leaderboard::read_board(&data.leaderboard(kind), spec.metric.direction);
        let leaderboard =
            Leaderboard::new(board(BoardKind::Public)?, board(BoardKind::Private)?).unwrap_or(leaderboard);
        let judge = Judge::new(&spec, leaderboard, &data.answers())?;
        Ok(Self { spec, data, judge })
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
