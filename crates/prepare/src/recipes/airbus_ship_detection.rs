//! airbus-ship-detection: pictures shuffled by Python's `random`, and the masks of their ships.

use std::collections::{HashMap, HashSet};

use crate::error::PrepareError;
use crate::random::PythonRandom;
use crate::recipe::list;
use crate::table::{Frame, Texts};
use crate::workspace::{Choice, Workspace};

/// Kaggle's own test and training pictures, whose proportion the test part has.
const TEST: usize = 15_601;
const TRAIN: usize = 192_551;
const MASKS: &str = "train_ship_segmentations_v2.csv";

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let listed = list("train_v2/*", workspace)?.texts("name")?;
    let is_picture = |name: &&str| {
        let name = name.to_ascii_lowercase();
        [".jpg", ".jpeg", ".png"].iter().any(|ending| name.ends_with(ending))
    };
    let mut pictures: Vec<&str> = listed.iter().filter(is_picture).collect();
    PythonRandom::new(42).shuffle(&mut pictures);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a number of files")]
    let size = ((pictures.len() * TEST) as f64 / (TEST + TRAIN) as f64).round_ties_even() as usize;
    let (test, train) = pictures.split_at(size);

    let ships = workspace.read(MASKS)?;
    let mut masks: HashMap<&str, Vec<String>> = test.iter().map(|&picture| (picture, Vec::new())).collect();
    ships.each_row(&["ImageId", "EncodedPixels"], |_, cells| {
        if let Some(masks) = masks.get_mut(&*cells[0])
            && !cells[1].is_empty()
        {
            masks.push(cells[1].clone().into_owned());
        }
        Ok(())
    })?;
    let (mut ids, mut answers) = (Texts::default(), Texts::default());
    for &picture in test {
        match &masks[picture][..] {
            ships if workspace.corrected() && !ships.is_empty() => {
                for ship in ships {
                    ids.push(picture);
                    answers.push(ship);
                }
            }
            ships => {
                ids.push(picture);
                answers.push(&ships.join(" "));
            }
        }
    }
    let answers = Frame::of_columns("answers", [("ImageId", ids), ("EncodedPixels", answers)]);
    let [test, train] = [test, train].map(|part| Frame::of_columns("part", [("ImageId", part.iter().collect())]));
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &test.with_constant("EncodedPixels", ""))?;
    if workspace.corrected() {
        let known = train.texts("ImageId")?;
        let known: HashSet<&str> = known.iter().collect();
        workspace.write(&format!("public/{MASKS}"), &ships.keep("ImageId", |picture| known.contains(picture))?)?;
    } else {
        workspace.copy(MASKS, "public/", &Choice::default())?;
    }
    workspace.place_rows(&train, "train_v2/{ImageId}", "public/train/{ImageId}")?;
    workspace.place_rows(&test, "train_v2/{ImageId}", "public/test/{ImageId}")
}
