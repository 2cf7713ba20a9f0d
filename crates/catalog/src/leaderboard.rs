//! The scores that a submission is measured against.

use std::path::Path;

use mledojo_metrics::{Direction, ReadLimits, Table, TableError};
use serde::{Deserialize, Serialize};

use crate::error::CatalogError;
use crate::medal::MedalRanks;
use crate::standing::{Placing, Standing};

/// Which of the two boards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BoardKind {
    /// Scores on the part of the test set that is shown while a competition runs.
    Public,
    /// Scores on the rest, which decide.
    Private,
}

/// The scores of one board, best first. Never empty, all finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    scores: Vec<f64>,
    direction: Direction,
}

impl Board {
    /// Makes a board of scores in any order; `None` when there are none, or one is not finite.
    #[must_use]
    pub fn new(mut scores: Vec<f64>, direction: Direction) -> Option<Self> {
        if scores.is_empty() || scores.iter().any(|score| !score.is_finite()) {
            return None;
        }
        scores.sort_by(f64::total_cmp);
        if direction == Direction::Maximize {
            scores.reverse();
        }
        Some(Self { scores, direction })
    }

    /// How many teams stand on the board.
    #[must_use]
    pub fn teams(&self) -> usize {
        self.scores.len()
    }

    /// All scores, best first.
    #[must_use]
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The score in the middle: of an even number of teams, the better of the two.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.scores[(self.scores.len() - 1) / 2]
    }

    /// Where `score` would stand: position 1 + the number of teams that are strictly better.
    ///
    /// ```
    /// use mledojo_catalog::Board;
    /// use mledojo_metrics::{Direction, ReadLimits, Table, TableError};
    ///
    /// let board = Board::new(vec![0.9, 0.8, 0.7, 0.6], Direction::Maximize).unwrap();
    /// let placing = board.place(0.8);
    /// assert_eq!((placing.position, placing.teams, placing.human_rank), (2, 4, 0.75));
    /// assert_eq!(board.place(0.5).position, 5);
    /// assert_eq!(board.place(0.5).human_rank, 0.0);
    /// ```
    #[must_use]
    pub fn place(&self, score: f64) -> Placing {
        let better = self.scores.partition_point(|&team| self.direction.is_better(team, score));
        Placing::new(better + 1, self.scores.len())
    }
}

/// The boards of a competition; at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaderboard {
    public: Option<Board>,
    private: Option<Board>,
}

impl Leaderboard {
    /// A leaderboard of the boards that exist; `None` when neither does.
    #[must_use]
    pub fn new(public: Option<Board>, private: Option<Board>) -> Option<Self> {
        (public.is_some() || private.is_some()).then_some(Self { public, private })
    }

    /// Reads a board of a prepared competition: a CSV file with a column `score`, as MLE-Dojo writes it
    /// (`rank,score`). `None` when the file does not exist.
    ///
    /// # Errors
    /// An unreadable file, a missing column, a score that is not a finite number, or no rows.
    pub fn read_board(file: &Path, direction: Direction) -> Result<Option<Board>, CatalogError> {
        let name = file.display().to_string();
        let table = match Table::read(file, &ReadLimits::default()) {
            Ok(table) => table,
            Err(TableError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(CatalogError::Invalid { file: name, message: error.to_string() }),
        };
        let scores = column(&table, "score", &name)?;
        Board::new(scores, direction)
            .map(Some)
            .ok_or_else(|| CatalogError::Invalid { file: name, message: "the board has no rows".to_owned() })
    }

    /// The figures frozen in a catalog: CSV with the columns `public_score` and `private_score`.
    pub(crate) fn parse_catalog(text: &str, direction: Direction, file: &str) -> Result<Self, CatalogError> {
        let table = Table::parse(text.as_bytes(), &ReadLimits::default())
            .map_err(|error| CatalogError::Invalid { file: file.to_owned(), message: error.to_string() })?;
        let public = Board::new(column(&table, "public_score", file)?, direction);
        let private = Board::new(column(&table, "private_score", file)?, direction);
        Self::new(public, private)
            .ok_or_else(|| CatalogError::Invalid { file: file.to_owned(), message: "the board has no rows".to_owned() })
    }

    /// One of the boards, if it exists.
    #[must_use]
    pub fn board(&self, kind: BoardKind) -> Option<&Board> {
        match kind {
            BoardKind::Public => self.public.as_ref(),
            BoardKind::Private => self.private.as_ref(),
        }
    }

    /// Where a score stands: on each board, averaged, and the medal it would earn.
    ///
    /// The medal is that of the private board, as on Kaggle; of the public one where there is no other.
    #[must_use]
    pub fn standing(&self, score: f64) -> Standing {
        let public = self.public.as_ref().map(|board| board.place(score));
        let private = self.private.as_ref().map(|board| board.place(score));
        let ranks: Vec<f64> = [private, public].into_iter().flatten().map(|placing| placing.human_rank).collect();
        let human_rank = ranks.iter().sum::<f64>() / ranks.len() as f64;
        let medal = private.or(public).and_then(|placing| MedalRanks::of(placing.teams).medal(placing.position));
        Standing { human_rank, public, private, medal }
    }
}

/// The finite numbers of one column.
fn column(table: &Table, name: &str, file: &str) -> Result<Vec<f64>, CatalogError> {
    let invalid = |message: String| CatalogError::Invalid { file: file.to_owned(), message };
    let column = table.column(name).ok_or_else(|| invalid(format!("line 1: there is no column `{name}`")))?;
    let scores = column.iter().enumerate().map(|(row, cell)| {
        cell.parse::<f64>().ok().filter(|score| score.is_finite()).ok_or_else(|| {
            invalid(format!("line {}: `{cell}` in column `{name}` is not a finite number", table.line(row)))
        })
    });
    scores.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_submitter_in_both_directions() {
        let up = Board::new(vec![0.5, 0.9, 0.9, 0.7], Direction::Maximize).unwrap();
        assert_eq!(up.place(0.9).position, 1);
        assert_eq!(up.place(0.7).position, 3);
        let down = Board::new(vec![3.0, 1.0, 2.0], Direction::Minimize).unwrap();
        assert_eq!(down.place(2.0).position, 2);
        assert_eq!(down.place(2.5).position, 3);
        assert_eq!(down.place(9.0).position, 4);
    }

    #[test]
    fn human_rank_is_the_mean_of_the_boards_that_exist() {
        let public = Board::new(vec![1.0, 2.0], Direction::Minimize);
        let private = Board::new(vec![1.0, 2.0, 3.0, 4.0], Direction::Minimize);
        let both = Leaderboard::new(public.clone(), private).unwrap().standing(2.0);
        assert!((both.human_rank - f64::midpoint(0.5, 0.75)).abs() < 1e-15);
        let one = Leaderboard::new(public, None).unwrap().standing(2.0);
        assert!((one.human_rank - 0.5).abs() < 1e-15);
        assert!(one.private.is_none());
        assert!(Leaderboard::new(None, None).is_none());
    }

    #[test]
    fn a_bad_board_names_its_line() {
        let error = Leaderboard::parse_catalog(
            "entry,public_score,private_score\na,1,2\nb,x,3\n",
            Direction::Maximize,
            "leaderboard.csv",
        )
        .unwrap_err()
        .to_string();
        assert_eq!(error, "`leaderboard.csv`: line 3: `x` in column `public_score` is not a finite number");
    }

    #[test]
    fn boards_without_finite_scores_do_not_exist() {
        assert!(Board::new(vec![], Direction::Maximize).is_none());
        assert!(Board::new(vec![1.0, f64::NAN], Direction::Maximize).is_none());
    }
}
