//! hms-harmful-brain-activity-classification: what share of the votes each kind of activity has.

use crate::error::PrepareError;
use crate::python_json::float;
use crate::workspace::Workspace;

const VOTES: [&str; 6] = ["seizure_vote", "lpd_vote", "gpd_vote", "lrda_vote", "grda_vote", "other_vote"];

/// Makes the table `answers` of the table `test`.
pub(super) fn shares_of_votes(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let test = workspace.table("test")?;
    let mut shares: [Vec<String>; 6] = Default::default();
    test.each_row(&VOTES, |row, cells| {
        let mut votes = [0.0; 6];
        for (place, cell) in cells.iter().enumerate() {
            votes[place] = cell.parse::<f64>().map_err(|_| {
                test.error(Some(row), format!("column `{}` holds `{cell}`; expected a number of votes", VOTES[place]))
            })?;
        }
        let all: f64 = votes.iter().sum();
        if all <= 0.0 {
            return Err(test.error(Some(row), "no vote was cast, so none has a share".to_owned()));
        }
        for (share, vote) in shares.iter_mut().zip(votes) {
            share.push(float(vote / all));
        }
        Ok(())
    })?;
    let mut answers = test.select(&["eeg_id"])?;
    for (name, share) in VOTES.into_iter().zip(shares) {
        answers = answers.with_texts(name, share);
    }
    workspace.keep_table("answers", answers);
    Ok(())
}
