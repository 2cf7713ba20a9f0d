//! Masks of the slices of a volume.

use std::collections::BTreeMap;

use crate::answers::{AnswerSheet, AnswersError};
use crate::hausdorff::{self, DiceHausdorff};
use crate::masks::{self, Mask};
use crate::rejection::{CellProblem, Rejection};
use crate::run_length::RunRules;
use crate::scoring::Scorer;
use crate::scoring::masks::mask;
use crate::sheet::Sheet;
use crate::spec::{MaskDistance, Metric, Rules};
use crate::sum;

/// One slice of a volume.
#[derive(Debug, Clone)]
struct Slice {
    mask: Mask,
    height: u32,
    width: u32,
}

/// The true masks, and which slices make a volume: those of a case and class, in the order of their ids.
#[derive(Debug)]
pub(crate) struct Volumes {
    rules: DiceHausdorff,
    slices: Vec<Slice>,
    volumes: Vec<Vec<usize>>,
}

/// The side of the largest image; bounds the memory of a grade.
const LARGEST_SIDE: f64 = 4_096.0;

impl Volumes {
    pub(crate) fn new(rules: &Rules, answers: &AnswerSheet<'_>) -> Result<Self, AnswersError> {
        let Metric::DiceHausdorff {
            dice_weight,
            distance_weight,
            both_empty,
            distance: MaskDistance::Volumes { height_column, width_column },
        } = &rules.metric
        else {
            return Err(crate::scoring::undefined_on_answers(&rules.metric, "it has no volumes"));
        };
        let side = |name: &str| {
            answers.read(answers.column(name)?, "a side of an image from 1 to 4096", |text| match crate::number::parse(
                text,
            )? {
                side if side.fract() == 0.0 && (1.0..=LARGEST_SIDE).contains(&side) => Ok(side as u32),
                _ => Err(CellProblem::OutOfRange.into()),
            })
        };
        let (heights, widths) = (side(height_column)?, side(width_column)?);
        let masks =
            answers.read(answers.targets[0], "", |text| Ok(mask(text, RunRules::LOOSE)?.unwrap_or_default()))?;
        let slices: Vec<Slice> = masks
            .into_iter()
            .zip(heights.into_iter().zip(widths))
            .map(|(mask, (height, width))| Slice {
                mask: mask.within(1, u64::from(height) * u64::from(width) + 1),
                height,
                width,
            })
            .collect();
        // A case is what stands before the id's last two underscores; the other id columns tell its classes apart.
        let ids = answers.read(answers.ids[0], "an id", Ok)?;
        let mut classes = vec![String::new(); answers.scored];
        for &column in &answers.ids[1..] {
            let names = answers.read(column, "a class", Ok)?;
            classes.iter_mut().zip(names).for_each(|(class, name)| {
                class.push_str(name);
                class.push('\u{1f}');
            });
        }
        let mut volumes = BTreeMap::<(&str, &str), Vec<(&str, usize)>>::new();
        for (slot, id) in ids.iter().enumerate() {
            let case = id.rsplitn(3, '_').last().unwrap_or(id);
            volumes.entry((case, &classes[slot])).or_default().push((id, slot));
        }
        let volumes = volumes
            .into_values()
            .map(|mut slices| {
                slices.sort_unstable();
                slices.into_iter().map(|(_, slot)| slot).collect()
            })
            .collect();
        let rules =
            DiceHausdorff { dice_weight: *dice_weight, distance_weight: *distance_weight, both_empty: *both_empty };
        Ok(Self { rules, slices, volumes })
    }

    /// The Hausdorff distance of the volumes over the diagonal of a box whose sides count as 1; 1 if one is empty,
    /// `None` if both are.
    fn distance(&self, volume: &[usize], predicted: &[Mask]) -> Option<f64> {
        let depth = volume.len();
        let (height, width) = volume.iter().fold((1, 1), |(height, width), &slot| {
            (self.slices[slot].height.max(height), self.slices[slot].width.max(width))
        });
        let pixels = |of: &dyn Fn(usize) -> Mask| -> Vec<[usize; 3]> {
            let mut all = Vec::new();
            for (place, &slot) in volume.iter().enumerate() {
                let (height, mask) = (u64::from(self.slices[slot].height), of(slot));
                // Pixels run down the columns, counted from 1.
                all.extend(
                    mask.runs()
                        .iter()
                        .flat_map(|&(start, end)| start..end)
                        .map(|pixel| [place, ((pixel - 1) % height) as usize, ((pixel - 1) / height) as usize]),
                );
            }
            all
        };
        let truth = pixels(&|slot| self.slices[slot].mask.clone());
        let found = pixels(&|slot| predicted[slot].clone());
        if truth.is_empty() && found.is_empty() {
            return None;
        }
        let shape = [depth, height as usize, width as usize];
        let step = shape.map(|side| 1.0 / side as f64);
        let distance = hausdorff::grid_hausdorff(shape, step, &truth, &found);
        Some(distance.map_or(1.0, |distance| (distance / 3.0_f64.sqrt()).min(1.0)))
    }
}

impl Scorer for Volumes {
    fn score(&self, sheet: &Sheet<'_>) -> Result<Option<f64>, Rejection> {
        let read = |text: &str| Ok(mask(text, RunRules::LOOSE)?.unwrap_or_default());
        let mut predicted = sheet.read(sheet.targets[0], "a mask", Mask::default(), read)?;
        for (mask, slice) in predicted.iter_mut().zip(&self.slices) {
            *mask = mask.within(1, u64::from(slice.height) * u64::from(slice.width) + 1);
        }
        let both_empty = self.rules.both_empty;
        let dice: Vec<f64> = self
            .slices
            .iter()
            .zip(&predicted)
            .filter_map(|(slice, predicted)| masks::dice(&slice.mask, predicted).or(both_empty.map(|both| both.0)))
            .collect();
        let distances: Vec<f64> = self
            .volumes
            .iter()
            .filter_map(|volume| self.distance(volume, &predicted).or(both_empty.map(|both| both.1)))
            .collect();
        let mean = |values: &[f64]| sum::mean(values.iter().copied(), values.len());
        Ok(mean(&dice)
            .zip(mean(&distances))
            .map(|(dice, distance)| self.rules.dice_weight * dice + self.rules.distance_weight * (1.0 - distance)))
    }
}
