//! AI4Code: notebooks of one ancestor stay together; the test part is filled with whole families as they fit.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use crate::error::PrepareError;
use crate::random::RandomState;
use crate::recipe::split::counted;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

/// Notebooks of the test part, of all that Kaggle has.
const TEST: usize = 20_000;
const ALL: usize = 139_256;

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let ancestors = workspace.read("train_ancestors.csv")?;
    let shuffled = ancestors.take(&RandomState::new(0).permutation(ancestors.len()));
    let chosen = test_rows(&shuffled, counted(TEST, ALL, shuffled.len(), workspace.corrected()))?;
    let ids = shuffled.take(&chosen).texts("id")?;
    let ids: HashSet<&str> = ids.iter().collect();
    let is_train = |id: &str| !ids.contains(id);

    let orders = workspace.read("train_orders.csv")?;
    let (train, answers) = (orders.keep("id", is_train)?, orders.keep("id", |id| !is_train(id))?);
    workspace.write("public/train_orders.csv", &train)?;
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/train_ancestors.csv", &shuffled.keep("id", is_train)?)?;
    workspace.place_rows(&train, "train/{id}.json", "public/train/{id}.json")?;
    workspace.place_rows(&answers, "train/{id}.json", "public/test/{id}.json")?;

    let mut orders = Texts::default();
    for id in answers.texts("id")?.iter() {
        orders.push(&cells(&workspace.find(&format!("train/{id}.json"))?)?.join(" "));
    }
    workspace.write("public/sample_submission.csv", &answers.with_texts("cell_order", orders.iter()))
}

/// The rows of the test part: families in the order in which they first come, each if it still fits.
fn test_rows(shuffled: &Frame, room: usize) -> Result<Vec<usize>, PrepareError> {
    let (families, firsts) = shuffled.texts("ancestor_id")?.codes();
    let mut sizes = vec![0; firsts.len()];
    families.iter().for_each(|&family| sizes[family] += 1);
    let mut left = room;
    let in_test: Vec<bool> = sizes
        .into_iter()
        .map(|size| {
            let fits = size <= left;
            left -= if fits { size } else { 0 };
            fits
        })
        .collect();
    Ok((0..shuffled.len()).filter(|&row| in_test[families[row]]).collect())
}

/// The ids of a notebook's cells, in the order of its file.
fn cells(notebook: &Path) -> Result<Vec<String>, PrepareError> {
    let file = File::open(notebook).map_err(|error| PrepareError::io("read", notebook, error))?;
    let read: Result<Notebook, _> = serde_json::from_reader(BufReader::new(file));
    let notebook =
        read.map_err(|error| PrepareError::table(notebook, None, format!("{error}; expected a notebook")))?;
    Ok(notebook.cell_type.0)
}

#[derive(Deserialize)]
struct Notebook {
    cell_type: Keys,
}

/// The keys of an object.
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeysVisitor;
        impl<'de> Visitor<'de> for KeysVisitor {
            type Value = Keys;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object with a key for each cell")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, IgnoredAny)) = map.next_entry()? {
                    keys.push(key);
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(KeysVisitor)
    }
}
