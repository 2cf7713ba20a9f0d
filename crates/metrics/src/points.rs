//! Points that should fall into labelled boxes.

use crate::boxes::Rectangle;

/// A box and what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledBox {
    /// What.
    pub label: String,
    /// Where.
    pub area: Rectangle,
}

/// A point and what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledPoint {
    /// What.
    pub label: String,
    /// x and y.
    pub at: [f64; 2],
}

/// Which borders belong to a box, and who chooses first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inside {
    /// No border belongs; each true box takes the first unused point that fits it.
    Strict,
    /// The lower borders belong; each point takes the first unused box that fits it.
    LowerInclusive,
}

impl Inside {
    fn fits(self, truth: &LabelledBox, point: &LabelledPoint) -> bool {
        let (area, at) = (&truth.area, &point.at);
        let low = |axis: usize| match self {
            Self::Strict => area.low[axis] < at[axis],
            Self::LowerInclusive => area.low[axis] <= at[axis],
        };
        truth.label == point.label && (0..2).all(|axis| low(axis) && at[axis] < area.high[axis])
    }

    /// Number of pairs of a box and a point, each used once at most.
    fn pairs(self, truth: &[LabelledBox], predicted: &[LabelledPoint]) -> usize {
        /// Each of `many` takes the first free one of `others` that fits.
        fn take(many: usize, others: usize, fits: impl Fn(usize, usize) -> bool) -> usize {
            let mut free = vec![true; others];
            (0..many)
                .filter(|&one| {
                    let found = (0..others).find(|&other| free[other] && fits(one, other));
                    found.is_some_and(|other| std::mem::replace(&mut free[other], false))
                })
                .count()
        }
        match self {
            Self::Strict => take(truth.len(), predicted.len(), |a, b| self.fits(&truth[a], &predicted[b])),
            Self::LowerInclusive => take(predicted.len(), truth.len(), |b, a| self.fits(&truth[a], &predicted[b])),
        }
    }
}

/// F1 of predicted points against labelled boxes: `2·TP / (2·TP + FP + FN)`, counts of all pages added up.
///
/// A point is right if an unused box of its page has its label and holds it. In [0, 1], larger is better. `None` if
/// there is nothing on either side. Source: Kaggle's definition for Kuzushiji Recognition ([`Inside::Strict`]).
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use mledojo_metrics::{boxes::Rectangle, points::{Inside, LabelledBox, LabelledPoint, point_in_box_f1}};
/// let area = Rectangle::from_size(0.0, 0.0, 2.0, 2.0);
/// let truth = [vec![LabelledBox { label: "U+3042".into(), area }]];
/// let point = |x: f64| LabelledPoint { label: "U+3042".into(), at: [x, 1.0] };
/// assert_eq!(point_in_box_f1(&truth, &[vec![point(1.0), point(0.5)]], Inside::Strict), Some(2.0 / 3.0));
/// assert_eq!(point_in_box_f1(&truth, &[vec![point(0.0)]], Inside::Strict), Some(0.0));
/// assert_eq!(point_in_box_f1(&truth, &[vec![point(0.0)]], Inside::LowerInclusive), Some(1.0));
/// ```
#[must_use]
pub fn point_in_box_f1(truth: &[Vec<LabelledBox>], predicted: &[Vec<LabelledPoint>], inside: Inside) -> Option<f64> {
    assert_eq!(truth.len(), predicted.len(), "one list of points a page");
    let right: usize = truth.iter().zip(predicted).map(|(a, b)| inside.pairs(a, b)).sum();
    let all = truth.iter().map(Vec::len).sum::<usize>() + predicted.iter().map(Vec::len).sum::<usize>();
    (all > 0).then(|| (2 * right) as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_must_agree_and_boxes_are_used_once() {
        let area = Rectangle::from_size(0.0, 0.0, 2.0, 2.0);
        let truth = [vec![LabelledBox { label: "a".into(), area }, LabelledBox { label: "b".into(), area }]];
        let point = |label: &str| LabelledPoint { label: label.into(), at: [1.0, 1.0] };
        for rule in [Inside::Strict, Inside::LowerInclusive] {
            let score = point_in_box_f1(&truth, &[vec![point("b"), point("b"), point("c")]], rule);
            assert_eq!(score, Some(2.0 / 5.0));
            assert_eq!(point_in_box_f1(&[vec![]], &[vec![]], rule), None);
        }
    }
}
