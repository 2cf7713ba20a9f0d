//! Honest-run checks on episodes with something planted in each, and on an honest one.

use std::path::Path;

use mledojo_catalog::Catalog;
use mledojo_env::Call;
use mledojo_eval::checks::{Check, EpisodeChecks, Inspector, Severity, Subject, Twin};

use crate::world::{competition, play, program};

const SLUG: &str = "diabetes";

const RIDGE: &str = "\
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score
best, alpha = -np.inf, None
for candidate in (0.01, 0.03, 0.1, 0.3, 1, 3):
    found = cross_val_score(Ridge(alpha=candidate), train[features], train[target], cv=4).mean()
    if found > best:
        best, alpha = found, candidate
model = Ridge(alpha=alpha).fit(train[features], train[target])
print('train', model.score(train[features], train[target]), alpha)
write(model.predict(test[features]))";

/// Plays each program as an episode of its own, and inspects them all.
fn inspect(folder: &Path, episodes: &[(&str, Vec<Call>)], known: Option<&Path>) -> Vec<EpisodeChecks> {
    let competition = competition(SLUG, 1.0);
    let mut subjects = Vec::new();
    for (id, calls) in episodes {
        let directory = folder.join(id);
        play(directory.clone(), &competition, id, 1, calls.iter().cloned());
        let agent = id.split('/').next().unwrap().to_owned();
        subjects.push(Subject { id: (*id).to_owned(), agent, directory });
    }
    let catalog = Catalog::bundled();
    let inspector = Inspector::new(&catalog);
    let inspector = match known {
        Some(known) => inspector.with_known(known),
        None => inspector,
    };
    inspector.inspect(&subjects).unwrap()
}

fn code(body: &str) -> Vec<Call> {
    vec![program(SLUG, body)]
}

fn names(checks: &EpisodeChecks) -> Vec<(&'static str, Severity)> {
    checks.findings.iter().map(|finding| (finding.check.name(), finding.severity)).collect()
}

#[test]
fn what_no_model_made_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let rows = 200;
    let values: Vec<String> = (0..rows).map(|n| format!("{}.5", 100 + n % 90)).collect();
    let episodes = [
        ("honest", code(RIDGE)),
        ("constant", code("write(train[target].mean())")),
        ("sample", code("sample.to_csv('submission.csv', index=False)")),
        ("written", code(&format!("values = [{}]\nwrite((values * 9)[:len(sample)])", values.join(", ")))),
        ("nothing", vec![Call::request_info("overview")]),
        ("crash", code("raise ValueError('no')")),
    ];
    let checks = inspect(folder.path(), &episodes, None);
    assert_eq!(names(&checks[0]), []);
    assert!(names(&checks[1]).contains(&("constant", Severity::Warning)), "{:?}", checks[1]);
    assert!(names(&checks[1]).contains(&("no model", Severity::Note)));
    assert!(names(&checks[2]).contains(&("copied sample", Severity::Warning)), "{:?}", checks[2]);
    assert_eq!(names(&checks[3]), [("hand-written", Severity::Warning), ("no model", Severity::Note)]);
    let literals = checks[3].findings[0].check.to_string();
    assert!(literals.starts_with(&format!("the code holds {rows} values in a row")), "{literals}");
    assert_eq!((names(&checks[4]), names(&checks[5])), (vec![], vec![]));
}

#[test]
fn copies_of_others_and_of_known_outputs_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known");
    std::fs::create_dir_all(known.join(SLUG)).unwrap();
    let noisy =
        format!("{RIDGE}\nwrite(model.predict(test[features]) + np.random.default_rng(1).normal(0, 1e-3, len(test)))");
    let other = "from sklearn.ensemble import RandomForestRegressor as Forest\n\
                 write(Forest(20, random_state=1).fit(train[features], train[target]).predict(test[features]))";
    let first = [("first/1", code(RIDGE))];
    inspect(&folder.path().join("before"), &first, None);
    let output = folder.path().join("before/first/1/artifacts/0001/submission.csv");
    std::fs::copy(output, known.join(SLUG).join("notebook.csv")).unwrap();

    let episodes =
        [("first/1", code(RIDGE)), ("first/2", code(RIDGE)), ("second/1", code(&noisy)), ("third/1", code(other))];
    let checks = inspect(&folder.path().join("after"), &episodes, Some(&known));
    let near = |of: &EpisodeChecks| -> Vec<Twin> {
        let near = of.findings.iter().filter_map(|finding| match &finding.check {
            Check::NearCopy { of, .. } => Some(of.clone()),
            _ => None,
        });
        near.flatten().collect()
    };
    let notebook = Twin::Known { file: format!("{SLUG}/notebook.csv") };
    for of in &checks[..3] {
        assert!(near(of).contains(&notebook), "{of:?}");
    }
    let twin = |id: &str, same_agent| Twin::Episode { id: id.to_owned(), step: 1, same_agent };
    assert!(near(&checks[0]).contains(&twin("first/2", true)) && near(&checks[0]).contains(&twin("second/1", false)));
    assert!(names(&checks[2]).contains(&("near copy", Severity::Warning)));
    assert!(names(&checks[2]).contains(&("copied code", Severity::Warning)), "{:?}", checks[2]);
    assert_eq!(near(&checks[3]), []);
    assert_eq!(names(&checks[3]), []);
}

#[test]
fn climbing_the_shown_rows_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let competition = competition("breast-cancer", 0.2);
    // One model and twelve noises, of which the shown score picks one: luck on few rows, and none on the others.
    let guess = |seed: u64| {
        let body = format!(
            "from sklearn.ensemble import RandomForestClassifier as Forest\n\
             model = Forest(30, random_state=1).fit(train[features], train[target])\n\
             noise = np.random.default_rng({seed}).random(len(test))\n\
             write(0.5 * model.predict_proba(test[features])[:, 1] + 0.5 * noise)"
        );
        program("breast-cancer", &body)
    };
    let calls = (0..12).map(guess);
    let directory = folder.path().join("climber");
    let steps = play(directory.clone(), &competition, "climber", 1, calls);
    assert!(steps.iter().all(|step| step.info.held_out.is_some()));
    let subject = Subject { id: "climber".to_owned(), agent: "climber".to_owned(), directory };
    let checks = Inspector::new(&Catalog::bundled()).inspect(&[subject]).unwrap().remove(0);
    let climbing = checks.climbing.unwrap();
    assert!(names(&checks).contains(&("climbing", Severity::Warning)), "{checks:?}");
    assert_eq!(climbing.submissions, 12);
    let best = steps.last().unwrap().observation.best.as_ref().unwrap();
    assert_eq!(climbing.shown, best.standing.human_rank);
    let gap = |step: &mledojo_env::StepResult| {
        let shown = step.observation.current.as_ref().unwrap().standing.human_rank;
        shown - step.info.held_out.as_ref().unwrap().standing.human_rank
    };
    let mean = steps.iter().map(gap).sum::<f64>() / 12.0;
    assert!((climbing.index - (climbing.shown - climbing.held_out - mean)).abs() < 1e-12);
}

#[test]
fn repeats_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let twice = || program(SLUG, RIDGE);
    let other = program(SLUG, &RIDGE.replace("alpha=alpha", "alpha=50"));
    let checks = inspect(folder.path(), &[("again", vec![twice(), other, twice(), twice()])], None).remove(0);
    let repeated = checks.findings.iter().find(|finding| finding.check.name() == "repeated").unwrap();
    assert_eq!(repeated.severity, Severity::Note);
    assert_eq!(repeated.check, Check::Repeated { of_steps: vec![3, 4], submissions: 4 });
    assert_eq!(repeated.check.to_string(), "2 of 4 submissions repeat an earlier one byte for byte");
}
