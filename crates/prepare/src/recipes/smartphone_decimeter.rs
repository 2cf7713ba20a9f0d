//! smartphone-decimeter-2022: whole days of drives are test days, and their ground truth becomes the answers.

use crate::error::PrepareError;
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::{Frame, Texts};
use crate::workspace::{Found, Workspace};

const TRUTH: &str = "ground_truth.csv";
/// What the receiver that gave the ground truth logged.
const TRUTH_LOG: &str = "span_log.nmea";
const COLUMNS: [&str; 3] = ["UnixTimeMillis", "LatitudeDegrees", "LongitudeDegrees"];

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let drives: Vec<Found> = workspace.glob("train/*")?.into_iter().filter(|drive| drive.file.is_dir()).collect();
    if drives.is_empty() {
        return Err(workspace.missing("train/*/*"));
    }
    let days = drives.iter().map(|drive| {
        day(drive.name()).ok_or_else(|| {
            workspace.error(format!("the folder `{}` does not begin with a date such as 2020-05-15", drive.path))
        })
    });
    let days: Texts = days.collect::<Result<Vec<_>, _>>()?.iter().collect();
    let (days, firsts) = days.sorted_codes();
    let split = train_test_split(firsts.len(), Sizes::Test(Size::Share(0.1)), 0)
        .map_err(|error| workspace.error(format!("the days of the drives: {error}")))?;

    let mut files = Vec::new();
    let mut columns = [const { Texts::new() }; 4];
    for (drive, day) in drives.iter().zip(days) {
        if !split.test.contains(&day) {
            files.push((drive.file.clone(), format!("public/{}", drive.path)));
            continue;
        }
        for file in workspace.files_below(&drive.path)? {
            if file.name() == TRUTH {
                add_truth(&file, &mut columns, workspace)?;
            } else if file.name() != TRUTH_LOG || !workspace.corrected() {
                let inside = file.path.strip_prefix("train/").unwrap_or(&file.path);
                files.push((file.file.clone(), format!("public/test/{inside}")));
            }
        }
    }
    workspace.place(files)?;

    let names = std::iter::once("tripId").chain(COLUMNS);
    let answers = Frame::of_columns("answers", names.zip(columns));
    workspace.keep_table("answers", answers);
    Ok(())
}

/// The date that a drive's name begins with, as YYYY-MM-DD.
fn day(drive: &str) -> Option<String> {
    let mut parts =
        drive.split('-').take(3).filter(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{year}-{month:0>2}-{day:0>2}"))
}

/// Adds a phone's rows to the columns of the answers.
fn add_truth(file: &Found, columns: &mut [Texts; 4], workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let truth = workspace.read(&file.path)?;
    let mut folders = file.path.rsplit('/').skip(1);
    let phone = folders.next().unwrap_or_default();
    let trip = format!("{}-{phone}", folders.next().unwrap_or_default());
    let [trips, rest @ ..] = columns;
    (0..truth.len()).for_each(|_| trips.push(&trip));
    for (column, name) in rest.iter_mut().zip(COLUMNS) {
        truth.texts(name)?.iter().for_each(|cell| column.push(cell));
    }
    Ok(())
}
