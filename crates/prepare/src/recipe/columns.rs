//! Making the columns that a step asks for.

use std::collections::HashMap;
use std::sync::Arc;

use mledojo_catalog::spec::recipe::{ColumnSpec, DerivedColumn, Draw};

use super::template;
use crate::error::PrepareError;
use crate::python_json;
use crate::random::{DrawError, RandomState};
use crate::table::{Cells, Frame, Texts};
use crate::workspace::Workspace;

/// All columns but those that these names or patterns fit.
pub(super) fn drop(frame: &Frame, names: &[String], workspace: &Workspace<'_>) -> Result<Frame, PrepareError> {
    let mut frame = frame.clone();
    for name in names {
        if name.contains('*') {
            let pattern = glob::Pattern::new(name).map_err(|error| workspace.error(format!("`{name}`: {error}")))?;
            let fits: Vec<String> =
                frame.column_names().filter(|name| pattern.matches(name)).map(str::to_owned).collect();
            frame = frame.without(&fits)?;
        } else {
            frame = frame.without(&[name])?;
        }
    }
    Ok(frame)
}

/// The columns, in the order in which they are asked for.
pub(super) fn make(frame: &Frame, columns: &[ColumnSpec], workspace: &Workspace<'_>) -> Result<Frame, PrepareError> {
    let mut made: Vec<(String, Cells)> = Vec::new();
    let named = |name: &str| {
        columns.iter().any(|column| match column {
            ColumnSpec::Named(named) => named == name,
            ColumnSpec::Derived(column) => column.name == name,
        })
    };
    for column in columns {
        match column {
            ColumnSpec::Named(name) if name == "*" => {
                for name in frame.column_names().filter(|name| !named(name)) {
                    made.push((name.to_owned(), frame.cells(name)?));
                }
            }
            ColumnSpec::Named(name) => made.push((name.clone(), frame.cells(name)?)),
            ColumnSpec::Derived(column) => derive(frame, column, workspace, &mut made)?,
        }
    }
    let mut result = frame.select::<&str>(&[])?;
    for (name, cells) in made {
        if result.has(&name) {
            return Err(workspace.error(format!("two columns called `{name}`")));
        }
        result = result.with(&name, cells);
    }
    Ok(result)
}

fn derive(
    frame: &Frame,
    column: &DerivedColumn,
    workspace: &Workspace<'_>,
    made: &mut Vec<(String, Cells)>,
) -> Result<(), PrepareError> {
    let own = |texts: Texts| Cells::Own(Arc::new(texts));
    let cells = if let Some(from) = &column.from {
        if column.map.is_empty() { frame.cells(from)? } else { own(mapped(frame, from, column)?) }
    } else if let Some(value) = &column.value {
        Cells::Constant(Arc::from(value.as_str()))
    } else if let Some(text) = &column.text {
        own(template::fill(frame, text)?)
    } else if let Some(first) = column.count_from {
        own((first..first + frame.len()).map(|number| number.to_string()).collect())
    } else if let Some(table) = &column.count_after {
        let first = workspace.table(table)?.len();
        own((first..first + frame.len()).map(|number| number.to_string()).collect())
    } else if let Some(from) = column.draw {
        own(drawn(from, frame.len()).map_err(|error| workspace.error(format!("column `{}`: {error}", column.name)))?)
    } else if let Some(from) = &column.number_of {
        own(frame.texts(from)?.codes().0.iter().map(usize::to_string).collect())
    } else if let Some(label) = &column.one_hot {
        return one_hot(frame, label, column, workspace, made);
    } else if let Some(table) = &column.columns_of {
        let missing = |name: &&str| made.iter().all(|(made, _)| made != name);
        let names: Vec<&str> = workspace.table(table)?.column_names().filter(missing).collect();
        for name in names {
            match &column.fill {
                Some(fill) => made.push((name.to_owned(), Cells::Constant(Arc::from(fill.as_str())))),
                None if frame.has(name) => made.push((name.to_owned(), frame.cells(name)?)),
                None => {}
            }
        }
        return Ok(());
    } else {
        return Err(workspace.error(format!("column `{}` says not how it is made", column.name)));
    };
    made.push((column.name.clone(), cells));
    Ok(())
}

/// Numbers drawn by NumPy's legacy generator, seeded with 0.
fn drawn(from: Draw, count: usize) -> Result<Texts, DrawError> {
    let mut random = RandomState::new(0);
    (0..count)
        .map(|_| match from {
            Draw::Integers(low, high) => random.randint(low, high).map(|number| number.to_string()),
            Draw::Uniform(low, high) => Ok(python_json::float(random.uniform(low, high))),
            Draw::Normal(mean, deviation) => Ok(python_json::float(random.normal(mean, deviation))),
        })
        .collect()
}

fn mapped(frame: &Frame, from: &str, column: &DerivedColumn) -> Result<Texts, PrepareError> {
    let mut texts = Texts::default();
    for (row, cell) in frame.texts(from)?.iter().enumerate() {
        let text = column.map.get(cell).ok_or_else(|| {
            let known: Vec<&String> = column.map.keys().take(20).collect();
            frame.error(Some(row), format!("column `{from}` holds `{cell}`; expected one of {known:?}"))
        })?;
        texts.push(text);
    }
    Ok(texts)
}

/// A column of 0 and 1 for each class.
fn one_hot(
    frame: &Frame,
    label: &str,
    column: &DerivedColumn,
    workspace: &Workspace<'_>,
    made: &mut Vec<(String, Cells)>,
) -> Result<(), PrepareError> {
    let classes: Vec<String> = match (&column.classes_of, &column.classes_in_header_of) {
        (Some(table), _) => {
            let cells = workspace.table(table)?.texts(label)?;
            let mut classes: Vec<&str> = cells.codes().1.into_iter().map(|first| cells.get(first)).collect();
            classes.sort_unstable();
            classes.into_iter().map(str::to_owned).collect()
        }
        (None, Some(table)) => workspace.table(table)?.column_names().skip(1).map(str::to_owned).collect(),
        (None, None) => column.classes.clone(),
    };
    let places: HashMap<&str, usize> =
        classes.iter().enumerate().map(|(place, class)| (class.as_str(), place)).collect();
    let mut found = vec![Vec::new(); classes.len()];
    for (row, cell) in frame.texts(label)?.iter().enumerate() {
        if let Some(separator) = &column.separator {
            cell.split(separator.as_str())
                .filter_map(|label| places.get(label))
                .for_each(|&place| found[place].push(row));
            continue;
        }
        let place = places.get(cell).ok_or_else(|| {
            frame.error(
                Some(row),
                format!("column `{label}` holds `{cell}`, which is none of the {} classes", places.len()),
            )
        })?;
        found[*place].push(row);
    }
    for (class, rows) in classes.iter().zip(found) {
        let mut texts = vec!["0"; frame.len()];
        rows.into_iter().for_each(|row| texts[row] = "1");
        made.push((class.clone(), Cells::Own(Arc::new(texts.into_iter().collect()))));
    }
    Ok(())
}
