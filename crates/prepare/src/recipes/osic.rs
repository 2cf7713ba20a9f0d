//! osic-pulmonary-fibrosis-progression: a patient's first visit, and every week that is to be predicted.

use std::collections::HashMap;

use crate::error::PrepareError;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const VISIT: [&str; 7] = ["Patient", "Weeks", "FVC", "Percent", "Age", "Sex", "SmokingStatus"];

/// Makes the tables `visits` and `answers` of the table `test`.
pub(super) fn weeks(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let test = workspace.table("test")?;
    let mut weeks: Vec<i64> = Vec::with_capacity(test.len());
    for (row, cell) in test.texts("Weeks")?.iter().enumerate() {
        let wrong = || test.error(Some(row), format!("column `Weeks` holds `{cell}`; expected a whole number"));
        weeks.push(cell.parse().map_err(|_| wrong())?);
    }
    let visits = first_visits(test, &weeks)?;
    let answers = grid(test, &weeks, workspace.corrected())?;
    workspace.keep_table("visits", visits);
    workspace.keep_table("answers", answers);
    Ok(())
}

/// A row for each patient, in ascending order: of each column the first cell, by weeks, that is not blank.
fn first_visits(test: &Frame, weeks: &[i64]) -> Result<Frame, PrepareError> {
    let (patients, firsts) = test.texts("Patient")?.sorted_codes();
    let mut rows: Vec<usize> = (0..test.len()).collect();
    rows.sort_by_key(|&row| (patients[row], weeks[row]));
    let mut columns = Vec::with_capacity(VISIT.len());
    for name in VISIT {
        let cells = test.texts(name)?;
        let mut chosen = vec![""; firsts.len()];
        for &row in rows.iter().rev() {
            let cell = cells.get(row);
            if !cell.is_empty() {
                chosen[patients[row]] = cell;
            }
        }
        columns.push((name, chosen.into_iter().collect::<Texts>()));
    }
    Ok(Frame::of_columns("visits", columns))
}

/// A row for each patient and each week from the first to the last of all patients. `FVC` is blank where nothing was
/// measured.
fn grid(test: &Frame, weeks: &[i64], corrected: bool) -> Result<Frame, PrepareError> {
    let patients = test.texts("Patient")?;
    let measured = test.texts("FVC")?;
    let mut visits: HashMap<(&str, i64), usize> = HashMap::with_capacity(test.len());
    for (row, (patient, &week)) in patients.iter().zip(weeks).enumerate() {
        // Where there are two, the first one counts.
        if visits.contains_key(&(patient, week)) && !corrected {
            let message = format!(
                "patient `{patient}` was measured a second time in week {week}, where the reference stops; protocol \
                 `corrected` takes the first value"
            );
            return Err(test.error(Some(row), message));
        }
        visits.entry((patient, week)).or_insert(row);
    }
    let (Some(&first), Some(&last)) = (weeks.iter().min(), weeks.iter().max()) else {
        return Err(test.error(None, "there is no row of a patient to test".to_owned()));
    };
    let (mut ids, mut values, mut of) = (Texts::default(), Texts::default(), Texts::default());
    for place in patients.codes().1 {
        let patient = patients.get(place);
        for week in first..=last {
            ids.push(&format!("{patient}_{week}"));
            values.push(visits.get(&(patient, week)).map_or("", |&row| measured.get(row)));
            of.push(patient);
        }
    }
    let answers = Frame::of_columns("answers", [("Patient_Week", ids), ("FVC", values), ("Patient", of)]);
    Ok(answers.with_constant("Confidence", "100"))
}
