//! A data set on disk: a file for each split and format, and a card. The card comes last: without it there is no data set.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::ExportError;
use super::parquet::ParquetFile;
use super::schema::Field;
use super::select::Split;

/// The files that a data set is written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// Parquet, Snappy-compressed.
    Parquet,
    /// Both, with the same rows.
    #[default]
    Both,
}

impl Format {
    /// The ends of the files' names.
    pub(crate) fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jsonl => &["jsonl"],
            Self::Parquet => &["parquet"],
            Self::Both => &["parquet", "jsonl"],
        }
    }
}

/// A data set that is being written.
pub(crate) struct Dataset {
    directory: PathBuf,
    finished: bool,
    format: Format,
    fields: Vec<Field>,
    splits: BTreeMap<Split, SplitFiles>,
    /// Rows by split and competition.
    pub(crate) counts: BTreeMap<Split, BTreeMap<String, u64>>,
    pub(crate) agents: BTreeSet<String>,
}

#[derive(Default)]
struct SplitFiles {
    jsonl: Option<(PathBuf, BufWriter<File>)>,
    parquet: Option<ParquetFile>,
}

/// What rows tell the card.
pub(crate) struct RowFacts<'a> {
    pub(crate) split: Split,
    pub(crate) competition: &'a str,
    /// The agent, with its model if it has one.
    pub(crate) agent: String,
}

const DATA: &str = "data";
const UNFINISHED: &str = ".part";

impl Drop for Dataset {
    /// What could not be finished is in nobody's way.
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_dir_all(self.directory.join(DATA));
            let _ = fs::remove_dir(&self.directory);
        }
    }
}

impl Dataset {
    /// Begins one in a folder that is new or empty.
    pub(crate) fn create(directory: &Path, format: Format, fields: Vec<Field>) -> Result<Self, ExportError> {
        new_folder(directory)?;
        let data = directory.join(DATA);
        fs::create_dir(&data).map_err(|error| ExportError::io("create", &data, error))?;
        Ok(Self {
            directory: directory.to_owned(),
            finished: false,
            format,
            fields,
            splits: BTreeMap::new(),
            counts: BTreeMap::new(),
            agents: BTreeSet::new(),
        })
    }

    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Where the file of a split lies below the data set's folder.
    pub(crate) fn file(split: Split, extension: &str) -> String {
        format!("{DATA}/{}.{extension}", split.name())
    }

    /// Adds a row.
    pub(crate) fn add<R: Serialize>(&mut self, row: &R, facts: RowFacts<'_>) -> Result<(), ExportError> {
        let row: Value = serde_json::to_value(row).map_err(|error| ExportError::Setting(error.to_string()))?;
        let RowFacts { split, competition, agent } = facts;
        if !self.splits.contains_key(&split) {
            let files = self.open(split)?;
            self.splits.insert(split, files);
        }
        if let Some(files) = self.splits.get_mut(&split) {
            if let Some((path, writer)) = &mut files.jsonl {
                let written = serde_json::to_writer(&mut *writer, &row).map_err(std::io::Error::from);
                written
                    .and_then(|()| writer.write_all(b"\n"))
                    .map_err(|error| ExportError::io("write", path, error))?;
            }
            if let Some(parquet) = &mut files.parquet {
                parquet.add(&row)?;
            }
        }
        *self.counts.entry(split).or_default().entry(competition.to_owned()).or_default() += 1;
        self.agents.insert(agent);
        Ok(())
    }

    /// Closes the files and writes the card.
    pub(crate) fn finish(mut self, card: impl FnOnce(&Self) -> String) -> Result<Vec<PathBuf>, ExportError> {
        let mut files = Vec::new();
        for (split, SplitFiles { jsonl, parquet }) in std::mem::take(&mut self.splits) {
            if let Some((path, writer)) = jsonl {
                writer
                    .into_inner()
                    .map_err(std::io::IntoInnerError::into_error)
                    .and_then(|file| file.sync_all())
                    .map_err(|error| ExportError::io("write", &path, error))?;
            }
            if let Some(parquet) = parquet {
                parquet.close()?;
            }
            for extension in self.format.extensions() {
                let file = self.directory.join(Self::file(split, extension));
                let from = unfinished(&file);
                fs::rename(&from, &file).map_err(|error| ExportError::io("rename", &from, error))?;
                files.push(file);
            }
        }
        let readme = self.directory.join("README.md");
        fs::write(&readme, card(&self)).map_err(|error| ExportError::io("write", &readme, error))?;
        files.push(readme);
        self.finished = true;
        Ok(files)
    }

    fn open(&self, split: Split) -> Result<SplitFiles, ExportError> {
        let mut files = SplitFiles::default();
        for extension in self.format.extensions() {
            let path = unfinished(&self.directory.join(Self::file(split, extension)));
            if *extension == "jsonl" {
                let file = File::create(&path).map_err(|error| ExportError::io("create", &path, error))?;
                files.jsonl = Some((path, BufWriter::new(file)));
            } else {
                files.parquet = Some(ParquetFile::create(&path, self.fields.clone())?);
            }
        }
        Ok(files)
    }
}

fn unfinished(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

/// Makes a folder, or takes one that is empty.
pub(crate) fn new_folder(directory: &Path) -> Result<(), ExportError> {
    fs::create_dir_all(directory).map_err(|error| ExportError::io("create", directory, error))?;
    let mut entries = fs::read_dir(directory).map_err(|error| ExportError::io("read", directory, error))?;
    if entries.next().is_some() {
        return Err(ExportError::NotEmpty(directory.to_owned()));
    }
    Ok(())
}
