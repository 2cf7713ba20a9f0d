//! dogs-vs-cats-redux-kernels-edition: pictures numbered anew, cats and dogs apart.

use crate::error::PrepareError;
use crate::table::Frame;
use crate::workspace::Workspace;

/// Uses the tables `train` and `test` of pictures.
pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let train = workspace.table("train")?;
    let of_kind = |is_cat: bool| numbered(&train.keep("name", |name| name.contains("cat") == is_cat)?, 0);
    let (cats, dogs) = (of_kind(true)?, of_kind(false)?);
    let test = numbered(workspace.table("test")?, 1)?;
    let labels = test.texts("name")?;
    let labels = labels.iter().map(|name| if name.contains("dog") { "1" } else { "0" });
    let answers = test.with_texts("label", labels).select(&["id", "label"])?;
    workspace.place_rows(&cats, "{path}", "public/train/cat.{id}.jpg")?;
    workspace.place_rows(&dogs, "{path}", "public/train/dog.{id}.jpg")?;
    workspace.place_rows(&test, "{path}", "public/test/{id}.jpg")?;
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("label", "0.5"))
}

fn numbered(pictures: &Frame, first: usize) -> Result<Frame, PrepareError> {
    Ok(pictures.with_texts("id", (first..first + pictures.len()).map(|number| number.to_string())))
}
