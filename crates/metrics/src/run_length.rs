//! Reading run-length encoded masks: pairs of a first pixel, counted from 1, and a length.

use crate::masks::Mask;

/// What a text must be to be a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunRules {
    /// The least start: 1, or 0 where that is no error.
    pub least_start: u64,
    /// The least length: 1, or 0 where that is no error.
    pub least_length: u64,
    /// Every pixel is named once at most.
    pub disjoint: bool,
    /// A last start without a length is overlooked.
    pub ignore_dangling_start: bool,
    /// Number of pixels of the image: runs are cut there, and a run that starts at 0 paints nothing. `None`: a mask is
    /// any set of numbers, 0 included.
    pub pixels: Option<u64>,
}

impl RunRules {
    /// Any pairs of numbers; overlaps merge.
    pub const LOOSE: Self =
        Self { least_start: 0, least_length: 0, disjoint: false, ignore_dangling_start: false, pixels: None };
    /// Starts and lengths of at least 1, and no pixel twice.
    pub const STRICT: Self = Self { least_start: 1, least_length: 1, disjoint: true, ..Self::LOOSE };
}

/// Why a text is no run-length encoded mask. Tokens are counted from 1; none is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// A token is not a whole number of at least 0.
    #[error("token {token} is not a whole number; expected pairs of start and length separated by blanks")]
    NotWhole {
        /// Which.
        token: usize,
    },
    /// A start has no length.
    #[error("the last start has no length; expected an even number of tokens, not {tokens}")]
    Odd {
        /// How many there are.
        tokens: usize,
    },
    /// A start or a length is 0.
    #[error("token {token} is 0; pixels are counted from 1 and a run has at least one")]
    Zero {
        /// Which.
        token: usize,
    },
    /// Two runs share a pixel.
    #[error("two runs share a pixel; each pixel may be named once")]
    Overlap,
}

/// Reads a mask; blanks alone are the empty one. Runs may come in any order.
///
/// Time and memory are bounded by the text's length, not by the numbers in it.
///
/// # Errors
/// If the text breaks a rule.
///
/// ```
/// use mledojo_metrics::{masks::Mask, run_length::{RunError, RunRules, parse}};
/// assert_eq!(parse("1 3 10 5", RunRules::STRICT), Ok(Mask::from_runs([(1, 3), (10, 5)])));
/// assert_eq!(parse("1 3 2 1", RunRules::STRICT), Err(RunError::Overlap));
/// ```
pub fn parse(text: &str, rules: RunRules) -> Result<Mask, RunError> {
    let mut numbers = Vec::new();
    for (index, token) in text.split_whitespace().enumerate() {
        let number: u64 = token.parse().map_err(|_| RunError::NotWhole { token: index + 1 })?;
        let least = if index % 2 == 0 { rules.least_start } else { rules.least_length };
        if number < least {
            return Err(RunError::Zero { token: index + 1 });
        }
        numbers.push(number);
    }
    if numbers.len() % 2 == 1 && !rules.ignore_dangling_start {
        return Err(RunError::Odd { tokens: numbers.len() });
    }
    let runs: Vec<(u64, u64)> = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    if rules.disjoint {
        let mut sorted = runs.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0].0.saturating_add(pair[0].1) > pair[1].0) {
            return Err(RunError::Overlap);
        }
    }
    Ok(match rules.pixels {
        None => Mask::from_runs(runs),
        Some(pixels) => Mask::from_runs(runs.into_iter().filter(|run| run.0 > 0)).within(1, pixels.saturating_add(1)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOSE: RunRules = RunRules { ignore_dangling_start: true, pixels: Some(10), ..RunRules::LOOSE };
    const STRICT: RunRules = RunRules::STRICT;

    #[test]
    fn loose_masks_are_cut_and_merged() {
        assert_eq!(parse("8 9 2 2 3 1 4", LOOSE), Ok(Mask::from_runs([(2, 2), (8, 3)])));
        assert_eq!(parse("0 2", LOOSE), Ok(Mask::default()));
        assert_eq!(parse("0 2", RunRules { pixels: None, ..LOOSE }), Ok(Mask::from_runs([(0, 2)])));
        assert_eq!(parse(" \t", STRICT), Ok(Mask::default()));
    }

    #[test]
    fn errors_name_the_token() {
        assert_eq!(parse("1 x", LOOSE), Err(RunError::NotWhole { token: 2 }));
        assert_eq!(parse("-1 1", LOOSE), Err(RunError::NotWhole { token: 1 }));
        assert_eq!(parse("1 2 3", STRICT), Err(RunError::Odd { tokens: 3 }));
        assert_eq!(parse("1 0", STRICT), Err(RunError::Zero { token: 2 }));
    }
}
