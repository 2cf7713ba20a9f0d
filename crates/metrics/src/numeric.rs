//! What numbers may be predicted.

use std::borrow::Cow;

use crate::number;
use crate::rejection::CellProblem;
use crate::sheet::CellError;
use crate::spec::Limits;

/// A range of numbers, and what a blank stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Domain {
    limits: Limits,
    blank: Option<f64>,
}

impl From<Limits> for Domain {
    fn from(limits: Limits) -> Self {
        Self { limits, blank: None }
    }
}

impl Domain {
    /// Finite numbers.
    pub(crate) const ANY: Self = Self { limits: Limits { least: None, largest: None, above: None }, blank: None };
    /// From 0 to 1.
    pub(crate) const PROBABILITY: Self =
        Self { limits: Limits { least: Some(0.0), largest: Some(1.0), above: None }, blank: None };

    pub(crate) fn above(number: f64) -> Self {
        Limits { above: Some(number), ..Limits::default() }.into()
    }

    pub(crate) fn at_least(number: f64) -> Self {
        Limits { least: Some(number), ..Limits::default() }.into()
    }

    pub(crate) fn with_blank(self, blank: Option<f64>) -> Self {
        Self { blank, ..self }
    }

    /// What belongs in a cell, in words.
    pub(crate) fn expected(self) -> Cow<'static, str> {
        match self.limits {
            Limits { least: None, largest: None, above: None } => "a finite number".into(),
            Limits { least: Some(0.0), largest: Some(1.0), above: None } => "a probability from 0 to 1".into(),
            Limits { least, largest, above } => {
                let mut parts = Vec::new();
                parts.extend(above.map(|above| format!("above {above}")));
                parts.extend(least.map(|least| format!("of at least {least}")));
                parts.extend(largest.map(|largest| format!("of at most {largest}")));
                format!("a number {}", parts.join(" and ")).into()
            }
        }
    }

    /// The number of a cell.
    pub(crate) fn parse(self, text: &str) -> Result<f64, CellError> {
        let number = match (number::parse(text), self.blank) {
            (Err(number::NotNumber::Blank), Some(blank)) => return Ok(blank),
            (number, _) => number?,
        };
        let Limits { least, largest, above } = self.limits;
        let inside = least.is_none_or(|least| number >= least)
            && largest.is_none_or(|largest| number <= largest)
            && above.is_none_or(|above| number > above);
        if inside { Ok(number) } else { Err(CellProblem::OutOfRange.into()) }
    }
}
