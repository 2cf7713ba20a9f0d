//! the-icml-2013-whale-challenge-right-whale-redux: two days of clips to learn from, two to predict, and new names.

use crate::error::PrepareError;
use crate::table::Frame;
use crate::workspace::Workspace;

/// Divides the table `all`, a list of clips named `<day>_…_TRAIN<number>_<label>.aif`, into `train` and `test` with
/// columns `clip`, the new name, and `probability`, the label.
pub(super) fn split(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let all = workspace.table("all")?;
    let names = all.texts("name")?;
    let mut parsed = Vec::with_capacity(all.len());
    for (row, name) in names.iter().enumerate() {
        parsed.push(Clip::parse(name).ok_or_else(|| {
            all.error(Some(row), format!("`{name}` is not named like `20090328_000000_002s3ms_TRAIN0_0.aif`"))
        })?);
    }
    let mut days: Vec<&str> = parsed.iter().map(|clip| clip.day).collect();
    days.sort_unstable();
    days.dedup();
    let [_, _, first_test_day, _] = days[..] else {
        return Err(all.error(None, format!("the clips are of the days {days:?}; expected four days")));
    };

    let part = |is_test: bool| -> Frame {
        let rows: Vec<usize> =
            (0..parsed.len()).filter(|&row| (parsed[row].day >= first_test_day) == is_test).collect();
        let clips = rows.iter().enumerate().map(|(number, &row)| {
            let Clip { before, label, .. } = parsed[row];
            if is_test { format!("{before}Test{number}.aif") } else { format!("{before}TRAIN{number}_{label}.aif") }
        });
        let labels = rows.iter().map(|&row| if parsed[row].label == "1" { "1" } else { "0" });
        all.take(&rows).with_texts("clip", clips).with_texts("probability", labels)
    };
    let (train, test) = (part(false), part(true));
    workspace.keep_table("train", train);
    workspace.keep_table("test", test);
    Ok(())
}

/// The parts of a clip's name.
struct Clip<'a> {
    day: &'a str,
    /// Up to the word `TRAIN`.
    before: &'a str,
    label: &'a str,
}

impl<'a> Clip<'a> {
    fn parse(name: &'a str) -> Option<Self> {
        let stem = name.strip_suffix(".aif")?;
        let (before, rest) = stem.split_once("TRAIN")?;
        let (day, _) = stem.split_once('_')?;
        let (_, label) = rest.split_once('_')?;
        Some(Self { day, before, label })
    }
}
