//! Rewards in another mode than the environment pays them.

use mledojo_env::{Grade, RewardMode};
use mledojo_metrics::Direction;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::values;

/// What a grade earns; `best_before` is the highest HumanRank of the episode before it.
#[pyfunction]
#[pyo3(signature = (mode, grade, best_before, direction))]
pub(crate) fn reward_of(
    mode: &Bound<'_, PyAny>,
    grade: &Bound<'_, PyAny>,
    best_before: Option<f64>,
    direction: &Bound<'_, PyAny>,
) -> PyResult<f64> {
    let mode: RewardMode = values::from_python(mode, "mode")?;
    let grade: Grade = values::from_python(grade, "grade")?;
    let direction: Direction = values::from_python(direction, "direction")?;
    Ok(mode.reward(&grade, best_before, direction))
}
