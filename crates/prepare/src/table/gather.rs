//! Reading the rows of a large file in any order, without holding the file.
//!
//! Rows in a random order, read one by one, would cost a wait for memory or disk each. So as many of them as fit in a
//! window are looked up in the order of the file, which is read from front to back for each window.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use super::rows::{Rows, trimmed};

/// What a window holds at least and at most, in bytes of rows; between, a fifth of the file.
const WINDOW: (u64, u64) = (8 << 20, 64 << 20);

/// How many bytes are read at once.
const BLOCK: usize = 1 << 20;

/// Some rows that follow each other in the order in which they are wanted.
#[derive(Default)]
pub(super) struct Window {
    text: String,
    /// Where each row lies.
    places: Vec<(u32, u32)>,
}

impl Window {
    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = &str> {
        self.places.iter().map(|&(start, length)| &self.text[start as usize..][..length as usize])
    }

    /// All rows, each with a line feed behind it; only of files with even rows.
    pub(super) fn lines(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// Reads rows window by window, in this order.
pub(super) fn windows<E>(
    file: &File,
    rows: &Rows,
    wanted: &[u32],
    unreadable: impl Fn(io::Error) -> E,
    mut use_window: impl FnMut(&Window) -> Result<(), E>,
) -> Result<(), E> {
    let size = file.metadata().map_err(&unreadable)?.len();
    let limit = (size / 5).clamp(WINDOW.0, WINDOW.1);
    let mut window = Window::default();
    let mut block = Block { file, bytes: Vec::new(), start: 0 };
    let mut rest = wanted;
    while !rest.is_empty() {
        let count = window.fill(rows, rest, limit, &mut block).map_err(&unreadable)?;
        use_window(&window)?;
        rest = &rest[count..];
    }
    Ok(())
}

impl Window {
    /// Reads the first of some rows, as many as fit into the limit, but at least one. Returns how many.
    fn fill(&mut self, rows: &Rows, wanted: &[u32], limit: u64, block: &mut Block<'_>) -> io::Result<usize> {
        self.places.clear();
        let mut bytes: u64 = 0;
        for &row in wanted {
            let span = rows.span(row as usize);
            // And a line feed, where the last row has none.
            let room = span.end - span.start + u64::from(rows.open && row as usize + 1 == rows.len());
            if bytes + room > limit && bytes > 0 {
                break;
            }
            let too_long = |_| io::Error::other("it has a row that is longer than 4 GiB");
            self.places.push((u32::try_from(bytes).map_err(too_long)?, u32::try_from(room).map_err(too_long)?));
            bytes += room;
        }
        let mut text = std::mem::take(&mut self.text).into_bytes();
        text.clear();
        text.resize(bytes as usize, b'\n');

        let wanted = &wanted[..self.places.len()];
        let mut order: Vec<u64> =
            (0..).zip(wanted).map(|(place, &row): (u64, _)| u64::from(row) << 32 | place).collect();
        if !order.is_sorted() {
            order.sort_unstable();
        }
        for key in order {
            let (row, place) = ((key >> 32) as usize, key as u32 as usize);
            let row = trimmed(block.get(rows.span(row))?);
            let (start, length) = &mut self.places[place];
            *length = row.len() as u32;
            text[*start as usize..][..row.len()].copy_from_slice(row);
        }
        self.text = String::from_utf8(text).map_err(|_| io::Error::other("it changed while it was read"))?;
        Ok(self.places.len())
    }
}

/// The part of a file that was read last.
struct Block<'a> {
    file: &'a File,
    bytes: Vec<u8>,
    start: u64,
}

impl Block<'_> {
    /// The bytes of a range, read together with those that follow.
    fn get(&mut self, range: Range<u64>) -> io::Result<&[u8]> {
        let end = self.start + self.bytes.len() as u64;
        if range.start < self.start || range.end > end {
            let needed = (range.end - range.start) as usize;
            self.bytes.resize(needed.max(BLOCK), 0);
            self.start = range.start;
            let mut filled = 0;
            while filled < self.bytes.len() {
                match self.file.read_at(&mut self.bytes[filled..], self.start + filled as u64)? {
                    0 => break,
                    read => filled += read,
                }
            }
            self.bytes.truncate(filled);
            if filled < needed {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let from = (range.start - self.start) as usize;
        Ok(&self.bytes[from..from + (range.end - range.start) as usize])
    }
}
