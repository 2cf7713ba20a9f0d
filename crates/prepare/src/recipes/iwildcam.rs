//! iwildcam-2020-fgvc7: whole locations are test locations, as many as make up a share of the images.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::Value;

use crate::error::PrepareError;
use crate::python_json::{Document, Item, Keys, Object, Style};
use crate::random::RandomState;
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const TRAIN: &str = "iwildcam2020_train_annotations.json";
const TEST: &str = "iwildcam2020_test_information.json";
const SHARE: f64 = 0.22;

#[derive(Deserialize)]
struct Image {
    id: String,
    location: Value,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: String,
    category_id: u64,
}

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (train_path, train_text) = workspace.read_text(TRAIN)?;
    let (test_path, test_text) = workspace.read_text(TEST)?;
    let old_train = Document::parse(&train_path, &train_text)?;
    let old_test = Document::parse(&test_path, &test_text)?;
    let images = old_train.records::<Image>(&train_path, "images")?;
    let annotations = old_train.records::<Annotation>(&train_path, "annotations")?;

    let locations: Texts = images.iter().map(|(_, image)| image.location.to_string()).collect();
    let test_locations = test_locations(&locations, workspace)?;
    let is_test: HashMap<&str, bool> = images
        .iter()
        .zip(locations.codes().0)
        .map(|((_, image), location)| (image.id.as_str(), test_locations.contains(&location)))
        .collect();
    let is_test = &is_test;

    let images_of = |test: bool| -> Vec<Item<'_>> {
        let chosen = images.iter().filter(|(_, image)| is_test[image.id.as_str()] == test);
        chosen.map(|(raw, _)| Item::new(raw)).collect()
    };
    let annotations_of = |test: bool| {
        annotations.iter().filter(move |(_, annotation)| is_test.get(annotation.image_id.as_str()) == Some(&test))
    };
    let (train_images, test_images) = (images_of(false), images_of(true));
    let train_annotations: Vec<Item<'_>> = annotations_of(false).map(|(raw, _)| Item::new(raw)).collect();
    let train = Object::new(Keys::AsGiven)
        .list("annotations", &train_annotations)
        .list("images", &train_images)
        .value("categories", old_train.value(&train_path, "categories")?)
        .value("info", old_train.value(&train_path, "info")?);
    workspace.write_json(&format!("public/{TRAIN}"), &train, Style::Compact)?;
    let test = Object::new(Keys::AsGiven)
        .list("images", &test_images)
        .value("categories", old_test.value(&test_path, "categories")?)
        .value("info", old_test.value(&test_path, "info")?);
    workspace.write_json(&format!("public/{TEST}"), &test, Style::Compact)?;

    let answers = Frame::of_columns(
        "answers",
        [
            ("Id", annotations_of(true).map(|(_, annotation)| &annotation.image_id).collect::<Texts>()),
            ("Category", annotations_of(true).map(|(_, annotation)| annotation.category_id.to_string()).collect()),
        ],
    );
    let mut random = RandomState::new(0);
    let guesses = (0..answers.len()).map(|_| random.randint(0, 676).map(|category| category.to_string()));
    let guesses: Vec<String> = guesses.collect::<Result<_, _>>().map_err(|error| workspace.error(error.to_string()))?;
    workspace.write("public/sample_submission.csv", &answers.with_texts("Category", guesses))?;
    workspace.write("private/test_answer.csv", &answers)?;

    for (part, test) in [("train", false), ("test", true)] {
        let ids = images.iter().map(|(_, image)| image.id.as_str()).filter(|id| is_test[id] == test);
        let pictures = Frame::of_columns("images", [("id", ids.collect::<Texts>())]);
        workspace.place_rows(&pictures, "train/{id}.jpg", &format!("public/{part}/{{id}}.jpg"))?;
    }
    Ok(())
}

/// The codes of the locations whose images are test images. Their share counts test images on both sides: it is that
/// of test images among all images and test images.
fn test_locations(locations: &Texts, workspace: &Workspace<'_>) -> Result<HashSet<usize>, PrepareError> {
    let (codes, firsts) = locations.codes();
    let mut images = vec![0_usize; firsts.len()];
    codes.iter().for_each(|&location| images[location] += 1);
    let split = train_test_split(firsts.len(), Sizes::Test(Size::Share(SHARE)), 0)
        .map_err(|error| workspace.error(format!("the locations of `{TRAIN}`: {error}")))?;
    let (mut train, mut test) = (split.train, split.test);
    let mut tested: usize = test.iter().map(|&location| images[location]).sum();
    let share = |tested: usize| tested as f64 / (codes.len() + tested) as f64;
    while share(tested) < SHARE
        && let Some(location) = train.pop()
    {
        tested += images[location];
        test.push(location);
    }
    while share(tested) > SHARE
        && let Some(location) = test.pop()
    {
        tested -= images[location];
        train.push(location);
    }
    Ok(test.into_iter().collect())
}
