//! Conway's Game of Life, whose last board is known and whose first is to be found.

use crate::sum;

/// A board of cells whose edges meet (a torus), row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    width: usize,
    cells: Vec<bool>,
}

impl Board {
    /// A board of rows of `width` cells. `None` if the cells do not fill whole rows, or there are none.
    #[must_use]
    pub fn new(width: usize, cells: Vec<bool>) -> Option<Self> {
        (width > 0 && !cells.is_empty() && cells.len().is_multiple_of(width)).then_some(Self { width, cells })
    }

    /// The cells, row by row.
    #[must_use]
    pub fn cells(&self) -> &[bool] {
        &self.cells
    }

    /// The board after one step: a cell lives if three of its eight neighbours do, or two and itself.
    ///
    /// Source: Gardner, "The fantastic combinations of John Conway's new solitaire game 'life'", 1970.
    ///
    /// ```
    /// use mledojo_metrics::life::Board;
    /// let board = |alive: [usize; 3]| Board::new(5, (0..25).map(|cell| alive.contains(&cell)).collect()).unwrap();
    /// assert_eq!(board([11, 12, 13]).step(), board([7, 12, 17]));
    /// ```
    #[must_use]
    pub fn step(&self) -> Self {
        let (width, height) = (self.width, self.cells.len() / self.width);
        let alive = |row: usize, column: usize| usize::from(self.cells[row % height * width + column % width]);
        let next = |cell: usize| {
            let (row, column) = (cell / width, cell % width);
            let mut neighbours = 0;
            for (down, right) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)] {
                neighbours += alive(row + height + down - 1, column + width + right - 1);
            }
            neighbours == 3 || (neighbours == 2 && self.cells[cell])
        };
        Self { width, cells: (0..self.cells.len()).map(next).collect() }
    }
}

/// The share of cells in which the predicted first boards, stepped forward, differ from the true last ones.
///
/// In [0, 1], smaller is better; all cells of all boards count alike. Shapes: for each game its number of steps and two
/// boards. `None` for no games. Source: Kaggle's definition for Conway's Reverse Game of Life 2020.
///
/// # Panics
/// If the lengths or the boards' sizes differ.
///
/// ```
/// use mledojo_metrics::life::{Board, stepped_error};
/// let board = |alive: [usize; 3]| Board::new(5, (0..25).map(|cell| alive.contains(&cell)).collect()).unwrap();
/// let (last, first) = (board([7, 12, 17]), board([11, 12, 13]));
/// assert_eq!(stepped_error(&[3], &[last.clone()], &[first.clone()]), Some(0.0));
/// assert_eq!(stepped_error(&[2], &[last], &[first]), Some(4.0 / 25.0));
/// ```
#[must_use]
pub fn stepped_error(steps: &[u32], last: &[Board], predicted_first: &[Board]) -> Option<f64> {
    assert_eq!((steps.len(), steps.len()), (last.len(), predicted_first.len()), "steps and two boards a game");
    let mut wrong = Vec::new();
    for ((&steps, last), first) in steps.iter().zip(last).zip(predicted_first) {
        assert_eq!((last.width, last.cells.len()), (first.width, first.cells.len()), "boards of one size");
        let board = (0..steps).fold(first.clone(), |board, _| board.step());
        wrong.extend(board.cells.iter().zip(&last.cells).map(|(a, b)| f64::from(u8::from(a != b))));
    }
    sum::mean(wrong.iter().copied(), wrong.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glider_comes_back_around_the_torus() {
        let glider =
            Board::new(6, (0..36).map(|cell| [1, 8, 12, 13, 14].contains(&cell)).collect()).expect("whole rows");
        let later = (0..24).fold(glider.clone(), |board, _| board.step());
        assert_eq!(later, glider);
        assert_ne!(glider.step(), glider);
    }

    #[test]
    fn boards_have_whole_rows() {
        assert_eq!(Board::new(2, vec![true; 3]), None);
        assert_eq!(Board::new(0, vec![]), None);
    }
}
