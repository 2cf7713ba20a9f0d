//! inaturalist-2019-fgvc6: pictures of living things, divided species by species.

use super::coco::{self, Small};
use crate::error::PrepareError;
use crate::python_json::{Document, Item, Keys, Object, Style};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

/// What the reference's generator, made anew for each row, draws.
const GUESS: &str = "654";

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (path, text) = workspace.read_text("train2019.json")?;
    let document = Document::parse(&path, &text)?;
    let parts = coco::split(&path, &document, 0.12, Small::LastTests)?;
    let annotations: Vec<Item<'_>> = parts.train.iter().map(|pair| Item::new(pair.annotation)).collect();
    let images: Vec<Item<'_>> = parts.train.iter().map(|pair| Item::new(pair.image)).collect();
    let others = document.entries().iter().fold(Object::new(Keys::Sorted), |object, (key, raw)| object.value(key, raw));
    let train = others.list("annotations", &annotations).list("images", &images);
    workspace.write_json("public/train2019.json", &train, Style::Indented)?;

    let name = |file_name: &str| format!("test2019/{}", file_name.rsplit('/').next().unwrap_or(file_name));
    let images = parts.test.iter().map(|pair| Item::new(pair.image).with("file_name", name(&pair.file_name)));
    let images: Vec<Item<'_>> = images.collect();
    let test = Object::new(Keys::Sorted)
        .list("images", &images)
        .value("info", document.value(&path, "info")?)
        .value("licenses", document.value(&path, "licenses")?);
    workspace.write_json("public/test2019.json", &test, Style::Indented)?;

    let ids: Texts = parts.test.iter().map(|pair| pair.id.to_string()).collect();
    let species: Texts = parts.test.iter().map(|pair| pair.category.to_string()).collect();
    let answers = Frame::of_columns("answers", [("id", ids), ("predicted", species)]);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("predicted", GUESS))?;

    let kept: Texts = parts.train.iter().map(|pair| &pair.file_name).collect();
    workspace.place_rows(&Frame::of_columns("train", [("name", kept)]), "{name}", "public/{name}")?;
    let old: Texts = parts.test.iter().map(|pair| &pair.file_name).collect();
    let new: Texts = parts.test.iter().map(|pair| name(&pair.file_name)).collect();
    workspace.place_rows(&Frame::of_columns("test", [("old", old), ("new", new)]), "{old}", "public/{new}")
}
