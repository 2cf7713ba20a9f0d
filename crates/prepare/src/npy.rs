//! Arrays in NumPy's own files, of which rows are taken without reading the others.
//!
//! Source: NumPy, `numpy.lib.format`. A file is a magic text, the version, the length of a header, the header (a
//! Python dictionary with `descr`, `fortran_order` and `shape`), and the rows one after the other.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::error::PrepareError;
use crate::table::Texts;

const MAGIC: &[u8] = b"\x93NUMPY";
/// Headers end at a multiple of this.
const ALIGNMENT: usize = 64;
/// The header has room for a first dimension of so many digits.
const DIGITS: usize = 21;
/// More bytes than this are no header of an array of numbers.
const LONGEST_HEADER: usize = 1 << 16;

/// An array in a file.
pub(crate) struct Array {
    path: PathBuf,
    file: File,
    /// Where the rows begin.
    start: u64,
    /// What a value is, as in `<f4`.
    kind: String,
    rows: usize,
    /// The other dimensions.
    rest: Vec<usize>,
    /// Bytes of a row.
    row: usize,
}

impl Array {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be read, is no array of numbers or texts in C order, or is not as long as it says.
    pub(crate) fn open(path: &Path) -> Result<Self, PrepareError> {
        let failed = |error| PrepareError::io("read", path, error);
        let wrong = |message: &str| PrepareError::table(path, None, message.to_owned());
        let mut file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut start = [0; 8];
        file.read_exact(&mut start).map_err(failed)?;
        if start[..MAGIC.len()] != *MAGIC {
            return Err(wrong("it is no file of NumPy's"));
        }
        let mut length = vec![0; if start[6] == 1 { 2 } else { 4 }];
        file.read_exact(&mut length).map_err(failed)?;
        let length = length.iter().rev().fold(0_usize, |length, &byte| length << 8 | usize::from(byte));
        if length > LONGEST_HEADER {
            return Err(wrong("its header is too long"));
        }
        let mut header = vec![0; length];
        file.read_exact(&mut header).map_err(failed)?;
        let start = file.stream_position().map_err(failed)?;
        let header = String::from_utf8(header).map_err(|_| wrong("its header is no text"))?;
        let (kind, shape) = parse(&header).ok_or_else(|| {
            wrong(&format!("its header is {:?}; expected an array of rows, C-ordered", header.trim()))
        })?;
        let [rows, rest @ ..] = shape.as_slice() else { return Err(wrong("it is a single value")) };
        let bytes = value_size(&kind).ok_or_else(|| wrong(&format!("it holds values of kind `{kind}`")))?;
        let row = rest.iter().try_fold(bytes, |bytes, &count| bytes.checked_mul(count));
        let whole = row.and_then(|row| u64::try_from(row.checked_mul(*rows)?).ok());
        let (Some(row), Some(whole)) = (row, whole) else { return Err(wrong("its shape is too large")) };
        if size - start != whole {
            return Err(wrong(&format!("it has {} bytes of values; its shape asks for {whole}", size - start)));
        }
        Ok(Self { path: path.to_owned(), file, start, kind, rows: *rows, rest: rest.to_vec(), row })
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Writes some rows to a new file, in this order.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub(crate) fn take(&self, rows: &[usize], to: &Path) -> Result<(), PrepareError> {
        let failed = |error| PrepareError::io("write", to, error);
        let mut out = BufWriter::with_capacity(1 << 20, File::create(to).map_err(failed)?);
        out.write_all(&self.header(rows.len())).map_err(failed)?;
        self.each(rows, |row| out.write_all(row).map_err(failed))?;
        out.flush().map_err(failed)
    }

    /// Some values of an array of one dimension as texts.
    ///
    /// # Errors
    /// The array has more dimensions or holds neither whole numbers nor texts, or the file cannot be read.
    pub(crate) fn texts(&self, rows: &[usize]) -> Result<Texts, PrepareError> {
        let (path, kind) = (self.path.clone(), self.kind.clone());
        let wrong = || PrepareError::table(&path, None, format!("expected labels, found values of kind `{kind}`"));
        if !self.rest.is_empty() {
            return Err(wrong());
        }
        let mut texts = Texts::default();
        self.each(rows, |value| {
            texts.push(&text(&kind, value).ok_or_else(wrong)?);
            Ok(())
        })?;
        Ok(texts)
    }

    fn each(
        &self,
        rows: &[usize],
        mut look: impl FnMut(&[u8]) -> Result<(), PrepareError>,
    ) -> Result<(), PrepareError> {
        let (mut file, mut bytes) = (&self.file, vec![0; self.row]);
        for &row in rows {
            let at = SeekFrom::Start(self.start + (row * self.row) as u64);
            let read = file.seek(at).and_then(|_| file.read_exact(&mut bytes));
            read.map_err(|error| PrepareError::io("read", &self.path, error))?;
            look(&bytes)?;
        }
        Ok(())
    }

    /// The header that `numpy.save` writes.
    fn header(&self, rows: usize) -> Vec<u8> {
        let rest: String = self.rest.iter().map(|count| format!(", {count}")).collect();
        let comma = if self.rest.is_empty() { "," } else { "" };
        let mut header =
            format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({rows}{rest}{comma}), }}", self.kind);
        header.push_str(&" ".repeat(DIGITS.saturating_sub(rows.to_string().len())));
        let before = MAGIC.len() + 4;
        let whole = (before + header.len() + 1).next_multiple_of(ALIGNMENT);
        header.push_str(&" ".repeat(whole - before - header.len() - 1));
        header.push('\n');
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        // `kind` and the shape are short: they were in a header themselves.
        #[expect(clippy::cast_possible_truncation)]
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.bytes());
        bytes
    }
}

/// The kind of the values and the shape that a header tells.
fn parse(header: &str) -> Option<(String, Vec<usize>)> {
    let after = |key: &str| header.split_once(key).map(|(_, rest)| rest.trim_start());
    let kind = after("'descr':")?.strip_prefix('\'')?.split_once('\'')?.0;
    if !after("'fortran_order':")?.starts_with("False") {
        return None;
    }
    let shape = after("'shape':")?.strip_prefix('(')?.split_once(')')?.0;
    let shape = shape.split(',').map(str::trim).filter(|count| !count.is_empty());
    Some((kind.to_owned(), shape.map(|count| count.parse().ok()).collect::<Option<_>>()?))
}

/// The bytes of a value.
fn value_size(kind: &str) -> Option<usize> {
    let size: usize = kind.get(2..)?.parse().ok()?;
    match kind.as_bytes()[1] {
        b'b' | b'i' | b'u' | b'f' | b'c' | b'S' => Some(size),
        b'U' => size.checked_mul(4),
        _ => None,
    }
}

/// A whole number or a text.
fn text(kind: &str, value: &[u8]) -> Option<String> {
    let big = kind.starts_with('>');
    let mut bytes = value.to_vec();
    match kind.as_bytes()[1] {
        b'S' => Some(String::from_utf8(bytes).ok()?.trim_end_matches('\0').to_owned()),
        b'U' => {
            let letters = bytes.chunks_exact(4).map(|letter| {
                let letter: [u8; 4] = letter.try_into().ok()?;
                char::from_u32(if big { u32::from_be_bytes(letter) } else { u32::from_le_bytes(letter) })
            });
            Some(letters.collect::<Option<String>>()?.trim_end_matches('\0').to_owned())
        }
        signed @ (b'i' | b'u') => {
            if big {
                bytes.reverse();
            }
            let negative = signed == b'i' && bytes.last()? & 0x80 != 0;
            bytes.resize(16, if negative { 0xff } else { 0 });
            Some(i128::from_le_bytes(bytes.try_into().ok()?).to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_numpy_wrote_them() {
        for (kind, value, expected) in [
            ("<i8", &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..], Some("-2")),
            (">u2", &[0x01, 0x02], Some("258")),
            ("|u1", &[0xff], Some("255")),
            ("<U2", &[0x37, 0, 0, 0, 0, 0, 0, 0], Some("7")),
            ("|S2", b"42", Some("42")),
            ("<f4", &[0, 0, 0, 0], None),
        ] {
            assert_eq!(text(kind, value).as_deref(), expected, "{kind}");
        }
    }

    #[test]
    fn a_file_that_is_no_array_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        let whole = |header: &str, values: usize| {
            let mut bytes = MAGIC.to_vec();
            bytes.extend([1, 0, u8::try_from(header.len()).unwrap(), 0]);
            bytes.extend(header.bytes());
            bytes.resize(bytes.len() + values, 0);
            bytes
        };
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n";
        std::fs::write(&path, whole(header, 24)).unwrap();
        assert_eq!(Array::open(&path).unwrap().len(), 2);
        for (bytes, expected) in [
            (b"PK\x03\x04 and more".to_vec(), "it is no file of NumPy's"),
            (whole(header, 23), "it has 23 bytes of values; its shape asks for 24"),
            (whole(&header.replace("False", "True"), 24), "expected an array of rows, C-ordered"),
            (whole(&header.replace("<f4", "|O"), 24), "it holds values of kind `|O`"),
            (whole(&header.replace("(2, 3)", "()"), 4), "it is a single value"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = Array::open(&path).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
