//! yelp-recsys-2013: reviews of the training file are held out, as many as Kaggle's test file has.

use std::path::Path;

use crate::error::PrepareError;
use crate::json_record::Record;
use crate::python_json::float;
use crate::random::PythonRandom;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const TRAIN: &str = "yelp_training_set";
const TEST: &str = "yelp_test_set";

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (path, text) = workspace.read_text(&format!("{TRAIN}/{TRAIN}_review.json"))?;
    let (_, kaggle_text) = workspace.read_text(&format!("{TEST}/{TEST}_review.json"))?;
    let all: Vec<&str> = lines(&text).collect();
    let drawn = PythonRandom::new(42)
        .sample(all.len(), lines(&kaggle_text).count())
        .map_err(|error| PrepareError::table(&path, None, format!("reviews to hold out: {error}")))?;
    let mut is_test = vec![false; all.len()];
    drawn.into_iter().for_each(|row| is_test[row] = true);

    let mut train = String::with_capacity(text.len());
    let (mut test, mut ids, mut stars) = (Vec::new(), Texts::new(), Texts::new());
    for (row, line) in all.into_iter().enumerate() {
        if !is_test[row] {
            train.push_str(line);
            train.push('\n');
            continue;
        }
        let review = Record::line(&path, row, line)?;
        ids.push(&(test.len() + 1).to_string());
        stars.push(&match review.get(&path, row, "stars")? {
            Stars::Whole(stars) => stars.to_string(),
            Stars::Float(stars) => float(stars),
        });
        test.push(review.without(&["stars"]));
    }
    workspace.write_bytes(&format!("public/train/{TRAIN}_review.json"), train.as_bytes())?;
    workspace.write_json_lines(&format!("public/test/{TEST}_review.json"), &test)?;
    let answers = Frame::of_columns("answers", [("RecommendationId", ids), ("Stars", stars)]);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("Stars", "3.5"))?;

    if workspace.corrected() {
        // The averages are over all reviews, those that were held out included.
        rewrite(workspace, [TRAIN, "train"], "business", &["stars"])?;
        rewrite(workspace, [TRAIN, "train"], "user", &["average_stars"])?;
    }
    rewrite(workspace, [TEST, "test"], "business", &["stars"])?;
    rewrite(workspace, [TEST, "test"], "user", &["average_stars", "votes"])
}

/// Writes the records of a kind in a set without some keys.
fn rewrite(
    workspace: &mut Workspace<'_>,
    [set, part]: [&str; 2],
    kind: &str,
    without: &[&str],
) -> Result<(), PrepareError> {
    let (path, text) = workspace.read_text(&format!("{set}/{set}_{kind}.json"))?;
    let record = |(row, line): (usize, _)| Ok(Record::line(Path::new(&path), row, line)?.without(without));
    let records = lines(&text).enumerate().map(record).collect::<Result<Vec<_>, PrepareError>>()?;
    workspace.write_json_lines(&format!("public/{part}/{set}_{kind}.json"), &records)
}

/// The lines that are not blank, without the blanks around them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Stars {
    Whole(i64),
    Float(f64),
}
