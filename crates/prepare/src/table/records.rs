//! The rows of a file, as they were written.

use std::borrow::Cow;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use memchr::memchr;
use mledojo_catalog::spec::recipe::{Encoding, LongRows};

use super::field;
use crate::error::PrepareError;

/// A file of rows, held as its own bytes and the places where rows start.
#[derive(Debug)]
pub(crate) struct Records {
    path: PathBuf,
    text: String,
    /// Where each row lies in `text`, its line end not included.
    rows: Vec<Row>,
    header: Vec<String>,
    delimiter: u8,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    start: u64,
    length: u32,
}

impl Records {
    /// Reads a file: the first row names the columns (those without a name are called as pandas does), empty lines are
    /// passed over, rows that end early lack their last cells.
    ///
    /// # Errors
    /// A file that cannot be read, that is no text, whose header names a column twice, that has a row with more cells
    /// than the header (unless they are skipped), or that ends inside quotes.
    pub(crate) fn read(
        path: &Path,
        delimiter: u8,
        long_rows: LongRows,
        encoding: Encoding,
    ) -> Result<Self, PrepareError> {
        let bytes = fs::read(path).map_err(|error| PrepareError::io("read", path, error))?;
        let text = match (String::from_utf8(bytes), encoding) {
            (Ok(text), _) => text,
            (Err(error), Encoding::Utf8OrLatin1) => error.as_bytes().iter().map(|&byte| char::from(byte)).collect(),
            (Err(error), Encoding::Utf8) => {
                let line = error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&b| b == b'\n').count();
                return Err(PrepareError::table(path, Some(line), "the row is not valid UTF-8".to_owned()));
            }
        };
        Self::parse(path, text, delimiter, long_rows)
    }

    /// As [`read`](Self::read), from text in memory; `path` names it in errors.
    pub(crate) fn parse(
        path: &Path,
        mut text: String,
        delimiter: u8,
        long_rows: LongRows,
    ) -> Result<Self, PrepareError> {
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let mut scan = Scan { bytes: text.as_bytes(), at: 0, delimiter };
        let open = |row: usize| PrepareError::table(path, Some(row), "the file ends inside quotes".to_owned());
        let (first, _) = scan.next().ok_or_else(|| open(0))?.ok_or_else(|| {
            PrepareError::table(path, None, "the file is empty; the first line must name the columns".to_owned())
        })?;
        let header = names(path, &text[first], delimiter)?;
        let mut rows = Vec::new();
        while let Some((range, cells)) = scan.next().ok_or_else(|| open(rows.len() + 1))? {
            if cells > header.len() {
                if long_rows == LongRows::Skip {
                    continue;
                }
                let message = format!("{cells} cells, the header has {}", header.len());
                return Err(PrepareError::table(path, Some(rows.len() + 1), message));
            }
            let length = u32::try_from(range.len()).map_err(|_| {
                PrepareError::table(path, Some(rows.len() + 1), "the row is longer than 4 GiB".to_owned())
            })?;
            rows.push(Row { start: range.start as u64, length });
        }
        if u32::try_from(rows.len()).is_err() {
            return Err(PrepareError::table(path, None, "the file has more than 4 billion rows".to_owned()));
        }
        rows.shrink_to_fit();
        Ok(Self { path: path.to_owned(), text, rows, header, delimiter })
    }

    /// The file, for errors.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// A row as it was written, without its line end.
    pub(super) fn row(&self, row: u32) -> &str {
        let Row { start, length } = self.rows[row as usize];
        // The offsets come from the same text, which fits in memory.
        #[expect(clippy::cast_possible_truncation)]
        let start = start as usize;
        &self.text[start..start + length as usize]
    }

    /// The cells of a row as ranges of its text.
    pub(super) fn split(&self, row: u32, fields: &mut Vec<Range<usize>>) {
        field::split(self.row(row).as_bytes(), self.delimiter, fields);
    }

    /// What one cell says; blank where the row ends before it.
    pub(super) fn cell(&self, row: u32, column: usize) -> Cow<'_, str> {
        let text = self.row(row);
        let mut start = 0;
        for _ in 0..column {
            let Some(end) = field::end(text.as_bytes(), start, self.delimiter) else { return Cow::Borrowed("") };
            if end >= text.len() {
                return Cow::Borrowed("");
            }
            start = end + 1;
        }
        let end = field::end(text.as_bytes(), start, self.delimiter).unwrap_or(text.len());
        field::text(&text[start..end])
    }
}

/// The names of a header's columns. One without a name is called as pandas does.
fn names(path: &Path, row: &str, delimiter: u8) -> Result<Vec<String>, PrepareError> {
    let mut fields = Vec::new();
    field::split(row.as_bytes(), delimiter, &mut fields);
    let name = |(place, range): (usize, Range<usize>)| match field::text(&row[range]) {
        name if name.is_empty() => format!("Unnamed: {place}"),
        name => name.into_owned(),
    };
    let names: Vec<String> = fields.into_iter().enumerate().map(name).collect();
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            return Err(PrepareError::table(path, None, format!("the header names the column `{name}` twice")));
        }
    }
    Ok(names)
}

/// Finds rows.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    delimiter: u8,
}

impl Scan<'_> {
    /// The next row that is not empty, and the number of its cells; `Some(None)` at the end, `None` if the file ends
    /// inside quotes.
    #[expect(clippy::option_option, reason = "the outer one is the error, for `?`")]
    fn next(&mut self) -> Option<Option<(Range<usize>, usize)>> {
        loop {
            if self.at >= self.bytes.len() {
                return Some(None);
            }
            let start = self.at;
            let line_end = memchr(b'\n', &self.bytes[start..]).map_or(self.bytes.len(), |step| start + step);
            let line = &self.bytes[start..line_end];
            let (mut stop, next, cells) = if memchr(b'"', line).is_none() {
                (line_end, line_end + 1, count(line, self.delimiter) + 1)
            } else {
                self.quoted(start)?
            };
            self.at = next;
            if stop > start && self.bytes[stop - 1] == b'\r' {
                stop -= 1;
            }
            if stop > start {
                return Some(Some((start..stop, cells)));
            }
        }
    }

    /// The end of the row that starts at `start`, the start of the next, and the number of cells.
    fn quoted(&self, start: usize) -> Option<(usize, usize, usize)> {
        let mut field_start = start;
        let mut cells = 1;
        loop {
            let mut end = field::end(self.bytes, field_start, self.delimiter)?;
            // A carriage return ends a row only together with a line feed.
            while self.bytes.get(end) == Some(&b'\r') && !matches!(self.bytes.get(end + 1), None | Some(b'\n')) {
                let rest = &self.bytes[end + 1..];
                end =
                    memchr::memchr3(self.delimiter, b'\n', b'\r', rest).map_or(self.bytes.len(), |step| end + 1 + step);
            }
            match self.bytes.get(end) {
                Some(byte) if *byte == self.delimiter => {
                    cells += 1;
                    field_start = end + 1;
                }
                Some(b'\r') => return Some((end, end + 2, cells)),
                _ => return Some((end, end + 1, cells)),
            }
        }
    }
}

fn count(line: &[u8], delimiter: u8) -> usize {
    memchr::memchr_iter(delimiter, line).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Records, PrepareError> {
        Records::parse(Path::new("x.csv"), text.to_owned(), b',', LongRows::Refuse)
    }

    #[test]
    fn rows_and_cells_are_found() {
        let records = parse("\u{feff}a,b\r\n1,\"x\ny\"\r\n\r\n2\n\"3\",\"\"\"q\"\"\"").unwrap();
        assert_eq!(records.header(), ["a", "b"]);
        assert_eq!(records.len(), 3);
        assert_eq!(records.row(0), "1,\"x\ny\"");
        assert_eq!(records.cell(0, 1), "x\ny");
        assert_eq!((records.cell(1, 0), records.cell(1, 1)), ("2".into(), "".into()));
        assert_eq!((records.cell(2, 0), records.cell(2, 1)), ("3".into(), "\"q\"".into()));
    }

    #[test]
    fn columns_without_a_name_are_called_as_pandas_does() {
        assert_eq!(parse(",a,\"\"\n1,2,3\n").unwrap().header(), ["Unnamed: 0", "a", "Unnamed: 2"]);
    }

    #[test]
    fn a_bad_file_is_named_with_its_row() {
        for (text, expected) in [
            ("", "`x.csv`: the file is empty"),
            ("a,a\n", "`x.csv`: the header names the column `a` twice"),
            ("a,b\n1,2\n1,2,3\n", "`x.csv`, row 2: 3 cells, the header has 2"),
            ("a,b\n1,\"2\n", "`x.csv`, row 1: the file ends inside quotes"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
