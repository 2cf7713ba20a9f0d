//! The scores that a submission is measured against.

use std::io::ErrorKind;
use std::path::Path;

use mledojo_metrics::{Direction, Protocol, ReadLimits, Table, TableError};

use crate::board::{Board, BoardKind};
use crate::error::CatalogError;
use crate::medal::MedalRanks;
use crate::quantiles::Quantiles;
use crate::spec::{BoardFigures, LeaderboardSpec};
use crate::standing::Standing;

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
            Err(TableError::Io(error)) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(CatalogError::Invalid { file: name, message: error.to_string() }),
        };
        let missing = || CatalogError::invalid(&name, "line 1: there is no column `score`");
        let scores = column(&table, "score", &name)?.ok_or_else(missing)?;
        Board::new(scores, direction).map(Some).ok_or_else(|| CatalogError::invalid(&name, "the board has no rows"))
    }

    /// The figures frozen in a catalog: CSV with the columns `public_score` and `private_score`, or one of them.
    ///
    /// Each column holds the score of every entry, a blank where it is not on that board; or, where the spec has
    /// figures of the board, the scores at 401 places.
    pub(crate) fn parse_catalog(
        text: &str,
        spec: &LeaderboardSpec,
        direction: Direction,
        file: &str,
    ) -> Result<Self, CatalogError> {
        let table = Table::parse(text.as_bytes(), &ReadLimits::default())
            .map_err(|error| CatalogError::invalid(file, error.to_string()))?;
        let board = |name: &str, figures: Option<BoardFigures>| {
            let Some(scores) = column(&table, name, file)? else { return Ok(None) };
            let Some(figures) = figures else { return Ok(Board::new(scores, direction)) };
            match Quantiles::new(figures, scores, direction) {
                Ok(quantiles) => Ok(Some(Board::summary(quantiles, direction))),
                Err(("", message)) => Err(CatalogError::invalid(file, format!("column `{name}`: {message}"))),
                Err((key, message)) => {
                    let table = name.trim_end_matches("_score");
                    Err(CatalogError::invalid(file, format!("key `leaderboard.{table}.{key}`: {message}")))
                }
            }
        };
        let (public, private) = (board("public_score", spec.public)?, board("private_score", spec.private)?);
        Self::new(public, private).ok_or_else(|| {
            CatalogError::invalid(
                file,
                "no scores; expected columns `public_score` and `private_score`, or one of them",
            )
        })
    }

    /// One of the boards, if it exists.
    #[must_use]
    pub fn board(&self, kind: BoardKind) -> Option<&Board> {
        match kind {
            BoardKind::Public => self.public.as_ref(),
            BoardKind::Private => self.private.as_ref(),
        }
    }

    /// The same leaderboard with another board in place of one of its own.
    #[must_use]
    pub fn with_board(mut self, kind: BoardKind, board: Board) -> Self {
        match kind {
            BoardKind::Public => self.public = Some(board),
            BoardKind::Private => self.private = Some(board),
        }
        self
    }

    /// The boards that count under a protocol.
    ///
    /// `mle-dojo` takes all that exist. `corrected` leaves out a board of zeros alone beside another one, since every
    /// score ranks first on it, and a public board that is the private one, so that it counts once.
    #[must_use]
    pub fn under(mut self, protocol: Protocol) -> Self {
        if let (Protocol::Corrected, Some(public), Some(private)) = (protocol, &self.public, &self.private) {
            if public.is_blank() || public.is_same(private) {
                self.public = None;
            } else if private.is_blank() {
                self.private = None;
            }
        }
        self
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

/// The finite numbers of one column, blank cells left out; `None` when there is no such column.
fn column(table: &Table, name: &str, file: &str) -> Result<Option<Vec<f64>>, CatalogError> {
    let Some(column) = table.column(name) else { return Ok(None) };
    let scores = column.iter().enumerate().filter(|(_, cell)| !cell.is_empty()).map(|(row, cell)| {
        cell.parse::<f64>().ok().filter(|score| score.is_finite()).ok_or_else(|| {
            let line = table.line(row);
            CatalogError::invalid(file, format!("line {line}: `{cell}` in column `{name}` is not a finite number"))
        })
    });
    scores.collect::<Result<Vec<f64>, CatalogError>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Entrants;

    const EXACT: LeaderboardSpec = LeaderboardSpec { entrants: Entrants::People, public: None, private: None };

    fn parse(text: &str) -> Result<Leaderboard, CatalogError> {
        Leaderboard::parse_catalog(text, &EXACT, Direction::Maximize, "leaderboard.csv")
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
        let error = parse("entry,public_score,private_score\na,1,2\nb,x,3\n").unwrap_err().to_string();
        assert_eq!(error, "`leaderboard.csv`: line 3: `x` in column `public_score` is not a finite number");
        let error = parse("rank,score\n1,2\n").unwrap_err().to_string();
        assert!(error.contains("expected columns `public_score`"), "{error}");
    }

    #[test]
    fn a_blank_cell_is_a_team_that_is_not_on_that_board() {
        let leaderboard = parse("public_score,private_score\n0.3,0.2\n0.4,\n").unwrap();
        assert_eq!(leaderboard.board(BoardKind::Public).unwrap().teams(), 2);
        assert_eq!(leaderboard.board(BoardKind::Private).unwrap().teams(), 1);
        assert!(parse("private_score\n0.3\n").unwrap().board(BoardKind::Public).is_none());
    }

    #[test]
    fn the_corrected_protocol_leaves_out_what_says_nothing() {
        let zeros = parse("public_score,private_score\n0,0.2\n0,0.6\n").unwrap();
        assert_eq!(zeros.clone().under(Protocol::MleDojo).standing(0.3).human_rank, 0.75);
        let corrected = zeros.under(Protocol::Corrected).standing(0.3);
        assert_eq!((corrected.human_rank, corrected.public), (0.5, None));

        let twice = parse("public_score,private_score\n0.2,0.2\n0.6,0.6\n").unwrap();
        assert!(twice.clone().under(Protocol::Corrected).board(BoardKind::Public).is_none());
        assert!(twice.under(Protocol::MleDojo).board(BoardKind::Public).is_some());
        let alone = parse("public_score\n0\n0\n").unwrap().under(Protocol::Corrected);
        assert!(alone.board(BoardKind::Public).is_some());
    }
}
