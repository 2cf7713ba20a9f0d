//! Millions of damaged submissions: none may panic, take long, fill memory, or score something that is no number.
//!
//! `cargo bench -p mledojo-metrics --bench fuzz -- --inputs 10000000 --seed 1`. Each input is a real submission with up to
//! eight injuries, read and graded under either protocol; every fourth is a single cell, given to the readers of runs,
//! boxes, spans and lists. The same seed makes the same inputs. A panic is printed with the input that caused it.
//! `CARGO_PROFILE_BENCH_OVERFLOW_CHECKS=true CARGO_PROFILE_BENCH_DEBUG_ASSERTIONS=true` makes overflows panics too.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::exit, missing_docs, reason = "a benchmark")]

use std::collections::BTreeMap;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use mledojo_metrics::run_length::{self, RunRules};
use mledojo_metrics::{Grader, Grading, Protocol, ReadLimits, Table, box_lists, spans};

/// What is hard on readers.
const TOKENS: [&str; 33] = [
    "",
    "nan",
    "inf",
    "1e400",
    "-1e400",
    "1e-400",
    "-0",
    "-1",
    "0",
    "007",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999",
    "1 2 3",
    "0 0 0 0",
    "1 1000000000000",
    "1 18446744073709551615 2 18446744073709551615",
    "[]",
    "['1 2']",
    "[[[[[[[[",
    "['a', \"b",
    "0 4;2 9",
    ";",
    "\"",
    "\"\"",
    ",",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{feff}",
    "é\u{202e}",
    "True",
];

struct Format {
    name: String,
    grader: Rc<Grader>,
    submission: Vec<u8>,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn range(&mut self, end: usize) -> std::ops::Range<usize> {
        let start = self.below(end + 1);
        start..(start + self.below(20)).min(end)
    }
}

fn main() {
    let argument = |name: &str, default: u64| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).map_or(default, |value| value.parse().unwrap())
    };
    let (inputs, seed) = (argument("--inputs", 200_000), argument("--seed", 1));
    let formats = formats();
    println!("{inputs} inputs, seed {seed}, from {} submissions", formats.len());
    panic::set_hook(Box::new(|_| {}));
    let (mut scored, mut rejected, mut unread, mut panics) = (0_u64, 0_u64, 0_u64, 0_u64);
    let (mut slowest, began) = ((Duration::ZERO, String::new()), Instant::now());
    for number in 0..inputs {
        let mut random = Random(seed.wrapping_mul(1 << 40).wrapping_add(number));
        let format = &formats[random.below(formats.len())];
        let is_cell = number % 4 == 3;
        let input = if is_cell { cell(format, &mut random) } else { damaged(&format.submission, &mut random) };
        let started = Instant::now();
        let result =
            panic::catch_unwind(AssertUnwindSafe(|| if is_cell { read_cell(&input) } else { grade(format, &input) }));
        let took = started.elapsed();
        match result {
            Ok(Done::Scored) => scored += 1,
            Ok(Done::Rejected) => rejected += 1,
            Ok(Done::Unread) => unread += 1,
            Err(_) => {
                panics += 1;
                println!("PANIC at input {number} ({}): {:?}", format.name, String::from_utf8_lossy(&input));
            }
        }
        if took > slowest.0 {
            slowest = (took, format!("input {number} ({})", format.name));
        }
        if (number + 1) % 1_000_000 == 0 {
            println!("{} inputs in {:.0} s, panics {panics}", number + 1, began.elapsed().as_secs_f64());
        }
    }
    println!("scored {scored}, rejected {rejected}, no table or cell {unread}, panics {panics}");
    println!("{:.0} s in all; the slowest took {:?}: {}", began.elapsed().as_secs_f64(), slowest.0, slowest.1);
    if let Some(peak) = peak_megabytes() {
        println!("peak memory: {peak:.0} MB");
    }
    std::process::exit(i32::from(panics > 0));
}

enum Done {
    Scored,
    Rejected,
    Unread,
}

fn grade(format: &Format, input: &[u8]) -> Done {
    let Ok(table) = Table::parse(input, &ReadLimits::default()) else { return Done::Unread };
    match format.grader.score(&table) {
        Ok(score) => {
            assert!(score.value.is_finite());
            Done::Scored
        }
        Err(rejection) => {
            let message = rejection.to_string();
            assert!(!message.is_empty() && message.len() < 20_000);
            Done::Rejected
        }
    }
}

/// A cell of several kinds at once: each reader takes it or names what is wrong.
fn read_cell(input: &[u8]) -> Done {
    let text = String::from_utf8_lossy(input);
    let mut taken = [
        box_lists::class_corners(&text).is_ok(),
        box_lists::sized_boxes(&text).is_ok(),
        box_lists::labelled_boxes(&text).is_ok(),
        box_lists::labelled_points(&text).is_ok(),
        spans::list_items(&text).is_some(),
    ]
    .contains(&true);
    taken |= !box_lists::class_corners_found(&text, true, false).is_empty();
    for malformed in [spans::Malformed::Rejected, spans::Malformed::Skipped] {
        if let Ok(positions) = spans::parse(&text, malformed) {
            taken = true;
            assert_eq!(positions.overlap(&positions), positions.area());
        }
    }
    for rules in [RunRules::STRICT, RunRules { ignore_dangling_start: true, pixels: Some(1000), ..RunRules::LOOSE }] {
        if let Ok(mask) = run_length::parse(&text, rules) {
            taken = true;
            assert_eq!(mask.overlap(&mask), mask.area());
            assert!(rules.pixels.is_none_or(|pixels| mask.area() <= pixels));
        }
    }
    if taken { Done::Scored } else { Done::Unread }
}

/// Every competition of the catalog under both protocols, each with the submissions of its fixtures.
fn formats() -> Vec<Format> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut formats = Vec::new();
    for file in fs::read_dir(tests.join("own")).unwrap() {
        let file = file.unwrap().path();
        let slug = file.file_stem().unwrap().to_string_lossy().into_owned();
        let fixture: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let files: BTreeMap<String, String> = serde_json::from_value(fixture["files"].clone()).unwrap();
        let bytes = |name: &str| files.get(name).map(|text| text.clone().into_bytes());
        let corrected = bytes("corrected_answers.csv").or_else(|| bytes("answers.csv")).unwrap();
        add(&mut formats, &slug, Protocol::Corrected, &corrected, vec![bytes("perfect.csv").unwrap()]);
        if let Some(answers) = bytes("answers.csv") {
            let is_submission =
                |name: &&String| !name.contains("answers") && *name != "wrongid.csv" && *name != "missing.csv";
            let submissions = files.keys().filter(is_submission).filter_map(|name| bytes(name)).collect();
            add(&mut formats, &slug, Protocol::MleDojo, &answers, submissions);
        }
    }
    for folder in fs::read_dir(tests.join("reference")).unwrap() {
        let folder = folder.unwrap().path();
        let slug = folder.file_name().unwrap().to_string_lossy().into_owned();
        let read = |file: &str| fs::read(folder.join(file)).unwrap();
        let submissions = ["good.csv", "noisy.csv", "tricky.csv"].map(read).to_vec();
        add(&mut formats, &slug, Protocol::MleDojo, &read("answers.csv"), submissions);
    }
    formats.sort_by(|a, b| (&a.name, &a.submission).cmp(&(&b.name, &b.submission)));
    formats
}

fn add(formats: &mut Vec<Format>, slug: &str, protocol: Protocol, answers: &[u8], submissions: Vec<Vec<u8>>) {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let text = fs::read_to_string(catalog.join(slug).join("competition.toml")).unwrap();
    let mut tables: toml::Table = toml::from_str(&text).unwrap();
    tables.retain(|table, _| ["metric", "submission", "answers", "mle-dojo"].contains(&table));
    let rules = tables.try_into::<Grading>().unwrap().rules(protocol).unwrap();
    let answers = Table::parse(answers, &ReadLimits::default()).unwrap();
    let grader = Rc::new(Grader::new(rules, &answers).unwrap());
    let name = format!("{slug}, {protocol:?}");
    let format = |submission| Format { name: name.clone(), grader: Rc::clone(&grader), submission };
    formats.extend(submissions.into_iter().map(format));
}

/// The last field of a line of a submission, damaged.
fn cell(format: &Format, random: &mut Random) -> Vec<u8> {
    let lines: Vec<&[u8]> = format.submission.split(|&byte| byte == b'\n').collect();
    let line = lines[random.below(lines.len())];
    let cell = line.splitn(2, |&byte| byte == b',').last().unwrap_or_default();
    damaged(cell, random)
}

fn damaged(whole: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..random.below(8) {
        injure(&mut bytes, random);
    }
    bytes
}

fn injure(bytes: &mut Vec<u8>, random: &mut Random) {
    let place = random.below(bytes.len() + 1);
    let token = TOKENS[random.below(TOKENS.len())];
    match random.below(9) {
        0 if place < bytes.len() => bytes[place] ^= 1 << random.below(8),
        1 => bytes.insert(place, random.next() as u8),
        2 => drop(bytes.drain(random.range(bytes.len()))),
        3 => {
            let copy = bytes[random.range(bytes.len())].to_vec();
            drop(bytes.splice(place..place, copy.repeat(1 + random.below(40))));
        }
        4 => bytes.truncate(bytes.len() - random.below(bytes.len() / 8 + 1)),
        5 => drop(bytes.splice(place..place, token.bytes())),
        // A digit for a digit, so that much stays valid.
        6 => {
            if let Some(digit) = bytes.iter_mut().skip(place).find(|byte| byte.is_ascii_digit()) {
                *digit = b'0' + random.below(10) as u8;
            }
        }
        7 => swap_lines(bytes, random),
        // A whole field, or what lies between two blanks.
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b'\n' | b' ');
            let start = bytes[..place].iter().rposition(ends).map_or(0, |end| end + 1);
            let end = bytes[place..].iter().position(ends).map_or(bytes.len(), |end| place + end);
            drop(bytes.splice(start..end, token.bytes()));
        }
    }
}

fn swap_lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    let (a, b) = (random.below(lines.len()), random.below(lines.len()));
    if a < lines.len() && b < lines.len() {
        lines.swap(a, b);
    }
    *bytes = lines.concat();
}

/// The most memory that this process has held.
fn peak_megabytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1024.0 / 1e6)
}
