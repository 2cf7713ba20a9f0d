//! bengaliai-cv19: pictures in Parquet files, whose rows are divided with those of the table of labels.

use std::collections::HashSet;

use crate::error::PrepareError;
use crate::parquet::{self, Target};
use crate::random::RandomState;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const COMPONENTS: [&str; 3] = ["grapheme_root", "vowel_diacritic", "consonant_diacritic"];
/// Labels of some pictures, told once more.
const NOTES: &str = "train_multi_diacritics.csv";

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let all = workspace.read("train.csv")?;
    let size = workspace.read("test.csv")?.len();
    let shuffled = all.take(&RandomState::new(42).permutation(all.len())).texts("image_id")?;
    let firsts = shuffled.codes().1;
    let ids: HashSet<&str> = firsts.into_iter().take(size).map(|first| shuffled.get(first)).collect();

    let test = all.keep("image_id", |id| ids.contains(id))?;
    workspace.write("public/train/train.csv", &all.keep("image_id", |id| !ids.contains(id))?)?;
    workspace.write("public/test/test.csv", &test.select(&["image_id"])?)?;
    let (mut rows, mut targets) = (Texts::default(), Texts::default());
    test.each_row(&COMPONENTS, |row, cells| {
        for (component, cell) in COMPONENTS.iter().zip(cells) {
            rows.push(&format!("Test_{row}_{component}"));
            targets.push(cell);
        }
        Ok(())
    })?;
    let answers = Frame::of_columns("answers", [("row_id", rows), ("target", targets)]);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("target", "0"))?;

    for pixels in workspace.glob("train_image_data_*.parquet")? {
        let parts = ["train", "test"].map(|part| workspace.new_file(&format!("public/{part}/{}", pixels.name())));
        let [train, test] = parts;
        let targets = [train?, test?].map(Target::whole);
        parquet::divide(&pixels.file, "image_id", &targets, |id| Some(usize::from(ids.contains(id))))?;
    }
    copy_others(workspace, &ids)
}

/// Copies the other files that lie at the top. The notes hold labels, so those of the test part are left out.
fn copy_others(workspace: &mut Workspace<'_>, test: &HashSet<&str>) -> Result<(), PrepareError> {
    let mut others = workspace.glob("*")?;
    others.retain(|found| {
        let name = found.name();
        let is_pixels = name.starts_with("train_image_data_") || name.starts_with("test_image_data_");
        let is_table = ["train.csv", "test.csv", "sample_submission.csv"].contains(&name);
        let left_out = is_table || name.ends_with(".zip") || (is_pixels && name.ends_with(".parquet"));
        found.file.is_file() && !left_out
    });
    if workspace.corrected() {
        others.retain(|found| found.name() != NOTES);
        if workspace.look_for(NOTES).is_some() {
            let notes = workspace.read(NOTES)?.keep("image_id", |id| !test.contains(id))?;
            workspace.write(&format!("public/{NOTES}"), &notes)?;
        }
    }
    workspace.place(others.into_iter().map(|found| (found.file.clone(), format!("public/{}", found.name()))).collect())
}
