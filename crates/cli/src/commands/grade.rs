//! `mledojo grade`.

use anyhow::{Result, anyhow};
use mledojo_catalog::Medal;
use mledojo_env::{Grade, Grades, Judge, PreparedCompetition};
use mledojo_metrics::{Direction, Metric, Protocol};
use mledojo_prepare::Prepared;
use mledojo_sandbox::Cancel;
use serde::Serialize;
use serde_json::{Value, json};

use crate::args::GradeArgs;
use crate::exit::Exit;
use crate::output::{print_json, print_text, score};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(args: &GradeArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let competition = workbench::catalog(settings).get(&args.competition)?;
    let judging = args.judging.over(settings.judging).judging(&competition.spec);
    let engine = match competition.spec.metric_of(judging.protocol) {
        Metric::Python { .. } => Some(workbench::engine(workbench::runtime(settings)?, settings)?),
        _ => None,
    };
    let prepared;
    let own;
    let (judge, grades) = if let Some(answers) = &args.answers {
        let (judge, grades) = Judge::grade_once(&competition, judging, answers, &args.submission, engine.as_ref())?;
        own = judge;
        (&own, grades)
    } else {
        let data = Prepared::open(&settings.competition_dir(&args.competition)).map_err(|error| {
            anyhow!(
                "the answers are not at hand: {error}\nhint: `mledojo prepare {}` makes them, or give `--answers FILE`",
                args.competition
            )
        })?;
        prepared = PreparedCompetition::judged(judging, competition, data, engine.as_ref())?;
        let judge = prepared.judge();
        (judge, judge.grade(&args.submission, &Cancel::default())?)
    };
    let (metric, direction) = (judge.metric().name(), judge.metric().direction());
    match grades {
        Ok(Grades { shown, held_out }) => {
            if json {
                print_json(&Page {
                    valid: true,
                    grade: Placed::of(&shown),
                    metric,
                    direction,
                    protocol: judging.protocol,
                    public_fraction: judging.public_fraction,
                    held_out: held_out.as_ref().map(Placed::of),
                })?;
            } else {
                print_text(&story(&shown, metric, &direction.to_string()))?;
                if let Some(held_out) = held_out {
                    print_text(&format!(
                        "\nthe rows that are held out:\n{}",
                        story(&held_out, metric, &direction.to_string())
                    ))?;
                }
            }
            Ok(Exit::Ok)
        }
        Err(rejection) => {
            if json {
                print_json(&json!({ "valid": false, "error": rejection }))?;
            } else {
                print_text(&format!("invalid submission: {rejection}\n"))?;
            }
            Ok(Exit::InvalidSubmission)
        }
    }
}

/// What `--json` prints of a valid submission.
#[derive(Serialize)]
struct Page<'a> {
    valid: bool,
    #[serde(flatten)]
    grade: Placed<'a>,
    metric: &'a str,
    direction: Direction,
    protocol: Protocol,
    public_fraction: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_out: Option<Placed<'a>>,
}

/// A score and where it stands.
#[derive(Serialize)]
struct Placed<'a> {
    score: f64,
    human_rank: f64,
    boards: Value,
    medal: Option<Medal>,
    note: Option<&'a str>,
}

impl<'a> Placed<'a> {
    fn of(grade: &'a Grade) -> Self {
        let standing = &grade.standing;
        Self {
            score: grade.raw_score,
            human_rank: standing.human_rank,
            boards: json!({ "public": standing.public, "private": standing.private }),
            medal: standing.medal,
            note: grade.note.as_deref(),
        }
    }
}

fn story(grade: &Grade, metric: &str, direction: &str) -> String {
    let mut text = format!("{metric} ({direction}): {}\n", score(grade.raw_score));
    for (name, placing) in [("private", grade.standing.private), ("public", grade.standing.public)] {
        if let Some(placing) = placing {
            text.push_str(&format!("{name} board: position {} of {}\n", placing.position, placing.teams));
        }
    }
    text.push_str(&format!("HumanRank: {:.4}\n", grade.standing.human_rank));
    if let Some(medal) = grade.standing.medal {
        text.push_str(&format!("medal: {medal}\n"));
    }
    if let Some(note) = &grade.note {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}
