//! Writing a table.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use super::field;
use super::frame::{Cells, Column, Frame};
use crate::error::PrepareError;

/// Bytes that are handed to the system at once.
const BUFFER: usize = 1 << 20;

impl Frame {
    /// Writes the table to a new file: a header, then the rows, each ended by a line feed. Cells of the file that it
    /// came from are written as they were there, quotes included.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, path: &Path, delimiter: u8) -> Result<(), PrepareError> {
        let failed = |error| PrepareError::io("write", path, error);
        let mut lines = Lines { file: File::create(path).map_err(failed)?, bytes: Vec::with_capacity(2 * BUFFER) };
        let names = self.column_names();
        lines.push(|line| push_all(line, names, delimiter)).map_err(failed)?;

        let columns = self.columns();
        match self.records().filter(|records| records.delimiter() == delimiter) {
            Some(records) => {
                let whole = self.is_whole() && records.is_full();
                let as_they_lie = whole
                    .then(|| records.visit_lines(self.record_rows(), |more| lines.push_lines(more).map_err(failed)));
                if let Some(done) = as_they_lie.flatten() {
                    done?;
                } else {
                    let pieces = pieces(columns);
                    let mut ends = Vec::new();
                    records.visit(self.record_rows(), |row, text| {
                        let write = |line: &mut Vec<u8>| match whole {
                            true => line.extend_from_slice(text.as_bytes()),
                            false => {
                                field::ends(text.as_bytes(), delimiter, &mut ends);
                                push_pieces(line, &pieces, row, text.as_bytes(), &ends, delimiter);
                            }
                        };
                        lines.push(write).map_err(failed)
                    })?;
                }
            }
            None => {
                let places: Vec<usize> = (0..columns.len()).collect();
                self.visit(&places, |_, cells| {
                    lines.push(|line| push_all(line, cells.iter().map(|cell| &**cell), delimiter)).map_err(failed)
                })?;
            }
        }
        lines.finish().map_err(failed)
    }
}

/// A file that lines are written to.
struct Lines {
    file: File,
    bytes: Vec<u8>,
}

impl Lines {
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let start = self.bytes.len();
        write(&mut self.bytes);
        if self.bytes.len() == start {
            // An empty line would be no row.
            self.bytes.extend_from_slice(b"\"\"");
        }
        self.bytes.push(b'\n');
        if self.bytes.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Whole lines.
    fn push_lines(&mut self, lines: &[u8]) -> io::Result<()> {
        self.flush()?;
        self.file.write_all(lines)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.flush()
    }
}

/// What a line is put together from.
enum Piece<'a> {
    /// Cells of the record that follow each other, the last one included.
    Record(usize, usize),
    Other(&'a Cells),
}

fn pieces(columns: &[Column]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for column in columns {
        match (&column.cells, pieces.last_mut()) {
            (Cells::Record(place), Some(Piece::Record(_, last))) if *last + 1 == *place => *last = *place,
            (Cells::Record(place), _) => pieces.push(Piece::Record(*place, *place)),
            (other, _) => pieces.push(Piece::Other(other)),
        }
    }
    pieces
}

fn push_pieces(line: &mut Vec<u8>, pieces: &[Piece<'_>], row: usize, record: &[u8], ends: &[usize], delimiter: u8) {
    for (number, piece) in pieces.iter().enumerate() {
        if number > 0 {
            line.push(delimiter);
        }
        match piece {
            Piece::Record(first, last) => {
                let start = if *first == 0 { Some(0) } else { ends.get(first - 1).map(|end| end + 1) };
                let end = ends.get(*last).or(ends.last());
                if let (Some(start), Some(end)) = (start, end) {
                    line.extend_from_slice(record.get(start..*end).unwrap_or_default());
                }
                // A row that ends early lacks its last cells.
                let lacking = (last + 1).saturating_sub(ends.len().max(*first + 1));
                line.extend(std::iter::repeat_n(delimiter, lacking));
            }
            Piece::Other(Cells::Constant(text)) => field::push(line, text, delimiter),
            Piece::Other(Cells::Own(texts)) => field::push(line, texts.get(row), delimiter),
            Piece::Other(Cells::Record(_)) => {}
        }
    }
}

fn push_all<'a>(line: &mut Vec<u8>, cells: impl Iterator<Item = &'a str>, delimiter: u8) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            line.push(delimiter);
        }
        field::push(line, cell, delimiter);
    }
}

#[cfg(test)]
mod tests {
    use mledojo_catalog::spec::recipe::LongRows;

    use super::*;
    use crate::table::Records;

    #[test]
    fn cells_stay_as_they_were() {
        let text = "id,a,b\n007,NA,\"x,y\"\n1e400,,\"say \"\"hi\"\"\"\n3\n";
        let records = Records::parse(Path::new("x.csv"), text.to_owned(), b',', LongRows::Refuse).unwrap();
        let frame = Frame::of_records("x", records);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let written = |frame: &Frame, delimiter| {
            frame.write(&path, delimiter).unwrap();
            std::fs::read_to_string(&path).unwrap()
        };
        assert_eq!(written(&frame, b','), "id,a,b\n007,NA,\"x,y\"\n1e400,,\"say \"\"hi\"\"\"\n3,,\n");
        let turned = frame.take(&[2, 0]).with_last(&["id"]).unwrap().with_constant("c", "0");
        assert_eq!(written(&turned, b','), "a,b,id,c\n,,3,0\nNA,\"x,y\",007,0\n");
        assert_eq!(written(&frame.take(&[0]), b'\t'), "id\ta\tb\n007\tNA\tx,y\n");
        let one = frame.select(&["b"]).unwrap().take(&[2]);
        assert_eq!(written(&one, b','), "b\n\"\"\n");
    }
}
