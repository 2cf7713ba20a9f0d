//! `mledojo episode`.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use mledojo_env::{Environment, Episode, EpisodeSummary, Judging, ResetOptions, RunInfo, StepRecord, replay};
use mledojo_metrics::Protocol;
use mledojo_sandbox::SandboxRecord;
use serde_json::json;

use crate::args::EpisodeCommand;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::output::{bytes, print_json, print_text, score, seconds};
use crate::settings::Settings;
use crate::{summary, workbench};

pub(crate) fn run(command: &EpisodeCommand, settings: &Settings, json: bool) -> Result<Exit> {
    match command {
        EpisodeCommand::Show { directory, code } => show(directory, *code, settings, json),
        EpisodeCommand::Replay { directory, output } => again(directory, output.as_deref(), settings, json),
    }
}

fn show(directory: &Path, code: bool, settings: &Settings, json: bool) -> Result<Exit> {
    let episode = Episode::open(directory)?;
    let summary = EpisodeSummary::read(&episode)?;
    if json {
        let steps = episode.steps()?.collect::<Result<Vec<_>, _>>()?;
        print_json(&json!({ "header": episode.header, "summary": summary, "steps": steps }))?;
        return Ok(Exit::Ok);
    }
    let header = &episode.header;
    print_text(&format!(
        "{} played by {} (seed {}), begun {}\n",
        header.competition, header.agent, header.seed, header.created_at
    ))?;
    print_text(&format!("sandbox: {}\n", sandbox(&header.sandbox)))?;
    print_text(&format!("judged by: {}\n", judging(header.judging)))?;
    for record in episode.steps()? {
        print_text(&story(&episode, &record?, code)?)?;
    }
    let end = match (summary.terminated, summary.truncated) {
        (true, _) => "The agent declared itself done.",
        (_, true) => "The budget was used up.",
        _ => "The episode has not ended; `mledojo run --resume` goes on with it.",
    };
    print_text(&format!("\n{end}\n\n{}", summary::table(&[summary], &workbench::catalog(settings))))?;
    Ok(Exit::Ok)
}

/// In what the code ran, with what that means for the scores.
fn sandbox(record: &SandboxRecord) -> String {
    let image = record.image.as_ref().map(|image| format!(", image {image}")).unwrap_or_default();
    let warning = if record.isolated { "" } else { " (NOT ISOLATED: the code could read the answers)" };
    format!("{}{image}{warning}", record.name)
}

/// Whose rules, and which rows.
fn judging(judging: Judging) -> String {
    let rules = match judging.protocol {
        Protocol::Corrected => "protocol corrected",
        Protocol::MleDojo => "protocol mle-dojo",
    };
    if judging.public_fraction >= 1.0 {
        return rules.to_owned();
    }
    format!("{rules}; the score on {:.0} % of the rows is shown, the others decide", 100.0 * judging.public_fraction)
}

/// One step as a paragraph.
fn story(episode: &Episode, record: &StepRecord, code: bool) -> Result<String> {
    let observation = &record.observation;
    let mut text = format!("\nstep {} · {}", record.step, record.call.action);
    if let Some(info_type) = record.call.params.get("info_type").and_then(|value| value.as_str()) {
        let _ = write!(text, " {info_type}");
    }
    let _ = write!(text, " · {:?} · {}", observation.action_status, seconds(record.info.seconds));
    if let (Some(current), Some(_)) = (&observation.current, &record.info.submission_sha256) {
        let _ = write!(text, " · score {} · HumanRank {:.4}", score(current.raw_score), current.standing.human_rank);
    }
    if let Some(held_out) = &record.info.held_out {
        let _ = write!(text, " · held out {}", score(held_out.raw_score));
    }
    let _ = writeln!(text, " · reward {:.4}", record.reward);
    if code && let Some(source) = episode.call(record)?.params.get("code").and_then(|code| code.as_str()) {
        text.push_str(&indented(source, usize::MAX));
    }
    if let Some(run) = &record.info.run {
        let _ = writeln!(text, "    {}", used(run));
    }
    if let Some(base) = observation.feedback.get("base") {
        text.push_str(&indented(&base.text, 30));
    }
    for (name, feedback) in observation.feedback.iter().filter(|(name, _)| *name != "base") {
        let _ = writeln!(text, "    [{name}]");
        text.push_str(&indented(&feedback.text, 30));
    }
    Ok(text)
}

/// What a run used, on one line.
fn used(run: &RunInfo) -> String {
    let mut text = format!(
        "used {} of CPU ({} in the kernel) in {}",
        seconds(run.cpu_seconds),
        seconds(run.system_cpu_seconds),
        seconds(run.wall_seconds)
    );
    if let Some(memory) = run.peak_memory {
        let _ = write!(text, ", {} of memory", bytes(memory));
    }
    let output = run.stdout_bytes + run.stderr_bytes;
    let _ = write!(text, "; printed {}", bytes(output));
    let disk = run.disk.unwrap_or_default();
    if disk.changed_files > 0 {
        let _ = write!(text, "; left {} in {} that it wrote", bytes(disk.changed_bytes), files(disk.changed_files));
    }
    if disk.work_files > 0 {
        let _ = write!(text, "; the working folder has {} in {}", bytes(disk.work_bytes), files(disk.work_files));
    }
    text
}

fn files(count: u64) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// The first lines of a text, each set in. Control characters of agents' output are shown, not obeyed.
fn indented(text: &str, most: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let mut shown = String::new();
    for line in lines.iter().take(most) {
        let clean: String = line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect();
        let _ = writeln!(shown, "    {clean}");
    }
    if lines.len() > most {
        let _ = writeln!(shown, "    [and {} more lines]", lines.len() - most);
    }
    shown
}

fn again(directory: &Path, output: Option<&Path>, settings: &Settings, json: bool) -> Result<Exit> {
    let episode = Episode::open(directory)?;
    let header = &episode.header;
    let (engine, competition) = workbench::of_episode(header, settings)?;
    let mut environment = Environment::new(competition, engine, header.config.clone());
    let temporary = tempfile::tempdir()?;
    let target = output.map_or_else(|| temporary.path().join("replay"), Path::to_owned);
    let options = ResetOptions { directory: target, seed: header.seed, agent: format!("replay of {}", header.agent) };
    let canceller = environment.canceller();
    let differences = Interrupt::listen()?.cancelling(&[canceller], || {
        replay(&episode, &mut environment, options, &mut |record, differences| {
            let verdict = if differences.is_empty() { "same" } else { "DIFFERS" };
            eprintln!("step {} {}: {verdict}", record.step, record.call.action);
        })
    })?;
    if json {
        print_json(&json!({ "same": differences.is_empty(), "differences": differences }))?;
    } else if differences.is_empty() {
        print_text("the replay came out the same\n")?;
    } else {
        for difference in &differences {
            let (step, field) = (difference.step, difference.field);
            print_text(&format!("step {step}: {field} was {}, now {}\n", difference.recorded, difference.replayed))?;
        }
    }
    Ok(if differences.is_empty() { Exit::Ok } else { Exit::Failure })
}
