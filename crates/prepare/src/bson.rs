//! Files of BSON documents, one after the other, as MongoDB dumps them (bsonspec.org): read one at a time, and taken
//! apart without decoding what isn't asked for.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::error::PrepareError;

/// Documents larger than this are none; MongoDB allows 16 MiB.
const LARGEST: usize = 64 << 20;

/// The documents of a file.
pub(crate) struct Documents {
    path: PathBuf,
    file: BufReader<File>,
    /// Documents read so far.
    count: usize,
}

/// One document, as its bytes.
pub(crate) struct Document {
    bytes: Vec<u8>,
}

/// A field of a document: its type, and where it and its value lie.
struct Field {
    kind: u8,
    whole: Range<usize>,
    value: Range<usize>,
}

impl Documents {
    pub(crate) fn open(path: &Path) -> Result<Self, PrepareError> {
        let file = File::open(path).map_err(|error| PrepareError::io("read", path, error))?;
        Ok(Self { path: path.to_owned(), file: BufReader::with_capacity(1 << 20, file), count: 0 })
    }

    /// An error about the document that was read last.
    pub(crate) fn error(&self, message: String) -> PrepareError {
        PrepareError::table(&self.path, Some(self.count), message)
    }

    fn next_document(&mut self) -> Result<Option<Document>, PrepareError> {
        let mut length = [0; 4];
        let first = self.file.read(&mut length).map_err(|error| PrepareError::io("read", &self.path, error))?;
        if first == 0 {
            return Ok(None);
        }
        self.count += 1;
        let cut = |error: std::io::Error| PrepareError::table(&self.path, Some(self.count), format!("{error}"));
        self.file.read_exact(&mut length[first..]).map_err(cut)?;
        let size = u32::from_le_bytes(length) as usize;
        if !(5..=LARGEST).contains(&size) {
            return Err(self.error(format!("a document of {size} bytes: the file is no BSON, or is damaged")));
        }
        let mut bytes = vec![0; size];
        bytes[..4].copy_from_slice(&length);
        self.file.read_exact(&mut bytes[4..]).map_err(cut)?;
        Ok(Some(Document { bytes }))
    }
}

impl Iterator for Documents {
    type Item = Result<Document, PrepareError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_document().transpose()
    }
}

impl Document {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A field that is a whole number of 32 or 64 bits.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        let field = self.field(name)?;
        let value = self.bytes.get(field.value)?;
        match field.kind {
            0x10 => Some(i64::from(i32::from_le_bytes(value.try_into().ok()?))),
            0x12 => Some(i64::from_le_bytes(value.try_into().ok()?)),
            _ => None,
        }
    }

    /// The document without a field.
    pub(crate) fn without(&self, name: &str) -> Option<Self> {
        let field = self.field(name)?;
        let mut bytes = self.bytes.clone();
        bytes.drain(field.whole);
        let length = u32::try_from(bytes.len()).ok()?;
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        Some(Self { bytes })
    }

    /// The first field of a name; nothing as well where the document is damaged before it.
    fn field(&self, name: &str) -> Option<Field> {
        let mut at = 4;
        loop {
            let start = at;
            let kind = *self.bytes.get(at)?;
            if kind == 0 {
                return None;
            }
            let key_end = at + 1 + memchr::memchr(0, self.bytes.get(at + 1..)?)?;
            let value = key_end + 1..self.value_end(kind, key_end + 1)?;
            self.bytes.get(value.clone())?;
            at = value.end;
            if &self.bytes[start + 1..key_end] == name.as_bytes() {
                return Some(Field { kind, whole: start..at, value });
            }
        }
    }

    /// Where a value ends.
    fn value_end(&self, kind: u8, start: usize) -> Option<usize> {
        let length = || Some(u32::from_le_bytes(self.bytes.get(start..start + 4)?.try_into().ok()?) as usize);
        let text_end = |start: usize| Some(start + memchr::memchr(0, self.bytes.get(start..)?)? + 1);
        Some(match kind {
            // Minimal and maximal key, null, undefined.
            0x06 | 0x0a | 0x7f | 0xff => start,
            // Boolean.
            0x08 => start + 1,
            // 32-bit integer.
            0x10 => start + 4,
            // Double, time, timestamp, 64-bit integer.
            0x01 | 0x09 | 0x11 | 0x12 => start + 8,
            // Object id.
            0x07 => start + 12,
            // 128-bit decimal.
            0x13 => start + 16,
            // Text, code, symbol: a length that counts what follows it.
            0x02 | 0x0d | 0x0e => start + 4 + length()?,
            // Binary: the same, and a subtype.
            0x05 => start + 5 + length()?,
            // Document, list, code with scope: a length that counts itself.
            0x03 | 0x04 | 0x0f => start + length()?.max(4),
            // Regular expression: two texts.
            0x0b => text_end(text_end(start)?)?,
            // Pointer: a text and an object id.
            0x0c => start + 4 + length()? + 12,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(fields: &[u8]) -> Vec<u8> {
        let length = u32::try_from(fields.len() + 5).unwrap();
        [&length.to_le_bytes(), fields, &[0]].concat()
    }

    #[test]
    fn fields_are_found_and_taken_out() {
        let inner = document(b"\x10_id\x00\x09\x00\x00\x00");
        let fields = [
            b"\x04imgs\x00".as_slice(),
            &inner,
            b"\x05raw\x00\x03\x00\x00\x00\x00abc",
            b"\x02name\x00\x02\x00\x00\x00x\x00",
            b"\x10_id\x00\x07\x00\x00\x00",
            b"\x12category_id\x00\x15\xcd\x5b\x07\x00\x00\x00\x00",
        ];
        let file = tempfile::NamedTempFile::new().unwrap();
        let bytes = document(&fields.concat());
        std::fs::write(file.path(), [bytes.clone(), document(&[])].concat()).unwrap();
        let read: Vec<Document> = Documents::open(file.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].bytes(), bytes);
        assert_eq!((read[0].integer("_id"), read[0].integer("category_id")), (Some(7), Some(123_456_789)));
        assert_eq!(read[0].integer("name"), None);
        assert_eq!(read[0].without("category_id").unwrap().bytes(), document(&fields[..5].concat()));
        assert_eq!(read[1].integer("_id"), None);
        std::fs::write(file.path(), &bytes[..20]).unwrap();
        assert!(Documents::open(file.path()).unwrap().next().unwrap().is_err());
    }
}
