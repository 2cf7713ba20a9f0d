//! Doing what a recipe says.

mod columns;
pub(crate) mod split;
pub(crate) mod template;

use std::collections::{HashMap, HashSet};

use mledojo_catalog::spec::recipe::{Condition, Step};

use crate::error::PrepareError;
use crate::random::RandomState;
use crate::recipes;
use crate::table::{Frame, Texts};
use crate::workspace::{Choice, Workspace};

/// Does all steps, one after the other; steps that place files and follow each other at once, for two folders take
/// files faster than one.
pub(crate) fn run(steps: &[Step], workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let is_place = |step: &Step| matches!(step, Step::Place { .. });
    for steps in steps.chunk_by(|step, next| is_place(step) && is_place(next)) {
        let mut files = Vec::new();
        for step in steps {
            match step {
                Step::Place { table, file, to, optional } => {
                    files.extend(workspace.placements(workspace.table(table)?, file, to, *optional)?);
                }
                step => run_step(step, workspace)?,
            }
        }
        if !files.is_empty() {
            workspace.place(files)?;
        }
    }
    Ok(())
}

fn run_step(step: &Step, workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    match step {
        Step::Unpack { files, to, optional, url } => {
            for pattern in files {
                match (workspace.unpack(pattern, to), url) {
                    (Err(PrepareError::RawMissing { .. }), _) if *optional => {}
                    (Err(PrepareError::RawMissing { path, raw, .. }), Some(url)) => {
                        return Err(PrepareError::RawElsewhere { path, raw, url: url.clone() });
                    }
                    (result, _) => result?,
                }
            }
        }
        Step::Read { file, table, rename, long_rows, encoding, optional } => {
            let mut frame = match workspace.read_as(file, *long_rows, *encoding) {
                Err(PrepareError::RawMissing { .. }) if *optional => return Ok(()),
                result => result?,
            };
            for (from, to) in rename {
                frame = frame.rename(from, to)?;
            }
            workspace.keep_table(table, frame);
        }
        Step::List { files, table } => {
            let listing = list(files, workspace)?;
            workspace.keep_table(table, listing);
        }
        Step::Split(split) => split::run(split, workspace)?,
        Step::Keep { table, into, column, is } => {
            let frame = workspace.table(table)?;
            let kept = match is {
                Condition::Filled => frame.keep(column, |cell| !cell.is_empty())?,
                Condition::Blank => frame.keep(column, str::is_empty)?,
                Condition::OneOf(texts) => frame.keep(column, |cell| texts.iter().any(|text| text == cell))?,
                Condition::NoneOf(texts) => frame.keep(column, |cell| texts.iter().all(|text| text != cell))?,
                Condition::In(other) => {
                    let values = workspace.table(&other.table)?.texts(&other.column)?;
                    let values: HashSet<&str> = values.iter().collect();
                    frame.keep(column, |cell| values.contains(cell))?
                }
                Condition::NotIn(other) => {
                    let values = workspace.table(&other.table)?.texts(&other.column)?;
                    let values: HashSet<&str> = values.iter().collect();
                    frame.keep(column, |cell| !values.contains(cell))?
                }
            };
            workspace.keep_table(or(into, table), kept);
        }
        Step::Shuffle { table, into, seed } => {
            let frame = workspace.table(table)?;
            let shuffled = frame.take(&RandomState::new(*seed).permutation(frame.len()));
            workspace.keep_table(or(into, table), shuffled);
        }
        Step::Sort { table, into, by } => {
            let mut frame = workspace.table(table)?.clone();
            // A stable sort by the least important column first.
            for column in by.iter().rev() {
                frame = frame.take(&frame.texts(column)?.sorted());
            }
            workspace.keep_table(or(into, table), frame);
        }
        Step::Distinct { table, into, column } => {
            let frame = workspace.table(table)?;
            let first = frame.take(&frame.texts(column)?.codes().1);
            workspace.keep_table(or(into, table), first);
        }
        Step::Stack { tables, into } => {
            let tables = tables.iter().map(|table| workspace.table(table)).collect::<Result<Vec<_>, _>>()?;
            let stacked = Frame::stack(&tables)?;
            workspace.keep_table(into, stacked);
        }
        Step::Unpivot { table, into, columns, except, name, place, value } => {
            let frame = workspace.table(table)?;
            let rows = unpivot(frame, columns, except, [name, place, value])?;
            workspace.keep_table(or(into, table), rows);
        }
        Step::Join { table, into, with, on, columns } => {
            let joined = join(workspace.table(table)?, workspace.table(with)?, on, columns)?;
            workspace.keep_table(or(into, table), joined);
        }
        Step::Columns { table, into, columns } => {
            let frame = columns::make(workspace.table(table)?, columns, workspace)?;
            workspace.keep_table(or(into, table), frame);
        }
        Step::Write { file, table, columns, drop, last } => {
            let frame = workspace.table(table)?;
            let frame = columns::drop(frame, drop, workspace)?;
            let frame =
                if columns.is_empty() { frame.with_last(last)? } else { columns::make(&frame, columns, workspace)? };
            workspace.write(file, &frame)?;
        }
        // Done by `run`.
        Step::Place { .. } => {}
        Step::Copy { files, to, except, plain, optional } => {
            let except: Vec<&str> = except.iter().map(String::as_str).collect();
            copy(files, to, &Choice { except: &except, plain: *plain }, *optional, workspace)?;
        }
        Step::Run { recipe } => {
            let run = recipes::find(recipe)
                .ok_or_else(|| workspace.error(format!("there is no recipe `{recipe}` written in Rust")))?;
            run(workspace)?;
        }
        Step::Script { file } => workspace.run_script(file)?,
        Step::Corrected { steps } if workspace.corrected() => run(steps, workspace)?,
        Step::MleDojo { steps } if !workspace.corrected() => run(steps, workspace)?,
        Step::Corrected { .. } | Step::MleDojo { .. } => {}
    }
    Ok(())
}

/// The table with a row for each of `columns` (or all but `except`) in place of each row; `new` names the columns for
/// their name, place and cell.
fn unpivot(
    frame: &Frame,
    columns: &[String],
    except: &[String],
    [name, place, value]: [&str; 3],
) -> Result<Frame, PrepareError> {
    let chosen: Vec<String> = match columns {
        [] => {
            frame.column_names().filter(|name| !except.iter().any(|except| except == name)).map(str::to_owned).collect()
        }
        columns => columns.to_vec(),
    };
    let cells = chosen.iter().map(|column| frame.texts(column)).collect::<Result<Vec<_>, _>>()?;
    let places: Vec<usize> = (0..frame.len()).flat_map(|row| std::iter::repeat_n(row, chosen.len())).collect();
    let mut rows = frame.without(&chosen)?.take(&places);
    if !name.is_empty() {
        rows = rows.with_texts(name, (0..frame.len()).flat_map(|_| &chosen));
    }
    if !place.is_empty() {
        rows = rows.with_texts(place, (0..frame.len()).flat_map(|_| 0..chosen.len()).map(|place| place.to_string()));
    }
    Ok(rows.with_texts(value, (0..frame.len()).flat_map(|row| cells.iter().map(move |cells| cells.get(row)))))
}

/// The table with columns of another: the cells of its row that has the same key in column `on`.
fn join(frame: &Frame, other: &Frame, on: &str, columns: &[String]) -> Result<Frame, PrepareError> {
    let keys = other.texts(on)?;
    let mut rows: HashMap<&str, usize> = HashMap::with_capacity(keys.len());
    for (row, key) in keys.iter().enumerate() {
        if rows.insert(key, row).is_some() {
            return Err(other.error(Some(row), format!("column `{on}` has `{key}` a second time")));
        }
    }
    let found: Vec<Option<usize>> = frame.texts(on)?.iter().map(|key| rows.get(key).copied()).collect();
    let mut joined = frame.clone();
    for column in columns {
        let cells = other.texts(column)?;
        joined = joined.with_texts(column, found.iter().map(|row| row.map_or("", |row| cells.get(row))));
    }
    Ok(joined)
}

/// A name, or another where it is not given.
fn or<'a>(name: &'a str, other: &'a str) -> &'a str {
    if name.is_empty() { other } else { name }
}

/// The table of the files that a pattern fits.
pub(crate) fn list(pattern: &str, workspace: &Workspace<'_>) -> Result<Frame, PrepareError> {
    let found = workspace.glob(pattern)?;
    let found: Vec<_> = found.into_iter().filter(|found| found.file.is_file()).collect();
    if found.is_empty() {
        return Err(workspace.missing(pattern));
    }
    let column = |part: fn(&str) -> &str| found.iter().map(|found| part(&found.path)).collect::<Texts>();
    Ok(Frame::of_columns(
        pattern,
        [
            ("path", column(|path| path)),
            ("name", column(|path| file_name(path))),
            ("stem", column(|path| file_name(path).rsplit_once('.').map_or(file_name(path), |(stem, _)| stem))),
            ("folder", column(|path| path.rsplit_once('/').map_or("", |(folder, _)| file_name(folder)))),
        ],
    ))
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn copy(
    files: &[String],
    to: &str,
    choice: &Choice<'_>,
    optional: bool,
    workspace: &mut Workspace<'_>,
) -> Result<(), PrepareError> {
    if let [file] = files
        && !file.contains('*')
        && !to.ends_with('/')
    {
        return match workspace.find(file) {
            Ok(found) => workspace.place(vec![(found, to.to_owned())]),
            Err(PrepareError::RawMissing { .. }) if optional => Ok(()),
            Err(error) => Err(error),
        };
    }
    for pattern in files {
        if workspace.copy(pattern, to, choice)? == 0 && !optional {
            return Err(workspace.missing(pattern));
        }
    }
    Ok(())
}
