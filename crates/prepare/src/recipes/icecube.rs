//! icecube-neutrinos-in-deep-ice: events in Parquet files, divided batch by batch.

use std::collections::{HashMap, HashSet};

use crate::error::PrepareError;
use crate::parquet::{self, Target};
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const BATCH: &str = "batch_id";
const ANSWERS: [&str; 3] = ["event_id", "azimuth", "zenith"];

/// Divides the events, and leaves the tables `answers`, `train` and `test`, the last two of batches.
pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let events = workspace.find("train_meta.parquet")?;
    let (mut batches, mut seen) = (Vec::new(), HashSet::new());
    parquet::each_row(&events, &[BATCH], |cells| {
        let batch = cells[0].to_string();
        if !seen.contains(&batch) {
            seen.insert(batch.clone());
            batches.push(batch);
        }
    })?;
    let split = train_test_split(batches.len(), Sizes::Test(Size::Share(0.1)), 0)
        .map_err(|error| PrepareError::table(&events, None, format!("its batches: {error}")))?;
    let parts: HashMap<&str, usize> = [(0, &split.train), (1, &split.test)]
        .into_iter()
        .flat_map(|(part, places)| places.iter().map(move |&place| (place, part)))
        .map(|(place, part)| (batches[place].as_str(), part))
        .collect();

    let targets = [
        Target::whole(workspace.new_file("public/train_meta.parquet")?),
        Target { file: workspace.new_file("public/test_meta.parquet")?, without: &ANSWERS[1..] },
    ];
    parquet::divide(&events, BATCH, &targets, |batch| parts.get(batch).copied())?;
    let mut answers: [Texts; 3] = Default::default();
    parquet::each_row(&events, &[BATCH, ANSWERS[0], ANSWERS[1], ANSWERS[2]], |cells| {
        if parts.get(cells[0].to_string().as_str()) == Some(&1) {
            for (column, cell) in answers.iter_mut().zip(&cells[1..]) {
                column.push(&cell.to_string());
            }
        }
    })?;
    workspace.keep_table("answers", Frame::of_columns("answers", ANSWERS.into_iter().zip(answers)));
    for (name, places) in [("train", &split.train), ("test", &split.test)] {
        let ids: Texts = places.iter().map(|&place| &batches[place]).collect();
        workspace.keep_table(name, Frame::of_columns(name, [(BATCH, ids)]));
    }
    Ok(())
}
