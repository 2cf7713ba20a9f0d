//! Outlines and boxes of what is to be found in a picture, where the answers are masks or boxes.
//!
//! A JSON document holds those of a test row if it is called after it, or where an object names it. Masks are runs of
//! pixels along columns or rows of a picture whose height isn't known: it follows from where the first and the last
//! run lie, and then the outline's chords must be as long as the runs. Areas need no height, but several pictures.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use serde_json::Value;

use super::answers::{Answers, View, keys};
use super::association::improbability;
use super::finding::{AuditReport, Finding, Leak};
use super::source::Sources;

/// Documents that are read, and how large they may be.
const MOST_DOCUMENTS: usize = 3000;
const LARGEST: u64 = 256 << 20;
/// Runs of a mask that are compared.
const SAMPLE: usize = 200;
const FEWEST_RUNS: usize = 12;
/// Heights of a picture that are tried.
const MOST_HEIGHTS: i64 = 300;

type Point = (f64, f64);

/// What a document says of a unit.
#[derive(Default)]
struct Outlines {
    file: String,
    rings: Vec<Vec<Point>>,
    boxes: Vec<[f64; 4]>,
    /// The outlines' area less that of their holes.
    area: f64,
}

pub(super) fn look(sources: &Sources, answers: &Answers, report: &mut AuditReport) {
    let view = &answers.all;
    let lists: Vec<Vec<Vec<f64>>> = view.cells.iter().map(|cells| cells.iter().map(numbers).collect()).collect();
    if !lists.iter().any(|cells| cells.iter().any(|numbers| numbers.len() >= 4)) {
        return;
    }
    let units = view.units();
    // By the document's folder and the part of it, as a test's outlines may lie beside those of something else.
    let mut documents: BTreeMap<String, HashMap<usize, Outlines>> = BTreeMap::new();
    for (path, file) in sources.documents.iter().take(MOST_DOCUMENTS) {
        if fs::metadata(file).map_or(0, |metadata| metadata.len()) > LARGEST {
            continue;
        }
        let Some(value) = fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) else {
            continue;
        };
        let (kind, unit) = of_name(path, &units);
        let found = documents.entry(kind).or_default();
        collect(&value, unit, &units, path, found, 0);
    }
    for found in documents.values() {
        for (cells, name) in lists.iter().zip(names(view)) {
            let told = masks(found, cells).or_else(|| boxes(found, cells));
            if let Some((file, evidence)) = told {
                report.findings.push(Finding { leak: Leak::SideFile, file, column: None, target: name, evidence });
            }
        }
    }
}

fn names(view: &View) -> impl Iterator<Item = String> {
    let names = view.targets.iter().map(|(name, _)| name.clone());
    names.chain(std::iter::repeat("all".to_owned()))
}

/// The numbers of a cell that holds nothing else.
fn numbers(cell: &str) -> Vec<f64> {
    let parts = cell.split([' ', ',', ';', '[', ']', '(', ')']).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok()).collect::<Option<Vec<f64>>>().unwrap_or_default()
}

/// What documents of this kind have in common in their names, and the unit that this one is called after.
fn of_name(path: &str, units: &HashMap<String, usize>) -> (String, Option<usize>) {
    if let Some((key, unit)) = keys(path).find_map(|key| Some((key.clone(), *units.get(&key)?))) {
        return (path.replace(&key, "*"), Some(unit));
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let token = name
        .split(|sign: char| !sign.is_alphanumeric())
        .find_map(|token| Some((token, *units.get(token).filter(|_| token.len() >= 3)?)));
    match token {
        Some((token, unit)) => (path.replace(token, "*"), Some(unit)),
        None => (path.to_owned(), None),
    }
}

/// Finds lists of points, flat lists of coordinates and boxes, and the unit that each is of.
fn collect(
    value: &Value,
    unit: Option<usize>,
    units: &HashMap<String, usize>,
    path: &str,
    found: &mut HashMap<usize, Outlines>,
    depth: usize,
) {
    if depth > 12 {
        return;
    }
    match value {
        Value::Object(object) => {
            let naming = object.iter().find_map(|(name, value)| {
                let name = name.to_lowercase();
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Number(number) => number.to_string(),
                    _ => return None,
                };
                let says_id = ["id", "image", "file", "name"].iter().any(|word| name.contains(word));
                says_id.then(|| keys(&text).find_map(|key| units.get(&key).copied())).flatten()
            });
            let unit = naming.or(unit);
            for (name, inner) in object {
                let of_key = units.get(name).copied().filter(|_| name.len() >= 3);
                if let (Some(unit), Some(coordinates)) = (of_key.or(unit), coordinates(inner)) {
                    let outlines = found.entry(unit).or_default();
                    outlines.file = path.to_owned();
                    if let [a, b, c, d] = coordinates[..] {
                        outlines.boxes.push([a, b, c, d]);
                    } else if coordinates.len() >= 6 && coordinates.len().is_multiple_of(2) {
                        add(
                            outlines,
                            vec![coordinates.as_chunks::<2>().0.iter().map(|pair| (pair[0], pair[1])).collect()],
                        );
                    }
                } else {
                    collect(inner, of_key.or(unit), units, path, found, depth + 1);
                }
            }
        }
        Value::Array(items) => {
            let Some(outlined) = unit else {
                items.iter().for_each(|item| collect(item, unit, units, path, found, depth + 1));
                return;
            };
            let rings: Option<Vec<Vec<Point>>> = items.iter().map(ring).collect();
            if let Some(rings) = rings.filter(|rings| !rings.is_empty()).or_else(|| Some(vec![ring(value)?])) {
                let outlines = found.entry(outlined).or_default();
                outlines.file = path.to_owned();
                add(outlines, rings);
            } else {
                items.iter().for_each(|item| collect(item, unit, units, path, found, depth + 1));
            }
        }
        _ => {}
    }
}

/// A list of numbers and of nothing else.
fn coordinates(value: &Value) -> Option<Vec<f64>> {
    value.as_array().filter(|items| items.len() >= 4)?.iter().map(Value::as_f64).collect()
}

/// A list of points, or a flat list of their coordinates within another list.
fn ring(value: &Value) -> Option<Vec<Point>> {
    let items = value.as_array()?;
    if let Some(flat) = coordinates(value).filter(|flat| flat.len() >= 6 && flat.len().is_multiple_of(2)) {
        return Some(flat.as_chunks::<2>().0.iter().map(|pair| (pair[0], pair[1])).collect());
    }
    let point = |item: &Value| {
        let pair = item.as_array().filter(|pair| (2..=3).contains(&pair.len()))?;
        Some((pair[0].as_f64()?, pair[1].as_f64()?))
    };
    if items.len() < 3 { None } else { items.iter().map(point).collect() }
}

/// Adds rings that stand in one list; those within the first are its holes, as in GeoJSON.
fn add(outlines: &mut Outlines, rings: Vec<Vec<Point>>) {
    for (place, ring) in rings.iter().enumerate() {
        let is_hole = place > 0
            && chords(std::slice::from_ref(&rings[0]), ring[0].0)
                .iter()
                .any(|(from, to)| (*from..*to).contains(&ring[0].1));
        outlines.area += if is_hole { -shoelace(ring) } else { shoelace(ring) };
    }
    outlines.rings.extend(rings);
}

/// The area within a ring.
fn shoelace(ring: &[Point]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>().abs() / 2.0
}

/// Where the rings are inside, along the line of all points whose first coordinate is `at`.
fn chords(rings: &[Vec<Point>], at: f64) -> Vec<(f64, f64)> {
    let mut crossings: Vec<f64> = Vec::new();
    for ring in rings {
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            if (a.0 <= at) != (b.0 <= at) {
                crossings.push(a.1 + (at - a.0) / (b.0 - a.0) * (b.1 - a.1));
            }
        }
    }
    crossings.sort_by(f64::total_cmp);
    crossings.as_chunks::<2>().0.iter().map(|pair| (pair[0], pair[1])).collect()
}

/// Starts and lengths of the runs that the numbers are; starts rise.
fn runs(numbers: &[f64]) -> Option<Vec<(f64, f64)>> {
    let (pairs, rest) = numbers.as_chunks::<2>();
    let whole = numbers.iter().all(|number| number.fract() == 0.0 && *number >= 0.0);
    let apart = pairs.windows(2).all(|pair| pair[0][0] + pair[0][1] <= pair[1][0]);
    let runs = pairs.iter().map(|pair| (pair[0], pair[1])).collect::<Vec<_>>();
    (rest.is_empty() && whole && apart && !runs.is_empty() && runs.iter().all(|run| run.1 >= 1.0)).then_some(runs)
}

/// Outlines of the masks.
fn masks(found: &HashMap<usize, Outlines>, cells: &[Vec<f64>]) -> Option<(String, String)> {
    let outlined: Vec<(&Outlines, Vec<(f64, f64)>)> = found
        .iter()
        .filter(|(_, outlines)| !outlines.rings.is_empty())
        .filter_map(|(&unit, outlines)| Some((outlines, runs(cells.get(unit)?)?)))
        .collect();
    let mut drawn: Vec<(String, String)> = outlined
        .iter()
        .filter_map(|(outlines, runs)| {
            let (right, tried) = reproduced(&outlines.rings, runs)?;
            Some((
                outlines.file.clone(),
                format!("its outlines reproduce {right} of {tried} runs of the answer's mask"),
            ))
        })
        .collect();
    drawn.sort_unstable();
    if let Some(first) = drawn.into_iter().next() {
        return Some(first);
    }
    let areas: Vec<(f64, f64)> =
        outlined.iter().map(|(outlines, runs)| (outlines.area, runs.iter().map(|run| run.1).sum())).collect();
    let agree = |a: f64, b: f64| (a - b).abs() <= 0.01 * b;
    let right = areas.iter().filter(|(mine, theirs)| agree(*mine, *theirs)).count();
    let others = areas.len() * areas.len().saturating_sub(1);
    let crossed = areas.iter().enumerate().flat_map(|(place, (mine, _))| {
        areas.iter().enumerate().filter(move |(other, (_, theirs))| *other != place && agree(*mine, *theirs))
    });
    let chance = (crossed.count() as f64 / others.max(1) as f64).max(0.02);
    let share = right as f64 / areas.len().max(1) as f64;
    if areas.len() < 3 || share < 0.9 || improbability(areas.len(), share, chance) < 9.2 {
        return None;
    }
    let file = outlined.iter().map(|(outlines, _)| outlines.file.clone()).min()?;
    Some((file, format!("the area of outlines is that of the answer's mask in {right} of {} rows", areas.len())))
}

/// How many of some runs are chords of the outlines, if nearly all are.
fn reproduced(rings: &[Vec<Point>], runs: &[(f64, f64)]) -> Option<(usize, usize)> {
    if runs.len() < FEWEST_RUNS {
        return None;
    }
    let step = runs.len().div_ceil(SAMPLE);
    let sample: Vec<(f64, f64)> = runs.iter().step_by(step).copied().collect();
    let swapped: Vec<Vec<Point>> = rings.iter().map(|ring| ring.iter().map(|&(x, y)| (y, x)).collect()).collect();
    [rings, &swapped].into_iter().find_map(|rings| {
        let points = || rings.iter().flatten();
        let first = points().copied().min_by(|a, b| a.0.total_cmp(&b.0))?;
        let last = points().copied().max_by(|a, b| a.0.total_cmp(&b.0))?;
        let breadth = last.0 - first.0;
        let span = runs.last()?.0 - runs.first()?.0;
        if breadth < 3.0 {
            return None;
        }
        let height = (span - (last.1 - first.1)) / breadth;
        // The first and the last run may be a line off, and as far along the line as the outline is high.
        let doubt = (3.0 * height / breadth).ceil() + 3.0;
        if !height.is_finite() || height < 2.0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a picture")]
        let (height, doubt) = (height.round() as i64, (doubt as i64).min(MOST_HEIGHTS / 2));
        (height - doubt..=height + doubt).filter(|&height| height > 1).find_map(|height| {
            let chord = |run: &&(f64, f64)| is_chord(rings, **run, height as f64);
            if sample.iter().take(FEWEST_RUNS).filter(chord).count() * 2 < FEWEST_RUNS {
                return None;
            }
            let right = sample.iter().filter(chord).count();
            (right * 10 >= sample.len() * 8).then_some((right, sample.len()))
        })
    })
}

/// Whether a run is one of the outlines' chords, to a pixel or two at its ends.
fn is_chord(rings: &[Vec<Point>], (start, length): (f64, f64), height: f64) -> bool {
    let line = ((start - 1.0) / height).floor();
    let from = start - 1.0 - line * height;
    let near = |a: f64, b: f64| (a - b).abs() <= 1.5 + 0.02 * length;
    // Pixels are counted at their middle, or at their corner.
    [0.0, 0.5, 1e-3].iter().any(|middle| {
        chords(rings, line + middle).iter().any(|chord| near(chord.0, from) && near(chord.1, from + length))
    })
}

/// Boxes that stand in the answer, or whose corners do.
fn boxes(found: &HashMap<usize, Outlines>, cells: &[Vec<f64>]) -> Option<(String, String)> {
    let (mut right, mut all) = (0_usize, 0_usize);
    let mut file: Option<&str> = None;
    for (unit, outlines) in found {
        let Some(numbers) = cells.get(*unit).filter(|numbers| numbers.len() >= 4) else { continue };
        let extent = |ring: &Vec<Point>| {
            let of = |pick: fn(&Point) -> f64| {
                let values = || ring.iter().map(pick);
                (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max))
            };
            let ((left, right), (top, bottom)) = (of(|point| point.0), of(|point| point.1));
            [left, top, right, bottom]
        };
        for [a, b, c, d] in outlines.boxes.iter().copied().chain(outlines.rings.iter().map(extent)) {
            // Round numbers, as of a whole picture, stand anywhere.
            if [a, b, c, d].iter().filter(|number| number.abs() > 10.0).count() < 3 {
                continue;
            }
            all += 1;
            let forms = [[a, b, c, d], [a, b, c - a, d - b], [a, b, a + c, b + d], [b, a, d, c]];
            let stands = forms.iter().any(|form| {
                numbers.windows(4).any(|four| four.iter().zip(form).all(|(have, want)| (have - want).abs() <= 0.51))
            });
            if stands {
                right += 1;
                file = file.map_or(Some(&outlines.file), |file| Some(file.min(&outlines.file)));
            }
        }
    }
    (right >= 3 && right * 10 >= all * 9)
        .then(|| Some((file?.to_owned(), format!("{right} of {all} boxes are those of the answers"))))
        .flatten()
}
