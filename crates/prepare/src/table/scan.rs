//! Finding rows in text.

use std::ops::Range;

use memchr::memchr;

use super::field;

/// Finds rows.
pub(super) struct Scan<'a> {
    pub(super) bytes: &'a [u8],
    /// Where the next row is looked for; beyond the bytes, if the last row has no line end.
    pub(super) at: usize,
    pub(super) delimiter: u8,
}

impl Scan<'_> {
    /// The next row that is not empty, and the number of its cells; `Some(None)` at the end, `None` if the file ends
    /// inside quotes.
    #[expect(clippy::option_option, reason = "the outer one is the error, for `?`")]
    pub(super) fn next(&mut self) -> Option<Option<(Range<usize>, usize)>> {
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
            while stop > start && self.bytes[stop - 1] == b'\r' {
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
