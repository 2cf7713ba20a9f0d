//! Whether a leaderboard and a metric speak of the same thing.

use mledojo_metrics::{Direction, Metric};

use crate::board::{Board, BoardKind};
use crate::competition::{Competition, LEADERBOARD_FILE};
use crate::error::CatalogError;
use crate::medal::Medal;

/// What speaks against a competition's boards being in its metric's unit.
pub(crate) fn off_scale(competition: &Competition) -> Vec<CatalogError> {
    let spec = &competition.spec;
    let boards = [BoardKind::Public, BoardKind::Private].into_iter().filter_map(|kind| {
        let board = competition.leaderboard.board(kind).filter(|board| !board.is_blank())?;
        let message = problem(board, &spec.metric.metric)?;
        let file = match &competition.folder {
            Some(folder) => folder.join(LEADERBOARD_FILE).display().to_string(),
            None => format!("catalog/{}/{LEADERBOARD_FILE}", spec.slug),
        };
        Some(CatalogError::Invalid { file, message: format!("{kind} board: {message}") })
    });
    boards.collect()
}

fn problem(board: &Board, metric: &Metric) -> Option<String> {
    let (name, direction) = (metric.name(), metric.direction());
    let (least, most) = metric.range();
    // Boards are rounded.
    let slack = |bound: f64| 1e-5 * bound.abs().max(1.0);
    let within = |score: f64| score >= least - slack(least) && score <= most + slack(most);
    let known = board.scores().iter().copied().chain(Medal::ALL.map(|medal| board.threshold(medal)));
    if let Some(score) = known.chain([board.median()]).find(|&score| !within(score)) {
        return Some(format!("{score} is no value of the metric `{name}`: {least} to {most}"));
    }
    let (ideal, slack) = match direction {
        Direction::Maximize => (most, slack(most)),
        Direction::Minimize => (least, -slack(least)),
    };
    let place = board.place(ideal + slack).position;
    if ideal.is_finite() && place != 1 {
        return Some(format!("a perfect submission scores {ideal} by `{name}` and would only stand at place {place}"));
    }
    let bronze = board.threshold(Medal::Bronze);
    if direction.is_better(board.median(), bronze) {
        return Some(format!("the median {} is better than the last bronze medal {bronze}", board.median()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_in_another_unit_is_found() {
        let board = |scores: &[f64], direction| Board::new(scores.to_vec(), direction).unwrap();
        let percent = board(&[98.0, 55.0, 12.0], Direction::Maximize);
        assert!(problem(&percent, &Metric::Accuracy).unwrap().contains("98 is no value"));
        let negative = board(&[-0.3, 0.2], Direction::Minimize);
        assert!(problem(&negative, &Metric::Rmse).unwrap().contains("-0.3 is no value of the metric `rmse`"));
        assert_eq!(problem(&board(&[1.0, 0.2], Direction::Maximize), &Metric::Accuracy), None);
        assert_eq!(problem(&board(&[1.000004, 0.2], Direction::Maximize), &Metric::Accuracy), None);
    }
}
