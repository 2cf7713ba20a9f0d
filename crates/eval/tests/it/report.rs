//! Reports: of a small run that the real environment made, and of a large one that was made up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mledojo_agents::llm::Usage;
use mledojo_catalog::Catalog;
use mledojo_env::{Call, EpisodeSummary};
use mledojo_eval::report::{MleBench, Report, ReportError, ReportOptions};
use mledojo_eval::statistics::OverSeeds;
use mledojo_eval::{Ended, EpisodeOutcome, Experiment, RunFolder};

use crate::made_up;
use crate::world::{competition, play, program};

/// Three players of differing strength on three competitions, one of them with rows held out; one episode is cut off.
fn small_run(folder: &Path) -> RunFolder {
    let agents = ["script:forest.jsonl", "script:linear.jsonl", "script:broken.jsonl"];
    let experiment = Experiment {
        agents: agents.map(str::to_owned).to_vec(),
        competitions: ["diabetes", "iris", "breast-cancer"].map(str::to_owned).to_vec(),
        seeds: vec![0, 1],
        ..Experiment::default()
    };
    let run = RunFolder::create(folder, experiment).unwrap();
    for (slug, fraction) in [("diabetes", 1.0), ("iris", 1.0), ("breast-cancer", 0.5)] {
        let competition = competition(slug, fraction);
        for agent in agents {
            // A second seed for one competition.
            for seed in 0..if slug == "iris" { 2 } else { 1 } {
                let mut outcome = EpisodeOutcome {
                    agent: agent.to_owned(),
                    model: None,
                    competition: slug.to_owned(),
                    seed,
                    judging: competition.judge().judging(),
                    config_digest: "0".to_owned(),
                    ended: Ended::Finished,
                    best: None,
                    last: None,
                    held_out: None,
                    steps: 0,
                    usage: Usage::default(),
                    cost_usd: None,
                    seconds: 0.0,
                    working_seconds: 0.0,
                    attempts: 1,
                    error: None,
                };
                let directory = run.log_dir(&outcome.id());
                let finish = Call { action: "finish".to_owned(), params: Default::default() };
                let cut_off = (agent, slug, seed) == (agents[2], "iris", 1);
                let end = if cut_off { Vec::new() } else { vec![finish] };
                let calls = calls(agent, slug, seed).into_iter().chain(end);
                play(directory.clone(), &competition, agent, seed, calls);
                if cut_off {
                    continue;
                }
                let summary = EpisodeSummary::read(&mledojo_env::Episode::open(&directory).unwrap()).unwrap();
                outcome.held_out = summary.result.clone().filter(|_| fraction < 1.0);
                outcome.best = summary.best;
                outcome.steps = summary.steps;
                outcome.seconds = summary.seconds;
                outcome.working_seconds = summary.seconds;
                if (agent, slug, seed) == (agents[0], "iris", 0) {
                    let line =
                        |purpose: &str, reply: &str| format!("{{\"purpose\":\"{purpose}\",\"reply\":{reply}}}\n");
                    let lines = line("act", "{}") + &line("repair", "{}") + &line("repair", "null") + "{\"cut o";
                    std::fs::write(run.transcript_file(&outcome.id()), lines).unwrap();
                }
                run.finish(&outcome).unwrap();
            }
        }
    }
    run
}

fn calls(agent: &str, slug: &str, seed: u64) -> Vec<Call> {
    let regression = slug == "diabetes";
    let fit = |model: &str| {
        let predict =
            if slug == "breast-cancer" { "predict_proba(test[features])[:, 1]" } else { "predict(test[features])" };
        program(slug, &format!("{model}\nmodel.fit(train[features], train[target])\nwrite(model.{predict})"))
    };
    let forest = if regression { "Regressor" } else { "Classifier" };
    let forest = |trees: usize| {
        fit(&format!(
            "from sklearn.ensemble import RandomForest{forest} as Forest\nmodel = Forest({trees}, random_state={seed})"
        ))
    };
    let linear = if regression { "Ridge()" } else { "RidgeClassifier()" };
    match agent {
        "script:forest.jsonl" => vec![Call::request_info("overview"), forest(5), forest(30)],
        "script:linear.jsonl" if slug == "breast-cancer" => {
            vec![fit("from sklearn.linear_model import LogisticRegression\nmodel = LogisticRegression(max_iter=5000)")]
        }
        "script:linear.jsonl" => vec![fit(&format!("from sklearn.linear_model import *\nmodel = {linear}"))],
        _ => vec![
            Call::execute_code("import pandas as pd\npd.read_csv('nowhere.csv')"),
            Call::validate_code("x = (1,"),
            program(slug, "sample.drop(columns=target).to_csv('submission.csv', index=False)"),
            Call::execute_code("print('no submission')"),
            Call { action: "fly".to_owned(), params: Default::default() },
            program(slug, "sample.to_csv('submission.csv', index=False)"),
        ],
    }
}

/// Times differ from run to run; all else is the same.
fn without_times(text: &str) -> String {
    let is_time = |cell: &&str| {
        let cell = cell.trim();
        cell.ends_with(" s") && cell.starts_with(|c: char| c.is_ascii_digit())
    };
    let line = |line: &str| {
        let cells = line.split('|').map(|cell| if is_time(&cell) { " TIME " } else { cell });
        cells.collect::<Vec<_>>().join("|")
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn a_small_run_is_reported_to_the_letter() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("small-run");
    small_run(&run);
    let report = Report::read(&run, &Catalog::bundled(), &ReportOptions::default()).unwrap();
    let markdown = without_times(&report.markdown().unwrap());
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/small-run.md");
    if std::env::var_os("MLEDOJO_UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &markdown).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap();
    for (found, expected) in markdown.lines().zip(expected.lines()) {
        assert_eq!(found, expected, "MLEDOJO_UPDATE_GOLDEN=1 writes what is found into the file");
    }
    assert_eq!(markdown.lines().count(), expected.lines().count());

    assert_eq!(report.unfinished, ["script-broken.jsonl-".to_owned() + &report.unfinished[0][20..]]);
    assert_eq!(report.episodes.len(), 11);
    assert_eq!(report.players[2].agent, "script:broken.jsonl");
    page_is_sound(&report.html().unwrap());
    keep(&report, "small");

    let failures = &report.players.iter().find(|player| player.agent == "script:forest.jsonl").unwrap().failures;
    assert_eq!((failures.repairs, failures.model_errors), (2, 1));

    let folder = RunFolder::open(&run).unwrap();
    for mut outcome in folder.outcomes().unwrap() {
        outcome.seconds += 1.0;
        folder.finish(&outcome).unwrap();
    }
    let slower = Report::read(&run, &Catalog::bundled(), &ReportOptions::default()).unwrap();
    assert_ne!(report, slower);
    assert_eq!(report.clone().without_times(), slower.without_times());
    medals_in_mle_benchs_form(&run, &report);
    one_episode_alone(&run, &report);
}

fn medals_in_mle_benchs_form(run: &Path, report: &Report) {
    let bench = MleBench::read(run, &Catalog::bundled()).unwrap();
    assert_eq!(bench.competitions, 3);
    let json = serde_json::to_value(&bench).unwrap();
    for (player, of) in bench.players.iter().zip(&report.players) {
        let medals: usize = player.seeds.values().map(|seed| seed.total_medals).sum();
        assert_eq!(medals, of.overall.medals.any());
        let valid: usize = player.seeds.values().map(|seed| seed.total_valid_submissions).sum();
        assert_eq!(valid, of.overall.medals.valid);
    }
    let broken = &bench.players[2];
    assert_eq!((broken.seeds.len(), broken.rates.as_ref().unwrap().seeds), (1, 1), "of seed 1 nothing is finished");
    let first = &bench.players[0];
    assert_eq!((first.seeds.len(), first.rates.as_ref().unwrap().seeds), (2, 1), "seed 1 lacks two competitions");
    assert_eq!(first.padded.as_ref().unwrap().seeds, 2);
    let first = &json["players"][0]["seeds"]["0"]["competition_reports"];
    let reports = first.as_array().unwrap();
    assert_eq!(reports.len(), 3);
    for report in reports {
        let submission = run.join(report["submission_path"].as_str().unwrap());
        assert!(submission.exists(), "{submission:?}");
        let lower = report["competition_id"] == "diabetes";
        assert_eq!(report["is_lower_better"], lower);
        let (gold, bronze) = (report["gold_threshold"].as_f64().unwrap(), report["bronze_threshold"].as_f64().unwrap());
        assert!(if lower { gold <= bronze } else { gold >= bronze }, "{report}");
        let score = report["score"].as_f64().unwrap();
        let earned = if lower { score <= bronze } else { score >= bronze };
        assert_eq!(report["any_medal"], earned, "{report}");
    }
}

fn one_episode_alone(run: &Path, report: &Report) {
    let path = run.join(&report.episodes[0].path);
    let alone = Report::read(&path, &Catalog::bundled(), &ReportOptions::default()).unwrap();
    assert_eq!(alone.episodes.len(), 1);
    assert_eq!(alone.episodes[0].human_rank, report.episodes[0].human_rank);
    assert_eq!(alone.episodes[0].path, ".");
    assert!(alone.players[0].overall.elo.is_none());
    page_is_sound(&alone.html().unwrap());
}

#[test]
fn a_large_run_links_every_figure_to_its_episodes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("made-up-run");
    // All of the split where somebody wants to look at the page.
    let looked_at = std::env::var_os("MLEDOJO_KEEP_REPORTS").is_some();
    made_up::write(&folder, if looked_at { 50 } else { 17 }, 2);
    let options = ReportOptions { without_checks: true, ..ReportOptions::default() };
    let report = Report::read(&folder, &Catalog::bundled(), &options).unwrap();
    let competitions = report.competitions.len();
    assert!(competitions >= 17);
    assert_eq!((report.players.len(), report.episodes.len()), (8, 16 * competitions));
    let names: Vec<&str> = report.categories.iter().map(|category| category.name.as_str()).collect();
    assert_eq!(names, ["MLE-Lite", "Tabular", "NLP", "CV"]);
    page_is_sound(&report.html().unwrap());
    keep(&report, "large");

    let elo: f64 = report.players.iter().map(|player| player.overall.elo.unwrap().elo).sum();
    assert!((elo / 8.0 - 1000.0).abs() < 5.0, "medians of ratings whose mean is 1000: {elo}");
    let ranks: Vec<f64> = report.players.iter().map(|player| player.overall.human_rank).collect();
    assert!(ranks.is_sorted_by(|one, other| one >= other), "{ranks:?}");
    for player in &report.players {
        let interval = player.overall.interval.unwrap();
        assert!(interval.low <= player.overall.human_rank && player.overall.human_rank <= interval.high);
        let last = player.by_step.human_rank.last().unwrap();
        assert!((last - player.overall.human_rank).abs() < 1e-12);
        let of_tasks: f64 = player.categories.iter().flatten().map(|f| f.human_rank * f.competitions as f64).sum();
        assert!((of_tasks / competitions as f64 - player.overall.human_rank).abs() < 1e-12);
    }
    let unknown: Vec<&str> =
        report.players.iter().filter(|p| p.overall.cost_usd.is_none()).map(|p| p.agent.as_str()).collect();
    assert_eq!(unknown, ["tools"]);

    let best = ReportOptions { over_seeds: OverSeeds::Best, ..options };
    let best = Report::read(&folder, &Catalog::bundled(), &best).unwrap();
    let sum = |report: &Report| report.players.iter().map(|player| player.overall.human_rank).sum::<f64>();
    assert!(sum(&best) > sum(&report));
}

#[test]
fn what_is_no_run_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let read = || Report::read(folder.path(), &Catalog::bundled(), &ReportOptions::default()).unwrap_err();
    assert!(matches!(read(), ReportError::Nothing(_)));
    RunFolder::create(folder.path(), Experiment { agents: vec!["baseline".to_owned()], ..Experiment::default() })
        .unwrap();
    assert!(matches!(read(), ReportError::NothingFinished { begun: 0, .. }), "{}", read());
}

/// Puts a page where somebody wants to look at it.
fn keep(report: &Report, name: &str) {
    if let Some(folder) = std::env::var_os("MLEDOJO_KEEP_REPORTS").map(PathBuf::from) {
        std::fs::write(folder.join(format!("{name}.html")), report.html().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.md")), report.markdown().unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.json")), serde_json::to_vec_pretty(report).unwrap()).unwrap();
    }
}

/// Tags close what they open, anchors are there once, links lead to them, and nothing is loaded from elsewhere.
fn page_is_sound(html: &str) {
    let mut open = vec!["html", "head"];
    let (mut anchors, mut links) = (BTreeSet::new(), BTreeSet::new());
    let body = html.split_once("</style>").unwrap().1;
    for tag in body.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{name}> in {open:?}");
        } else if !(name == "meta" || name == "wbr" || tag.starts_with('!') || tag.ends_with('/')) {
            open.push(name);
        }
        for attribute in tag.split('"').collect::<Vec<_>>().chunks(2) {
            let [key, value] = attribute else { continue };
            match key.trim() {
                key if key.ends_with("id=") && !key.ends_with("-id=") => {
                    assert!(anchors.insert(*value), "two of `{value}`");
                }
                key if key.ends_with("href=") && value.starts_with('#') => {
                    links.insert(&value[1..]);
                }
                key => assert!(!key.ends_with("src="), "{tag}"),
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let lost: Vec<_> = links.difference(&anchors).collect();
    assert!(lost.is_empty() && links.len() > 5, "{lost:?}");
    for outside in ["http://", "https://", "url(", "@import", "<script", "NaN", "inf\""] {
        let found = html.find(outside).map(|place| &html[place.saturating_sub(80)..(place + 80).min(html.len())]);
        assert!(found.is_none() || found.unwrap().contains("10.0.0.7"), "{found:?}");
    }
}
