//! Files that are no tables and hold the values of the answers.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::answers::{Answers, View};
use super::association::{Bar, tells};
use super::finding::{AuditReport, Finding, Leak};
use super::series::Series;
use super::source::Sources;

/// Files larger than this are not searched.
const LARGEST: u64 = 1 << 30;
/// Answers in a row that are looked for.
const WINDOW: usize = 12;

pub(super) fn look(sources: &Sources, answers: &Answers, report: &mut AuditReport) {
    for (path, file) in &sources.others {
        let size = fs::metadata(file).map_or(0, |metadata| metadata.len());
        if size > LARGEST {
            report.not_read.push(format!("{path}: larger than 1 GiB"));
            continue;
        }
        let Ok(bytes) = fs::read(file) else { continue };
        let found = search(&bytes, path, answers).or_else(|| {
            let inner = inflated(&bytes, path)?;
            search(&inner, path, answers)
        });
        if let Some((target, evidence)) = found {
            report.findings.push(Finding { leak: Leak::SideFile, file: path.clone(), column: None, target, evidence });
        }
    }
}

fn search(bytes: &[u8], path: &str, answers: &Answers) -> Option<(String, String)> {
    if let Some(found) = array(bytes, &answers.all) {
        return Some(found);
    }
    let of_unit = of_one_unit(path, bytes, &answers.all);
    of_unit
        .or_else(|| answers.all.targets.iter().find_map(|(name, series)| Some((name.clone(), window(bytes, series)?))))
}

/// Some answers that stand one after the other in the file, as numbers or as text.
fn window(bytes: &[u8], target: &Series) -> Option<String> {
    let start = (0..target.len().saturating_sub(WINDOW)).find(|&start| {
        let mut codes = target.codes[start..start + WINDOW].to_vec();
        codes.sort_unstable();
        codes.dedup();
        codes.len() >= WINDOW.min(target.distinct()).min(4)
    })?;
    // Few classes need many rows before chance is ruled out.
    let total: usize = target.counts.iter().sum();
    let chance: f64 = target.counts.iter().map(|&count| (count as f64 / total as f64).powi(2)).sum();
    let needed = (40.0 / -chance.ln()).ceil();
    let length = if needed < WINDOW as f64 { WINDOW } else { needed as usize };
    if start + length > target.len() || target.distinct() < 2 {
        return None;
    }
    let units = start..start + length;
    let labels: Vec<&str> = units.clone().map(|unit| target.label(unit).unwrap_or_default()).collect();
    for separator in [",", ", ", "\n", " ", "\t", "\0"] {
        if memmem::find(bytes, labels.join(separator).as_bytes()).is_some() {
            return Some(format!("{length} answers stand one after the other, as text"));
        }
    }
    let numbers = &target.numbers.as_ref()?[units];
    if numbers.iter().any(|number| number.is_nan()) {
        return None;
    }
    let whole = numbers.iter().all(|number| number.fract() == 0.0 && number.abs() < 1e9);
    let encode = |form: &dyn Fn(f64) -> Vec<u8>| numbers.iter().flat_map(|&number| form(number)).collect::<Vec<u8>>();
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 10⁹, or the nearest f32")]
    let mut forms: Vec<(&str, Vec<u8>)> = vec![
        ("64-bit floats", encode(&|number| number.to_le_bytes().to_vec())),
        ("32-bit floats", encode(&|number| (number as f32).to_le_bytes().to_vec())),
        ("pickled floats", encode(&|number| std::iter::once(b'G').chain(number.to_be_bytes()).collect())),
    ];
    if whole {
        #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 10⁹")]
        forms.extend([
            ("64-bit integers", encode(&|number| (number as i64).to_le_bytes().to_vec())),
            ("32-bit integers", encode(&|number| (number as i32).to_le_bytes().to_vec())),
        ]);
        if numbers.iter().all(|number| (0.0..256.0).contains(number)) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers below 256")]
            forms.extend([
                ("bytes", encode(&|number| vec![number as u8])),
                ("pickled integers", encode(&|number| vec![b'K', number as u8])),
            ]);
        }
    }
    forms
        .into_iter()
        .find(|(_, needle)| memmem::find(bytes, needle).is_some())
        .map(|(form, _)| format!("{length} answers stand one after the other, as {form}"))
}

/// A NumPy array with a row for each unit, or with the values of the answers in another order.
fn array(bytes: &[u8], view: &View) -> Option<(String, String)> {
    let (header, data) = npy(bytes)?;
    let field = |name: &str| header.split(name).nth(1);
    let kind = field("'descr'")?.split('\'').nth(1)?;
    let shape: Vec<usize> =
        field("'shape'")?.split(['(', ')']).nth(1)?.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    if *shape.first()? != view.total || view.total < 6 {
        return None;
    }
    let width = shape[1..].iter().product::<usize>();
    let numbers = numbers(kind, data)?;
    if numbers.len() < view.total * width {
        return None;
    }
    let fortran = field("'fortran_order'").is_some_and(|rest| rest.trim_start_matches([':', ' ']).starts_with("True"));
    for column in 0..width.min(100) {
        let of_unit = |unit: usize| numbers[if fortran { column * view.total + unit } else { unit * width + column }];
        let series = Series::of_numbers((0..view.total).map(of_unit).collect());
        for (name, target) in &view.targets {
            let told = tells(&series, target, Bar::among(100)).or_else(|| same_values(&series, target));
            if let Some(evidence) = told {
                return Some((name.clone(), format!("column {column} of the array, {evidence}")));
            }
        }
    }
    None
}

/// The values of the answers in another order.
pub(super) fn same_values(series: &Series, target: &Series) -> Option<String> {
    if series.len() != target.len() || target.distinct() * 2 < target.len() || target.len() < 12 {
        return None;
    }
    let sorted = |series: &Series| {
        let mut labels: Vec<&str> = (0..series.len()).map(|unit| series.label(unit).unwrap_or_default()).collect();
        labels.sort_unstable();
        labels.join("\u{1f}")
    };
    (sorted(series) == sorted(target)).then(|| "the answers' values in another order".to_owned())
}

fn npy(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (length, start) = if *rest.first()? == 1 {
        (usize::from(u16::from_le_bytes(rest.get(2..4)?.try_into().ok()?)), 4)
    } else {
        (u32::from_le_bytes(rest.get(2..6)?.try_into().ok()?) as usize, 6)
    };
    let header = std::str::from_utf8(rest.get(start..start + length)?).ok()?;
    Some((header, &rest[start + length..]))
}

fn numbers(kind: &str, data: &[u8]) -> Option<Vec<f64>> {
    fn all<const N: usize>(data: &[u8], number: fn([u8; N]) -> f64) -> Vec<f64> {
        data.as_chunks::<N>().0.iter().map(|bytes| number(*bytes)).collect()
    }
    #[expect(clippy::cast_precision_loss, reason = "values are compared, not counted with")]
    Some(match kind.trim_start_matches(['<', '|', '=']) {
        "f8" => all(data, f64::from_le_bytes),
        "f4" => all(data, |bytes| f64::from(f32::from_le_bytes(bytes))),
        "i8" => all(data, |bytes| i64::from_le_bytes(bytes) as f64),
        "i4" => all(data, |bytes| f64::from(i32::from_le_bytes(bytes))),
        "i2" => all(data, |bytes| f64::from(i16::from_le_bytes(bytes))),
        "i1" => all(data, |bytes: [u8; 1]| f64::from(i8::from_le_bytes(bytes))),
        "u1" | "b1" => data.iter().map(|&byte| f64::from(byte)).collect(),
        _ => return None,
    })
}

/// A file that is called after one test row and holds its answer, if that is too long to be there by chance.
fn of_one_unit(path: &str, bytes: &[u8], view: &View) -> Option<(String, String)> {
    let stem = Path::new(path).file_stem()?.to_string_lossy().into_owned();
    let unit = view.ids.iter().position(|id| id.len() >= 3 && stem.contains(id.as_str()))?;
    view.targets.iter().find_map(|(name, series)| {
        let label = series.label(unit)?;
        let parts: Vec<f64> = label.split(' ').filter_map(|part| part.parse().ok()).collect();
        let as_text = label.len() >= 10 && memmem::find(bytes, label.as_bytes()).is_some();
        let as_numbers = parts.len() >= 5 && {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only found if it was whole")]
            let bytes_of = |number: &f64| *number as u8;
            let doubles: Vec<u8> = parts.iter().flat_map(|number| number.to_le_bytes()).collect();
            let singles: Vec<u8> = parts.iter().map(bytes_of).collect();
            memmem::find(bytes, &doubles).is_some() || memmem::find(bytes, &singles).is_some()
        };
        (as_text || as_numbers)
            .then(|| (name.clone(), format!("it is called after the row `{stem}` and holds its answer")))
    })
}

/// What is compressed within the file: MATLAB packs each variable with zlib.
fn inflated(bytes: &[u8], path: &str) -> Option<Vec<u8>> {
    if !path.ends_with(".mat") {
        return None;
    }
    let mut out = Vec::new();
    let mut at = 128;
    while let Some(header) = bytes.get(at..at + 8) {
        let kind = u32::from_le_bytes(header[..4].try_into().ok()?);
        let length = u32::from_le_bytes(header[4..].try_into().ok()?) as usize;
        let data = bytes.get(at + 8..at + 8 + length)?;
        if kind == 15 {
            let _ = ZlibDecoder::new(data).take(LARGEST).read_to_end(&mut out);
        }
        at += 8 + length;
    }
    (!out.is_empty()).then_some(out)
}
