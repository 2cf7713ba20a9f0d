//! Metrics on run-length encoded masks.

use crate::answers::{AnswerSheet, AnswersError};
use crate::hausdorff::{self, DiceHausdorff};
use crate::masks::{self, Mask};
use crate::rejection::Rejection;
use crate::run_length::{self, RunRules};
use crate::scoring::{Scorer, refuse_numbers};
use crate::sheet::{CellError, Sheet};
use crate::spec::{LabelKind, MaskDistance, Metric, Rules};
use crate::sum;

/// The true masks: one of each slot, or several where an image has several rows.
#[derive(Debug)]
pub(crate) struct Masks {
    metric: Metric,
    truth: Vec<Vec<Mask>>,
    rules: RunRules,
    /// Whether a column of nothing but numbers is an error.
    words: bool,
}

impl Masks {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let metric = rules.metric.clone();
        let loose = RunRules::LOOSE;
        let run_rules = match &metric {
            // Numbers alone are compared: no image bounds them.
            Metric::MaskFbeta { .. } => RunRules::STRICT,
            Metric::Dice { .. } => RunRules { least_length: 1, ..loose },
            Metric::InstanceFbeta { pixels, .. } => {
                RunRules { least_start: 1, least_length: 1, pixels: Some(*pixels), ..loose }
            }
            Metric::MapIou { pixels, .. } => RunRules { ignore_dangling_start: true, pixels: Some(*pixels), ..loose },
            Metric::DiceHausdorff { distance: MaskDistance::Canvas { height, width }, .. } => {
                RunRules { pixels: Some(u64::from(*height) * u64::from(*width)), ..loose }
            }
            _ => loose,
        };
        let truth = answers.read_lists(answers.targets[0], |text| mask(text, run_rules))?;
        Ok(Self { metric, truth, rules: run_rules, words: rules.submission.labels == LabelKind::Words })
    }
}

/// The mask of a cell; none for a blank one.
pub(crate) fn mask(text: &str, rules: RunRules) -> Result<Option<Mask>, CellError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    run_length::parse(text, rules).map(Some).map_err(|error| CellError::Malformed(error.to_string()))
}

/// One mask of each list, empty if the list is.
fn single(lists: &[Vec<Mask>]) -> Vec<Mask> {
    lists.iter().map(|masks| masks.first().cloned().unwrap_or_default()).collect()
}

impl Scorer for Masks {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let target = sheet.targets[0];
        if self.words {
            refuse_numbers(sheet, target)?;
        }
        let predicted = sheet.read_lists(target, |text| mask(text, self.rules))?;
        if let Metric::InstanceFbeta { .. } = &self.metric {
            let overlap = |slot: usize| {
                let all = Mask::from_runs(
                    predicted[slot]
                        .iter()
                        .flat_map(|mask| mask.runs().iter().map(|&(start, end)| (start, end - start))),
                );
                all.area() != predicted[slot].iter().map(Mask::area).sum::<u64>()
            };
            sheet.check_slots(overlap, |rows| Rejection::Malformed {
                column: target.name().to_owned(),
                reason: "two masks of this image share a pixel; masks of an image must not overlap".to_owned(),
                rows,
            })?;
        }
        let masks = || (single(&self.truth), single(&predicted));
        Ok(match &self.metric {
            Metric::Dice { both_empty } => {
                let (truth, predicted) = masks();
                masks::mean_dice(&truth, &predicted, Some(*both_empty))
            }
            Metric::MaskFbeta { beta } => {
                let (truth, predicted) = masks();
                masks::mean_fbeta(&truth, &predicted, *beta)
            }
            Metric::MapIou { thresholds, hit, .. } => {
                let (truth, predicted) = masks();
                masks::map_iou(&truth, &predicted, thresholds, *hit)
            }
            Metric::InstanceFbeta { beta, thresholds, hit, single_precision, .. } => {
                let none = Vec::new();
                let scores: Option<Vec<f64>> = (0..predicted.len())
                    .map(|image| {
                        let truth = self.truth.get(image).unwrap_or(&none);
                        masks::instance_fbeta(truth, &predicted[image], *beta, thresholds, *hit, *single_precision)
                    })
                    .collect();
                scores.and_then(|scores| sum::mean(scores.iter().copied(), scores.len()))
            }
            Metric::DiceHausdorff { dice_weight, distance_weight, distance, both_empty } => {
                let MaskDistance::Canvas { height, width } = distance else { return Ok(None) };
                let rules = DiceHausdorff {
                    dice_weight: *dice_weight,
                    distance_weight: *distance_weight,
                    both_empty: *both_empty,
                };
                let (truth, predicted) = masks();
                let pairs: Vec<Option<(f64, f64)>> = truth
                    .iter()
                    .zip(&predicted)
                    .map(|(truth, predicted)| {
                        let dice = masks::dice(truth, predicted)?;
                        Some((dice, canvas_distance(truth, predicted, *height, *width)))
                    })
                    .collect();
                hausdorff::dice_hausdorff(&pairs, &rules)
            }
            _ => None,
        })
    }
}

/// The Hausdorff distance over the diagonal of a canvas whose sides count as 1; 1 if one mask is empty.
fn canvas_distance(a: &Mask, b: &Mask, height: u32, width: u32) -> f64 {
    // Pixels run down the columns, counted from 1.
    let points = |mask: &Mask| -> Vec<[f64; 2]> {
        let pixels = mask.runs().iter().flat_map(|&(start, end)| start..end);
        let place = |pixel: u64| ((pixel - 1) % u64::from(height), (pixel - 1) / u64::from(height));
        pixels
            .map(place)
            .map(|(row, column)| [row as f64 / f64::from(height), column as f64 / f64::from(width)])
            .collect()
    };
    let distance = hausdorff::hausdorff(&points(a), &points(b)).map_or(1.0, |distance| distance / 2.0_f64.sqrt());
    distance.min(1.0)
}
