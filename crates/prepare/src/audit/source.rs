//! What lies in `public/`: tables, archives, and other files.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use mledojo_catalog::spec::recipe::{Encoding, LongRows};
use serde_json::Value;

use super::columns::MOST_COLUMNS;
use super::finding::AuditReport;
use super::nmea;
use crate::archive::{Limits, Unpacker};
use crate::error::PrepareError;
use crate::parquet::ParquetTable;
use crate::progress::Progress;
use crate::table::{Frame, Records, Texts};

/// Files larger than this are not read as tables.
const LARGEST_TABLE: u64 = 4 << 30;
/// Of a folder with more files of one kind than this, a few are read: they are data of single rows, not tables.
const MANY: usize = 200;
const FEW: usize = 10;

/// A table of rows.
pub(super) struct Table {
    /// Where it lies, with `archive!file` and `file#part`.
    pub(super) path: String,
    pub(super) frame: Frame,
}

/// A file of `public/` itself.
pub(super) struct PublicFile {
    /// Relative to the competition's folder.
    pub(super) path: String,
    pub(super) file: PathBuf,
    pub(super) size: u64,
    /// Time of the last change, in seconds.
    pub(super) changed: f64,
}

/// All that was found.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) tables: Vec<Table>,
    pub(super) files: Vec<PublicFile>,
    /// Files that are no tables, by path: also those of archives.
    pub(super) others: Vec<(String, PathBuf)>,
    /// JSON documents, tables or not, those of large folders included.
    pub(super) documents: Vec<(String, PathBuf)>,
}

impl Sources {
    pub(super) fn collect(
        public: &Path,
        scratch: &Path,
        progress: &dyn Progress,
        report: &mut AuditReport,
    ) -> Result<Self, PrepareError> {
        let mut sources = Self::default();
        let mut archives = 0;
        let mut folders = vec![("public".to_owned(), public.to_owned(), false)];
        while let Some((prefix, folder, in_archive)) = folders.pop() {
            let unreadable = |error| PrepareError::io("read", &folder, error);
            let mut entries = Vec::new();
            for entry in fs::read_dir(&folder).map_err(unreadable)? {
                entries.push(entry.map_err(unreadable)?);
            }
            entries.sort_by_key(fs::DirEntry::file_name);
            let mut kinds: HashMap<String, usize> = HashMap::new();
            let mut seen: HashMap<String, usize> = HashMap::new();
            let ending = |path: &Path| path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
            for entry in &entries {
                *kinds.entry(ending(&entry.path())).or_default() += 1;
            }
            for entry in entries {
                let file = entry.path();
                let path = format!("{prefix}/{}", entry.file_name().to_string_lossy());
                // Links count as what they lead to.
                let Ok(metadata) = fs::metadata(&file) else { continue };
                if metadata.is_dir() {
                    folders.push((path, file, in_archive));
                    continue;
                }
                if !in_archive {
                    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                    sources.files.push(PublicFile {
                        path: path.clone(),
                        file: file.clone(),
                        size: metadata.len(),
                        changed: changed.map_or(f64::NAN, |time| time.as_secs_f64()),
                    });
                }
                let kind = ending(&file);
                let nth = seen.entry(kind.clone()).or_default();
                *nth += 1;
                if matches!(kind.as_str(), "json" | "geojson") {
                    sources.documents.push((path.clone(), file.clone()));
                }
                let is_ours = path == "public/sample_submission.csv" || path == "public/description.md";
                if is_ours || (kinds[&kind] > MANY && *nth > FEW) || is_media(&kind) {
                    continue;
                }
                if metadata.len() > LARGEST_TABLE {
                    report.not_read.push(format!("{path}: larger than 4 GiB"));
                    continue;
                }
                match kind.as_str() {
                    "zip" | "gz" | "tgz" | "tar" | "7z" | "npz" => {
                        archives += 1;
                        let into = scratch.join(archives.to_string());
                        let limits = Limits { files: 200_000, bytes: 64 << 30, ..Limits::default() };
                        let advance = |bytes| progress.advance(bytes);
                        let unpack = |nested, into: &Path| {
                            Unpacker::new().limits(limits).nested(nested).progress(&advance).unpack(&file, into)
                        };
                        // An archive within that is broken is no reason to leave out what lies beside it.
                        let whole = into.join("whole");
                        let unpacked = unpack(true, &whole).map(|_| whole).or_else(|error| {
                            let outer = into.join("outer");
                            unpack(false, &outer).map(|_| outer).map_err(|_| error)
                        });
                        match unpacked {
                            Ok(into) => folders.push((format!("{path}!"), into, true)),
                            Err(error) => {
                                report.not_read.push(format!("{path}: {error}"));
                                sources.others.push((path, file));
                            }
                        }
                    }
                    "nmea" => sources.read_positions(path, file),
                    "csv" | "tsv" | "txt" | "tab" | "dat" | "data" => sources.read_rows(path, file, &kind, report),
                    "json" | "jsonl" | "ndjson" | "geojson" => sources.read_json(path, file, report),
                    "parquet" => sources.read_parquet(path, &file, report),
                    _ => sources.others.push((path, file)),
                }
            }
        }
        report.files = sources.files.len();
        Ok(sources)
    }

    fn read_rows(&mut self, path: String, file: PathBuf, kind: &str, report: &mut AuditReport) {
        let head = first_line(&file);
        if head.starts_with('$') {
            return self.read_positions(path, file);
        }
        let delimiter = if kind == "tsv" || (head.contains('\t') && !head.contains(',')) { b'\t' } else { b',' };
        match Records::read(&file, delimiter, LongRows::Skip, Encoding::Utf8OrLatin1) {
            Ok(records) => self.tables.push(Table { frame: Frame::of_records(&path, records), path }),
            Err(error) => {
                if kind == "csv" || kind == "tsv" {
                    report.not_read.push(error.to_string());
                }
                self.others.push((path, file));
            }
        }
    }

    fn read_positions(&mut self, path: String, file: PathBuf) {
        let text = fs::read(&file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        match nmea::table(&path, &text) {
            Some(frame) => self.tables.push(Table { path, frame }),
            None => self.others.push((path, file)),
        }
    }

    fn read_parquet(&mut self, path: String, file: &Path, report: &mut AuditReport) {
        let read = || {
            let table = ParquetTable::open(file)?;
            // Columns of other things than numbers and texts are passed over.
            let columns =
                table.columns().into_iter().filter_map(|name| Some((name.to_owned(), table.texts(name).ok()?)));
            Ok(columns.take(MOST_COLUMNS).collect::<Vec<_>>())
        };
        match read() {
            Ok(columns) if !columns.is_empty() => {
                self.tables.push(Table { frame: Frame::of_columns(&path, columns), path });
            }
            Ok(_) => {}
            Err::<_, PrepareError>(error) => report.not_read.push(error.to_string()),
        }
    }

    fn read_json(&mut self, path: String, file: PathBuf, report: &mut AuditReport) {
        let Ok(text) = fs::read_to_string(&file) else {
            report.not_read.push(format!("{path}: no UTF-8 text"));
            return self.others.push((path, file));
        };
        let value = serde_json::from_str(&text).or_else(|_| {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            lines.map(serde_json::from_str).collect::<Result<Vec<Value>, _>>().map(Value::Array)
        });
        match value {
            Ok(value) => tables_of(&value, &path, 0, &mut self.tables),
            Err(error) => report.not_read.push(format!("{path}: {error}")),
        }
    }
}

/// Pictures, sound and films, whose content the audit doesn't read.
fn is_media(ending: &str) -> bool {
    matches!(
        ending,
        "jpg"
            | "jpeg"
            | "png"
            | "gif"
            | "bmp"
            | "tif"
            | "tiff"
            | "webp"
            | "wav"
            | "mp3"
            | "mp4"
            | "aif"
            | "aiff"
            | "flac"
            | "ogg"
            | "avi"
            | "mov"
            | "pdf"
            | "svg"
    )
}

fn first_line(file: &Path) -> String {
    use std::io::{BufRead as _, BufReader, Read as _};
    let Ok(file) = fs::File::open(file) else { return String::new() };
    let mut line = Vec::new();
    let _ = BufReader::new(file.take(1 << 16)).read_until(b'\n', &mut line);
    String::from_utf8_lossy(&line).into_owned()
}

/// The tables within a JSON document: lists of objects, and objects that name things.
fn tables_of(value: &Value, path: &str, depth: usize, tables: &mut Vec<Table>) {
    match value {
        Value::Array(items) if items.iter().filter(|item| item.is_object()).count() * 2 > items.len() => {
            let rows = items
                .iter()
                .filter_map(Value::as_object)
                .map(|object| object.iter().map(|(key, cell)| (key.as_str(), cell)));
            tables.extend(table(path, rows));
        }
        Value::Array(items) if depth < 5 => {
            for (place, item) in items.iter().enumerate().take(50) {
                tables_of(item, &format!("{path}#{place}"), depth + 1, tables);
            }
        }
        Value::Object(object) => {
            let scalars = object.values().filter(|value| !value.is_object() && !is_table(value)).count();
            let objects = object.values().filter(|value| value.is_object()).count();
            let key = |name: &str| Value::String(name.to_owned());
            if object.len() >= 6 && scalars == object.len() {
                let cells: Vec<(Value, &Value)> = object.iter().map(|(name, value)| (key(name), value)).collect();
                tables.extend(table(
                    path,
                    cells.iter().map(|(name, value)| [("key", name), ("value", *value)].into_iter()),
                ));
            } else if object.len() >= 6 && objects == object.len() {
                let names: Vec<Value> = object.keys().map(|name| key(name)).collect();
                let rows = object.values().zip(&names).map(|(row, name)| {
                    let cells = row.as_object().into_iter().flatten().map(|(key, cell)| (key.as_str(), cell));
                    std::iter::once(("key", name)).chain(cells)
                });
                tables.extend(table(path, rows));
            }
            if objects == object.len() && (2..=300).contains(&object.len()) {
                tables.extend(by_column(path, object));
            }
            if depth < 5 {
                for (name, value) in object.iter().take(300).filter(|(_, value)| value.is_object() || is_table(value)) {
                    tables_of(value, &format!("{path}#{name}"), depth + 1, tables);
                }
            }
        }
        _ => {}
    }
}

fn is_table(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.first().is_some_and(|item| item.is_object() || item.is_array()))
}

/// pandas' way to write a table: an object of a column's cells, for each column.
fn by_column(path: &str, object: &serde_json::Map<String, Value>) -> Option<Table> {
    let first = object.values().next()?.as_object()?;
    if first.len() < 6
        || object.values().any(|column| column.as_object().map(serde_json::Map::len) != Some(first.len()))
    {
        return None;
    }
    let keys: Texts = first.keys().collect();
    let mut columns = vec![("key".to_owned(), keys)];
    for (name, column) in object {
        let cells = first.keys().map(|key| column.get(key).map_or(String::new(), cell_text));
        columns.push((name.clone(), cells.collect()));
    }
    Some(Table { path: path.to_owned(), frame: Frame::of_columns(path, columns) })
}

/// A table of rows that name their cells.
fn table<'a, R>(path: &str, rows: impl Iterator<Item = R>) -> Option<Table>
where
    R: Iterator<Item = (&'a str, &'a Value)>,
{
    let mut names: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut cells: Vec<Vec<(usize, String)>> = Vec::new();
    let mut count = 0;
    for (row, pairs) in rows.enumerate() {
        count = row + 1;
        let mut put = |name: &str, text: String| {
            let place = *places.entry(name.to_owned()).or_insert_with(|| {
                names.push(name.to_owned());
                cells.push(Vec::new());
                names.len() - 1
            });
            cells[place].push((row, text));
        };
        for (name, value) in pairs {
            match value {
                // What an object holds are cells of the row as well.
                Value::Object(inner) if inner.len() < 50 => {
                    inner.iter().for_each(|(key, value)| put(&format!("{name}.{key}"), cell_text(value)));
                }
                value => put(name, cell_text(value)),
            }
        }
    }
    if count < 2 || names.len() > 5000 {
        return None;
    }
    let columns = names.into_iter().zip(cells).map(|(name, cells)| {
        let mut texts = vec![""; count];
        cells.iter().for_each(|(row, text)| texts[*row] = text);
        let texts: Texts = texts.into_iter().collect();
        (name, texts)
    });
    let columns: Vec<(String, Texts)> = columns.collect();
    Some(Table { path: path.to_owned(), frame: Frame::of_columns(path, columns) })
}

/// A value as a cell: lists of plain values side by side.
fn cell_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            items.iter().map(cell_text).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
