//! Writing a table.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::field;
use super::frame::{Cells, Frame};
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
        let mut file = BufWriter::with_capacity(BUFFER, File::create(path).map_err(failed)?);
        let mut line = Vec::new();
        for (place, name) in self.column_names().enumerate() {
            if place > 0 {
                line.push(delimiter);
            }
            field::push(&mut line, name, delimiter);
        }
        line.push(b'\n');
        file.write_all(&line).map_err(failed)?;
        let columns = self.columns();
        let records = self.records().filter(|records| records.delimiter() == delimiter);
        let whole = self.is_whole() && records.is_some();
        let mut fields = Vec::new();
        for row in 0..self.len() {
            line.clear();
            if let Some(records) = records {
                let text = records.row(self.record(row));
                self.fields(row, &mut fields);
                if whole && fields.len() == columns.len() {
                    line.extend_from_slice(text.as_bytes());
                } else {
                    for (place, column) in columns.iter().enumerate() {
                        if place > 0 {
                            line.push(delimiter);
                        }
                        match &column.cells {
                            Cells::Record(at) => {
                                // A row that ends early lacks its last cells.
                                let range = fields.get(*at).cloned().unwrap_or_default();
                                line.extend_from_slice(&text.as_bytes()[range]);
                            }
                            Cells::Constant(text) => field::push(&mut line, text, delimiter),
                            Cells::Own(texts) => field::push(&mut line, texts.get(row), delimiter),
                        }
                    }
                }
            } else {
                for place in 0..columns.len() {
                    if place > 0 {
                        line.push(delimiter);
                    }
                    field::push(&mut line, &self.cell_at(row, place), delimiter);
                }
            }
            if line.is_empty() {
                // An empty line would be no row.
                line.extend_from_slice(b"\"\"");
            }
            line.push(b'\n');
            file.write_all(&line).map_err(failed)?;
        }
        file.into_inner().map_err(|error| failed(error.into_error()))?;
        Ok(())
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
