//! alaska2-image-steganalysis: test pictures are covers or one of their altered versions, by the draws of Python's
//! `random`.

use crate::error::PrepareError;
use crate::random::PythonRandom;
use crate::random::split::{Size, Sizes, train_test_split};
use crate::recipe::list;
use crate::recipe::split::counted;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

/// Test pictures, of all covers that Kaggle has.
const TEST: usize = 5_000;
const ALL: usize = 75_000;
const ALTERED: [&str; 3] = ["JMiPOD", "JUNIWARD", "UERD"];

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let covers = list("Cover/*.jpg", workspace)?;
    let size = Size::Rows(counted(TEST, ALL, covers.len(), workspace.corrected()));
    let split =
        train_test_split(covers.len(), Sizes::Test(size), 42).map_err(|error| covers.error(None, error.to_string()))?;

    let numbers = (1..=split.train.len()).map(|number| format!("{number:05}"));
    let train = covers.take(&split.train).with_texts("new", numbers);
    for kind in ["Cover"].into_iter().chain(ALTERED) {
        workspace.place_rows(&train, &format!("{kind}/{{name}}"), &format!("public/{kind}/{{new}}.jpg"))?;
    }

    let mut random = PythonRandom::new(0);
    let mut drawn = split.test;
    random.shuffle(&mut drawn);
    let (mut kinds, mut labels) = (Texts::default(), Texts::default());
    for _ in &drawn {
        let is_cover = random.choice(&[true, false]).copied().unwrap_or(true);
        kinds.push(if is_cover { "Cover" } else { random.choice(&ALTERED).copied().unwrap_or(ALTERED[0]) });
        labels.push(if is_cover { "0" } else { "1" });
    }
    let ids = (1..=drawn.len()).map(|number| format!("{number:04}.jpg"));
    let test = covers.take(&drawn).with_texts("Id", ids).with_texts("kind", kinds.iter());
    workspace.place_rows(&test, "{kind}/{name}", "public/Test/{Id}")?;
    let answers = Frame::of_columns("answers", [("Id", test.texts("Id")?), ("Label", labels)]);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("Label", "0"))
}
