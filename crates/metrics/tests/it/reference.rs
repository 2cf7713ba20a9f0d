//! Every metric against scikit-learn and SciPy, on random data with ties and edge cases.
//!
//! Needs the environment variable `MLEDOJO_TEST_PYTHON`: a Python with scikit-learn and SciPy.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use mledojo_metrics::{AnswersError, Average, Grader, Metric};
use serde_json::{Value, json};

use crate::{csv, rules, table};

const SIZES: [usize; 9] = [1, 2, 3, 4, 7, 20, 100, 500, 3_000];
const ROUNDS: usize = 6;

/// SplitMix64: the same cases on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// From 0 to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Roughly normal.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

/// One metric on one pair of columns: as JSON for the script, and as CSV for a grader.
struct Case {
    metric: Metric,
    json: Value,
    targets: Vec<String>,
    answers: String,
    submission: String,
}

impl Case {
    fn new(
        metric: Metric,
        truth: Value,
        predicted: Value,
        answers: &str,
        submission: &str,
        random: &mut Random,
    ) -> Self {
        let mut lines: Vec<_> = submission.lines().skip(1).collect();
        random.shuffle(&mut lines);
        let header = submission.lines().next().unwrap_or_default();
        let average = match metric {
            Metric::F1 { average } => json!(average),
            _ => Value::Null,
        };
        Self {
            json: json!({ "metric": metric.name(), "average": average, "truth": truth, "predicted": predicted }),
            metric,
            targets: header.split(',').skip(1).map(str::to_owned).collect(),
            answers: answers.to_owned(),
            submission: format!("{header}\n{}\n", lines.join("\n")),
        }
    }

    fn of_numbers(metric: Metric, truth: &[f64], predicted: &[f64], random: &mut Random) -> Self {
        // `{:?}` writes exponents, so both notations are read.
        let debug = |values: &[f64]| csv(values.iter().map(|value| format!("{value:?}")));
        Self::new(metric, json!(truth), json!(predicted), &debug(truth), &csv(predicted), random)
    }

    fn of_labels(metric: Metric, truth: &[i64], predicted: &[i64], words: bool, random: &mut Random) -> Self {
        if words {
            let name = |values: &[i64]| values.iter().map(|value| format!("class {value}")).collect::<Vec<_>>();
            let (truth, predicted) = (name(truth), name(predicted));
            return Self::new(metric, json!(truth), json!(predicted), &csv(&truth), &csv(&predicted), random);
        }
        let floats = csv(predicted.iter().map(|label| format!("{label}.0")));
        Self::new(metric, json!(truth), json!(predicted), &csv(truth), &floats, random)
    }

    fn score(&self) -> Result<Option<f64>, AnswersError> {
        let targets: Vec<_> = self.targets.iter().map(String::as_str).collect();
        let grader = Grader::new(rules(self.metric.clone(), &targets), &table(&self.answers))?;
        let score = grader.score(&table(&self.submission)).unwrap_or_else(|rejection| panic!("{rejection}"));
        Ok(score.note.is_none().then_some(score.value))
    }
}

fn number_cases(size: usize, round: usize, random: &mut Random, cases: &mut Vec<Case>) {
    let scale = [1.0, 1e-6, 1e9, 1e3, 1.0, 1e100][round];
    let mut truth: Vec<f64> = (0..size).map(|_| scale * random.normal()).collect();
    let mut predicted: Vec<f64> = truth.iter().map(|value| value + 0.3 * scale * random.normal()).collect();
    match round {
        // Ties and zeros.
        3 => truth.iter_mut().chain(&mut predicted).for_each(|value| *value = (*value / 1e3).round()),
        // An offset that dwarfs the spread.
        4 => truth.iter_mut().chain(&mut predicted).for_each(|value| *value += 1e4),
        _ => {}
    }
    let constant = vec![truth[0]; size];
    for metric in
        [Metric::Rmse, Metric::Mae, Metric::R2, Metric::Mape, Metric::Smape, Metric::Pearson, Metric::Spearman]
    {
        cases.push(Case::of_numbers(metric.clone(), &truth, &predicted, random));
        if round == 0 {
            cases.push(Case::of_numbers(metric.clone(), &truth, &constant, random));
            cases.push(Case::of_numbers(metric.clone(), &constant, &truth, random));
            cases.push(Case::of_numbers(metric, &truth, &truth, random));
        }
    }
    // Above −1, and up to 1e100.
    let above = |values: &[f64]| values.iter().map(|value| value.abs() - 0.5).collect::<Vec<_>>();
    cases.push(Case::of_numbers(Metric::RMSLE, &above(&truth), &above(&predicted), random));
}

fn label_cases(size: usize, round: usize, random: &mut Random, cases: &mut Vec<Case>) {
    let classes = [2, 3, 5, 5, 40, 2][round];
    let truth: Vec<i64> = (0..size).map(|_| random.below(classes).min(random.below(classes)) as i64).collect();
    let guess =
        |random: &mut Random, label: i64| if random.below(3) == 0 { random.below(classes) as i64 } else { label };
    let predicted: Vec<i64> = truth.iter().map(|&label| guess(random, label)).collect();
    let constant = vec![truth[0]; size];
    // Text sorts otherwise than numbers do; scores must not notice.
    let words = round % 2 == 1;
    let f1 = |average| Metric::F1 { average };
    for metric in [
        Metric::Accuracy,
        Metric::BalancedAccuracy,
        f1(Average::Macro),
        f1(Average::Micro),
        f1(Average::Weighted),
        Metric::Mcc,
    ] {
        cases.push(Case::of_labels(metric.clone(), &truth, &predicted, words, random));
        if round == 0 {
            cases.push(Case::of_labels(metric.clone(), &truth, &constant, words, random));
            cases.push(Case::of_labels(metric, &constant, &predicted, words, random));
        }
    }
    // Labels far from 0, some of which the answers lack.
    let offset = [0, 0, 1, -3, 0, 7][round];
    let grades: Vec<i64> = truth.iter().map(|label| label * 2 + offset).collect();
    let (low, high) = (grades.iter().min().copied().unwrap_or(0), grades.iter().max().copied().unwrap_or(0));
    let guessed: Vec<i64> = grades.iter().map(|grade| (grade + random.below(5) as i64 - 2).clamp(low, high)).collect();
    cases.push(Case::of_labels(Metric::KAPPA, &grades, &guessed, false, random));
    let least = vec![low; size];
    cases.push(Case::of_labels(Metric::KAPPA, &grades, &least, false, random));

    let binary = |values: &[i64]| values.iter().map(|label| label % 2).collect::<Vec<_>>();
    cases.push(Case::of_labels(f1(Average::Binary), &binary(&truth), &binary(&predicted), false, random));
}

fn probability_cases(size: usize, round: usize, random: &mut Random, cases: &mut Vec<Case>) {
    let truth: Vec<f64> = (0..size).map(|_| random.below(2) as f64).collect();
    let scores: Vec<f64> = truth
        .iter()
        .map(|truth| {
            let score = (0.3 * truth + 0.7 * random.unit()).clamp(0.0, 1.0);
            match round {
                0 => score,
                // Ties.
                1 | 2 => (score * 10.0).round() / 10.0,
                // Certainty, right or wrong.
                3 => score.round(),
                4 => 0.25,
                _ => score * 1e-14,
            }
        })
        .collect();
    cases.push(Case::of_numbers(Metric::RocAuc, &truth, &scores, random));
    cases.push(Case::of_numbers(Metric::LOG_LOSS, &truth, &scores, random));
    let logits: Vec<f64> = scores.iter().map(|score| 1e6 * (score - 0.5)).collect();
    cases.push(Case::of_numbers(Metric::RocAuc, &truth, &logits, random));

    let classes = [2, 3, 3, 7, 2, 20][round];
    let truth: Vec<usize> = (0..size).map(|_| random.below(classes)).collect();
    let rows: Vec<Vec<f64>> = truth
        .iter()
        .map(|&truth| {
            let mut row: Vec<f64> = (0..classes).map(|_| random.unit()).collect();
            if round == 2 {
                row.iter_mut().for_each(|value| *value = value.round());
                row[random.below(classes)] = 1.0;
            } else {
                row[truth] = (row[truth] + random.unit()).min(1.0);
            }
            row
        })
        .collect();
    let mut answers = (0..classes).fold("id".to_owned(), |header, class| header + &format!(",c{class}")) + "\n";
    let mut submission = answers.clone();
    for (id, (&truth, row)) in truth.iter().zip(&rows).enumerate() {
        let _ = write!(answers, "{id}");
        let _ = write!(submission, "{id}");
        for (class, value) in row.iter().enumerate() {
            let _ = write!(answers, ",{}", u8::from(class == truth));
            let _ = write!(submission, ",{value}");
        }
        answers.push('\n');
        submission.push('\n');
    }
    cases.push(Case::new(Metric::MULTICLASS_LOG_LOSS, json!(truth), json!(rows), &answers, &submission, random));
}

/// What a script in this folder prints for an input.
pub(crate) fn run<T: serde::de::DeserializeOwned>(script: &str, input: &Value) -> T {
    let python = std::env::var_os("MLEDOJO_TEST_PYTHON")
        .expect("MLEDOJO_TEST_PYTHON names no Python with scikit-learn; run the tests with `cargo xtask test`");
    let mut child = Command::new(&python)
        .arg(format!("{}/tests/it/{script}", env!("CARGO_MANIFEST_DIR")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", python.display()));
    let input = serde_json::to_vec(input).expect("serialises");
    // The script prints only after it has read everything, so neither side waits for the other.
    child.stdin.take().expect("piped").write_all(&input).expect("the script reads its input");
    let output = child.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "{script} failed: {}", output.status);
    serde_json::from_slice(&output.stdout).expect("a list of scores")
}

#[test]
fn scores_equal_those_of_scikit_learn_and_scipy() {
    let mut random = Random(2);
    let mut cases = Vec::new();
    for size in SIZES {
        for round in 0..ROUNDS {
            number_cases(size, round, &mut random, &mut cases);
            label_cases(size, round, &mut random, &mut cases);
            probability_cases(size, round, &mut random, &mut cases);
        }
    }
    // Where the reference gives a number by convention, ours is refused when the grader is built; that has tests of
    // its own.
    let scored: Vec<(&Case, Option<f64>)> = cases.iter().filter_map(|case| Some((case, case.score().ok()?))).collect();
    assert!(scored.len() > cases.len() * 4 / 5, "{} of {} cases are defined", scored.len(), cases.len());

    let input = json!(scored.iter().map(|(case, _)| &case.json).collect::<Vec<_>>());
    let expected: Vec<Option<f64>> = run("reference.py", &input);
    assert_eq!(expected.len(), scored.len());
    let mut wrong = Vec::new();
    for ((case, score), expected) in scored.iter().zip(expected) {
        let close = match (score, expected) {
            (Some(score), Some(expected)) => {
                // Near 0 a relative error says nothing: the reference itself rounds sums of terms near 1.
                (score - expected).abs() <= 1e-9 * score.abs().max(expected.abs()).max(1e-6)
            }
            // By convention 0 in the reference, 0 and a note here.
            (None, Some(expected)) => case.metric == Metric::Mcc && expected == 0.0,
            (score, expected) => score.is_none() && expected.is_none(),
        };
        if !close {
            wrong.push(format!(
                "{} on {} rows: {score:?}, not {expected:?}",
                case.metric.name(),
                case.answers.lines().count() - 1
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} scores differ:\n{}", wrong.len(), scored.len(), wrong.join("\n"));
    for name in ["accuracy", "f1", "roc_auc", "multiclass_log_loss", "quadratic_weighted_kappa", "pearson"] {
        assert!(scored.iter().filter(|(case, _)| case.metric.name() == name).count() >= 40, "few cases of {name}");
    }
}
