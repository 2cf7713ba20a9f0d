//! Metrics on lists of boxes.

use std::collections::BTreeMap;

use crate::answers::{AnswerSheet, AnswersError};
use crate::box_lists;
use crate::boxes::{self, Detection, Rectangle, VocRules};
use crate::rejection::Rejection;
use crate::scoring::{Scorer, refuse_numbers, undefined_on_answers};
use crate::sheet::{CellError, Sheet};
use crate::spans::Malformed;
use crate::spec::{LabelKind, Metric, Rules};

/// The true boxes of each image, in one class or several.
#[derive(Debug)]
pub(crate) struct Boxes {
    metric: Metric,
    /// The boxes of each image, a list a class; one class where boxes have none.
    truth: BTreeMap<String, Vec<Vec<Rectangle>>>,
    /// Whether a column of nothing but numbers is an error.
    words: bool,
}

impl Boxes {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let metric = rules.metric.clone();
        let cells = answers.read(answers.targets[0], "", |text| read(&metric, text))?;
        let mut truth = BTreeMap::<String, Vec<Vec<Rectangle>>>::new();
        for (image, boxes) in cells.into_iter().enumerate() {
            for (class, detection) in boxes {
                let images = truth.entry(class).or_insert_with(|| vec![Vec::new(); answers.scored]);
                images[image].push(detection.area);
            }
        }
        if truth.is_empty() && matches!(metric, Metric::VocDetectionMap { .. }) {
            return Err(undefined_on_answers(&metric, "there are no boxes"));
        }
        if truth.is_empty() {
            truth.insert(String::new(), vec![Vec::new(); answers.scored]);
        }
        Ok(Self { metric, truth, words: rules.submission.labels == LabelKind::Words })
    }
}

/// The boxes of a cell with their classes.
fn read(metric: &Metric, text: &str) -> Result<Vec<(String, Detection)>, CellError> {
    let malformed = |error: box_lists::BoxListError| CellError::Malformed(error.to_string());
    match metric {
        Metric::VocDetectionMap { numbered, malformed: Malformed::Skipped, whole_cells, .. } => {
            Ok(box_lists::class_corners_found(text, *numbered, *whole_cells))
        }
        Metric::VocDetectionMap { .. } => box_lists::class_corners(text).map_err(malformed),
        Metric::MapIou { short_group: Malformed::Skipped, .. } => {
            let tokens: Vec<&str> = text.split_whitespace().collect();
            let whole = tokens.len() - tokens.len() % 5;
            read_sized(&tokens[..whole].join(" ")).map_err(malformed)
        }
        _ => read_sized(text).map_err(malformed),
    }
}

fn read_sized(text: &str) -> Result<Vec<(String, Detection)>, box_lists::BoxListError> {
    Ok(box_lists::sized_boxes(text)?.into_iter().map(|detection| (String::new(), detection)).collect())
}

impl Scorer for Boxes {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        if self.words {
            refuse_numbers(sheet, sheet.targets[0])?;
        }
        let cells = sheet.read(sheet.targets[0], "boxes", Vec::new(), |text| read(&self.metric, text))?;
        // Classes without true boxes do not count.
        let mut found: BTreeMap<&str, Vec<Vec<Detection>>> =
            self.truth.keys().map(|class| (class.as_str(), vec![Vec::new(); sheet.scored])).collect();
        for (image, boxes) in cells.iter().enumerate() {
            for (class, detection) in boxes {
                if let Some(images) = found.get_mut(class.as_str()) {
                    images[image].push(*detection);
                }
            }
        }
        let truth: Vec<Vec<Vec<Rectangle>>> = self.truth.values().cloned().collect();
        let found: Vec<Vec<Vec<Detection>>> = found.into_values().collect();
        Ok(match &self.metric {
            Metric::MapIou { thresholds, hit, .. } => boxes::map_iou(&truth[0], &found[0], thresholds, *hit, 0.0),
            Metric::VocDetectionMap { threshold, hit, matching, epsilon, .. } => {
                let rules = VocRules { threshold: *threshold, hit: *hit, matching: *matching, epsilon: *epsilon };
                boxes::voc_detection_map(&truth, &found, &rules)
            }
            _ => None,
        })
    }
}
