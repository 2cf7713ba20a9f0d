//! Reading lists of boxes and points: groups of tokens separated by blanks.

use crate::boxes::{Detection, Rectangle};
use crate::points::{LabelledBox, LabelledPoint};

/// Why a text is no list of groups. Tokens are counted from 1; none is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoxListError {
    /// A token is not a finite number.
    #[error("token {token} is not a finite number; expected groups of {layout}")]
    NotNumber {
        /// Which.
        token: usize,
        /// A group in words.
        layout: &'static str,
    },
    /// The last group is short.
    #[error("{tokens} tokens do not make whole groups of {layout}")]
    Short {
        /// How many there are.
        tokens: usize,
        /// A group in words.
        layout: &'static str,
    },
    /// A width or a height is negative.
    #[error("token {token} is a negative size; expected groups of {layout}")]
    Negative {
        /// Which.
        token: usize,
        /// A group in words.
        layout: &'static str,
    },
}

/// The tokens in groups of `size`, all but `label` of them read as numbers.
fn groups<'a>(
    text: &'a str,
    size: usize,
    labelled: bool,
    layout: &'static str,
) -> Result<Vec<Group<'a>>, BoxListError> {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    if !tokens.len().is_multiple_of(size) {
        return Err(BoxListError::Short { tokens: tokens.len(), layout });
    }
    let group = |(index, tokens): (usize, &[&'_ str])| {
        let start = usize::from(labelled);
        let number = |(place, token): (usize, &&str)| {
            let number = token.parse().ok().filter(|number: &f64| number.is_finite());
            number.ok_or(BoxListError::NotNumber { token: index * size + start + place + 1, layout })
        };
        tokens[start..].iter().enumerate().map(number).collect::<Result<Vec<f64>, _>>()
    };
    let labels = tokens.chunks_exact(size).map(|tokens| if labelled { tokens[0] } else { "" });
    let numbers = tokens.chunks_exact(size).enumerate().map(group).collect::<Result<Vec<_>, _>>()?;
    Ok(labels.zip(numbers).collect())
}

type Group<'a> = (&'a str, Vec<f64>);

/// Reads groups of `class confidence x1 y1 x2 y2`; blanks alone are no detections.
///
/// # Errors
/// If a group is short, or a token that should be one is no number.
///
/// ```
/// use mledojo_metrics::{box_lists::class_corners, boxes::Rectangle};
/// let found = class_corners("opacity 0.5 0 0 10 20").unwrap();
/// assert_eq!((found[0].0.as_str(), found[0].1.area), ("opacity", Rectangle::from_corners(0.0, 0.0, 10.0, 20.0)));
/// ```
pub fn class_corners(text: &str) -> Result<Vec<(String, Detection)>, BoxListError> {
    let groups = groups(text, 6, true, "class, confidence, x1, y1, x2, y2")?;
    let detection = |numbers: &[f64]| Detection {
        confidence: numbers[0],
        area: Rectangle::from_corners(numbers[1], numbers[2], numbers[3], numbers[4]),
    };
    Ok(groups.into_iter().map(|(class, numbers)| (class.to_owned(), detection(&numbers))).collect())
}

/// Reads groups of `class confidence x1 y1 x2 y2` and overlooks those that are none; blanks alone are no detections.
///
/// With `numbered`, classes are whole numbers, and come out in their shortest form. With `whole`, a text that ends in a
/// short group holds nothing at all.
///
/// ```
/// use mledojo_metrics::box_lists::class_corners_found;
/// let classes = |text, numbered, whole| -> Vec<String> {
///     class_corners_found(text, numbered, whole).into_iter().map(|(class, _)| class).collect()
/// };
/// assert_eq!(classes("05 1 0 0 1 1 14.0 1 0 0 1 1 7", true, false), ["5"]);
/// assert_eq!(classes("05 1 0 0 1 1 14.0 1 0 0 1 1", false, true), ["05", "14.0"]);
/// assert!(classes("05 1 0 0 1 1 7", false, true).is_empty());
/// ```
#[must_use]
pub fn class_corners_found(text: &str, numbered: bool, whole: bool) -> Vec<(String, Detection)> {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    if whole && !tokens.len().is_multiple_of(6) {
        return Vec::new();
    }
    let detection = |group: &[&str]| {
        let class = if numbered { group[0].parse::<i64>().ok()?.to_string() } else { group[0].to_owned() };
        let number = |token: &&str| token.parse().ok().filter(|number: &f64| number.is_finite());
        let numbers: Vec<f64> = group[1..].iter().map(number).collect::<Option<_>>()?;
        let area = Rectangle::from_corners(numbers[1], numbers[2], numbers[3], numbers[4]);
        Some((class, Detection { confidence: numbers[0], area }))
    };
    tokens.chunks_exact(6).filter_map(detection).collect()
}

/// Reads groups of `confidence x y width height`; blanks alone are no detections.
///
/// # Errors
/// If a group is short, or a token is no number.
///
/// ```
/// use mledojo_metrics::box_lists::sized_boxes;
/// assert_eq!(sized_boxes("0.9 0 0 10 20").unwrap()[0].area.area(), 200.0);
/// assert!(sized_boxes("0.9 0 0 10").is_err());
/// ```
pub fn sized_boxes(text: &str) -> Result<Vec<Detection>, BoxListError> {
    let groups = groups(text, 5, false, "confidence, x, y, width, height")?;
    let detection = |(_, numbers): Group<'_>| Detection {
        confidence: numbers[0],
        area: Rectangle::from_size(numbers[1], numbers[2], numbers[3], numbers[4]),
    };
    Ok(groups.into_iter().map(detection).collect())
}

/// Reads groups of `label x y width height`, the true boxes of [`crate::points::point_in_box_f1`].
///
/// # Errors
/// If a group is short, a token that should be one is no number, or a size is negative.
///
/// ```
/// use mledojo_metrics::box_lists::labelled_boxes;
/// assert_eq!(labelled_boxes("U+3042 1 2 3 4 U+3044 5 6 7 8").unwrap().len(), 2);
/// ```
pub fn labelled_boxes(text: &str) -> Result<Vec<LabelledBox>, BoxListError> {
    let layout = "label, x, y, width, height";
    let groups = groups(text, 5, true, layout)?;
    let labelled = |(index, (label, numbers)): (usize, Group<'_>)| {
        if let Some(place) = (2..4).find(|&place| numbers[place] < 0.0) {
            return Err(BoxListError::Negative { token: index * 5 + place + 2, layout });
        }
        let area = Rectangle::from_size(numbers[0], numbers[1], numbers[2], numbers[3]);
        Ok(LabelledBox { label: label.to_owned(), area })
    };
    groups.into_iter().enumerate().map(labelled).collect()
}

/// Reads groups of `label x y`.
///
/// # Errors
/// If a group is short, or a token that should be one is no number.
///
/// ```
/// use mledojo_metrics::box_lists::labelled_points;
/// assert_eq!(labelled_points("U+3042 1 2").unwrap()[0].at, [1.0, 2.0]);
/// ```
pub fn labelled_points(text: &str) -> Result<Vec<LabelledPoint>, BoxListError> {
    let groups = groups(text, 3, true, "label, x, y")?;
    let point = |(label, numbers): Group<'_>| LabelledPoint { label: label.to_owned(), at: [numbers[0], numbers[1]] };
    Ok(groups.into_iter().map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_token() {
        let token = |error: BoxListError| match error {
            BoxListError::NotNumber { token, .. } | BoxListError::Negative { token, .. } => token,
            BoxListError::Short { tokens, .. } => tokens,
        };
        assert_eq!(class_corners("a 1 1 1 1 1 b 1 1 x 1 1").map_err(token), Err(10));
        assert_eq!(sized_boxes("1 2 3 4 NaN").map_err(token), Err(5));
        assert_eq!(labelled_boxes("a 1 2 3 -4").map_err(token), Err(5));
        assert_eq!(labelled_points("a 1").map_err(token), Err(2));
    }

    #[test]
    fn blanks_are_an_empty_list() {
        assert_eq!(class_corners(" "), Ok(vec![]));
        assert_eq!(labelled_points(""), Ok(vec![]));
    }
}
