//! denoising-dirty-documents: the answers are the pixels of the clean pages.

use std::collections::HashSet;
use std::path::Path;

use crate::error::PrepareError;
use crate::image;
use crate::python_json::float;
use crate::recipe::list;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

/// Uses the tables `train` and `test` of dirty pages.
pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let test = workspace.table("test")?.texts("name")?;
    let test: HashSet<&str> = test.iter().collect();
    let clean = list("train_cleaned/*.png", workspace)?;
    let (train, test) =
        (clean.keep("name", |name| !test.contains(name))?, clean.keep("name", |name| test.contains(name))?);
    workspace.place_rows(&train, "train_cleaned/{name}", "public/train_cleaned/{name}")?;

    let (mut ids, mut values) = (Texts::default(), Texts::default());
    for (name, stem) in test.texts("name")?.iter().zip(test.texts("stem")?.iter()) {
        let page = workspace.find(&format!("train_cleaned/{name}"))?;
        pixels(&page, stem, &mut ids, &mut values)?;
    }
    let answers = Frame::of_columns("answers", [("id", ids), ("value", values)]);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("value", "1"))
}

/// The shares of white of a page's pixels, row by row.
fn pixels(page: &Path, stem: &str, ids: &mut Texts, values: &mut Texts) -> Result<(), PrepareError> {
    let (width, levels) = image::grey(page)?;
    for (place, level) in levels.into_iter().enumerate() {
        ids.push(&format!("{stem}_{}_{}", place / width + 1, place % width + 1));
        values.push(&float(f64::from(level) / 255.0));
    }
    Ok(())
}
