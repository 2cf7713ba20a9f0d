//! mlsp-2013-birds: recordings are numbered anew, in tables of text whose lines are of varying length.

use std::collections::{HashMap, HashSet};

use crate::error::PrepareError;
use crate::random::pandas::sample_share;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const ROOT: &str = "mlsp_contest_dataset";
const SPECIES: usize = 19;
const SEGMENTS: [&str; 3] = ["histogram_of_segments.txt", "segment_features.txt", "segment_rectangles.txt"];
/// The header of the first of them, which the reference gives to all.
const HISTOGRAM_HEADER: &str = "rec_id,[histogram of segment features]";

/// Writes the tables of text and the answers, and leaves the table `recordings` with the column `filename`.
pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let folds = workspace.read(&format!("{ROOT}/essential_data/CVfolds_2.txt"))?;
    let labelled = folds.keep("fold", |fold| fold == "0")?;
    let ids = labelled.texts("rec_id")?;
    let numbers: HashMap<&str, usize> = ids.places();
    let test: HashSet<usize> = sample_share(ids.len(), 0.2, 0)
        .map_err(|error| labelled.error(None, format!("its recordings of fold 0: {error}")))?
        .into_iter()
        .collect();
    let new_ids: Texts = (0..ids.len()).map(|id| id.to_string()).collect();
    let folds: Texts = (0..ids.len()).map(|id| if test.contains(&id) { "1" } else { "0" }).collect();
    let folds = Frame::of_columns("folds", [("rec_id", new_ids), ("fold", folds)]);
    workspace.write("public/essential_data/CVfolds_2.txt", &folds)?;

    let names = workspace.read(&format!("{ROOT}/essential_data/rec_id2filename.txt"))?;
    let names = names.keep("rec_id", |id| numbers.contains_key(id))?;
    let new_ids: Vec<String> = names.texts("rec_id")?.iter().map(|id| numbers[id].to_string()).collect();
    let names = names.with_texts("rec_id", new_ids);
    workspace.write("public/essential_data/rec_id2filename.txt", &names)?;
    workspace.keep_table("recordings", names);

    write_labels(&numbers, &test, workspace)?;
    for file in SEGMENTS {
        let (path, text) = workspace.read_text(&format!("{ROOT}/supplemental_data/{file}"))?;
        let mut lines = text.lines();
        let header = lines.next().ok_or_else(|| PrepareError::table(&path, None, "the file is empty".to_owned()))?;
        let mut new = if workspace.corrected() { header } else { HISTOGRAM_HEADER }.to_owned();
        new.push('\n');
        for (id, rest) in lines.filter_map(|line| known(line, &numbers)) {
            new.push_str(&format!("{id}{rest}\n"));
        }
        workspace.write_bytes(&format!("public/supplemental_data/{file}"), new.as_bytes())?;
    }
    Ok(())
}

/// Writes the labels of the recordings, hidden where they are to be predicted, the answers and the sample.
fn write_labels(
    numbers: &HashMap<&str, usize>,
    test: &HashSet<usize>,
    workspace: &mut Workspace<'_>,
) -> Result<(), PrepareError> {
    const FILE: &str = "essential_data/rec_labels_test_hidden.txt";
    let (_, text) = workspace.read_text(&format!("{ROOT}/{FILE}"))?;
    let mut public = "rec_id,[labels]\n".to_owned();
    let (mut tested, mut ids, mut present) = (Vec::new(), Texts::default(), Texts::default());
    for (id, labels) in text.lines().skip(1).filter_map(|line| known(line, numbers)) {
        if !test.contains(&id) {
            let labels = if labels == "," { "" } else { labels };
            public.push_str(&format!("{id}{labels}\n"));
            continue;
        }
        public.push_str(&format!("{id},?\n"));
        tested.push(id);
        let labels: HashSet<usize> = labels.split(',').filter_map(|label| label.trim().parse().ok()).collect();
        for species in 0..SPECIES {
            ids.push(&(id * 100 + species).to_string());
            present.push(if labels.contains(&species) { "1" } else { "0" });
        }
    }
    workspace.write_bytes(&format!("public/{FILE}"), public.as_bytes())?;
    let answers = Frame::of_columns("answers", [("Id", ids), ("Probability", present)]);
    workspace.write("private/test_answer.csv", &answers)?;
    tested.sort_unstable();
    let ids: Texts =
        tested.iter().flat_map(|id| (0..SPECIES).map(move |species| (id * 100 + species).to_string())).collect();
    let sample = Frame::of_columns("sample", [("Id", ids)]).with_constant("Probability", "0");
    workspace.write("public/sample_submission.csv", &sample)
}

/// The new number of the recording that a line is of, and the rest of the line, from the comma on.
fn known<'a>(line: &'a str, numbers: &HashMap<&str, usize>) -> Option<(usize, &'a str)> {
    let (id, rest) = line.split_at(line.find(',').unwrap_or(line.len()));
    numbers.get(id.trim()).map(|number| (*number, rest))
}
