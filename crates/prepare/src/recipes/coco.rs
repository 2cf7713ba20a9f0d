//! Lists of annotations and images side by side, as in COCO's format, divided category by category.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::PrepareError;
use crate::python_json::Document;
use crate::random::PythonRandom;
use crate::random::split::{Size, Sizes, train_test_split};

/// An image and what is said of it.
#[derive(Clone)]
pub(super) struct Pair<'a> {
    pub(super) annotation: &'a RawValue,
    pub(super) image: &'a RawValue,
    pub(super) category: u64,
    /// The image's id, as JSON.
    pub(super) id: Value,
    pub(super) file_name: String,
}

/// Both parts of the pairs.
pub(super) struct Parts<'a> {
    /// Category by category.
    pub(super) train: Vec<Pair<'a>>,
    /// Shuffled.
    pub(super) test: Vec<Pair<'a>>,
}

/// What becomes of categories with two to four pairs.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Small {
    /// Their last one is for testing.
    LastTests,
    /// They are drawn from like the larger ones.
    Drawn,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: Value,
    category_id: u64,
}

#[derive(Deserialize)]
struct Image {
    id: Option<Value>,
    /// The id's key in some documents.
    image_id: Option<Value>,
    file_name: String,
}

/// Divides each category on its own: a share of its pairs, rounded up, is for testing, and the only pair of a category
/// is for training.
///
/// # Errors
/// A document without such lists, or whose lists are not side by side.
pub(super) fn split<'a>(
    path: &Path,
    document: &Document<'a>,
    share: f64,
    small: Small,
) -> Result<Parts<'a>, PrepareError> {
    let pairs = pairs(path, document)?;
    let mut places: HashMap<u64, usize> = HashMap::new();
    let mut categories: Vec<Vec<Pair<'a>>> = Vec::new();
    for pair in pairs {
        let place = *places.entry(pair.category).or_insert(categories.len());
        if place == categories.len() {
            categories.push(Vec::new());
        }
        categories[place].push(pair);
    }
    let mut parts = Parts { train: Vec::new(), test: Vec::new() };
    for pairs in categories {
        let few = match small {
            Small::LastTests => 5,
            Small::Drawn => 2,
        };
        let split = train_test_split(pairs.len(), Sizes::Test(Size::Share(share)), 0);
        match split {
            Ok(split) if pairs.len() >= few => {
                parts.train.extend(split.train.iter().map(|&place| pairs[place].clone()));
                parts.test.extend(split.test.iter().map(|&place| pairs[place].clone()));
            }
            _ => {
                let train = pairs.len() - usize::from(pairs.len() > 1);
                parts.train.extend_from_slice(&pairs[..train]);
                parts.test.extend_from_slice(&pairs[train..]);
            }
        }
    }
    PythonRandom::new(0).shuffle(&mut parts.test);
    Ok(parts)
}

/// The pairs, in the order of the document.
fn pairs<'a>(path: &Path, document: &Document<'a>) -> Result<Vec<Pair<'a>>, PrepareError> {
    let annotations = document.records::<Annotation>(path, "annotations")?;
    let images = document.records::<Image>(path, "images")?;
    if annotations.len() != images.len() {
        let message = format!("{} `annotations` and {} `images`; expected one each", annotations.len(), images.len());
        return Err(PrepareError::table(path, None, message));
    }
    let pairs = annotations.into_iter().zip(images).enumerate();
    let pairs = pairs.map(|(place, ((annotation, about), (image, Image { id, image_id, file_name })))| {
        let id = id.or(image_id).unwrap_or_default();
        if about.image_id != id {
            let message = format!("`annotations[{place}]` is of image {}, `images[{place}]` is {id}", about.image_id);
            return Err(PrepareError::table(path, None, message));
        }
        Ok(Pair { annotation, image, category: about.category_id, id, file_name })
    });
    pairs.collect()
}
