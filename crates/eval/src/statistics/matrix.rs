//! Small symmetric systems of equations.

/// Solves `matrix · x = right` for a symmetric positive definite matrix, by Cholesky's factors, in place. `None` where
/// it is none.
pub(crate) fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    for column in 0..size {
        let square = matrix[column][column] - (0..column).map(|k| matrix[column][k].powi(2)).sum::<f64>();
        if square.is_nan() || square <= 0.0 {
            return None;
        }
        matrix[column][column] = square.sqrt();
        for row in column + 1..size {
            let product: f64 = (0..column).map(|k| matrix[row][k] * matrix[column][k]).sum();
            matrix[row][column] = (matrix[row][column] - product) / matrix[column][column];
        }
    }
    for row in 0..size {
        let known: f64 = (0..row).map(|k| matrix[row][k] * right[k]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|k| matrix[k][row] * right[k]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved_and_an_indefinite_one_refused() {
        let matrix = vec![vec![4.0, 2.0, 0.6], vec![2.0, 5.0, 1.0], vec![0.6, 1.0, 3.0]];
        let x = solve(matrix.clone(), vec![1.0, -2.0, 0.5]).unwrap();
        for (row, right) in matrix.iter().zip([1.0, -2.0, 0.5]) {
            assert!((row.iter().zip(&x).map(|(a, b)| a * b).sum::<f64>() - right).abs() < 1e-12);
        }
        assert_eq!(solve(vec![vec![1.0, 2.0], vec![2.0, 1.0]], vec![0.0, 0.0]), None);
    }
}
