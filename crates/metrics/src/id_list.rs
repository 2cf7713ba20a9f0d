//! A list of ids in little room.

use std::borrow::Cow;

use crate::cells::Cells;
use crate::number;

/// Ids in their order, read as texts.
#[derive(Debug)]
pub(crate) enum IdList {
    Texts(Cells),
    /// Whole numbers, written without leading zeros.
    Numbers(Vec<u64>),
}

impl Default for IdList {
    fn default() -> Self {
        Self::Texts(Cells::default())
    }
}

impl IdList {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Texts(texts) => texts.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// The id at `index`. Panics if there is none.
    pub(crate) fn get(&self, index: usize) -> Cow<'_, str> {
        match self {
            Self::Texts(texts) => Cow::Borrowed(texts.get(index)),
            Self::Numbers(numbers) => Cow::Owned(numbers[index].to_string()),
        }
    }

    /// Whether the id at `index` is this text. Panics if there is none.
    pub(crate) fn is(&self, index: usize, text: &str) -> bool {
        match self {
            Self::Texts(texts) => texts.get(index) == text,
            Self::Numbers(numbers) => !has_leading_zero(text) && number::plain_digits(text) == Some(numbers[index]),
        }
    }

    /// Appends a text to texts. The caller keeps the total below 4 GiB.
    pub(crate) fn push(&mut self, text: &str) {
        if let Self::Texts(texts) = self {
            texts.push(text);
        }
    }
}

pub(crate) fn has_leading_zero(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_texts() {
        let ids = IdList::Numbers(vec![0, 70]);
        assert_eq!((ids.len(), ids.get(0), ids.get(1)), (2, Cow::Borrowed("0"), Cow::Borrowed("70")));
        assert!(ids.is(1, "70") && !ids.is(1, "070") && !ids.is(1, "7") && !ids.is(0, "") && ids.is(0, "0"));
    }
}
