//! Many texts in one piece of memory.

use std::collections::HashMap;
use std::hash::BuildHasher;

/// A list of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    bytes: String,
    /// Where each text ends.
    ends: Vec<usize>,
}

impl Texts {
    pub(crate) const fn new() -> Self {
        Self { bytes: String::new(), ends: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    /// The text at a place.
    ///
    /// # Panics
    /// Past the end.
    pub(crate) fn get(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.bytes[start..self.ends[place]]
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.len()).map(|place| self.get(place))
    }

    /// The number of each text's value, values numbered as they come, and the place where each first comes.
    pub(crate) fn codes(&self) -> (Vec<usize>, Vec<usize>) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut firsts = Vec::new();
        let codes = self.iter().enumerate().map(|(place, text)| {
            *seen.entry(text).or_insert_with(|| {
                firsts.push(place);
                firsts.len() - 1
            })
        });
        (codes.collect(), firsts)
    }

    /// As [`codes`](Self::codes), values numbered in ascending order: as numbers where all are numbers (blanks last,
    /// as NumPy sorts them), else as text.
    pub(crate) fn sorted_codes(&self) -> (Vec<usize>, Vec<usize>) {
        let (codes, firsts) = self.codes();
        let values: Vec<&str> = firsts.iter().map(|&first| self.get(first)).collect();
        let order = ascending(&values);
        let mut rank = vec![0; order.len()];
        for (place, &value) in order.iter().enumerate() {
            rank[value] = place;
        }
        let firsts = order.into_iter().map(|value| firsts[value]).collect();
        (codes.into_iter().map(|code| rank[code]).collect(), firsts)
    }

    /// The places of the texts in ascending order, equal ones as they come.
    pub(crate) fn sorted(&self) -> Vec<usize> {
        ascending(&self.iter().collect::<Vec<_>>())
    }

    /// All values, for looking up.
    pub(crate) fn places<S: BuildHasher + Default>(&self) -> HashMap<&str, usize, S> {
        self.iter().enumerate().map(|(place, text)| (text, place)).collect()
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut list = Self::default();
        texts.into_iter().for_each(|text| list.push(text.as_ref()));
        list
    }
}

/// Places in ascending order of the values; stable.
fn ascending(values: &[&str]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    match numbers(values) {
        Some(numbers) => order.sort_by(|&a, &b| numbers[a].total_cmp(&numbers[b])),
        None => order.sort_by_key(|&place| values[place]),
    }
    order
}

/// The values as numbers, if all of them are; a blank is NaN.
fn numbers(values: &[&str]) -> Option<Vec<f64>> {
    values.iter().map(|value| if value.is_empty() { Some(f64::NAN) } else { value.trim().parse().ok() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_as_seen_or_sorted() {
        let texts: Texts = ["10", "9", "10", "-1"].into_iter().collect();
        assert_eq!(texts.codes(), (vec![0, 1, 0, 2], vec![0, 1, 3]));
        assert_eq!(texts.sorted_codes(), (vec![2, 1, 2, 0], vec![3, 1, 0]));
        let texts: Texts = ["10", "9", "x"].into_iter().collect();
        assert_eq!(texts.sorted(), [0, 1, 2]);
        let texts: Texts = ["10", "9", ""].into_iter().collect();
        assert_eq!(texts.sorted(), [1, 0, 2]);
    }
}
