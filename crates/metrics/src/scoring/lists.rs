//! Metrics on lists and sets of labels: a cell of labels separated by blanks, or several rows of one label each.

use std::collections::BTreeSet;

use crate::answers::{AnswerSheet, AnswersError};
use crate::printed::ColumnType;
use crate::rejection::{CellProblem, Rejection};
use crate::scoring::{Scorer, not_empty, refuse_numbers, undefined_on_answers};
use crate::sheet::{CellError, Sheet};
use crate::spec::{BlankCells, LabelKind, Metric, RowMatching, Rules};
use crate::table::Column;
use crate::{lists, sets};

type List = Vec<String>;

/// The true labels of each row.
#[derive(Debug)]
pub(crate) struct Lists {
    metric: Metric,
    truth: Vec<List>,
    reader: ListReader,
}

/// How a cell becomes labels.
#[derive(Debug, Clone, Copy)]
struct ListReader {
    printed: bool,
    /// Whether an empty cell is an error.
    filled: bool,
    /// Whether cells must not all be numbers.
    words: bool,
    /// Whether a cell is one label, and an id has several rows.
    grouped: bool,
    /// Whether a cell of blanks alone is an error.
    needs_label: bool,
}

impl ListReader {
    fn labels<'a>(self, column: Column<'a>) -> impl FnMut(&'a str) -> Result<List, CellError> {
        let kind = if self.printed { ColumnType::of(column.iter()) } else { ColumnType::Text };
        let mut scratch = String::new();
        move |text| {
            if self.filled {
                not_empty(text)?;
            }
            if text.is_empty() {
                return Ok(List::new());
            }
            if self.grouped {
                return Ok(vec![text.to_owned()]);
            }
            if self.needs_label && text.trim().is_empty() {
                return Err(CellProblem::Blank.into());
            }
            kind.print(text, &mut scratch);
            Ok(scratch.split_whitespace().map(str::to_owned).collect())
        }
    }
}

impl Lists {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let spec = &rules.submission;
        let grouped = matches!(spec.rows, RowMatching::Grouped | RowMatching::GroupedLoosely);
        let reader = ListReader {
            printed: spec.labels == LabelKind::Printed,
            filled: spec.blank == BlankCells::Rejected,
            words: spec.labels == LabelKind::Words,
            grouped,
            needs_label: matches!(rules.metric, Metric::TopKError { .. }),
        };
        let target = answers.targets[0];
        let truth = if grouped {
            answers.read_lists(target, |text| Ok(Some(text.to_owned())))?
        } else {
            answers.read(target, "labels", ListReader { filled: false, ..reader }.labels(target))?
        };
        let metric = rules.metric.clone();
        let one_label = matches!(metric, Metric::NdcgAtK { .. } | Metric::TopKError { .. });
        if one_label && truth.iter().any(|labels| labels.len() != 1) {
            return Err(undefined_on_answers(&metric, "a row has no label, or several"));
        }
        Ok(Self { metric, truth, reader })
    }
}

impl Scorer for Lists {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let target = sheet.targets[0];
        if self.reader.words {
            refuse_numbers(sheet, target)?;
        }
        let predicted: Vec<List> = if self.reader.grouped {
            let mut labels = self.reader.labels(target);
            sheet.read_lists(target, |text| Ok(labels(text)?.pop()))?
        } else {
            sheet.read(target, "labels separated by blanks", List::new(), self.reader.labels(target))?
        };
        let (truth, predicted) = (&self.truth, &predicted);
        Ok(match &self.metric {
            Metric::MapAtK { k, repeats } => lists::map_at(*k, truth, predicted, *repeats),
            Metric::NdcgAtK { k } => lists::ndcg_at(*k, &single(truth), predicted),
            Metric::TopKError { k } => lists::top_k_error(*k, &single(truth), predicted),
            Metric::MeanF1PerRow { both_empty } => sets::mean_f1(&as_sets(truth), &as_sets(predicted), *both_empty),
            Metric::MicroF1OfSets { vocabulary } => {
                // Nothing to find and nothing claimed is no hit.
                sets::micro_f1(&as_sets(truth), &as_sets(predicted), *vocabulary).or(Some(0.0))
            }
            _ => None,
        })
    }
}

/// The one label of each row, as checked when the answers were read.
fn single(truth: &[List]) -> Vec<String> {
    truth.iter().flatten().cloned().collect()
}

fn as_sets(lists: &[List]) -> Vec<BTreeSet<&str>> {
    lists.iter().map(|list| list.iter().map(String::as_str).collect()).collect()
}
