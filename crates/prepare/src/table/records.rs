//! The rows of a file, as they were written.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use mledojo_catalog::spec::recipe::{Encoding, LongRows};

use super::field;
use super::gather::{self, Window};
use super::rows::{Rows, trimmed};
use super::scan::Scan;
use crate::error::PrepareError;

/// Files up to this size are held in memory.
const SMALL: u64 = 32 << 20;

/// How many bytes of a large file are read at once.
const BLOCK: usize = 1 << 20;

const BOM: &str = "\u{feff}";

/// A file of rows. A small one is held as its own text; of a large one only the places where rows start are known, and
/// they are read again whenever they are needed, so the file must stay as it is.
#[derive(Debug)]
pub(crate) struct Records {
    path: PathBuf,
    store: Store,
    rows: Rows,
    header: Vec<String>,
    delimiter: u8,
    /// Whether some rows end early.
    ragged: bool,
}

#[derive(Debug)]
enum Store {
    Memory(String),
    File(File),
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
        let unreadable = |error| PrepareError::io("read", path, error);
        if fs::metadata(path).map_err(unreadable)?.len() > SMALL {
            let (records, invalid) = Self::open(path, delimiter, long_rows)?;
            match (invalid, encoding) {
                (None, _) => return Ok(records),
                (Some(row), Encoding::Utf8) => return Err(not_utf8(path, row)),
                // It is held as the text that it stands for.
                (Some(_), Encoding::Utf8OrLatin1) => {}
            }
        }
        let text = match (String::from_utf8(fs::read(path).map_err(unreadable)?), encoding) {
            (Ok(text), _) => text,
            (Err(error), Encoding::Utf8OrLatin1) => error.as_bytes().iter().map(|&byte| char::from(byte)).collect(),
            (Err(error), Encoding::Utf8) => {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                return Err(not_utf8(path, valid.iter().filter(|&&byte| byte == b'\n').count()));
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
        if text.starts_with(BOM) {
            text.drain(..BOM.len());
        }
        let mut parser = Parser::new(path, delimiter, long_rows);
        parser.feed(text.as_bytes(), 0, true)?;
        parser.finish(Store::Memory(text))
    }

    /// Finds the rows of a file without holding it; also the first row that is not UTF-8, if there is one.
    fn open(path: &Path, delimiter: u8, long_rows: LongRows) -> Result<(Self, Option<usize>), PrepareError> {
        let unreadable = |error| PrepareError::io("read", path, error);
        let mut file = File::open(path).map_err(unreadable)?;
        let mut parser = Parser::new(path, delimiter, long_rows);
        let (mut block, mut offset, mut size) = (Vec::new(), 0, BLOCK);
        let mut invalid = None;
        loop {
            let wanted = (size - block.len()) as u64;
            let read = file.by_ref().take(wanted).read_to_end(&mut block).map_err(unreadable)?;
            let last = (read as u64) < wanted;
            if offset == 0 && block.starts_with(BOM.as_bytes()) {
                block.drain(..BOM.len());
                offset = BOM.len() as u64;
            }
            let before = parser.rows.len();
            let used = parser.feed(&block, offset, last)?;
            if let (None, Err(error)) = (invalid, std::str::from_utf8(&block[..used])) {
                invalid = Some(before + block[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count());
            }
            if last {
                break;
            }
            // A row that is longer than the block.
            size = if used == 0 { size * 2 } else { size };
            block.drain(..used);
            offset += used as u64;
        }
        Ok((parser.finish(Store::File(file))?, invalid))
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

    /// Whether every row has as many cells as the header.
    pub(super) fn is_full(&self) -> bool {
        !self.ragged
    }

    /// Gives rows as they were written, without their line ends, in this order: `each(place, row)`.
    ///
    /// # Errors
    /// The file cannot be read any more, or what `each` returns.
    pub(super) fn visit(
        &self,
        wanted: &[u32],
        mut each: impl FnMut(usize, &str) -> Result<(), PrepareError>,
    ) -> Result<(), PrepareError> {
        match &self.store {
            Store::Memory(text) => wanted.iter().enumerate().try_for_each(|(place, row)| {
                let span = self.rows.span(*row as usize);
                let span = &text[span.start as usize..span.end as usize];
                each(place, &span[..trimmed(span.as_bytes()).len()])
            }),
            Store::File(file) => {
                let mut place = 0;
                self.windows(file, wanted, |window| {
                    window.rows().try_for_each(|row| {
                        place += 1;
                        each(place - 1, row)
                    })
                })
            }
        }
    }

    /// Gives rows in this order as lines, several at a time, if that is how they lie in the file.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    pub(super) fn visit_lines(
        &self,
        wanted: &[u32],
        mut each: impl FnMut(&[u8]) -> Result<(), PrepareError>,
    ) -> Option<Result<(), PrepareError>> {
        match &self.store {
            Store::File(file) if self.rows.even => Some(self.windows(file, wanted, |window| each(window.lines()))),
            _ => None,
        }
    }

    fn windows(
        &self,
        file: &File,
        wanted: &[u32],
        use_window: impl FnMut(&Window) -> Result<(), PrepareError>,
    ) -> Result<(), PrepareError> {
        let unreadable = |error: io::Error| PrepareError::io("read", &self.path, error);
        gather::windows(file, &self.rows, wanted, unreadable, use_window)
    }
}

fn not_utf8(path: &Path, row: usize) -> PrepareError {
    PrepareError::table(path, Some(row), "the row is not valid UTF-8".to_owned())
}

/// Takes a file in pieces.
struct Parser<'a> {
    path: &'a Path,
    delimiter: u8,
    long_rows: LongRows,
    header: Vec<String>,
    rows: Rows,
    ragged: bool,
}

impl<'a> Parser<'a> {
    fn new(path: &'a Path, delimiter: u8, long_rows: LongRows) -> Self {
        Self { path, delimiter, long_rows, header: Vec::new(), rows: Rows::new(), ragged: false }
    }

    /// Takes the rows that end in a piece of the file; returns how many bytes they are.
    fn feed(&mut self, bytes: &[u8], offset: u64, last: bool) -> Result<usize, PrepareError> {
        let mut scan = Scan { bytes, at: 0, delimiter: self.delimiter };
        loop {
            let start = scan.at;
            let (range, cells) = match scan.next() {
                None if last => return Err(self.error("the file ends inside quotes".to_owned())),
                Some(None) => return Ok(bytes.len()),
                Some(Some(row)) if last || scan.at <= bytes.len() => row,
                None | Some(Some(_)) => return Ok(start),
            };
            let end = scan.at.min(bytes.len());
            if self.header.is_empty() {
                let text = std::str::from_utf8(&bytes[range]).map_err(|_| not_utf8(self.path, 0))?;
                self.header = names(self.path, text, self.delimiter)?;
                continue;
            }
            if cells > self.header.len() {
                if self.long_rows == LongRows::Skip {
                    continue;
                }
                return Err(self.error(format!("{cells} cells, the header has {}", self.header.len())));
            }
            self.ragged |= cells < self.header.len();
            self.rows.open = scan.at > bytes.len();
            self.rows.even &= range.end + usize::from(!self.rows.open) == end;
            if u32::try_from(range.len()).is_err() {
                return Err(self.error("the row is longer than 4 GiB".to_owned()));
            }
            self.rows.push(offset + range.start as u64, offset + end as u64);
        }
    }

    /// An error of the row that would come next.
    fn error(&self, message: String) -> PrepareError {
        let row = if self.header.is_empty() { 0 } else { self.rows.len() + 1 };
        PrepareError::table(self.path, Some(row), message)
    }

    fn finish(mut self, store: Store) -> Result<Records, PrepareError> {
        if self.header.is_empty() {
            let message = "the file is empty; the first line must name the columns".to_owned();
            return Err(PrepareError::table(self.path, None, message));
        }
        if u32::try_from(self.rows.len()).is_err() {
            return Err(PrepareError::table(self.path, None, "the file has more than 4 billion rows".to_owned()));
        }
        self.rows.shrink();
        let Self { path, delimiter, header, rows, ragged, .. } = self;
        Ok(Records { path: path.to_owned(), store, rows, header, delimiter, ragged })
    }
}

/// The names of a header's columns. One without a name is called as pandas does.
fn names(path: &Path, row: &str, delimiter: u8) -> Result<Vec<String>, PrepareError> {
    let mut ends = Vec::new();
    field::ends(row.as_bytes(), delimiter, &mut ends);
    let name = |place| match field::cell(row, place, delimiter) {
        name if name.is_empty() => format!("Unnamed: {place}"),
        name => name.into_owned(),
    };
    let names: Vec<String> = (0..ends.len()).map(name).collect();
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            return Err(PrepareError::table(path, None, format!("the header names the column `{name}` twice")));
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Records, PrepareError> {
        Records::parse(Path::new("x.csv"), text.to_owned(), b',', LongRows::Refuse)
    }

    fn rows(records: &Records, wanted: &[u32]) -> Vec<String> {
        let mut rows = Vec::new();
        records
            .visit(wanted, |place, row| {
                assert_eq!(place, rows.len());
                rows.push(row.to_owned());
                Ok(())
            })
            .unwrap();
        rows
    }

    /// Rows of many lengths, some of them longer than a block.
    fn long_text(even: bool) -> String {
        let mut text = "a,b\n".to_owned();
        for row in 0..40_000 {
            let length = if row % 9_000 == 0 { 3 << 20 } else { row % 200 };
            let quoted = if even { "" } else { "\"\n\r\n,\"" };
            text.push_str(&format!("{row}{},{quoted}", "x".repeat(length)));
            text.push_str(if even || row % 3 > 0 { "\n" } else { "\r\n\n" });
        }
        text.truncate(text.len() - 1);
        text
    }

    #[test]
    fn a_large_file_is_read_as_a_small_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        for (even, start) in [(true, ""), (false, BOM)] {
            let text = format!("{start}{}", long_text(even));
            fs::write(&path, &text).unwrap();
            let small = Records::parse(&path, text, b',', LongRows::Refuse).unwrap();
            let (large, invalid) = Records::open(&path, b',', LongRows::Refuse).unwrap();
            assert_eq!((large.header(), large.len(), invalid), (small.header(), small.len(), None));
            let order: Vec<u32> =
                crate::random::RandomState::new(7).permutation(small.len()).into_iter().map(|row| row as u32).collect();
            for wanted in [(0..small.len() as u32).collect(), order] {
                let (ours, expected) = (rows(&large, &wanted), rows(&small, &wanted));
                assert!(ours == expected);
                let mut lines = Vec::new();
                let done = large.visit_lines(&wanted, |more| {
                    lines.extend_from_slice(more);
                    Ok(())
                });
                assert_eq!(done.is_some(), even);
                if even {
                    assert!(lines == format!("{}\n", expected.join("\n")).into_bytes());
                }
            }
        }
    }

    #[test]
    fn rows_that_are_too_long_are_skipped_or_named_in_large_files_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        fs::write(&path, "a,b\n1,2\n1,2,3\n4,5\n").unwrap();
        let (large, _) = Records::open(&path, b',', LongRows::Skip).unwrap();
        assert_eq!(rows(&large, &[1, 0]), ["4,5", "1,2"]);
        let error = Records::open(&path, b',', LongRows::Refuse).unwrap_err().to_string();
        assert!(error.ends_with("row 2: 3 cells, the header has 2"), "{error}");
        fs::write(&path, b"a,b\n1,2\n3,\xff\n").unwrap();
        assert_eq!(Records::open(&path, b',', LongRows::Refuse).unwrap().1, Some(2));
        fs::write(&path, "a,b\n1,\"2\n").unwrap();
        assert!(Records::open(&path, b',', LongRows::Refuse).is_err());
    }

    #[test]
    fn rows_and_cells_are_found() {
        let records = parse("\u{feff}a,b\r\n1,\"x\ny\"\r\n\r\n2\n\"3\",\"\"\"q\"\"\"").unwrap();
        assert_eq!(records.header(), ["a", "b"]);
        assert_eq!(records.len(), 3);
        assert_eq!(rows(&records, &[0, 1, 2]), ["1,\"x\ny\"", "2", "\"3\",\"\"\"q\"\"\""]);
        assert!(!records.is_full());
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
