//! A list of cells, as classes and as numbers.

use std::collections::HashMap;
use std::str::FromStr as _;

use jiff::civil::{Date, DateTime};

/// What stands for a missing value.
pub(super) const MISSING: u32 = u32::MAX;

/// A cell for each unit, some missing.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// The class of each cell: equal numbers, or else equal texts, are one class.
    pub(super) codes: Vec<u32>,
    /// How often each class comes.
    pub(super) counts: Vec<usize>,
    /// The cells' text as it is compared, by class.
    pub(super) labels: Vec<String>,
    /// The cells as numbers, missing ones NaN, where nearly all are numbers.
    pub(super) numbers: Option<Vec<f64>>,
}

impl Series {
    /// From cells; blank ones count as missing.
    pub(super) fn of<T: AsRef<str>>(cells: impl IntoIterator<Item = Option<T>>) -> Self {
        let mut classes: HashMap<String, u32> = HashMap::new();
        let mut series = Self { codes: Vec::new(), counts: Vec::new(), labels: Vec::new(), numbers: None };
        let mut numbers = Vec::new();
        let mut present = 0_usize;
        for cell in cells {
            let text = cell.as_ref().map(|cell| cell.as_ref().trim()).filter(|text| !text.is_empty());
            let Some(text) = text else {
                series.codes.push(MISSING);
                numbers.push(f64::NAN);
                continue;
            };
            present += 1;
            let number = number(text);
            numbers.push(number.unwrap_or(f64::NAN));
            let label = number.map_or_else(|| text.to_owned(), |number| number.to_string());
            // A file of more than 4 billion rows is not looked into.
            #[expect(clippy::cast_possible_truncation)]
            let next = classes.len() as u32;
            let code = *classes.entry(label.clone()).or_insert(next);
            if code == next {
                series.counts.push(0);
                series.labels.push(label);
            }
            series.counts[code as usize] += 1;
            series.codes.push(code);
        }
        let parsed = numbers.iter().filter(|number| !number.is_nan()).count();
        if present > 0 && parsed * 100 >= present * 95 {
            series.numbers = Some(numbers);
        }
        series
    }

    /// From numbers, NaN where missing.
    pub(super) fn of_numbers(numbers: Vec<f64>) -> Self {
        Self::of(numbers.iter().map(|number| (!number.is_nan()).then(|| number.to_string())))
    }

    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// How many different values there are.
    pub(super) fn distinct(&self) -> usize {
        self.counts.len()
    }

    /// Whether there is one value at most.
    pub(super) fn is_constant(&self) -> bool {
        self.distinct() < 2
    }

    pub(super) fn label(&self, unit: usize) -> Option<&str> {
        let code = self.codes[unit];
        (code != MISSING).then(|| self.labels[code as usize].as_str())
    }
}

/// A number, or one of Python's and JSON's words for truth.
pub(super) fn number(text: &str) -> Option<f64> {
    match text {
        "True" | "true" | "TRUE" => Some(1.0),
        "False" | "false" | "FALSE" => Some(0.0),
        _ => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

/// Seconds of a date and time as they are commonly written.
pub(super) fn seconds(text: &str) -> Option<f64> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) || text.len() < 8 || !text.contains(['-', '/']) {
        return None;
    }
    let text = text.trim_end_matches(" UTC").trim_end_matches('Z');
    let time = DateTime::from_str(text).or_else(|_| Date::from_str(text).map(|date| date.to_datetime(jiff::civil::Time::midnight())));
    let time = time.ok()?;
    let span = time.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    Some(span.as_secs_f64())
}
