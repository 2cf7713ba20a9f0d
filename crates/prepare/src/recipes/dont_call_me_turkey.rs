//! dont-call-me-turkey: clips of sound, as records of a JSON list.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::PrepareError;
use crate::python_json::{Item, Keys, List, Style, invalid};
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

#[derive(Deserialize)]
struct Clip {
    vid_id: String,
    is_turkey: Value,
}

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (path, text) = workspace.read_text("train.json")?;
    let all: Vec<&RawValue> = serde_json::from_str(&text).map_err(|error| invalid(&path, &error))?;
    let share = share(all.len(), workspace)?;
    let split = train_test_split(all.len(), Sizes::Test(Size::Share(share)), 42)
        .map_err(|error| PrepareError::table(&path, None, error.to_string()))?;

    let train: Vec<Item<'_>> = split.train.iter().map(|&clip| Item::new(all[clip])).collect();
    let test: Vec<Item<'_>> = split.test.iter().map(|&clip| Item::new(all[clip]).without("is_turkey")).collect();
    for (file, items) in [("public/train.json", &train), ("public/test.json", &test)] {
        workspace.write_json(file, &List { items, keys: Keys::AsGiven }, Style::Compact)?;
    }

    let (mut ids, mut labels) = (Texts::default(), Texts::default());
    for clip in split.test {
        let clip: Clip = serde_json::from_str(all[clip].get())
            .map_err(|error| PrepareError::table(&path, Some(clip + 1), error.to_string()))?;
        ids.push(&clip.vid_id);
        labels.push(&clip.is_turkey.to_string());
    }
    let answers = Frame::of_columns("answers", [("vid_id", ids), ("is_turkey", labels)]);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("is_turkey", "0"))
}

/// The share of Kaggle's own test clips among all.
fn share(train: usize, workspace: &mut Workspace<'_>) -> Result<f64, PrepareError> {
    let (path, text) = workspace.read_text("test.json")?;
    let test: Vec<&RawValue> = serde_json::from_str(&text).map_err(|error| invalid(&path, &error))?;
    let share = test.len() as f64 / (train + test.len()) as f64;
    Ok(if share > 0.05 && share < 1.0 { share } else { 0.2 })
}
