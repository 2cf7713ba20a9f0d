//! `mledojo grade`.

use anyhow::{Result, anyhow};
use mledojo_env::{Grade, Judge, PreparedCompetition};
use mledojo_prepare::Prepared;
use serde_json::json;

use crate::args::GradeArgs;
use crate::exit::Exit;
use crate::output::{print_json, print_text, score};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(args: &GradeArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let competition = workbench::catalog(settings).get(&args.competition)?;
    let (metric, graded) = if let Some(answers) = &args.answers {
        let judge = Judge::new(&competition.spec, competition.leaderboard, args.protocol, answers)?;
        (judge.metric().clone(), judge.grade(&args.submission))
    } else {
        let data = Prepared::open(&settings.competition_dir(&args.competition)).map_err(|error| {
            anyhow!(
                "the answers are not at hand: {error}\nhint: `mledojo prepare {}` makes them, or give `--answers FILE`",
                args.competition
            )
        })?;
        let competition = PreparedCompetition::under(args.protocol, competition, data)?;
        (competition.judge().metric().clone(), competition.judge().grade(&args.submission))
    };
    let direction = metric.direction();
    match graded {
        Ok(grade) => {
            if json {
                print_json(&json!({
                    "valid": true,
                    "score": grade.raw_score,
                    "metric": metric.name(),
                    "direction": direction,
                    "protocol": args.protocol,
                    "human_rank": grade.standing.human_rank,
                    "boards": { "public": grade.standing.public, "private": grade.standing.private },
                    "medal": grade.standing.medal,
                    "note": grade.note,
                }))?;
            } else {
                print_text(&story(&grade, metric.name(), &direction.to_string()))?;
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
