//! Where the rows of a file lie, in four bytes a row.

use std::ops::Range;

/// The places of rows in a text, in its order.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Where each row starts, but for its upper half.
    starts: Vec<u32>,
    /// The first row of each further 4 GiB.
    steps: Vec<usize>,
    /// Where a row and its line end are over, if the next row doesn't follow: rows between were left out.
    ends: Vec<(usize, u64)>,
    /// Where the last row and its line end are over.
    end: u64,
    /// Whether each row ends in one line feed, and none was left out.
    pub(super) even: bool,
    /// Whether the last row has no line end.
    pub(super) open: bool,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self { even: true, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Appends a row; with its line end it is over at `end`.
    pub(super) fn push(&mut self, start: u64, end: u64) {
        if start != self.end && self.len() > 0 {
            self.ends.push((self.len() - 1, self.end));
            self.even = false;
        }
        while (start >> 32) as usize > self.steps.len() {
            self.steps.push(self.len());
        }
        self.starts.push(start as u32);
        self.end = end;
    }

    pub(super) fn shrink(&mut self) {
        self.starts.shrink_to_fit();
    }

    /// The bytes of a row with its line end, and of blank lines after it.
    pub(super) fn span(&self, row: usize) -> Range<u64> {
        let end = match self.ends.binary_search_by_key(&row, |(row, _)| *row) {
            Ok(place) => self.ends[place].1,
            Err(_) if row + 1 == self.len() => self.end,
            Err(_) => self.start(row + 1),
        };
        self.start(row)..end
    }

    fn start(&self, row: usize) -> u64 {
        let step = if self.steps.is_empty() { 0 } else { self.steps.partition_point(|first| *first <= row) };
        (step as u64) << 32 | u64::from(self.starts[row])
    }
}

/// A row without its line end.
pub(super) fn trimmed(row: &[u8]) -> &[u8] {
    let length = row.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    &row[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_across_what_was_left_out_and_beyond_4_gib() {
        let far = 1 << 33;
        let spans = [5..9, 9..20, 26..30, far..far + 4, far + 4..far + 9];
        let mut rows = Rows::new();
        spans.iter().for_each(|span| rows.push(span.start, span.end));
        assert_eq!((0..rows.len()).map(|row| rows.span(row)).collect::<Vec<_>>(), spans);
        assert!(!rows.even);
        assert_eq!(trimmed(b"a,\"b\n\"\r\n\n"), b"a,\"b\n\"");
        assert_eq!(trimmed(b"\n"), b"");
    }
}
