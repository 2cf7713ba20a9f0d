//! ml2021spring-hw2: frames of speech and their phonemes, in NumPy's files.

use crate::error::PrepareError;
use crate::npy::Array;
use crate::progress::ProgressUnit;
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const FOLDER: &str = "timit_11/timit_11";

/// Writes the arrays, and leaves the table `answers`.
pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let mut open = |name: &str| Array::open(&workspace.find(&format!("{FOLDER}/{name}"))?);
    let (frames, labels) = (open("train_11.npy")?, open("train_label_11.npy")?);
    // Of Kaggle's own test set, only the size matters.
    let kaggle_test = open("test_11.npy")?.len();
    if frames.len() != labels.len() {
        let message = format!("{} frames have {} labels", frames.len(), labels.len());
        return Err(workspace.error(message));
    }
    let share = kaggle_test as f64 / (frames.len() + kaggle_test) as f64;
    let split = train_test_split(frames.len(), Sizes::Test(Size::Share(share)), 0)
        .map_err(|error| workspace.error(format!("the frames of train_11.npy: {error}")))?;
    for (array, rows, name) in [
        (&frames, &split.train, "train_11.npy"),
        (&labels, &split.train, "train_label_11.npy"),
        (&frames, &split.test, "test_11.npy"),
    ] {
        workspace.progress.begin(&format!("writing {name}"), None, ProgressUnit::Rows);
        array.take(rows, &workspace.new_file(&format!("public/{FOLDER}/{name}"))?)?;
    }
    let ids: Texts = (0..split.test.len()).map(|id| id.to_string()).collect();
    let answers = Frame::of_columns("answers", [("Id", ids), ("ClassId", labels.texts(&split.test)?)]);
    workspace.keep_table("answers", answers);
    Ok(())
}
