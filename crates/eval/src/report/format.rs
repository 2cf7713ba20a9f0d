//! Numbers as people read them.

use crate::statistics::Interval;

/// What stands for nothing.
pub(crate) const NONE: &str = "–";

fn or_none(value: Option<f64>, text: impl Fn(f64) -> String) -> String {
    value.filter(|value| value.is_finite()).map_or_else(|| NONE.to_owned(), text)
}

/// A HumanRank or another share: three decimals.
pub(crate) fn rank(value: Option<f64>) -> String {
    or_none(value, |value| format!("{value:.3}"))
}

/// A share in percent.
pub(crate) fn percent(value: Option<f64>) -> String {
    or_none(value, |value| format!("{:.1} %", 100.0 * value))
}

/// A rating.
pub(crate) fn elo(value: Option<f64>) -> String {
    or_none(value, |value| format!("{value:.0}"))
}

/// A raw score with as many digits as tell two apart.
pub(crate) fn score(value: Option<f64>) -> String {
    or_none(value, |value| match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 1e-3 => format!("{value:.3e}"),
        size if size < 1000.0 => format!("{value:.5}"),
        size if size < 1e7 => format!("{value:.1}"),
        _ => format!("{value:.4e}"),
    })
}

/// US dollars; what is unknown is not nothing.
pub(crate) fn money(value: Option<f64>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| format!("${value:.2}"))
}

/// A count of tokens.
pub(crate) fn tokens(value: u64) -> String {
    match value {
        0..10_000 => value.to_string(),
        10_000..10_000_000 => format!("{:.1} k", value as f64 / 1e3),
        _ => format!("{:.1} M", value as f64 / 1e6),
    }
}

/// A time.
pub(crate) fn seconds(value: f64) -> String {
    let whole = value.max(0.0).round() as u64;
    match whole {
        0..60 => format!("{value:.1} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// An interval of shares.
pub(crate) fn interval(value: Option<Interval>) -> String {
    value.map_or_else(String::new, |Interval { low, high }| format!("[{low:.3}, {high:.3}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_what_tells_them_apart() {
        assert_eq!(score(Some(0.123_456_7)), "0.12346");
        assert_eq!(score(Some(12_345.67)), "12345.7");
        assert_eq!(score(Some(4.2e-7)), "4.200e-7");
        assert_eq!(score(Some(-3e9)), "-3.0000e9");
        assert_eq!((score(None), rank(Some(f64::NAN))), (NONE.to_owned(), NONE.to_owned()));
        assert_eq!(
            (tokens(9_999), tokens(1_234_567), tokens(98_765_432)),
            ("9999".into(), "1234.6 k".into(), "98.8 M".into())
        );
        assert_eq!(
            (seconds(3.21), seconds(125.0), seconds(7325.0)),
            ("3.2 s".into(), "2 min 05 s".into(), "2 h 02 min".into())
        );
        assert_eq!((money(Some(1.5)), money(None)), ("$1.50".to_owned(), "unknown".to_owned()));
    }
}
