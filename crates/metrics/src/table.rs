//! The CSV reader: start with [`Table::read`].
//!
//! One dialect: fields separated by commas, quoted with `"` where they hold a comma, a quote (doubled) or a line
//! break; lines ended by LF or CRLF (the last one may lack it), empty lines skipped; UTF-8, with or without a byte
//! order mark; the first line names the columns; every row has as many fields. Cells are text as written: no trimming,
//! no guessing of types, no words for missing values.

use std::fmt;
use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use serde_json::{Value, json};

use crate::cells::Cells;
use crate::dialect::DialectReader;
use crate::offenders::excerpt;
use crate::parallel;
use crate::plain_csv;

/// Bytes of the largest file that is read at once.
const READ_AT_ONCE: u64 = 256 << 20;

/// Caps on what is read. Checked while reading, so that memory stays below about seven times `max_bytes` (a file of
/// nothing but commas) and near the file's own size for usual tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Size of the file in bytes. Values above 4 GiB count as 4 GiB.
    pub max_bytes: u64,
    /// Rows below the header.
    pub max_rows: usize,
    /// Fields of a row.
    pub max_columns: usize,
    /// Bytes of one field, quotes aside.
    pub max_field_bytes: usize,
}

impl Default for ReadLimits {
    /// 512 MiB, 20 million rows, 10,000 columns, 16 MiB a field (the masks of large images are
    /// megabytes long).
    fn default() -> Self {
        Self { max_bytes: 512 << 20, max_rows: 20_000_000, max_columns: 10_000, max_field_bytes: 16 << 20 }
    }
}

/// Why a file is no table. The messages say "the file": whoever knows its name adds it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The system refused.
    #[error("the file cannot be read: {0}")]
    Io(#[source] io::Error),
    /// A folder, FIFO, socket or device.
    #[error("a regular file was expected, found {found}")]
    NotAFile {
        /// What it is.
        found: &'static str,
    },
    /// [`ReadLimits::max_bytes`].
    #[error("the file is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// [`ReadLimits::max_rows`].
    #[error("the file has more rows than the limit of {limit}")]
    TooManyRows {
        /// The limit.
        limit: usize,
    },
    /// [`ReadLimits::max_columns`].
    #[error("line {line} has more fields than the limit of {limit}")]
    TooManyColumns {
        /// Line, from 1.
        line: u64,
        /// The limit.
        limit: usize,
    },
    /// [`ReadLimits::max_field_bytes`].
    #[error("a field on line {line} is longer than the limit of {limit} bytes; is a quote left open before it?")]
    FieldTooLong {
        /// Line, from 1.
        line: u64,
        /// The limit.
        limit: usize,
    },
    /// No byte but line ends and a byte order mark.
    #[error("the file is empty; the first line must name the columns")]
    Empty,
    /// Starts with a byte order mark of UTF-16 or UTF-32.
    #[error("the file is UTF-16 or UTF-32; write it as UTF-8")]
    Utf16,
    /// Starts like a compressed or binary file.
    #[error("the file is {format}, not text; write plain, uncompressed CSV")]
    NotText {
        /// The format's name.
        format: &'static str,
    },
    /// Bytes that are no UTF-8.
    #[error("the row that starts on line {line} is not valid UTF-8; write the file as UTF-8")]
    NotUtf8 {
        /// Line, from 1.
        line: u64,
    },
    /// A zero byte.
    #[error("line {line} holds a zero byte; the file is binary or UTF-16, write it as UTF-8 text")]
    NulByte {
        /// Line, from 1.
        line: u64,
    },
    /// A carriage return outside quotes without its line feed.
    #[error("line {line} ends in a carriage return alone; end lines with LF or CRLF")]
    LoneCarriageReturn {
        /// Line, from 1.
        line: u64,
    },
    /// The file ends inside a quoted field.
    #[error("the file ends inside the quoted field that opens on line {line}; is the file cut off?")]
    UnterminatedQuote {
        /// Line of the opening quote, from 1.
        line: u64,
    },
    /// Something other than a comma or a line end after a closing quote.
    #[error("text follows a closing quote on line {line}; double the quotes inside a quoted field")]
    TextAfterQuote {
        /// Line, from 1.
        line: u64,
    },
    /// The header is one field that looks like several.
    #[error("the header is separated by {found}; separate fields with commas")]
    WrongSeparator {
        /// The separator's name.
        found: &'static str,
    },
    /// Two columns of one name.
    #[error("the header names the column `{}` twice", excerpt(.name))]
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// A row with more or fewer fields than the header.
    #[error(
        "line {line} has {found} fields, but the header has {expected}; quote fields that hold commas, \
         and end the file with a whole row"
    )]
    RaggedRow {
        /// Line, from 1.
        line: u64,
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },
}

impl TableError {
    /// The kind of error as a stable name in snake case.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Io(_) => "io",
            Self::NotAFile { .. } => "not_a_file",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::FieldTooLong { .. } => "field_too_long",
            Self::Empty => "empty",
            Self::Utf16 => "utf16",
            Self::NotText { .. } => "not_text",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::NulByte { .. } => "nul_byte",
            Self::LoneCarriageReturn { .. } => "lone_carriage_return",
            Self::UnterminatedQuote { .. } => "unterminated_quote",
            Self::TextAfterQuote { .. } => "text_after_quote",
            Self::WrongSeparator { .. } => "wrong_separator",
            Self::DuplicateColumn { .. } => "duplicate_column",
            Self::RaggedRow { .. } => "ragged_row",
        }
    }

    /// The kind and its particulars, for machines.
    pub(crate) fn details(&self) -> Value {
        let reason = self.kind();
        match self {
            Self::Io(_) | Self::Empty | Self::Utf16 => json!({ "reason": reason }),
            Self::NotAFile { found } | Self::WrongSeparator { found } => json!({ "reason": reason, "found": found }),
            Self::TooLarge { limit } => json!({ "reason": reason, "limit": limit }),
            Self::TooManyRows { limit } => json!({ "reason": reason, "limit": limit }),
            Self::TooManyColumns { line, limit } | Self::FieldTooLong { line, limit } => {
                json!({ "reason": reason, "line": line, "limit": limit })
            }
            Self::NotText { format } => json!({ "reason": reason, "format": format }),
            Self::NotUtf8 { line }
            | Self::NulByte { line }
            | Self::LoneCarriageReturn { line }
            | Self::UnterminatedQuote { line }
            | Self::TextAfterQuote { line } => json!({ "reason": reason, "line": line }),
            Self::DuplicateColumn { name } => json!({ "reason": reason, "column": excerpt(name) }),
            Self::RaggedRow { line, expected, found } => {
                json!({ "reason": reason, "line": line, "expected": expected, "found": found })
            }
        }
    }
}

/// A CSV file in memory: named columns, rows of text.
#[derive(Clone)]
pub struct Table {
    header: Vec<String>,
    cells: Cells,
    lines: Lines,
}

/// On which line of the file each row starts.
#[derive(Clone)]
enum Lines {
    /// So many rows, a line each, from the second line on.
    OneEach(usize),
    Listed(Vec<u32>),
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("header", &self.header).field("rows", &self.rows()).finish_non_exhaustive()
    }
}

impl Table {
    /// Reads the file at `path`, which may be a link to a regular file. Never blocks on a FIFO or device.
    ///
    /// # Errors
    /// A [`TableError`] without the path.
    pub fn read(path: &Path, limits: &ReadLimits) -> Result<Self, TableError> {
        let regular = |metadata: &fs::Metadata| match kind_of_file(metadata.file_type()) {
            Some(found) => Err(TableError::NotAFile { found }),
            None => Ok(()),
        };
        // Asked before opening, because opening a device can have effects, and after, because the path can change.
        regular(&fs::metadata(path).map_err(TableError::Io)?)?;
        let file = open(path).map_err(TableError::Io)?;
        let metadata = file.metadata().map_err(TableError::Io)?;
        regular(&metadata)?;
        if metadata.len() > limits.max_bytes {
            return Err(TableError::TooLarge { limit: limits.max_bytes });
        }
        Self::with_capacity(metadata.len(), file, limits)
    }

    /// Reads a file while `work` is done: on a core of its own, if the file is large.
    pub fn read_during<T>(path: &Path, limits: &ReadLimits, work: impl FnOnce() -> T) -> (T, Result<Self, TableError>) {
        // About ten bytes a row: how many there are is only known once they have been read.
        let rows = fs::metadata(path).map_or(0, |metadata| metadata.len() / 10) as usize;
        parallel::join(rows, work, || Self::read(path, limits))
    }

    /// Reads a table from bytes.
    ///
    /// # Errors
    /// Any [`TableError`] save those of files.
    ///
    /// ```
    /// use mledojo_metrics::{ReadLimits, Table};
    /// let table = Table::parse(b"id,label\n7,\"a, b\"\n", &ReadLimits::default())?;
    /// assert_eq!(table.header(), ["id", "label"]);
    /// assert_eq!(table.column("label").unwrap().get(0), "a, b");
    /// # Ok::<(), mledojo_metrics::TableError>(())
    /// ```
    pub fn parse(bytes: &[u8], limits: &ReadLimits) -> Result<Self, TableError> {
        Self::with_capacity(bytes.len() as u64, bytes, limits)
    }

    /// Reads a table from an open file or stream, to its end.
    ///
    /// # Errors
    /// Any [`TableError`] save [`TableError::NotAFile`].
    pub fn from_reader(reader: impl Read, limits: &ReadLimits) -> Result<Self, TableError> {
        Self::with_capacity(0, reader, limits)
    }

    /// Reads a table that probably has so many bytes.
    fn with_capacity(bytes: u64, mut reader: impl Read, limits: &ReadLimits) -> Result<Self, TableError> {
        const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
        let mut start = Vec::with_capacity(8);
        reader.by_ref().take(8).read_to_end(&mut start).map_err(TableError::Io)?;
        recognise(&start)?;
        let text = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&start);
        let limits = ReadLimits { max_bytes: limits.max_bytes.min(u64::from(u32::MAX)), ..*limits };
        // Files of usual size are read at once: those without quotes take a shorter way.
        let most = limits.max_bytes.min(READ_AT_ONCE);
        // One byte more than the file has: the end shows without another allocation.
        let mut whole = Vec::with_capacity((bytes.min(most) + 1) as usize);
        whole.extend_from_slice(text);
        reader
            .by_ref()
            .take(most.saturating_sub(start.len() as u64))
            .read_to_end(&mut whole)
            .map_err(TableError::Io)?;
        if whole.len() as u64 >= most {
            return Self::from_text(whole.as_slice().chain(reader), limits);
        }
        match plain_csv::read(whole, &limits) {
            Ok(plain) => {
                check_header(&plain.header)?;
                Ok(Self { header: plain.header, cells: plain.cells, lines: Lines::OneEach(plain.rows) })
            }
            Err(whole) => Self::from_text(whole.as_slice(), limits),
        }
    }

    fn from_text(text: impl Read, limits: ReadLimits) -> Result<Self, TableError> {
        // Rows of another length are reported by the check below, which knows their lines.
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(DialectReader::new(text, limits));
        let mut record = csv::StringRecord::new();
        let mut records = 0;
        let mut header = Vec::new();
        let mut cells = Cells::default();
        let line_of = |reader: &csv::Reader<DialectReader<_>>, record: usize| {
            reader.get_ref().record_lines().get(record).map_or(0, |&line| u64::from(line))
        };
        loop {
            match reader.read_record(&mut record) {
                Ok(true) if records == 0 => {
                    header = record.iter().map(str::to_owned).collect();
                    check_header(&header)?;
                }
                Ok(true) if record.len() != header.len() => {
                    let line = line_of(&reader, records);
                    return Err(TableError::RaggedRow { line, expected: header.len(), found: record.len() });
                }
                Ok(true) => {
                    let ends = (0..record.len()).filter_map(|field| record.range(field)).map(|range| range.end);
                    cells.extend(record.as_slice(), ends);
                }
                Ok(false) if records == 0 => return Err(TableError::Empty),
                Ok(false) => break,
                Err(error) => {
                    let line = line_of(&reader, records);
                    return Err(match error.into_kind() {
                        csv::ErrorKind::Io(error) => error.downcast::<TableError>().unwrap_or_else(TableError::Io),
                        // Flexible records of text fail in one other way.
                        _ => TableError::NotUtf8 { line },
                    });
                }
            }
            records += 1;
        }
        let mut lines = reader.into_inner().into_record_lines();
        lines.truncate(records);
        lines.remove(0);
        Ok(Self { header, cells, lines: Lines::Listed(lines) })
    }

    /// The columns' names, in the file's order; no two are the same.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Number of rows below the header.
    #[must_use]
    pub fn rows(&self) -> usize {
        match &self.lines {
            Lines::OneEach(rows) => *rows,
            Lines::Listed(lines) => lines.len(),
        }
    }

    /// The line of the file, from 1, on which a row (from 0) starts.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn line(&self, row: usize) -> u64 {
        assert!(row < self.rows(), "no row {row}");
        match &self.lines {
            Lines::OneEach(_) => row as u64 + 2,
            Lines::Listed(lines) => u64::from(lines[row]),
        }
    }

    /// The column of exactly this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Column<'_>> {
        let index = self.header.iter().position(|column| column == name)?;
        Some(Column { table: self, index })
    }
}

/// One column of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    table: &'a Table,
    index: usize,
}

impl<'a> Column<'a> {
    /// The column's name.
    #[must_use]
    pub fn name(self) -> &'a str {
        &self.table.header[self.index]
    }

    /// The cell in a row (from 0).
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    #[inline]
    pub fn get(self, row: usize) -> &'a str {
        self.table.cells.get(row * self.table.header.len() + self.index)
    }

    /// All cells, from the first row to the last.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a str> + Clone + 'a {
        (0..self.table.rows()).map(move |row| self.get(row))
    }
}

/// Refuses what is recognisably no UTF-8 text by its first bytes.
fn recognise(start: &[u8]) -> Result<(), TableError> {
    const FORMATS: [(&[u8], &str); 6] = [
        (b"\x1F\x8B", "gzip"),
        (b"PK\x03\x04", "a zip archive or spreadsheet"),
        (b"\x28\xB5\x2F\xFD", "zstd"),
        (b"\xFD7zXZ\x00", "xz"),
        (b"PAR1", "Parquet"),
        (b"\x89HDF", "HDF5"),
    ];
    if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") {
        return Err(TableError::Utf16);
    }
    match FORMATS.iter().find(|(magic, _)| start.starts_with(magic)) {
        Some(&(_, format)) => Err(TableError::NotText { format }),
        None => Ok(()),
    }
}

fn check_header(header: &[String]) -> Result<(), TableError> {
    if let [only] = header {
        for (separator, found) in [(';', "semicolons"), ('\t', "tabs"), ('|', "vertical bars")] {
            if only.contains(separator) {
                return Err(TableError::WrongSeparator { found });
            }
        }
    }
    let mut sorted: Vec<&String> = header.iter().collect();
    sorted.sort();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(TableError::DuplicateColumn { name: pair[0].clone() }),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// What a file is, unless it is a regular one.
fn kind_of_file(kind: FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a FIFO");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
        if kind.is_block_device() || kind.is_char_device() {
            return Some("a device");
        }
    }
    if kind.is_dir() {
        Some("a folder")
    } else if kind.is_file() {
        None
    } else {
        Some("something else")
    }
}
