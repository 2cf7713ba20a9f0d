//! Which rows of a table speak of which test row.

use std::collections::HashMap;

use super::answers::{View, keys};
use crate::table::{Frame, Texts};

/// The rows of a table that speak of each unit.
pub(super) struct Joined {
    /// The column by which they were found; none if by their place.
    pub(super) by: Option<String>,
    /// The rows of each unit.
    pub(super) rows: Vec<Vec<u32>>,
}

impl Joined {
    /// Whether every unit has one row at most.
    pub(super) fn is_single(&self) -> bool {
        self.rows.iter().all(|rows| rows.len() <= 1)
    }

    /// Units that have a row.
    pub(super) fn found(&self) -> usize {
        self.rows.iter().filter(|rows| !rows.is_empty()).count()
    }
}

/// Finds the column of a table that names the units, else takes the rows in their order if there are as many.
pub(super) fn join(table: &Frame, columns: &[(String, Texts)], view: &View, units: &HashMap<String, usize>) -> Option<Joined> {
    if let Some(joined) = by_column(columns, units, view.ids.len(), 0.5) {
        return Some(joined);
    }
    (table.len() == view.total).then(|| Joined {
        by: None,
        // Records refuse to be more than a u32 counts.
        #[expect(clippy::cast_possible_truncation)]
        rows: view.places.iter().map(|&place| vec![place as u32]).collect(),
    })
}

/// The column that names the most units, if it names at least the share `least` of them.
pub(super) fn by_column(
    columns: &[(String, Texts)],
    units: &HashMap<String, usize>,
    count: usize,
    least: f64,
) -> Option<Joined> {
    let mut best: Option<(usize, Joined)> = None;
    for (name, texts) in columns {
        let mut rows = vec![Vec::new(); count];
        let mut found = 0_usize;
        for (row, cell) in texts.iter().enumerate() {
            if cell.len() > 400 {
                continue;
            }
            let unit = units.get(cell).copied().or_else(|| keys(cell).find_map(|key| units.get(&key).copied()));
            if let Some(unit) = unit {
                found += usize::from(rows[unit].is_empty());
                #[expect(clippy::cast_possible_truncation, reason = "records refuse to be more than a u32 counts")]
                rows[unit].push(row as u32);
            }
        }
        let better = best.as_ref().is_none_or(|(most, _)| found > *most);
        if found as f64 >= least * count as f64 && found > 0 && better {
            best = Some((found, Joined { by: Some(name.clone()), rows }));
        }
    }
    best.map(|(_, joined)| joined)
}
