//! Labelled points that should lie in labelled boxes.

use crate::answers::{AnswerSheet, AnswersError};
use crate::box_lists;
use crate::points::{self, Inside, LabelledBox};
use crate::rejection::Rejection;
use crate::scoring::Scorer;
use crate::sheet::{CellError, Sheet};
use crate::spec::{Metric, Rules};

/// The true boxes of each page.
#[derive(Debug)]
pub(crate) struct Points {
    inside: Inside,
    truth: Vec<Vec<LabelledBox>>,
    /// Most points of a page.
    most: usize,
}

impl Points {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let inside = match &rules.metric {
            Metric::PointInBoxF1 { inside } => *inside,
            _ => Inside::Strict,
        };
        let boxes =
            |text: &str| box_lists::labelled_boxes(text).map_err(|error| CellError::Malformed(error.to_string()));
        let truth = answers.read(answers.targets[0], "", boxes)?;
        Ok(Self { inside, truth, most: rules.submission.most.unwrap_or(usize::MAX) })
    }
}

impl Scorer for Points {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let read = |text: &str| {
            let points = box_lists::labelled_points(text).map_err(|error| CellError::Malformed(error.to_string()))?;
            if points.len() > self.most {
                let reason = format!("{} points; expected {} at most", points.len(), self.most);
                return Err(CellError::Malformed(reason));
            }
            Ok(points)
        };
        let predicted = sheet.read(sheet.targets[0], "points", Vec::new(), read)?;
        // Nothing to find and nothing claimed: right where lower borders belong, as in MLE-Dojo; nothing in the
        // official metric.
        let both_empty = if self.inside == Inside::Strict { 0.0 } else { 1.0 };
        Ok(points::point_in_box_f1(&self.truth, &predicted, self.inside).or(Some(both_empty)))
    }
}
