//! What a recipe's types cannot say.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use super::{ColumnSpec, Condition, RecipeSpec, Size, SizeOf, Split, Step};

impl RecipeSpec {
    /// Checks that paths are plain, that every table is made before it is used, and that the answers and the sample
    /// are written. The error is (key, message).
    pub(in crate::spec) fn check(&self) -> Result<(), (String, String)> {
        let mut walk = Walk { tables: BTreeSet::new(), written: BTreeSet::new(), runs: false };
        walk.steps(&self.steps, "recipe.steps")?;
        for file in ["public/sample_submission.csv", "private/test_answer.csv"] {
            if !walk.runs && !walk.written.contains(file) {
                return Err(("recipe.steps".to_owned(), format!("no step writes `{file}`")));
            }
        }
        Ok(())
    }
}

struct Walk<'a> {
    tables: BTreeSet<&'a str>,
    written: BTreeSet<String>,
    /// Whether a recipe in Rust was run, which may write any file and leave any table.
    runs: bool,
}

impl<'a> Walk<'a> {
    fn steps(&mut self, steps: &'a [Step], key: &str) -> Result<(), (String, String)> {
        for (place, step) in steps.iter().enumerate() {
            self.step(step).or_else(|problem| match problem {
                Problem::Here(message) => Err((format!("{key}[{place}]"), message)),
                Problem::Inside(steps) => self.steps(steps, &format!("{key}[{place}].steps")),
            })?;
        }
        Ok(())
    }

    fn step(&mut self, step: &'a Step) -> Result<(), Problem<'a>> {
        match step {
            Step::Unpack { files, to, .. } => {
                files.iter().chain([to]).try_for_each(|path| plain(path))?;
            }
            Step::Read { file, table, .. } | Step::List { files: file, table } => {
                plain(file)?;
                self.tables.insert(table);
            }
            Step::Split(split) => self.split(split)?,
            Step::Keep { table, into, is, .. } => {
                self.known(table)?;
                if let Condition::In(other) | Condition::NotIn(other) = is {
                    self.known(&other.table)?;
                }
                self.made(table, into);
            }
            Step::Shuffle { table, into, .. } | Step::Sort { table, into, .. } | Step::Distinct { table, into, .. } => {
                self.known(table)?;
                self.made(table, into);
            }
            Step::Stack { tables, into } => {
                if tables.is_empty() {
                    return Err("`tables` names no table".to_owned().into());
                }
                tables.iter().try_for_each(|table| self.known(table))?;
                self.tables.insert(into);
            }
            Step::Unpivot { table, into, columns, except, .. } => {
                self.known(table)?;
                if columns.is_empty() == except.is_empty() {
                    return Err("`unpivot` needs either `columns` or `except`".to_owned().into());
                }
                self.made(table, into);
            }
            Step::Join { table, into, with, .. } => {
                self.known(table)?;
                self.known(with)?;
                self.made(table, into);
            }
            Step::Columns { table, into, columns } => {
                self.known(table)?;
                self.columns(columns)?;
                self.made(table, into);
            }
            Step::Write { file, table, columns, .. } => {
                self.known(table)?;
                self.columns(columns)?;
                output(file)?;
                self.written.insert(file.clone());
            }
            Step::Place { table, file, to, .. } => {
                self.known(table)?;
                plain(file)?;
                output(to)?;
            }
            Step::Copy { files, to, .. } => {
                files.iter().try_for_each(|path| plain(path))?;
                output(to)?;
                self.written.insert(to.clone());
                for file in files {
                    let name = file.rsplit('/').next().unwrap_or(file);
                    self.written.insert(format!("{}/{name}", to.trim_end_matches('/')));
                }
            }
            Step::Script { file } => {
                plain(file)?;
                self.runs = true;
            }
            Step::Run { .. } => self.runs = true,
            Step::Corrected { steps } | Step::MleDojo { steps } => return Err(Problem::Inside(steps)),
        }
        Ok(())
    }

    fn split(&mut self, split: &'a Split) -> Result<(), Problem<'a>> {
        self.known(&split.table)?;
        if let Size::Of(size) = &split.size {
            match size {
                SizeOf::Ratio { table, against, within, .. } => {
                    [Some(table), against.as_ref()].into_iter().flatten().try_for_each(|table| self.known(table))?;
                    SizeOf::counts(within.as_deref(), 0.5)?;
                }
                SizeOf::RowsOf(table) => self.known(table)?,
                SizeOf::Count { rows, of } if rows >= of => {
                    return Err(format!("{rows} of {of} rows leaves none for the other part").into());
                }
                SizeOf::Count { .. } => {}
            }
        }
        if split.stratify.is_some() && (split.by.is_some() || split.method != super::Method::TrainTestSplit) {
            return Err("`stratify` goes with the method `train-test-split`, and not with `by`".to_owned().into());
        }
        if split.seed.is_some() == (split.method == super::Method::Cut) {
            return Err("a split needs a `seed`, but for the method `cut`, which draws nothing".to_owned().into());
        }
        self.tables.extend([split.train.as_str(), split.test.as_str()]);
        Ok(())
    }

    fn known(&self, table: &str) -> Result<(), String> {
        if self.runs || self.tables.contains(table) {
            return Ok(());
        }
        Err(format!("there is no table `{table}` yet; steps before this one made {:?}", self.tables))
    }

    fn made(&mut self, table: &'a str, into: &'a str) {
        self.tables.insert(if into.is_empty() { table } else { into });
    }

    fn columns(&self, columns: &[ColumnSpec]) -> Result<(), String> {
        columns.iter().try_for_each(|column| match column {
            ColumnSpec::Derived(column) => {
                [&column.classes_of, &column.classes_in_header_of, &column.columns_of, &column.count_after]
                    .into_iter()
                    .flatten()
                    .try_for_each(|table| self.known(table))
            }
            ColumnSpec::Named(_) => Ok(()),
        })
    }
}

/// Why a step was not checked to its end.
enum Problem<'a> {
    Here(String),
    /// It holds steps of its own.
    Inside(&'a [Step]),
}

impl From<String> for Problem<'_> {
    fn from(message: String) -> Self {
        Self::Here(message)
    }
}

/// A relative path that stays below its folder.
fn plain(path: &str) -> Result<(), String> {
    let below = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if below { Ok(()) } else { Err(format!("`{path}` is not a plain path below a folder")) }
}

/// A path in the competition's folder.
fn output(path: &str) -> Result<(), String> {
    plain(path)?;
    if path.starts_with("public/") || path.starts_with("private/") {
        return Ok(());
    }
    Err(format!("`{path}` does not begin with `public/` or `private/`"))
}
