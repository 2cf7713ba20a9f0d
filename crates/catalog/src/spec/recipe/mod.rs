//! `[recipe]`: from a download to `public/` and `private/`, step by step.
//!
//! Steps read files of the download into tables of text, split and filter them, and write tables and place files in
//! the competition's folder. A step names the tables it takes and gives. `docs/recipes.md` shows each with an example.

mod check;
mod column;
mod size;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use column::{ColumnSpec, DerivedColumn, Draw};
pub use size::{Rounding, Share, Size, SizeOf};

/// `[recipe]`: how a download becomes a competition's folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipeSpec {
    /// What is done, in this order.
    pub steps: Vec<Step>,
}

impl RecipeSpec {
    /// The files of the scripts that it runs.
    #[must_use]
    pub fn scripts(&self) -> Vec<&str> {
        fn collect<'a>(steps: &'a [Step], files: &mut Vec<&'a str>) {
            for step in steps {
                match step {
                    Step::Script { file } => files.push(file),
                    Step::Corrected { steps } | Step::MleDojo { steps } => collect(steps, files),
                    _ => {}
                }
            }
        }
        let mut files = Vec::new();
        collect(&self.steps, &mut files);
        files
    }
}

/// One step of a recipe. Paths are relative: those read below the download, or what was unpacked from it; those
/// written begin with `public/` or `private/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Unpacks archives (zip, gz, tar, tar.gz, 7z) beside the download's files. One that is already unpacked is
    /// passed over.
    Unpack {
        /// The archives; `*` stands for any name.
        files: Vec<String>,
        /// The folder that they are unpacked to, relative to the download.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        to: String,
        /// A missing archive is no error.
        #[serde(default, skip_serializing_if = "is_false")]
        optional: bool,
        /// Where people find the archives, if they are no part of Kaggle's download.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
    /// Reads a table: comma-separated, or tab-separated if the name ends in `.tsv`. Every cell stays the text it was.
    Read {
        /// The file.
        file: String,
        /// What the table is called.
        table: String,
        /// Columns to be called otherwise, by their name in the file.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        rename: BTreeMap<String, String>,
        /// What becomes of rows with more cells than the header.
        #[serde(default, skip_serializing_if = "is_default")]
        long_rows: LongRows,
        /// How bytes become text.
        #[serde(default, skip_serializing_if = "is_default")]
        encoding: Encoding,
        /// A missing file gives no table, and is no error.
        #[serde(default, skip_serializing_if = "is_false")]
        optional: bool,
    },
    /// Makes a table of files, sorted by path: columns `path` (relative), `name`, `stem` (up to the last dot) and
    /// `folder` (the name of the folder it lies in). Hidden files are left out.
    List {
        /// The files; `*` stands for any name.
        files: String,
        /// What the table is called.
        table: String,
    },
    /// Divides the rows of a table in two.
    Split(Box<Split>),
    /// Keeps the rows that fulfil a condition, in their order.
    Keep {
        /// The table.
        table: String,
        /// What the result is called; the table's own name unless said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        into: String,
        /// The column that is looked at.
        column: String,
        /// What its cell must be.
        is: Condition,
    },
    /// Puts the rows in the order of NumPy's `RandomState(seed).permutation(n)`, which is pandas' `sample(frac=1)`.
    Shuffle {
        /// The table.
        table: String,
        /// What the result is called; the table's own name unless said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        into: String,
        /// The seed.
        seed: u32,
    },
    /// Sorts the rows, stably: as numbers where all cells of a column are numbers, else as text.
    Sort {
        /// The table.
        table: String,
        /// What the result is called; the table's own name unless said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        into: String,
        /// The columns, the most important first.
        by: Vec<String>,
    },
    /// Keeps the first row of each distinct cell of a column.
    Distinct {
        /// The table.
        table: String,
        /// What the result is called; the table's own name unless said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        into: String,
        /// The column.
        column: String,
    },
    /// Puts the rows of several tables one below the other.
    Stack {
        /// The tables; the first one's columns are the result's, and the others must have them.
        tables: Vec<String>,
        /// What the result is called.
        into: String,
    },
    /// Makes several rows of each: one for each of some columns. The other columns stay as they are in each.
    Unpivot {
        /// The table.
        table: String,
        /// What the result is called; the table's own name unless said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        into: String,
        /// The columns that become rows; without it, all but those of `except`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        columns: Vec<String>,
        /// Where `columns` doesn't say, the columns that stay.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        except: Vec<String>,
        /// A new column for the names of the columns that became rows.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
        /// A new column for their places, counted from 0.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        place: String,
        /// A new column for their cells.
        value: String,
    },
    /// Adds columns of another table: the cells of the row that has the same key. Where no row has, they are blank.
    Join {
        /// The table.
        table: String,
        /// What the result is called; the table's own name unless said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        into: String,
        /// The other table. No two of its rows may have the same key.
        with: String,
        /// The column that holds the key in both.
        on: String,
        /// The other table's columns that are added.
        columns: Vec<String>,
    },
    /// Makes a table of other columns.
    Columns {
        /// The table.
        table: String,
        /// What the result is called; the table's own name unless said.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        into: String,
        /// The columns.
        columns: Vec<ColumnSpec>,
    },
    /// Writes a table: comma-separated, or tab-separated if the name ends in `.tsv`.
    Write {
        /// The file.
        file: String,
        /// The table.
        table: String,
        /// Its columns; all of the table's unless said.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        columns: Vec<ColumnSpec>,
        /// Columns of the table that are left out, where `columns` doesn't name them; `*` stands for any part of a
        /// name.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        drop: Vec<String>,
        /// Columns of the table that come last, where `columns` doesn't say.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        last: Vec<String>,
    },
    /// Places a file, or a whole folder, for each row of a table: as a hard link where that is possible, else as a
    /// copy. `{column}` stands for the row's cell, `{column[0]}` for its first character,
    /// `{column[:-4]}` for all but its last four.
    Place {
        /// The table.
        table: String,
        /// The file or folder.
        file: String,
        /// Where it goes.
        to: String,
        /// A missing file is no error.
        #[serde(default, skip_serializing_if = "is_false")]
        optional: bool,
    },
    /// Places files, or whole folders, under their own names.
    Copy {
        /// What is copied; `*` stands for any name.
        files: Vec<String>,
        /// The folder that it goes to, or, for a single file without `*`, its new name.
        to: String,
        /// Names that are left out; `*` stands for any name.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        except: Vec<String>,
        /// Folders are left out.
        #[serde(default, skip_serializing_if = "is_false")]
        plain: bool,
        /// Missing files are no error.
        #[serde(default, skip_serializing_if = "is_false")]
        optional: bool,
    },
    /// Runs a recipe that is written in Rust, for what steps cannot say.
    Run {
        /// Its name.
        recipe: String,
    },
    /// Runs a script of the competition's own folder in the sandbox: Python, or `sh` if its name ends in `.sh`. It
    /// reads `/kaggle/input/raw` and `/kaggle/input/unpacked`, and makes `public/` and `private/` where it starts.
    Script {
        /// The script's file.
        file: String,
    },
    /// Steps of protocol `corrected` alone.
    Corrected {
        /// The steps.
        steps: Vec<Step>,
    },
    /// Steps of protocol `mle-dojo` alone.
    MleDojo {
        /// The steps.
        steps: Vec<Step>,
    },
}

/// How the rows of a table are divided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Split {
    /// The table.
    pub table: String,
    /// What the part that is learnt from is called.
    pub train: String,
    /// What the part that is predicted is called.
    pub test: String,
    /// How rows are drawn.
    #[serde(default, skip_serializing_if = "is_default")]
    pub method: Method,
    /// How large a part is.
    pub size: Size,
    /// Which part `size` speaks of.
    #[serde(default, skip_serializing_if = "is_default")]
    pub part: Part,
    /// How a share becomes a number of rows. Without it, as scikit-learn does: the test part up, the train part down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Rounding>,
    /// Which part takes the first rows, under the methods `sample`, `shuffle` and `cut`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub first: Part,
    /// The seed; not with `cut`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// A column whose values come in both parts in the same shares, as scikit-learn does it. Only for
    /// `train-test-split` without `by`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stratify: Option<String>,
    /// A column whose distinct values are divided, not the rows: rows of one value stay together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The order of the distinct values, before they are drawn from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub units: Units,
    /// The order of the rows in the parts: as drawn, or as in the table. Rows divided by the values of a column stay
    /// as in the table unless `drawn` is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<RowOrder>,
}

/// How rows are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// scikit-learn's `train_test_split`, shuffled.
    #[default]
    TrainTestSplit,
    /// pandas' `sample`: one part as drawn, the other in the order of the table.
    Sample,
    /// All rows shuffled as by pandas' `sample(frac=1)`, then cut in two.
    Shuffle,
    /// The rows as they are, cut in two.
    Cut,
}

/// One of the two parts of a split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// What is learnt from.
    Train,
    /// What is predicted.
    #[default]
    Test,
}

/// The order of distinct values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Units {
    /// As they come in the table.
    #[default]
    AsSeen,
    /// As numbers where all are, else as text.
    Sorted,
}

/// The order of rows after a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowOrder {
    /// As drawn.
    Drawn,
    /// As in the table.
    Table,
}

/// What becomes of rows with more cells than the header has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LongRows {
    /// The file is refused.
    #[default]
    Refuse,
    /// They are left out.
    Skip,
}

/// How bytes become text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    Utf8,
    /// UTF-8 where the file is, else Latin-1.
    Utf8OrLatin1,
}

/// What a cell must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// Not blank.
    Filled,
    /// Blank.
    Blank,
    /// One of these texts.
    OneOf(Vec<String>),
    /// None of these texts.
    NoneOf(Vec<String>),
    /// A value of a table's column.
    In(ColumnOf),
    /// No value of a table's column.
    NotIn(ColumnOf),
}

/// A column of another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ColumnOf {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}
