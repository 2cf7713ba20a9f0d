//! stanford-covid-vaccine: records of molecules, of which each position is predicted.

use std::path::Path;

use serde_json::value::RawValue;

use crate::error::PrepareError;
use crate::json_record::Record;
use crate::random::pandas;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const TARGETS: [&str; 5] = ["reactivity", "deg_Mg_pH10", "deg_pH10", "deg_Mg_50C", "deg_50C"];
/// What stands for a value that was never measured.
const ZERO: &str = "0.0000000000";

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let (path, text) = workspace.read_text("train.json")?;
    let (kaggle_path, kaggle_text) = workspace.read_text("test.json")?;
    let lines = text.lines().filter(|line| !line.trim().is_empty()).enumerate();
    let all = lines.map(|(row, line)| Record::line(&path, row, line)).collect::<Result<Vec<_>, _>>()?;
    let test_keys = kaggle_text.lines().find(|line| !line.trim().is_empty()).unwrap_or("{}");
    let test_keys = Record::line(&kaggle_path, 0, test_keys)?;
    let test_keys: Vec<&str> = test_keys.keys().collect();

    let mut good = Vec::new();
    for (row, record) in all.iter().enumerate() {
        if record.get::<f64>(&path, row, "SN_filter")? > 0.0 {
            good.push(row);
        }
    }
    let drawn = pandas::sample(good.len(), all.len() / 10, 0)
        .map_err(|error| PrepareError::table(&path, None, format!("molecules that pass the filter: {error}")))?;
    let mut is_test = vec![false; all.len()];
    drawn.into_iter().for_each(|place| is_test[good[place]] = true);
    let (test, train): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(|&row| is_test[row]);

    let numbers = (0..all.len()).map(|number| RawValue::from_string(number.to_string())).collect::<Result<Vec<_>, _>>();
    let numbers = numbers.map_err(|error| workspace.error(error.to_string()))?;
    let numbered = |rows: &[usize]| -> Vec<Record<'_>> {
        rows.iter().zip(&numbers).map(|(&row, number)| all[row].clone().with("index", number)).collect()
    };
    workspace.write_json_lines("public/train.json", &numbered(&train))?;
    let public: Vec<Record<'_>> = numbered(&test).iter().map(|record| record.only(&test_keys)).collect();
    workspace.write_json_lines("public/test.json", &public)?;

    let answers = answers(&all, &test, &path)?;
    workspace.write("private/test_answer.csv", &answers)?;
    let sample = answers.without(&["keep"])?;
    let sample = TARGETS.iter().fold(sample, |sample, target| sample.with_constant(target, ZERO));
    workspace.write("public/sample_submission.csv", &sample)
}

/// A row for each position of the molecules in these rows; `keep` says whether it was measured.
fn answers(all: &[Record<'_>], rows: &[usize], path: &Path) -> Result<Frame, PrepareError> {
    let (mut ids, mut keep) = (Texts::new(), Texts::new());
    let mut targets = TARGETS.map(|name| (name, Texts::new()));
    for &row in rows {
        let record = &all[row];
        let id: String = record.get(path, row, "id")?;
        let [length, scored] = ["seq_length", "seq_scored"].map(|key| record.get::<usize>(path, row, key));
        let (length, scored) = (length?, scored?);
        for position in 0..length {
            ids.push(&format!("{id}_{position}"));
            keep.push(if position < scored { "True" } else { "False" });
        }
        for (name, texts) in &mut targets {
            let values: Vec<f64> = record.get(path, row, name)?;
            if values.len() < scored {
                let message = format!("`{name}` has {} values; expected {scored}", values.len());
                return Err(PrepareError::table(path, Some(row + 1), message));
            }
            for position in 0..length {
                match values.get(position).filter(|_| position < scored) {
                    Some(value) => texts.push(&format!("{value:.10}")),
                    None => texts.push(ZERO),
                }
            }
        }
    }
    Ok(Frame::of_columns("answers", [("id_seqpos", ids)].into_iter().chain(targets).chain([("keep", keep)])))
}
