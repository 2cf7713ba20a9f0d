//! Many short texts in two allocations.

/// A list of texts, kept one after the other in one text: 4 bytes of overhead each. Holds up to 4 GiB of text.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    text: String,
    /// Where the first text starts (less the gap), then where each ends.
    ends: Vec<u32>,
    /// Bytes between a text and the next.
    gap: usize,
}

impl Default for Cells {
    fn default() -> Self {
        Self { text: String::new(), ends: vec![0], gap: 0 }
    }
}

impl Cells {
    /// The texts of a text that separates them by one byte each; `ends` holds the place of every separator, that before
    /// the first text included.
    pub(crate) fn separated(text: String, ends: Vec<u32>) -> Self {
        Self { text, ends, gap: 1 }
    }

    /// Appends several texts, given end to end with the end of each. Only to texts without gaps.
    ///
    /// The caller keeps the total below 4 GiB.
    pub(crate) fn extend(&mut self, text: &str, ends: impl Iterator<Item = usize>) {
        let base = self.text.len();
        self.text.push_str(text);
        self.ends.extend(ends.map(|end| (base + end) as u32));
    }

    /// Appends one text. Only to texts without gaps. The caller keeps the total below 4 GiB.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// The text at `index`. Panics if there is none.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> &str {
        &self.text[self.ends[index] as usize + self.gap..self.ends[index + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(cells: &Cells) -> Vec<&str> {
        (0..cells.len()).map(|index| cells.get(index)).collect()
    }

    #[test]
    fn texts_come_back() {
        let mut cells = Cells::default();
        cells.push("");
        cells.push("äb");
        cells.extend("xyz", [1, 1, 3].into_iter());
        assert_eq!(texts(&cells), ["", "äb", "x", "", "yz"]);
    }

    #[test]
    fn separated_texts_come_back() {
        assert_eq!(texts(&Cells::separated("h\nä,,b\n".to_owned(), vec![1, 4, 5, 7])), ["ä", "", "b"]);
    }
}
