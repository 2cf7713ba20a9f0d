//! Axis-parallel boxes, and formulas on detected ones.

use crate::masks::Hit;
use crate::sum;

/// A box in continuous coordinates, from its lower to its upper corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rectangle {
    /// Smallest x and y.
    pub low: [f64; 2],
    /// Largest x and y.
    pub high: [f64; 2],
}

impl Rectangle {
    /// A box by its corners.
    #[must_use]
    pub fn from_corners(x1: f64, y1: f64, x2: f64, y2: f64) -> Self {
        Self { low: [x1, y1], high: [x2, y2] }
    }

    /// A box by its lower corner and its size.
    #[must_use]
    pub fn from_size(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { low: [x, y], high: [x + width, y + height] }
    }

    /// Width times height; not positive for a box whose corners are exchanged.
    #[must_use]
    pub fn area(&self) -> f64 {
        (self.high[0] - self.low[0]) * (self.high[1] - self.low[1])
    }

    /// Intersection over union, in [0, 1]; 0 if the boxes only touch or have no area.
    ///
    /// ```
    /// use mledojo_metrics::boxes::Rectangle;
    /// let (a, b) = (Rectangle::from_size(0.0, 0.0, 2.0, 2.0), Rectangle::from_corners(1.0, 0.0, 3.0, 2.0));
    /// assert_eq!(a.iou(&b), 1.0 / 3.0);
    /// ```
    #[must_use]
    pub fn iou(&self, other: &Self) -> f64 {
        let side = |axis: usize| (self.high[axis].min(other.high[axis]) - self.low[axis].max(other.low[axis])).max(0.0);
        let common = side(0) * side(1);
        let all = self.area() + other.area() - common;
        if common > 0.0 && all > 0.0 { common / all } else { 0.0 }
    }
}

/// A predicted box and how sure the detector is of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// Where.
    pub area: Rectangle,
    /// Any finite number; larger is surer.
    pub confidence: f64,
}

/// Detections from the surest to the least sure; equal ones stay as they stand.
fn by_confidence(detections: &[Detection]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..detections.len()).collect();
    order.sort_by(|&a, &b| (detections[b].confidence + 0.0).total_cmp(&(detections[a].confidence + 0.0)));
    order
}

/// The mean over images of the mean over thresholds of `TP / (TP + FP + FN)`, for boxes of one class.
///
/// In each image and for each threshold, detections go from the surest to the least sure; each takes the still
/// unmatched true box with the largest IoU, if that is a hit. An image without true boxes scores `no_truth` (Kaggle:
/// 0). In [0, 1], larger is better. `None` for no images or thresholds. Source: Kaggle's definition for Global Wheat
/// Detection (0.5, 0.55 … 0.75).
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::{boxes::{Detection, Rectangle, map_iou}, masks::Hit};
/// let area = Rectangle::from_size(0.0, 0.0, 2.0, 2.0);
/// let (truth, found) = ([vec![area]], [vec![Detection { area, confidence: 0.9 }; 2]]);
/// assert_eq!(map_iou(&truth, &found, &[0.5, 0.75], Hit::Above, 0.0), Some(0.5));
/// ```
#[must_use]
pub fn map_iou(
    truth: &[Vec<Rectangle>],
    predicted: &[Vec<Detection>],
    thresholds: &[f64],
    hit: Hit,
    no_truth: f64,
) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one list of detections an image");
    let scores: Option<Vec<f64>> = truth
        .iter()
        .zip(predicted)
        .map(|(truth, predicted)| {
            if truth.is_empty() {
                return (!thresholds.is_empty()).then_some(no_truth);
            }
            let order = by_confidence(predicted);
            let values = thresholds.iter().map(|&threshold| {
                let found = matches(truth, order.iter().map(|&index| &predicted[index].area), threshold, hit);
                found as f64 / (truth.len() + predicted.len() - found) as f64
            });
            sum::mean(values, thresholds.len())
        })
        .collect();
    scores.and_then(|scores| sum::mean(scores.iter().copied(), scores.len()))
}

/// How many of the boxes, in this order, find an unmatched true one.
fn matches<'a>(truth: &[Rectangle], boxes: impl Iterator<Item = &'a Rectangle>, threshold: f64, hit: Hit) -> usize {
    let mut used = vec![false; truth.len()];
    boxes
        .filter(|candidate| {
            let mut best: Option<(usize, f64)> = None;
            for (index, area) in truth.iter().enumerate().filter(|(index, _)| !used[*index]) {
                let iou = area.iou(candidate);
                if hit.is(iou, threshold) && best.is_none_or(|(_, largest)| iou > largest) {
                    best = Some((index, iou));
                }
            }
            best.is_some_and(|(index, _)| !std::mem::replace(&mut used[index], true))
        })
        .count()
}

/// What a detection may match whose best true box is taken already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matching {
    /// Nothing: it is a false positive, as in PASCAL VOC.
    BestBox,
    /// The best of the boxes that are left.
    BestUnmatchedBox,
}

/// How [`voc_average_precision`] counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VocRules {
    /// Overlap of a hit.
    pub threshold: f64,
    /// Whether that overlap itself is one; in PASCAL VOC it is not.
    pub hit: Hit,
    /// What a detection may match.
    pub matching: Matching,
    /// Added to the divisor of the precision; 0 gives the exact one.
    pub epsilon: f64,
}

impl VocRules {
    /// PASCAL VOC's rules from 2010 on, at a threshold.
    #[must_use]
    pub fn standard(threshold: f64) -> Self {
        Self { threshold, hit: Hit::Above, matching: Matching::BestBox, epsilon: 0.0 }
    }
}

/// Average precision of the detections of one class: the area under the precision-recall curve, where a precision is
/// raised to the largest at its recall or beyond.
///
/// Detections of all images go from the surest to the least sure (equal ones in the order of the images). In [0, 1],
/// larger is better. `None` without true boxes. Source: Everingham et al., "The PASCAL Visual Object Classes
/// Challenge", 2015 (all-point interpolation, as from 2010 on).
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::boxes::{Detection, Rectangle, VocRules, voc_average_precision};
/// let (a, b) = (Rectangle::from_size(0.0, 0.0, 2.0, 2.0), Rectangle::from_size(9.0, 9.0, 1.0, 1.0));
/// let found = |area, confidence| Detection { area, confidence };
/// // A false alarm, then the box: precision 1/2 at recall 1.
/// let score = voc_average_precision(&[vec![a]], &[vec![found(a, 0.4), found(b, 0.6)]], &VocRules::standard(0.5));
/// assert_eq!(score, Some(0.5));
/// ```
#[must_use]
pub fn voc_average_precision(truth: &[Vec<Rectangle>], predicted: &[Vec<Detection>], rules: &VocRules) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one list of detections an image");
    let boxes: usize = truth.iter().map(Vec::len).sum();
    if boxes == 0 {
        return None;
    }
    let pooled: Vec<Detection> = predicted.iter().flatten().copied().collect();
    let images: Vec<usize> =
        predicted.iter().enumerate().flat_map(|(image, found)| std::iter::repeat_n(image, found.len())).collect();
    let mut used: Vec<Vec<bool>> = truth.iter().map(|boxes| vec![false; boxes.len()]).collect();
    let mut hits = 0_usize;
    // (recall, precision) after each detection.
    let mut curve = Vec::with_capacity(pooled.len());
    for (rank, index) in by_confidence(&pooled).into_iter().enumerate() {
        let used = &mut used[images[index]];
        let mut best = (0.0, None);
        for (place, area) in truth[images[index]].iter().enumerate() {
            let iou = area.iou(&pooled[index].area);
            if iou > best.0 && !(rules.matching == Matching::BestUnmatchedBox && used[place]) {
                best = (iou, Some(place));
            }
        }
        if let Some(place) = best.1.filter(|_| rules.hit.is(best.0, rules.threshold)) {
            hits += usize::from(!std::mem::replace(&mut used[place], true));
        }
        curve.push((hits as f64 / boxes as f64, hits as f64 / ((rank + 1) as f64 + rules.epsilon)));
    }
    let mut highest = 0.0_f64;
    let mut area = sum::Sum::default();
    for index in (0..curve.len()).rev() {
        highest = highest.max(curve[index].1);
        area.add((curve[index].0 - if index == 0 { 0.0 } else { curve[index - 1].0 }) * highest);
    }
    Some(area.total())
}

/// Mean over the classes of [`voc_average_precision`]; classes without true boxes are left out.
///
/// In [0, 1], larger is better. `None` if no class has a true box. Shapes: for each class the true and the predicted
/// boxes of each image.
///
/// # Panics
/// If the numbers of classes or images differ.
///
/// ```
/// use mledojo_metrics::boxes::{Detection, Rectangle, VocRules, voc_detection_map};
/// let area = Rectangle::from_size(0.0, 0.0, 2.0, 2.0);
/// let found = vec![Detection { area, confidence: 1.0 }];
/// let score = voc_detection_map(&[vec![vec![area]], vec![vec![]]], &[vec![found.clone()], vec![found]], &VocRules::standard(0.4));
/// assert_eq!(score, Some(1.0));
/// ```
#[must_use]
pub fn voc_detection_map(
    truth: &[Vec<Vec<Rectangle>>],
    predicted: &[Vec<Vec<Detection>>],
    rules: &VocRules,
) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one list of detections a class and image");
    let scores: Vec<f64> =
        truth.iter().zip(predicted).filter_map(|(a, b)| voc_average_precision(a, b, rules)).collect();
    sum::mean(scores.iter().copied(), scores.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64) -> Rectangle {
        Rectangle::from_size(x, 0.0, 1.0, 1.0)
    }

    #[test]
    fn boxes_that_touch_do_not_overlap() {
        assert_eq!(square(0.0).iou(&square(1.0)), 0.0);
        let point = Rectangle::from_corners(0.0, 0.0, 0.0, 0.0);
        assert_eq!(point.iou(&point), 0.0);
    }

    #[test]
    fn a_taken_box_leaves_the_next_best_by_the_loose_rule_alone() {
        // Both detections overlap the first box most; the second box is a hit for both.
        let truth = [vec![square(0.0), square(0.2)]];
        let found =
            [vec![Detection { area: square(0.0), confidence: 0.9 }, Detection { area: square(0.05), confidence: 0.8 }]];
        let strict = VocRules::standard(0.5);
        assert_eq!(voc_average_precision(&truth, &found, &strict), Some(0.5));
        let loose = VocRules { matching: Matching::BestUnmatchedBox, ..strict };
        assert_eq!(voc_average_precision(&truth, &found, &loose), Some(1.0));
    }

    #[test]
    fn precision_is_that_of_the_best_later_point() {
        // Miss, hit, hit of two boxes: precision 0, 1/2, 2/3.
        let truth = [vec![square(0.0), square(5.0)]];
        let areas = [square(9.0), square(0.0), square(5.0)];
        let found = [areas.map(|area| Detection { area, confidence: 0.5 }).to_vec()];
        let score = voc_average_precision(&truth, &found, &VocRules::standard(0.5)).expect("defined");
        assert!((score - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_find_is_undefined_or_as_asked() {
        assert_eq!(voc_average_precision(&[vec![]], &[vec![]], &VocRules::standard(0.5)), None);
        assert_eq!(map_iou(&[vec![]], &[vec![]], &[0.5], Hit::Above, 0.0), Some(0.0));
        assert_eq!(map_iou(&[], &[], &[0.5], Hit::Above, 0.0), None);
    }
}
