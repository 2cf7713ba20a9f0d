//! Columns that are hashes of the target's values.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::series::Series;
use crate::digest;

/// Fewest letters of a hash that may have been cut off.
const SHORTEST: usize = 6;

/// From the text of an answer to what may stand for it.
type Make = Box<dyn Fn(&str) -> String>;

/// From bytes to their digits.
type Encode = fn(&[u8]) -> String;

/// Hexadecimal or base64 texts, whole or cut off, that are hashes of the target's or the target itself in base64.
pub(super) fn hashed(series: &Series, target: &Series) -> Option<String> {
    let length = |text: &String| text.trim_end_matches('=').len();
    let lengths: Vec<usize> = series.labels.iter().take(50).map(length).collect();
    // Digits alone read as a number, which may have lost some.
    let usual = *lengths.iter().max()?;
    let alike = lengths.iter().filter(|&&length| length == usual).count();
    if !(2..=128).contains(&usual) || alike * 10 < lengths.len() * 3 || series.numbers.is_some() {
        return None;
    }
    let texts: Vec<Option<&str>> = (0..series.len()).map(|unit| series.label(unit)).collect();
    let agree = |make: &dyn Fn(&str) -> String, cut: bool| -> Option<(usize, usize)> {
        let (mut pairs, mut matches) = (0_usize, 0_usize);
        for (unit, text) in texts.iter().enumerate() {
            let (Some(have), Some(want)) = (text, target.label(unit)) else { continue };
            pairs += 1;
            let made = make(want);
            let have = have.trim_end_matches('=');
            matches += usize::from(if cut && have.len() >= SHORTEST { made.starts_with(have) } else { made == have });
            if pairs == 20 && matches < 10 {
                return None;
            }
        }
        (pairs >= 5 && matches * 100 >= pairs * 95).then_some((matches, pairs))
    };
    let forms: [fn(&str) -> String; 2] =
        [str::to_owned, |text| if text.contains('.') { text.to_owned() } else { format!("{text}.0") }];
    for form in forms {
        for (name, hash) in digest::HASHES {
            let written: [(&str, Make); 4] = [
                ("", Box::new(move |want| hash(form(want).as_bytes()))),
                ("", Box::new(move |want| hash(form(want).as_bytes()).to_ascii_uppercase())),
                (" in base64", Box::new(move |want| STANDARD_NO_PAD.encode(bytes(&hash(form(want).as_bytes()))))),
                (" in base64", Box::new(move |want| URL_SAFE_NO_PAD.encode(bytes(&hash(form(want).as_bytes()))))),
            ];
            for (writing, make) in written {
                if let Some((matches, pairs)) = agree(&*make, true) {
                    return Some(format!("the {name} hash of the answer{writing} in {matches} of {pairs} rows"));
                }
            }
        }
        let encodings: [(&str, Encode); 2] = [
            ("base64", |bytes| STANDARD_NO_PAD.encode(bytes)),
            ("hexadecimal", |bytes| bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        ];
        for (name, encode) in encodings {
            if let Some((matches, pairs)) = agree(&|want| encode(form(want).as_bytes()), false)
                && target.distinct() > 1
            {
                return Some(format!("the answer in {name} in {matches} of {pairs} rows"));
            }
        }
    }
    None
}

/// The bytes of hexadecimal digits.
fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .as_chunks::<2>()
        .0
        .iter()
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
