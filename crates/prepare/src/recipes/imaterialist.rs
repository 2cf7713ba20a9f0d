//! imaterialist-challenge-furniture-2018: addresses of pictures, in JSON.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::PrepareError;
use crate::python_json::{self, Document, Item, Keys, Object, Style};
use crate::random::split::{Size, Sizes, stratified_split, train_test_split};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

/// Tables with more rows are divided label by label.
const STRATIFIED_ABOVE: usize = 1000;
const SEED: u32 = 42;

#[derive(Deserialize)]
struct Image {
    image_id: u64,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: u64,
    label_id: u64,
}

/// Writes `train.json` and `test.json`, and leaves the table `test` with the columns `id` and `predicted`.
pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (path, text) = workspace.read_text("train.json")?;
    let document = Document::parse(&path, &text)?;
    let images = document.records::<Image>(&path, "images")?;
    let annotations = document.records::<Annotation>(&path, "annotations")?;
    // Of several annotations of an image, the last one counts.
    let known: HashMap<u64, u64> = annotations.iter().map(|(_, about)| (about.image_id, about.label_id)).collect();
    let mut labels = Vec::with_capacity(images.len());
    for (_, Image { image_id }) in &images {
        let unlabelled = || PrepareError::table(&path, None, format!("no annotation is of image {image_id}"));
        labels.push(*known.get(image_id).ok_or_else(unlabelled)?);
    }

    let share = kaggle_images(workspace)? as f64 / images.len() as f64;
    let share = if share > 0.0 && share < 1.0 { share } else { 0.2 };
    let sizes = Sizes::Test(Size::Share(share));
    let split = if images.len() > STRATIFIED_ABOVE {
        stratified_split(&codes(&labels), sizes, SEED)
    } else {
        train_test_split(images.len(), sizes, SEED)
    };
    let split = split.map_err(|error| PrepareError::table(&path, None, format!("its images: {error}")))?;

    let records = |places: &[usize]| places.iter().map(|&place| Item::new(images[place].0)).collect::<Vec<_>>();
    let (train_images, test_images) = (records(&split.train), records(&split.test));
    let train_annotations = split.train.iter().map(|&place| {
        let text = format!(r#"{{"image_id": {}, "label_id": {}}}"#, images[place].1.image_id, labels[place]);
        RawValue::from_string(text).map_err(|error| python_json::invalid(&path, &error))
    });
    let train_annotations = train_annotations.collect::<Result<Vec<_>, _>>()?;
    let train_annotations: Vec<Item<'_>> = train_annotations.iter().map(|record| Item::new(record)).collect();
    let train = Object::new(Keys::AsGiven).list("images", &train_images).list("annotations", &train_annotations);
    workspace.write_json("public/train.json", &train, Style::Compact)?;
    let test = Object::new(Keys::AsGiven).list("images", &test_images);
    workspace.write_json("public/test.json", &test, Style::Compact)?;
    let ids: Texts = split.test.iter().map(|&place| images[place].1.image_id.to_string()).collect();
    let labels: Texts = split.test.iter().map(|&place| labels[place].to_string()).collect();
    workspace.keep_table("test", Frame::of_columns("test", [("id", ids), ("predicted", labels)]));
    Ok(())
}

/// How many images Kaggle's own test set has; none if it isn't there.
fn kaggle_images(workspace: &mut Workspace<'_>) -> Result<usize, PrepareError> {
    match workspace.read_text("test.json") {
        Ok((path, text)) => count(&path, &text),
        Err(PrepareError::RawMissing { .. }) => Ok(0),
        Err(error) => Err(error),
    }
}

fn count(path: &Path, text: &str) -> Result<usize, PrepareError> {
    Ok(Document::parse(path, text)?.list(path, "images")?.len())
}

/// The labels' numbers in ascending order.
fn codes(labels: &[u64]) -> Vec<u32> {
    let mut values = labels.to_vec();
    values.sort_unstable();
    values.dedup();
    // Each label is among the values, and there are fewer than 2³² of them.
    #[expect(clippy::cast_possible_truncation)]
    labels.iter().map(|label| values.binary_search(label).unwrap_or_default() as u32).collect()
}
