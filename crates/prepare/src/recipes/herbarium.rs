//! The herbarium competitions: sheets of pressed plants, divided species by species.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::coco::{self, Pair, Small};
use crate::error::PrepareError;
use crate::python_json::{Document, Item, Keys, List, Object, Style};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const SHARE: f64 = 0.2;

pub(super) fn of_2020(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let file = workspace.find("nybg2020/train/metadata.json")?;
    let bytes = fs::read(&file).map_err(|error| PrepareError::io("read", &file, error))?;
    // As the reference: the file is not all UTF-8.
    let latin_1: String = bytes.into_iter().map(char::from).collect();
    with_numbers(&file, &latin_1, "nybg2020/", workspace)
}

pub(super) fn of_2021(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (file, text) = workspace.read_text("train/metadata.json")?;
    with_numbers(&file, &text, "", workspace)
}

/// Images of the training part keep their names, those of the test part are numbered.
fn with_numbers(path: &Path, text: &str, root: &str, workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let document = Document::parse(path, text)?;
    let parts = coco::split(path, &document, SHARE, Small::LastTests)?;
    let annotations: Vec<Item<'_>> = parts.train.iter().map(|pair| Item::new(pair.annotation)).collect();
    let images: Vec<Item<'_>> = parts.train.iter().map(|pair| Item::new(pair.image)).collect();
    write_train(&format!("public/{root}train/metadata.json"), &document, &annotations, &images, workspace)?;

    let name = |k: usize| format!("images/{:03}/{k}.jpg", k / 1000);
    let images = parts.test.iter().enumerate();
    let images: Vec<Item<'_>> =
        images.map(|(k, pair)| Item::new(pair.image).with("id", k.to_string()).with("file_name", name(k))).collect();
    let test = Object::new(Keys::Sorted)
        .list("images", &images)
        .value("info", document.value(path, "info")?)
        .value("licenses", document.value(path, "licenses")?);
    workspace.write_json(&format!("public/{root}test/metadata.json"), &test, Style::Indented)?;
    write_answers(&parts.test, "0", workspace)?;
    let (train, test) = (format!("{root}train/{{from}}"), format!("public/{root}test/{{to}}"));
    workspace.place_rows(&names(&parts.train, |_, pair| pair.file_name.clone()), &train, &format!("public/{train}"))?;
    workspace.place_rows(&names(&parts.test, |k, _| name(k)), &train, &test)
}

pub(super) fn of_2022(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (path, text): (PathBuf, String) = workspace.read_text("train_metadata.json")?;
    let document = Document::parse(&path, &text)?;
    let parts = coco::split(&path, &document, SHARE, Small::Drawn)?;
    let mut ids: Vec<String> = Vec::with_capacity(parts.train.len());
    let mut number = 0;
    for (place, pair) in parts.train.iter().enumerate() {
        let same = place > 0 && parts.train[place - 1].category == pair.category;
        number = if same { number + 1 } else { 1 };
        ids.push(format!("{:05}__{number:03}", pair.category));
    }
    let train_name = |place: usize, pair: &Pair<'_>| {
        format!("{:03}/{:02}/{}.jpg", pair.category / 100, pair.category % 100, ids[place])
    };
    let record = |raw, place: usize| Item::new(raw).with("image_id", ids[place].clone());
    let train = || parts.train.iter().enumerate();
    let annotations: Vec<Item<'_>> = train().map(|(place, pair)| record(pair.annotation, place)).collect();
    let images: Vec<Item<'_>> =
        train().map(|(place, pair)| record(pair.image, place).with("file_name", train_name(place, pair))).collect();
    write_train("public/train_metadata.json", &document, &annotations, &images, workspace)?;

    let test_name = |k: usize| format!("{:03}/test-{k:06}.jpg", k / 1000);
    let images = parts.test.iter().enumerate();
    let images: Vec<Item<'_>> = images
        .map(|(k, pair)| Item::new(pair.image).with("image_id", k.to_string()).with("file_name", test_name(k)))
        .collect();
    let test = List { items: &images, keys: Keys::Sorted };
    workspace.write_json("public/test_metadata.json", &test, Style::Indented)?;
    write_answers(&parts.test, "42", workspace)?;
    workspace.place_rows(&names(&parts.train, train_name), "train_images/{from}", "public/train_images/{to}")?;
    workspace.place_rows(&names(&parts.test, |k, _| test_name(k)), "train_images/{from}", "public/test_images/{to}")
}

/// The old document with other lists.
fn write_train(
    file: &str,
    document: &Document<'_>,
    annotations: &[Item<'_>],
    images: &[Item<'_>],
    workspace: &mut Workspace<'_>,
) -> Result<(), PrepareError> {
    let entries = document.entries().iter();
    let others =
        entries.fold(Object::new(Keys::Sorted), |object, (key, raw): (&String, &&RawValue)| object.value(key, raw));
    let train = others.list("annotations", annotations).list("images", images);
    workspace.write_json(file, &train, Style::Indented)
}

/// The answers, and a sample that predicts one species.
fn write_answers(test: &[Pair<'_>], guess: &str, workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let ids: Texts = (0..test.len()).map(|k| k.to_string()).collect();
    let species: Texts = test.iter().map(|pair| pair.category.to_string()).collect();
    let answers = Frame::of_columns("answers", [("Id", ids), ("Predicted", species)]);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("Predicted", guess))
}

/// A table of the images' names in the download, and here.
fn names(pairs: &[Pair<'_>], name: impl Fn(usize, &Pair<'_>) -> String) -> Frame {
    let to = pairs.iter().enumerate().map(|(place, pair)| name(place, pair));
    let from: Texts = pairs.iter().map(|pair| &pair.file_name).collect();
    Frame::of_columns("images", [("from", from), ("to", to.collect())])
}
