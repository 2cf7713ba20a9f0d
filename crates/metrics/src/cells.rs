//! Many short texts in two allocations.

/// A growing list of texts, kept end to end: 4 bytes of overhead each. Holds up to 4 GiB of text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cells {
    text: String,
    ends: Vec<u32>,
}

impl Cells {
    /// Appends several texts, given end to end with the end of each.
    ///
    /// The caller keeps the total below 4 GiB.
    pub(crate) fn extend(&mut self, text: &str, ends: impl Iterator<Item = usize>) {
        let base = self.text.len();
        self.text.push_str(text);
        self.ends.extend(ends.map(|end| (base + end) as u32));
    }

    /// Appends one text. The caller keeps the total below 4 GiB.
    pub(crate) fn push(&mut self, text: &str) {
        self.extend(text, std::iter::once(text.len()));
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text at `index`. Panics if there is none.
    pub(crate) fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.text[start..self.ends[index] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        let mut cells = Cells::default();
        cells.push("");
        cells.push("äb");
        cells.extend("xyz", [1, 1, 3].into_iter());
        let texts: Vec<_> = (0..cells.len()).map(|index| cells.get(index)).collect();
        assert_eq!(texts, ["", "äb", "x", "", "yz"]);
    }
}
