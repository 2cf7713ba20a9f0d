//! Numbers as a CSV cell writes them.

use std::fmt::Write as _;

/// Why a cell holds no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotNumber {
    Blank,
    Text,
    /// NaN, an infinity, or beyond the range of `f64`.
    NotFinite,
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The finite number that a cell writes: decimal, with or without exponent, between blanks or not; `True` and `False`
/// are 1 and 0.
pub(crate) fn parse(text: &str) -> Result<f64, NotNumber> {
    if let Some(number) = plain_digits(text) {
        return Ok(number as f64);
    }
    // What the standard library takes beyond the dialect are words for numbers that are not finite.
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => parse_unusual(trim(text)),
    }
}

fn parse_unusual(text: &str) -> Result<f64, NotNumber> {
    match text {
        "" => return Err(NotNumber::Blank),
        "True" | "true" | "TRUE" => return Ok(1.0),
        "False" | "false" | "FALSE" => return Ok(0.0),
        _ => {}
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err(NotNumber::NotFinite),
        Err(_) => Err(NotNumber::Text),
    }
}

/// The number of a text of digits alone, few enough that an `f64` holds it exactly, as most ids and labels are.
#[inline]
pub(crate) fn plain_digits(text: &str) -> Option<u64> {
    const MOST_DIGITS: usize = 15;
    if text.is_empty() || text.len() > MOST_DIGITS {
        return None;
    }
    let (number, all) = text.bytes().fold((0, true), |(number, all), byte| {
        let digit = byte.wrapping_sub(b'0');
        (number * 10 + u64::from(digit), all & (digit < 10))
    });
    all.then_some(number)
}

/// Writes the number of a cell into `out` in a form that is the same text for the same number: whole numbers exactly,
/// of any size; others as the nearest `f64`. So `007`, `7.0` and `7e0` become `7`.
pub(crate) fn write_canonical(text: &str, out: &mut String) -> Result<(), NotNumber> {
    const MAX_ZEROS: i64 = 40;
    out.clear();
    if !text.starts_with('0') && plain_digits(text).is_some() {
        out.push_str(text);
        return Ok(());
    }
    let value = parse(text)?;
    let text = trim(text);
    if text.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        out.push(if value == 1.0 { '1' } else { '0' });
        return Ok(());
    }
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole.trim_start_matches(['+', '-']).bytes().chain(fraction.bytes());
    // The value is digits × 10^exponent after the point has moved to the end.
    let exponent = exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX });
    let exponent = exponent.saturating_sub(fraction.len() as i64);
    if text.starts_with('-') {
        out.push('-');
    }
    let sign = out.len();
    out.extend(digits.map(char::from).skip_while(|&digit| digit == '0'));
    let significant = out[sign..].trim_end_matches('0').len();
    if significant == 0 {
        out.clear();
        out.push('0');
        return Ok(());
    }
    let zeros = (out.len() - sign - significant) as i64;
    out.truncate(sign + significant);
    // Writing to a String cannot fail.
    let _ = match exponent.saturating_add(zeros) {
        // Longer runs of zeros stay an exponent, so that a short text never becomes a long one.
        zeros @ 0..=MAX_ZEROS => {
            out.extend(std::iter::repeat_n('0', zeros as usize));
            Ok(())
        }
        zeros if zeros > 0 => write!(out, "e{zeros}"),
        _ => {
            out.clear();
            // Adding zero turns −0.0, from an underflow, into 0.0.
            let value = value + 0.0;
            if value.fract() == 0.0 { write!(out, "{value}") } else { write!(out, "{value:e}") }
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> String {
        let mut out = String::from("left over");
        write_canonical(text, &mut out).unwrap_or_else(|reason| panic!("{text:?}: {reason:?}"));
        out
    }

    #[test]
    fn numbers() {
        for (text, number) in
            [("1", 1.0), (" -2.5\t", -2.5), ("1e-3", 0.001), ("+.5", 0.5), ("3.", 3.0), ("True", 1.0), ("False", 0.0)]
        {
            assert_eq!(parse(text), Ok(number), "{text:?}");
        }
    }

    #[test]
    fn not_numbers() {
        for text in [
            "1_000", "0x1F", " 1,5", "1 2", "one", "NA", "null", "None", "--1", "e5", ".", "+", "1e", "１", "\u{a0}1",
            "1\n",
        ] {
            assert_eq!(parse(text), Err(NotNumber::Text), "{text:?}");
        }
        for text in ["nan", "NaN", "-inf", "Infinity", "1e400", "-1e999"] {
            assert_eq!(parse(text), Err(NotNumber::NotFinite), "{text:?}");
        }
        for text in ["", " ", "\t "] {
            assert_eq!(parse(text), Err(NotNumber::Blank), "{text:?}");
        }
    }

    #[test]
    fn one_text_a_number() {
        for text in ["7", "007", "7.0", "+7", "70e-1", "0.7E1", " 7 ", "7.", "7.000000000000000000000000000000001"] {
            assert_eq!(canonical(text), "7", "{text:?}");
        }
        for text in ["0", "-0", "0.000", "0e99999999999999999999", "False", "-1e-400"] {
            assert_eq!(canonical(text), "0", "{text:?}");
        }
        assert_eq!(canonical("True"), "1");
        assert_eq!(canonical("-1200"), "-1200");
        assert_eq!(canonical("-1.2e3"), "-1200");
        assert_eq!(canonical("0.10"), canonical("1e-1"));
    }

    #[test]
    fn whole_numbers_are_exact_at_any_size() {
        assert_eq!(canonical("18446744073709551617"), "18446744073709551617");
        assert_ne!(canonical("9007199254740993"), canonical("9007199254740992"));
        assert_eq!(canonical("1e22"), "10000000000000000000000");
        assert_eq!(canonical("1.5e300"), "15e299");
        assert_eq!(canonical(&format!("{}", 1.5e300)), "15e299");
        assert_eq!(canonical("-5e-324"), "-5e-324");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = write_canonical(&text, &mut String::new());
        }

        #[test]
        fn never_panics_on_nearly_numbers(text in "[-+]?[0-9]{0,5}[.]?[0-9]{0,5}([eE][-+]?[0-9]{0,4})?") {
            let mut out = String::new();
            let written = write_canonical(&text, &mut out);
            prop_assert_eq!(written.is_ok(), parse(&text).is_ok());
            if let Ok(number) = parse(&text) {
                prop_assert_eq!(out.parse::<f64>(), Ok(number + 0.0));
            }
        }

        #[test]
        fn every_spelling_of_a_float_is_one_text(number in proptest::num::f64::NORMAL) {
            prop_assert_eq!(canonical(&format!("{number:e}")), canonical(&format!("{number}")));
        }
    }
}
