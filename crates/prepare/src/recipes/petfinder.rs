//! petfinder-pawpularity-score: the sample submission holds random scores.

use crate::error::PrepareError;
use crate::random::Generator;
use crate::workspace::Workspace;

/// `numpy.random.default_rng(0).uniform(1, 100, rows).round(2)` for the rows of the table `test`.
pub(super) fn sample(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let ids = workspace.table("test")?.select(&["Id"])?;
    let mut random = Generator::new(0);
    let scores = (0..ids.len()).map(|_| (random.uniform(1.0, 100.0) * 100.0).round_ties_even() / 100.0);
    let scores: Vec<String> = scores.map(|score| format!("{score:?}")).collect();
    workspace.write("public/sample_submission.csv", &ids.with_texts("Pawpularity", scores))
}
