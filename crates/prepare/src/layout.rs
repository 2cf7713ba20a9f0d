//! From the rows of the source to the files of a competition, in memory.

use mledojo_catalog::spec::{ImageSpec, Layout, PrepareSpec, Task};
use mledojo_catalog::{BoardKind, BoardSource, Competition, Spec};

use crate::error::PrepareError;
use crate::image;
use crate::source::{Table, shortest};
use crate::split::{hash_order, latest, stratified};

/// A file to write.
pub(crate) struct OutputFile {
    /// Path relative to the competition's directory, with `/`.
    pub(crate) path: String,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
    /// Data rows, for a table.
    pub(crate) rows: Option<usize>,
}

/// All files of a competition but the manifest, by path.
pub(crate) fn files(
    competition: &Competition,
    recipe: &PrepareSpec,
    table: &Table,
) -> Result<Vec<OutputFile>, PrepareError> {
    let plan = Plan::new(&competition.spec, recipe, table)?;
    let mut files = vec![OutputFile {
        path: "public/description.md".to_owned(),
        bytes: competition.brief.as_bytes().to_vec(),
        rows: None,
    }];
    match recipe.layout {
        Layout::Table => plan.write_rows(&plan.rows_by_hash()?, None, &mut files)?,
        Layout::Images => {
            let image = recipe.image.ok_or_else(|| {
                plan.spec_error("prepare.image", "layout `images` needs width, height and white".to_owned())
            })?;
            plan.write_rows(&plan.rows_by_hash()?, Some(image), &mut files)?;
        }
        Layout::Series => plan.write_rows(&plan.rows_by_time()?, None, &mut files)?,
    }
    files.extend(boards(competition));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The boards' scores, for competitions that have every one.
pub(crate) fn boards(competition: &Competition) -> Vec<OutputFile> {
    let mut files = Vec::new();
    for (kind, path) in
        [(BoardKind::Public, "private/public_leaderboard.csv"), (BoardKind::Private, "private/private_leaderboard.csv")]
    {
        let board = competition.leaderboard.board(kind);
        // A summary is no list of scores, and what a user imported stays where it is.
        if let Some(board) = board.filter(|board| board.source() == BoardSource::Exact) {
            let mut csv = Csv::new(["rank", "score"]);
            for (place, score) in board.scores().iter().enumerate() {
                csv.push([(place + 1).to_string(), score.to_string()]);
            }
            files.push(csv.into_file(path));
        }
    }
    files
}

/// A row of the source with its place in the competition.
struct Row {
    /// Its number in the source.
    source: usize,
    /// What names it in all tables.
    id: String,
    is_test: bool,
}

/// The spec, checked against the columns of the source.
struct Plan<'a> {
    spec: &'a Spec,
    recipe: &'a PrepareSpec,
    table: &'a Table,
    /// The target's place among the columns.
    target: usize,
    /// The predicted cells of the sample submission.
    sample: Vec<&'a str>,
}

impl<'a> Plan<'a> {
    fn new(spec: &'a Spec, recipe: &'a PrepareSpec, table: &'a Table) -> Result<Self, PrepareError> {
        let target = recipe.columns.iter().position(|column| *column == recipe.target);
        let sample = spec.submission.sample.get(1).map(|line| line.split(',').skip(1).collect()).unwrap_or_default();
        let plan = Self { spec, recipe, table, target: target.unwrap_or_default(), sample };
        let targets = &spec.submission.target_columns;
        if target.is_none() {
            let message = format!("`{}` is not among prepare.columns", recipe.target);
            return Err(plan.spec_error("prepare.target", message));
        }
        if plan.sample.len() != targets.len() {
            let message = format!("the second line must have an id and {} more cells", targets.len());
            return Err(plan.spec_error("submission.sample", message));
        }
        if targets.len() > 1 && recipe.labels.len() != targets.len() {
            let message = format!("{} labels for {} target columns", recipe.labels.len(), targets.len());
            return Err(plan.spec_error("prepare.labels", message));
        }
        if targets.len() == 1 && targets[0] != recipe.target {
            let message = format!("`{}`, but the predicted column is `{}`", recipe.target, targets[0]);
            return Err(plan.spec_error("prepare.target", message));
        }
        Ok(plan)
    }

    fn spec_error(&self, key: &'static str, message: String) -> PrepareError {
        PrepareError::Spec { slug: self.spec.slug.clone(), key, message }
    }

    fn id_column(&self) -> &'a str {
        &self.spec.submission.id_columns[0]
    }

    /// Rows by their new numbers, split by hash: within classes where the target is a class.
    fn rows_by_hash(&self) -> Result<Vec<Row>, PrepareError> {
        let rows = &self.table.rows;
        let fraction = self.recipe.test_fraction;
        let is_class = matches!(self.spec.task, Task::BinaryClassification | Task::MulticlassClassification);
        let classes: Vec<&str> = rows.iter().map(|row| if is_class { row[self.target].as_str() } else { "" }).collect();
        if let Some(row) = rows.iter().position(|row| row[self.target].is_empty()) {
            return Err(self.table.invalid(row, "the target is blank".to_owned()));
        }
        let is_test = stratified(&self.spec.slug, &classes, fraction);
        let order = hash_order(&self.spec.slug, "id", rows.len());
        Ok(order
            .into_iter()
            .enumerate()
            .map(|(place, source)| Row { source, id: (place + 1).to_string(), is_test: is_test[source] })
            .collect())
    }

    /// Rows by date, which is their id; of the latest, only those whose target is known.
    fn rows_by_time(&self) -> Result<Vec<Row>, PrepareError> {
        let date = self.recipe.columns.iter().position(|column| column == self.id_column()).ok_or_else(|| {
            self.spec_error("submission.id_columns", "layout `series` needs a column of the source".to_owned())
        })?;
        let is_test = latest(self.table.rows.len(), self.recipe.test_fraction);
        let mut rows: Vec<Row> = Vec::new();
        let mut previous = String::new();
        for (source, cells) in self.table.rows.iter().enumerate() {
            let id = iso_date(&cells[date])
                .ok_or_else(|| self.table.invalid(source, format!("`{}` is not a date YYYYMMDD", cells[date])))?;
            if id <= previous {
                return Err(self.table.invalid(source, format!("{id} does not come after {previous}")));
            }
            previous.clone_from(&id);
            if !(is_test[source] && cells[self.target].is_empty()) {
                rows.push(Row { source, id, is_test: is_test[source] });
            }
        }
        Ok(rows)
    }

    /// The four tables, and the images where there are any.
    fn write_rows(
        &self,
        rows: &[Row],
        image: Option<ImageSpec>,
        files: &mut Vec<OutputFile>,
    ) -> Result<(), PrepareError> {
        let columns = &self.recipe.columns;
        let features: Vec<usize> =
            (0..columns.len()).filter(|&column| column != self.target && columns[column] != self.id_column()).collect();
        let mut header = vec![self.id_column()];
        match image {
            Some(_) => header.push("file"),
            None => header.extend(features.iter().map(|&column| columns[column].as_str())),
        }
        let predicted = || self.spec.submission.target_columns.iter().map(String::as_str);
        let mut test = Csv::new(header.iter().copied());
        let mut train = Csv::new(header.into_iter().chain([self.recipe.target.as_str()]));
        let mut answers = Csv::new([self.id_column()].into_iter().chain(predicted()));
        let mut sample = Csv::new([self.id_column()].into_iter().chain(predicted()));
        for row in rows {
            let cells = &self.table.rows[row.source];
            let mut line = vec![row.id.clone()];
            if let Some(spec) = image {
                let values: Vec<&str> = features.iter().map(|&column| cells[column].as_str()).collect();
                let bytes = image::encode(spec, &values).map_err(|message| self.table.invalid(row.source, message))?;
                let name = format!("{}/{:0>5}.png", if row.is_test { "test" } else { "train" }, row.id);
                files.push(OutputFile { path: format!("public/{name}"), bytes, rows: None });
                line.push(name);
            } else {
                for &column in &features {
                    line.push(self.number(row.source, column)?);
                }
            }
            let (label, answer) = self.target_cells(row.source)?;
            if row.is_test {
                test.push(line);
                answers.push([row.id.clone()].into_iter().chain(answer));
                sample.push([row.id.as_str()].into_iter().chain(self.sample.iter().copied()));
            } else {
                line.push(label);
                train.push(line);
            }
        }
        files.push(train.into_file("public/train.csv"));
        files.push(test.into_file("public/test.csv"));
        files.push(sample.into_file("public/sample_submission.csv"));
        files.push(answers.into_file("private/test_answer.csv"));
        Ok(())
    }

    fn number(&self, row: usize, column: usize) -> Result<String, PrepareError> {
        let cell = &self.table.rows[row][column];
        shortest(cell).ok_or_else(|| {
            self.table.invalid(row, format!("`{cell}` in column `{}` is not a number", self.recipe.columns[column]))
        })
    }

    /// The target as it stands in the training table, and as the cells of an answer.
    fn target_cells(&self, row: usize) -> Result<(String, Vec<String>), PrepareError> {
        let labels = &self.recipe.labels;
        let value = self.number(row, self.target)?;
        if labels.is_empty() {
            return Ok((value.clone(), vec![value]));
        }
        let code = value.parse::<usize>().ok().filter(|&code| code < labels.len()).ok_or_else(|| {
            self.table.invalid(row, format!("target code {value}, expected 0 to {}", labels.len() - 1))
        })?;
        let answer = if self.spec.submission.target_columns.len() == 1 {
            vec![labels[code].clone()]
        } else {
            (0..labels.len()).map(|class| u8::from(class == code).to_string()).collect()
        };
        Ok((labels[code].clone(), answer))
    }
}

/// `YYYYMMDD` as `YYYY-MM-DD`.
fn iso_date(cell: &str) -> Option<String> {
    let is_date = cell.len() == 8 && cell.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| format!("{}-{}-{}", &cell[..4], &cell[4..6], &cell[6..]))
}

/// A table under construction.
struct Csv {
    writer: csv::Writer<Vec<u8>>,
    rows: usize,
}

impl Csv {
    fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Self {
        let mut csv = Self { writer: csv::Writer::from_writer(Vec::new()), rows: 0 };
        csv.push(header);
        csv.rows = 0;
        csv
    }

    #[expect(clippy::expect_used, reason = "writing to memory cannot fail, and all rows are made of the same columns")]
    fn push<T: AsRef<[u8]>>(&mut self, row: impl IntoIterator<Item = T>) {
        self.writer.write_record(row).expect("rows have one length");
        self.rows += 1;
    }

    #[expect(clippy::expect_used, reason = "flushing to memory cannot fail")]
    fn into_file(self, path: &str) -> OutputFile {
        let bytes = self.writer.into_inner().expect("memory takes all bytes");
        OutputFile { path: path.to_owned(), bytes, rows: Some(self.rows) }
    }
}

#[cfg(test)]
mod tests {
    use super::iso_date;

    #[test]
    fn dates_are_eight_digits() {
        assert_eq!(iso_date("19580329").as_deref(), Some("1958-03-29"));
        assert_eq!(iso_date("1958-03-29"), None);
        assert_eq!(iso_date("1958032"), None);
        assert_eq!(iso_date("195803é"), None);
    }
}
