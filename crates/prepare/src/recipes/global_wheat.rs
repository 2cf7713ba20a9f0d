//! global-wheat-detection: pictures divided by their ids, and their boxes joined.

use std::collections::HashMap;

use crate::error::PrepareError;
use crate::python_json::float;
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let boxes = workspace.read("train.csv")?;
    let ids = boxes.texts("image_id")?;
    let (_, firsts) = ids.codes();
    // Kaggle's own test pictures are only counted.
    let others = workspace.glob("test/*")?.len();
    let share = others as f64 / (firsts.len() + others) as f64;
    let share = if (0.05..=1.0).contains(&share) { share } else { 0.2 };
    let split = train_test_split(firsts.len(), Sizes::Test(Size::Share(share)), 42)
        .map_err(|error| boxes.error(None, error.to_string()))?;
    let mut firsts: Vec<usize> = split.test.into_iter().map(|picture| firsts[picture]).collect();
    firsts.sort_unstable_by_key(|&first| ids.get(first));
    let test = boxes.take(&firsts).select(&["image_id", "width", "height"])?;

    let mut predictions: HashMap<&str, String> = firsts.iter().map(|&first| (ids.get(first), String::new())).collect();
    boxes.each_row(&["image_id", "bbox"], |row, cells| {
        let Some(prediction) = predictions.get_mut(&*cells[0]) else { return Ok(()) };
        let numbers = numbers(&cells[1])
            .ok_or_else(|| boxes.error(Some(row), format!("bbox `{}` is no list of numbers", cells[1])))?;
        prediction.push_str(if prediction.is_empty() { "1.0" } else { " 1.0" });
        numbers.iter().for_each(|number| prediction.push_str(&format!(" {}", float(*number))));
        Ok(())
    })?;
    let answers: Texts = firsts.iter().map(|&first| predictions[ids.get(first)].as_str()).collect();
    let train = boxes.keep("image_id", |id| !predictions.contains_key(id))?;
    workspace.write("public/train.csv", &train)?;
    workspace.write("public/test.csv", &test)?;
    let sample = Frame::of_columns("sample", [("image_id", test.texts("image_id")?)]);
    workspace.write("private/test_answer.csv", &sample.with_texts("PredictionString", answers.iter()))?;
    workspace.write("public/sample_submission.csv", &sample.with_constant("PredictionString", ""))?;
    workspace.place_rows(&train, "train/{image_id}.jpg", "public/train/{image_id}.jpg")?;
    workspace.place_rows(&test, "train/{image_id}.jpg", "public/test/{image_id}.jpg")
}

/// The numbers of a list in brackets.
fn numbers(list: &str) -> Option<Vec<f64>> {
    let inner = list.trim().strip_prefix('[')?.strip_suffix(']')?;
    inner.split(',').map(|number| number.trim().parse().ok()).collect()
}
