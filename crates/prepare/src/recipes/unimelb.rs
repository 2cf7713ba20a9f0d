//! unimelb: the sample submission has the header of Kaggle's example, whatever that is.

use crate::error::PrepareError;
use crate::workspace::Workspace;

/// Writes the sample submission for the table `test` under the first two names of the table `example`.
pub(super) fn sample(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let example = workspace.table("example")?;
    let names: Vec<&str> = example.column_names().collect();
    let [id, status, ..] = names[..] else {
        return Err(example.error(None, format!("the header is {names:?}; expected two columns")));
    };
    let ids = workspace.table("test")?.select(&["Grant.Application.ID"])?;
    let sample = ids.rename("Grant.Application.ID", id)?.with_constant(status, "0.0");
    workspace.write("public/sample_submission.csv", &sample)
}
