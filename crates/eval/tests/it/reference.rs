//! Ratings, profiles and intervals against scikit-learn, NumPy and SciPy.

use std::io::Write as _;
use std::process::{Command, Stdio};

use mledojo_eval::statistics::{
    AupRule, Battles, Bootstrap, OverSeeds, Scores, TaskScores, interquartile_mean, profile, ratings, standard_error,
};
use mledojo_metrics::Direction;
use serde_json::{Value, json};

/// Eight models on thirty tasks, with failures: numbers that look like a run's.
fn scores() -> Scores {
    let mut state = 12345_u64;
    let mut random = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let tasks = (0..30).map(|task| {
        let direction = if task % 2 == 0 { Direction::Minimize } else { Direction::Maximize };
        let mut run = |model: usize| {
            let skill = 0.3 + 0.08 * model as f64;
            let score = if direction == Direction::Maximize { skill } else { 1.0 / skill } * (0.5 + random());
            (random() > 0.1).then_some(score)
        };
        let cells = (0..8).map(|model| vec![run(model)]).collect();
        TaskScores { direction, baseline: Some(if task % 2 == 0 { 4.0 } else { 0.2 }), cells }
    });
    Scores { models: 8, tasks: tasks.collect() }
}

const PROGRAM: &str = r"
import json, sys
import numpy as np, scipy.stats
from sklearn.linear_model import LogisticRegression

given = json.load(sys.stdin)
scores = [[np.nan if s is None else s for s in row] for row in given['scores']]
lower, baselines = given['lower'], given['baselines']
models = len(scores[0])

rows, labels, weights = [], [], []
for row, low in zip(scores, lower):
    for a in range(models):
        for b in range(models):
            if a == b:
                continue
            sa = -np.inf if np.isnan(row[a]) else (-row[a] if low else row[a])
            sb = -np.inf if np.isnan(row[b]) else (-row[b] if low else row[b])
            x = np.zeros(models)
            x[a], x[b] = np.log(10), -np.log(10)
            # Both orders of each pair; a tie is a win and a loss of half the weight.
            for label, weight in ((1, float(sa > sb) + 0.5 * (sa == sb)), (0, float(sb > sa) + 0.5 * (sa == sb))):
                if weight:
                    rows.append(x); labels.append(label); weights.append(weight)
fit = LogisticRegression(fit_intercept=False, C=1.0, tol=1e-10, max_iter=10000).fit(rows, labels, weights)

def area_dojo():
    logs = []
    for row, low in zip(scores, lower):
        row = np.array(row)
        r = row / np.nanmin(row) if low else np.nanmax(row) / row
        r = np.where(np.isnan(r), 2 * np.nanmax(r), r)
        logs.append(np.log10(np.minimum(r, 100)))
    logs = np.array(logs)
    tau = np.unique(np.concatenate([[0], logs.ravel()]))
    rho = np.array([(logs <= t).mean(axis=0) for t in tau])
    return (rho[:-1] * np.diff(tau)[:, None]).sum(axis=0).tolist()

def area_gym():
    logs, worst = [], []
    for row, low, base in zip(scores, lower, baselines):
        row = np.array(row)
        bad = np.isnan(row) | (row < 0) | (row > base if low else row < base)
        ok = np.where(bad, np.nan, row)
        r = ok / np.nanmin(ok) if low else np.nanmax(ok) / ok
        worst.append(np.ceil(1.05 * np.nanmax(r)))
        logs.append(np.log10(np.where(np.isnan(r), 1.05 * np.nanmax(r), r)))
    logs = np.array(logs)
    end = np.ceil(np.log10(max(worst)) * 10) / 10
    tau = np.linspace(0, end, 500)
    rho = np.array([(logs <= t).mean(axis=0) for t in tau])
    return (rho[:-1] * np.diff(tau)[:, None]).sum(axis=0).tolist()

values = np.array(given['values'])
interval = scipy.stats.bootstrap((values,), np.mean, n_resamples=20000, method='percentile', random_state=0).confidence_interval
json.dump({
    'elo': (400 * fit.coef_[0] + 1000).tolist(),
    'dojo': area_dojo(),
    'gym': area_gym(),
    'interval': list(interval),
    'iqm': scipy.stats.trim_mean(values, 0.25),
    'sem': scipy.stats.sem(values),
}, sys.stdout)
";

fn python(input: &Value) -> Value {
    let python = std::env::var_os("MLEDOJO_TEST_PYTHON")
        .expect("MLEDOJO_TEST_PYTHON names a Python with the pinned packages; run `cargo xtask test`");
    let mut child =
        Command::new(python).args(["-c", PROGRAM]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

#[test]
fn figures_agree_with_scikit_learn_numpy_and_scipy() {
    let scores = scores();
    let rows: Vec<Vec<Option<f64>>> = scores.tasks.iter().map(|task| task.cells.concat()).collect();
    let values: Vec<f64> = (0..40).map(|n| f64::from(n * n % 37) / 37.0).collect();
    let expected = python(&json!({
        "scores": rows,
        "lower": scores.tasks.iter().map(|task| task.direction == Direction::Minimize).collect::<Vec<_>>(),
        "baselines": scores.tasks.iter().map(|task| task.baseline).collect::<Vec<_>>(),
        "values": values,
    }));
    let close = |ours: &[f64], theirs: &[f64], within: f64, what: &str| {
        assert_eq!(ours.len(), theirs.len(), "{what}");
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() < within, "{what}: {ours} and {theirs}");
        }
    };

    let shares = Battles::of(&scores, OverSeeds::Mean).win_shares();
    let points: Vec<Vec<f64>> =
        shares.iter().map(|row| row.iter().map(|share| 30.0 * share.unwrap_or(0.0)).collect()).collect();
    close(&ratings(&points, &[true; 8], 1.0).unwrap(), &numbers(&expected["elo"]), 0.01, "Elo");

    for (rule, name) in [(AupRule::MleDojo, "dojo"), (AupRule::Mlgym, "gym")] {
        let areas: Vec<f64> = profile(&scores, OverSeeds::Mean, rule).aup.into_iter().flatten().collect();
        close(&areas, &numbers(&expected[name]), 1e-9, name);
    }

    let mean = |indices: &[usize]| indices.iter().map(|&n| values[n]).sum::<f64>() / indices.len() as f64;
    let bootstrap = Bootstrap { resamples: 20_000, ..Bootstrap::default() };
    let interval = bootstrap.interval(values.len(), mean).unwrap();
    close(&[interval.low, interval.high], &numbers(&expected["interval"]), 0.005, "interval");
    let ours = [interquartile_mean(&values).unwrap(), standard_error(&values)];
    close(&ours, &[expected["iqm"].as_f64().unwrap(), expected["sem"].as_f64().unwrap()], 1e-12, "IQM and SEM");
}
