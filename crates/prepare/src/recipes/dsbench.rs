//! The competitions of DSBench: from its archive, or from Kaggle's own download by the same split.

use std::fs::File;
use std::io::BufWriter;

use crate::dsbench::{Dsbench, DsbenchFile};
use crate::error::PrepareError;
use crate::random::RandomState;
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::Frame;
use crate::workspace::Workspace;

const ANSWERS: &str = "private/test_answer.csv";
const SAMPLE: &str = "public/sample_submission.csv";

/// Takes the archive where the download is one, as `data.zip` or unpacked; else divides Kaggle's `train.csv`.
///
/// DSBench cut Kaggle's labelled rows with scikit-learn's `train_test_split(test_size=0.2, random_state=42)`: six of
/// its tasks were compared with the ids that it published.
pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let archive = [workspace.look_for("data.zip"), Some(workspace.raw().to_owned())];
    let archive = archive.into_iter().flatten().find_map(|path| Dsbench::open(&path).ok());
    match archive {
        Some(archive) => from_archive(&archive, workspace),
        None => from_kaggle(workspace),
    }
}

fn from_archive(archive: &Dsbench, workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let slug = workspace.competition.spec.slug.clone();
    let task = archive.task(&slug)?;
    let files = [("public/train.csv", &task.train), ("public/test.csv", &task.test), (ANSWERS, &task.answers)];
    for (path, file) in files {
        copy(path, file, workspace)?;
    }
    copy(SAMPLE, &task.sample_submission, workspace)?;
    let answers = workspace.read_output(ANSWERS)?;
    let shipped = workspace.read_output(SAMPLE)?;
    if workspace.corrected() || shipped.column_names().eq(answers.column_names()) {
        let sample = sample(&answers, workspace)?;
        workspace.write(SAMPLE, &sample)?;
    }
    Ok(())
}

fn copy(path: &str, file: &DsbenchFile, workspace: &Workspace<'_>) -> Result<(), PrepareError> {
    let target = workspace.new_file(path)?;
    let failed = |error| PrepareError::io("write", &target, error);
    let mut writer = BufWriter::new(File::create(&target).map_err(failed)?);
    file.copy_to(&mut writer)?;
    writer.into_inner().map_err(|error| failed(error.into_error()))?;
    Ok(())
}

fn from_kaggle(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let all = workspace.read("train.csv")?;
    let submission = &workspace.competition.spec.submission;
    let columns: Vec<String> = submission.id_columns.iter().chain(&submission.target_columns).cloned().collect();
    let targets = submission.target_columns.clone();
    if let Some(column) = columns.iter().find(|column| !all.has(column)) {
        let message = format!(
            "there is no column `{column}`, so the answers can't be cut from it; `mledojo download --dsbench` gets the archive that has them"
        );
        return Err(all.error(None, message));
    }
    let split = train_test_split(all.len(), Sizes::Test(Size::Share(0.2)), 42)
        .map_err(|error| all.error(None, error.to_string()))?;
    let (train, test) = (all.take(&split.train), all.take(&split.test));
    // What Kaggle's test set doesn't have is known only together with the target.
    let given: Vec<String> = match workspace.read("test.csv") {
        Ok(kaggle) => test.column_names().filter(|column| kaggle.has(column)).map(str::to_owned).collect(),
        Err(PrepareError::RawMissing { .. }) => test.column_names().map(str::to_owned).collect(),
        Err(error) => return Err(error),
    };
    let given: Vec<String> = given.into_iter().filter(|column| !targets.contains(column)).collect();
    let answers = test.select(&columns)?;
    workspace.write("public/train.csv", &train)?;
    workspace.write("public/test.csv", &test.select(&given)?)?;
    workspace.write(ANSWERS, &answers)?;
    let sample = sample(&answers, workspace)?;
    workspace.write(SAMPLE, &sample)
}

/// The ids of the answers with the same values in every row: under `corrected` those of the spec's sample, under
/// `mle-dojo` those of one answer, as the reference draws it (here with a seed).
fn sample(answers: &Frame, workspace: &Workspace<'_>) -> Result<Frame, PrepareError> {
    let submission = &workspace.competition.spec.submission;
    let columns: Vec<String> = answers.column_names().map(str::to_owned).collect();
    let is_id = |column: &str| submission.id_columns.iter().any(|id| id == column);
    let targets = columns.iter().filter(|column| !is_id(column));
    if workspace.corrected() {
        let split =
            |line: Option<&String>| line.map_or(vec![], |line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let (header, cells) = (split(submission.sample.first()), split(submission.sample.get(1)));
        let constant = |column: &String| {
            let place = header.iter().position(|name| name == column);
            place.and_then(|place| cells.get(place)).map_or("0", String::as_str).to_owned()
        };
        return Ok(targets.fold(answers.clone(), |sample, column| sample.with_constant(column, &constant(column))));
    }
    let rows = i64::try_from(answers.len()).unwrap_or(i64::MAX);
    let row = RandomState::new(0).randint(0, rows).map_err(|error| answers.error(None, error.to_string()))?;
    let row = usize::try_from(row).unwrap_or_default();
    let mut sample = answers.clone();
    for column in targets {
        sample = sample.with_constant(column, answers.texts(column)?.get(row));
    }
    Ok(sample)
}
