//! Cells as a data frame prints them: what the reference compares when it turns a column into text.
//!
//! A data frame gives a whole column one type, so one cell decides how all others look: `007` is `7` among whole
//! numbers, `7.0` among numbers with a decimal point, and `007` among texts.

use std::fmt::Write as _;

use crate::number;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnType {
    /// Whole numbers, all within 64 bits with or all without a sign.
    Whole,
    /// Numbers with a decimal point or an exponent somewhere, or blanks beside whole ones.
    Real,
    /// `True` and `False`.
    Truth,
    /// Anything else.
    Text,
}

impl ColumnType {
    /// The type of a column of these cells. A column of nothing but blanks is one of numbers.
    pub(crate) fn of<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Self {
        let filled = cells.clone().filter(|cell| !cell.is_empty());
        if filled.clone().next().is_some() && cells.clone().all(|cell| truth(cell).is_some()) {
            return Self::Truth;
        }
        let (mut blank, mut real, mut signed, mut large) = (false, false, false, false);
        for cell in cells {
            if cell.is_empty() {
                blank = true;
                continue;
            }
            let text = cell.trim_matches([' ', '\t']);
            if truth(text).is_some() || number::parse(text).is_err() {
                return Self::Text;
            }
            match integer(text) {
                None => real = true,
                Some(digits) if digits.parse::<i64>().is_ok() => signed |= digits.starts_with('-'),
                Some(digits) if digits.parse::<u64>().is_ok() => large = true,
                // Beyond 64 bits: the column is text, unless a number with a decimal point came first.
                Some(_) if real => {}
                Some(_) => return Self::Text,
            }
        }
        if real || blank || (signed && large) { Self::Real } else { Self::Whole }
    }

    /// Writes a cell of a column of this type into `out`.
    pub(crate) fn print(self, cell: &str, out: &mut String) {
        out.clear();
        match self {
            Self::Text => out.push_str(cell),
            Self::Truth => out.push_str(if truth(cell) == Some(true) { "True" } else { "False" }),
            _ if cell.is_empty() => out.push_str("nan"),
            Self::Whole => match integer(cell.trim_matches([' ', '\t'])) {
                Some(digits) => {
                    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
                    let digits = digits.trim_start_matches('0');
                    let digits = if digits.is_empty() { "0" } else { digits };
                    out.push_str(if digits == "0" { "" } else { sign });
                    out.push_str(digits);
                }
                None => out.push_str(cell),
            },
            Self::Real => match number::parse(cell) {
                Ok(value) => print_real(value, out),
                Err(_) => out.push_str(cell),
            },
        }
    }
}

fn truth(cell: &str) -> Option<bool> {
    match cell {
        "True" | "TRUE" | "true" => Some(true),
        "False" | "FALSE" | "false" => Some(false),
        _ => None,
    }
}

/// The sign and digits of a whole number without point and exponent, a plus sign left out.
fn integer(text: &str) -> Option<&str> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

/// The shortest decimal that reads as this number, as Python's `repr` writes it.
fn print_real(value: f64, out: &mut String) {
    let size = value.abs();
    // Writing to a String cannot fail.
    let _ = if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        write!(out, "{mantissa}e{sign}{digits:0>2}")
    } else if value.fract() == 0.0 {
        write!(out, "{value:.1}")
    } else {
        write!(out, "{value}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(cells: &[&str]) -> Vec<String> {
        let kind = ColumnType::of(cells.iter().copied());
        let print = |cell: &&str| {
            let mut out = String::new();
            kind.print(cell, &mut out);
            out
        };
        cells.iter().map(print).collect()
    }

    #[test]
    fn columns_print_as_one_type() {
        assert_eq!(printed(&["007", "-0", "+12"]), ["7", "0", "12"]);
        assert_eq!(printed(&["7", "8.5"]), ["7.0", "8.5"]);
        assert_eq!(printed(&["7", ""]), ["7.0", "nan"]);
        assert_eq!(printed(&["007", "x"]), ["007", "x"]);
        assert_eq!(printed(&["TRUE", "False"]), ["True", "False"]);
        assert_eq!(printed(&["True", "1"]), ["True", "1"]);
        assert_eq!(printed(&["18446744073709551615"]), ["18446744073709551615"]);
        assert_eq!(printed(&["18446744073709551616", "007"]), ["18446744073709551616", "007"]);
    }

    #[test]
    fn numbers_print_as_in_python() {
        for (number, text) in
            [("1e16", "1e+16"), ("0.00001", "1e-05"), ("123456.789", "123456.789"), ("1e15", "1000000000000000.0")]
        {
            assert_eq!(printed(&[number, "0.5"])[0], text);
        }
    }
}
