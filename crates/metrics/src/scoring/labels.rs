//! Metrics on one predicted label a row.

use std::collections::{BTreeSet, HashMap};

use crate::answers::{AnswerSheet, AnswersError};
use crate::printed::ColumnType;
use crate::rejection::{CellProblem, Rejection};
use crate::scoring::{Scorer, is_constant, undefined_on_answers};
use crate::sheet::{self, CellError, Sheet};
use crate::spec::{Average, BlankCells, KappaDistance, LabelKind, Limits, Metric, Rules};
use crate::table::Column;
use crate::{classification, kappa, number};

/// What a blank label is where it is neither an error nor a label: none that is true anywhere.
const NO_LABEL: u32 = u32::MAX;

/// The true labels, numbered.
#[derive(Debug)]
pub(crate) struct Labelled {
    metric: Metric,
    classes: Vec<u32>,
    labels: Labels,
    /// The component of each row, where labels have components.
    components: Vec<usize>,
}

impl Labelled {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let metric = rules.metric.clone();
        let (classes, labels) = Labels::new(rules, answers)?;
        if metric == Metric::Mcc && is_constant(&classes) {
            return Err(undefined_on_answers(&metric, "all rows have the same label"));
        }
        let components = match &metric {
            Metric::HierarchicalMacroRecall { components } => {
                let places = answers.read(answers.ids[0], "an id that ends in a component", |id| {
                    let suffix = id.splitn(3, '_').nth(2);
                    let place = components.iter().position(|component| Some(component.suffix.as_str()) == suffix);
                    place.ok_or(CellProblem::NotALabel.into())
                })?;
                if (0..components.len()).any(|component| !places.contains(&component)) {
                    return Err(undefined_on_answers(&metric, "a component has no rows"));
                }
                places
            }
            _ => Vec::new(),
        };
        Ok(Self { metric, classes, labels, components })
    }
}

impl Scorer for Labelled {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let target = sheet.targets[0];
        let Some(parse) = self.labels.reader(target) else {
            // Texts never equal numbers.
            return Ok(Some(0.0));
        };
        let (truth, predicted) = (&self.classes, sheet.read(target, self.labels.expected(), NO_LABEL, parse)?);
        Ok(match &self.metric {
            Metric::BalancedAccuracy => classification::balanced_accuracy(truth, &predicted),
            Metric::F1 { average: Average::Macro } => classification::f1_macro(truth, &predicted),
            Metric::F1 { average: Average::Micro } => classification::f1_micro(truth, &predicted),
            Metric::F1 { average: Average::Weighted } => classification::f1_weighted(truth, &predicted),
            Metric::Mcc => classification::mcc(truth, &predicted),
            Metric::ExactMatch { scale } => classification::accuracy(truth, &predicted).map(|share| share * scale),
            Metric::TopKError { .. } => classification::accuracy(truth, &predicted).map(|share| 1.0 - share),
            Metric::HierarchicalMacroRecall { components } => {
                let of = |labels: &[u32], component: usize| -> Vec<u32> {
                    labels.iter().zip(&self.components).filter(|(_, of)| **of == component).map(|(l, _)| *l).collect()
                };
                let parts: Vec<(f64, Vec<u32>, Vec<u32>)> = components
                    .iter()
                    .enumerate()
                    .map(|(place, component)| (component.weight, of(truth, place), of(&predicted, place)))
                    .collect();
                let parts: Vec<(f64, &[u32], &[u32])> =
                    parts.iter().map(|(weight, truth, predicted)| (*weight, &truth[..], &predicted[..])).collect();
                classification::hierarchical_macro_recall(&parts)
            }
            _ => classification::accuracy(truth, &predicted),
        })
    }
}

/// Labels by number.
#[derive(Debug)]
struct Labels {
    /// How labels are compared; never [`LabelKind::Inferred`] or [`LabelKind::Parsed`].
    kind: Compared,
    blank: BlankCells,
    /// Whether a column of the other type is compared all the same, and never equal.
    parsed: bool,
    limits: Limits,
    numbers: HashMap<Box<str>, u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    Number,
    WholeNumber,
    Text,
    Printed,
}

impl Labels {
    /// The number of each row's label, and the labels.
    fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<(Vec<u32>, Self), AnswersError> {
        let target = answers.targets[0];
        let spec = &rules.submission;
        let kind = match spec.labels {
            LabelKind::Whole => Compared::WholeNumber,
            LabelKind::Text | LabelKind::Words => Compared::Text,
            LabelKind::Printed => Compared::Printed,
            LabelKind::Parsed if ColumnType::of(target.iter()) == ColumnType::Text => Compared::Text,
            LabelKind::Parsed => Compared::Number,
            LabelKind::Inferred if target.iter().all(|text| number::parse(text).is_ok()) => Compared::Number,
            LabelKind::Inferred => Compared::Text,
        };
        let parsed = spec.labels == LabelKind::Parsed;
        let limits = spec.limits.unwrap_or_default();
        let mut labels = Self { kind, blank: spec.blank, parsed, limits, numbers: HashMap::new() };
        let printed = ColumnType::of(target.iter());
        let mut key = String::new();
        let mut sorted = BTreeSet::<Box<str>>::new();
        answers.read(target, labels.expected(), |text| {
            // A prediction may be blank, which is then a wrong label; an answer that is, is a hole in the data, unless
            // labels are texts by declaration.
            if text.is_empty() && spec.labels != LabelKind::Text {
                return Err(CellProblem::Blank.into());
            }
            let label = labels.key(text, printed, &mut key)?;
            if !sorted.contains(label) {
                sorted.insert(label.into());
            }
            Ok(())
        })?;
        // Numbered in sorted order, so that sums over classes do not depend on the order of the rows.
        labels.numbers = sorted.into_iter().zip(0..).collect();
        let classes = answers.read(target, labels.expected(), |text| {
            Ok(labels.numbers.get(labels.key(text, printed, &mut key)?).copied().unwrap_or(NO_LABEL))
        })?;
        Ok((classes, labels))
    }

    fn expected(&self) -> &'static str {
        match self.kind {
            Compared::WholeNumber => "a label, which is a whole number here",
            Compared::Number => "a label, which is a number here",
            Compared::Text | Compared::Printed => "a label",
        }
    }

    /// A reader of predicted labels; those that the answers lack get numbers of their own. `None` if the column's type
    /// is another one than the answers'.
    fn reader<'a>(&'a self, target: Column<'_>) -> Option<impl FnMut(&str) -> Result<u32, CellError> + 'a> {
        let column = if self.parsed || self.kind == Compared::Printed {
            ColumnType::of(target.iter())
        } else {
            ColumnType::Text
        };
        if self.parsed && (column == ColumnType::Text) != (self.kind == Compared::Text) {
            let holds_numbers = target.iter().all(|text| text.is_empty() || number::parse(text).is_ok());
            // Words where numbers belong are refused below.
            if holds_numbers {
                return None;
            }
        }
        let mut key = String::new();
        let mut unknown = HashMap::<Box<str>, u32>::new();
        Some(move |text: &str| {
            if text.is_empty() {
                return match (self.blank, self.kind) {
                    (BlankCells::Wrong, _) => Ok(NO_LABEL),
                    (BlankCells::Default, Compared::Text | Compared::Printed) => {
                        Ok(self.numbers.get("").copied().unwrap_or(NO_LABEL))
                    }
                    _ => Err(CellProblem::Blank.into()),
                };
            }
            let label = self.key(text, column, &mut key)?;
            if let Some(&class) = self.numbers.get(label).or_else(|| unknown.get(label)) {
                return Ok(class);
            }
            let class = (self.numbers.len() + unknown.len()) as u32;
            unknown.insert(label.into(), class);
            Ok(class)
        })
    }

    /// The text that stands for a label; `scratch` may hold it.
    fn key<'a>(&self, text: &'a str, column: ColumnType, scratch: &'a mut String) -> Result<&'a str, CellError> {
        match self.kind {
            Compared::Text => Ok(text),
            Compared::Printed => {
                column.print(text, scratch);
                Ok(scratch)
            }
            Compared::Number | Compared::WholeNumber => {
                let value = number::parse(text)?;
                if self.kind == Compared::WholeNumber && value.fract() != 0.0 {
                    return Err(CellProblem::NotALabel.into());
                }
                let Limits { least, largest, .. } = self.limits;
                if least.is_some_and(|least| value < least) || largest.is_some_and(|largest| value > largest) {
                    return Err(CellProblem::OutOfRange.into());
                }
                number::write_canonical(text, scratch)?;
                Ok(scratch)
            }
        }
    }
}

/// Labels 0 and 1.
#[derive(Debug)]
pub(crate) struct Binary {
    positive: Vec<bool>,
}

impl Binary {
    pub(crate) fn new(answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let positive = answers.read(answers.targets[0], sheet::BINARY, |text| Ok(sheet::parse_binary(text)?))?;
        if !positive.contains(&true) {
            let metric = Metric::F1 { average: Average::Binary };
            return Err(undefined_on_answers(&metric, "no row has the label 1"));
        }
        Ok(Self { positive })
    }
}

impl Scorer for Binary {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let parse = |text: &str| Ok(sheet::parse_binary(text)?);
        let predicted = sheet.read(sheet.targets[0], sheet::BINARY, false, parse)?;
        Ok(classification::f1_binary(&self.positive, &predicted))
    }
}

/// Whole numbers on a scale.
#[derive(Debug)]
pub(crate) struct Ordinal {
    distance: KappaDistance,
    values: Vec<i64>,
    low: i64,
    high: i64,
}

impl Ordinal {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        /// Keeps the sums of squares of four billion rows inside 128 bits.
        const WIDEST: i64 = 1 << 31;
        let distance = match &rules.metric {
            Metric::QuadraticWeightedKappa { distance } => *distance,
            _ => KappaDistance::Values,
        };
        let values = answers.read(answers.targets[0], sheet::WHOLE, |text| Ok(sheet::parse_whole(text)?))?;
        if is_constant(&values) {
            return Err(undefined_on_answers(&rules.metric, "all rows have the same label"));
        }
        let bound = |limit: Option<f64>, own: Option<i64>| limit.map_or(own.unwrap_or(0), |limit| limit as i64);
        let limits = rules.submission.limits.unwrap_or_default();
        let low = bound(limits.least, values.iter().copied().min());
        let high = bound(limits.largest, values.iter().copied().max());
        if distance == KappaDistance::Values && high.saturating_sub(low) > WIDEST {
            return Err(undefined_on_answers(&rules.metric, "the labels are more than 2147483648 apart"));
        }
        Ok(Self { distance, values, low, high })
    }
}

impl Scorer for Ordinal {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let expected = match self.distance {
            KappaDistance::Values => "a whole number within the range of the competition's labels",
            KappaDistance::Places => sheet::WHOLE,
        };
        let label = |text: &str| match (sheet::parse_whole(text)?, self.distance) {
            (label, KappaDistance::Values) if !(self.low..=self.high).contains(&label) => {
                Err(CellProblem::OutOfRange.into())
            }
            (label, _) => Ok(label),
        };
        let predicted = sheet.read(sheet.targets[0], expected, 0, label)?;
        Ok(match self.distance {
            KappaDistance::Values => kappa::quadratic_weighted_kappa(&self.values, &predicted),
            KappaDistance::Places => kappa::quadratic_weighted_kappa_of_places(&self.values, &predicted),
        })
    }
}
