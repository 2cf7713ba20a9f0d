//! novozymes-enzyme-stability-prediction: corrections of the training table.

use std::collections::HashMap;

use crate::error::PrepareError;
use crate::table::Texts;
use crate::workspace::Workspace;

const KEY: &str = "seq_id";

/// Overwrites the rows of the table `all` that the table `updates` has as well, blanks included: a row that was
/// withdrawn is blank there but for its key, and stays.
pub(super) fn update(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let Ok(updates) = workspace.table("updates") else { return Ok(()) };
    let mut all = workspace.table("all")?.clone();
    let keys = updates.texts(KEY)?;
    let corrected: HashMap<&str, usize> = keys.places();
    let rows: Vec<Option<usize>> =
        all.texts(KEY)?.iter().map(|key| corrected.get(key).copied().filter(|_| !key.is_empty())).collect();
    let shared: Vec<String> = all.column_names().filter(|name| updates.has(name)).map(str::to_owned).collect();
    for name in shared {
        let (old, new) = (all.texts(&name)?, updates.texts(&name)?);
        let texts = rows.iter().enumerate().map(|(row, update)| update.map_or(old.get(row), |update| new.get(update)));
        all = all.with_texts(&name, texts.collect::<Texts>().iter());
    }
    workspace.keep_table("all", all);
    Ok(())
}
