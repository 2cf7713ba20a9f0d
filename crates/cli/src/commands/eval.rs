//! `mledojo eval`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mledojo_eval::{Crew, Experiment, HostCrew, Player, RunError, RunFolder, RunSummary, Runner, Tally};
use mledojo_sandbox::{Cancel, SandboxChoice};
use serde::Serialize;
use serde_json::json;
use toml::{Table, Value};

use crate::args::EvalArgs;
use crate::eval_progress::{EvalProgress, Look};
use crate::exit::Exit;
use crate::feedback::llm_client;
use crate::interrupt::Interrupt;
use crate::output::{print_json, print_text, score, seconds, table};
use crate::player::option_table;
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(args: &EvalArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let directory = directory(args, settings)?;
    let asked = asked(args, settings)?;
    // Whatever is wrong is told before a folder is made; what counts is what holds once it is locked.
    resolve(&directory, &asked, settings)?;
    let lock = RunFolder::lock(&directory)?;
    let experiment = resolve(&directory, &asked, settings)?;
    if args.retry_failed && directory.join("experiment.toml").exists() {
        RunFolder::open(&directory)?.set_aside_agent_errors()?;
    }

    let crew = HostCrew::new(&experiment, workbench::workbench(settings), llm_client(settings)?)?;
    let cancel = Cancel::default();
    let look = match (json, args.quiet) {
        (true, _) => Look::Json,
        (false, true) => Look::Quiet,
        (false, false) => Look::Live,
    };
    let progress = EvalProgress::start(look);
    let observe = |event: &_| progress.show(event);
    let runner = Runner::new(lock, experiment, &crew, cancel.clone(), &observe)?;
    let folder = runner.folder().clone();
    progress.watch(runner.slots());
    let summary = Interrupt::listen()?.cancelling(&[cancel], || runner.run());
    progress.finish();
    report(&folder, &summary, crew.engine().warning().is_none(), json)?;
    Ok(match &summary {
        summary if summary.interrupted => Exit::Interrupted,
        summary if summary.is_success() => Exit::Ok,
        _ => Exit::Failure,
    })
}

/// Where the run is.
fn directory(args: &EvalArgs, settings: &Settings) -> Result<PathBuf> {
    match (&args.out, &args.experiment) {
        (Some(out), _) => Ok(std::path::absolute(out)?),
        (None, Some(file)) => Ok(settings.named_run_dir(file.file_stem().unwrap_or(file.as_os_str()))),
        // clap asks for one of them.
        (None, None) => anyhow::bail!("expected `--out` or an experiment's file"),
    }
}

/// What the file and the flags ask for, by the keys of an experiment's file; sets as their competitions.
fn asked(args: &EvalArgs, settings: &Settings) -> Result<Vec<Table>> {
    let mut asked = vec![sandbox(settings)?];
    if let Some(file) = &args.experiment {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
        asked.push(Experiment::read_table(&text, file)?);
    }
    asked.push(flags(args)?);
    for table in &mut asked {
        if let Some(Value::Array(names)) = table.get_mut("competitions") {
            let slugs: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            *names = workbench::catalog(settings).select(&slugs)?.into_iter().map(Value::from).collect();
        }
    }
    Ok(asked)
}

fn flags(args: &EvalArgs) -> Result<Table> {
    let mut table = Table::new();
    let agents = args.agents.iter().map(|agent| Experiment::agent_in_folder(agent, Path::new("")));
    let lists = [
        ("agents", agents.collect::<Result<_, RunError>>()?),
        ("models", args.models.clone()),
        ("competitions", args.competitions.clone()),
    ];
    for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        table.insert(key.to_owned(), Value::try_from(list)?);
    }
    let time = |time: Option<std::time::Duration>| time.map(|time| humantime::format_duration(time).to_string());
    put(&mut table, "seeds", args.seeds)?;
    put(&mut table, "parallel", args.parallel)?;
    put(&mut table, "slots", args.slots)?;
    put(&mut table, "retries", args.retries)?;
    put(&mut table, "budget_usd", args.budget_usd)?;
    put(&mut table, "reward", args.reward)?;
    let mut limits = Table::new();
    put(&mut limits, "steps", args.steps)?;
    put(&mut limits, "time", time(args.time))?;
    put(&mut limits, "working_time", time(args.working_time))?;
    put(&mut limits, "tokens", args.token_limit)?;
    put(&mut limits, "cost_usd", args.cost_limit)?;
    let agent = option_table(&args.option)?;
    let mut judging = Table::new();
    put(&mut judging, "protocol", args.judging.protocol)?;
    put(&mut judging, "public_fraction", args.judging.public_fraction)?;
    let mut code = args.limits.code_limits();
    code.gpus.clone_from(&args.gpu);
    code.gpu_memory = args.gpu_memory;
    let hosts = (!args.allow_host.is_empty()).then(|| args.allow_host.clone());
    let mut network = Table::new();
    put(&mut network, "allow", hosts)?;
    for (key, part) in [
        ("limits", limits),
        ("agent", agent),
        ("judging", judging),
        ("code", Table::try_from(code)?),
        ("network", network),
    ] {
        table.insert(key.to_owned(), part.into());
    }
    Ok(table)
}

fn put<T: Serialize>(table: &mut Table, key: &str, value: Option<T>) -> Result<()> {
    if let Some(value) = value {
        table.insert(key.to_owned(), Value::try_from(value)?);
    }
    Ok(())
}

/// The sandbox, where another than the default is chosen for all commands: it must not be passed over silently.
fn sandbox(settings: &Settings) -> Result<Table> {
    let (name, mut table) = (settings.sandbox.name(), Table::new());
    if name != SandboxChoice::default().name() {
        put(&mut table, "sandbox", Some(name))?;
        put(&mut table, "image", settings.image.as_ref().filter(|_| name == "container"))?;
    }
    Ok(table)
}

/// What new runs have where nothing is asked for: what `mledojo.toml` says.
fn usual(settings: &Settings) -> Result<Table> {
    let mut table = Table::new();
    put(&mut table, "code", Some(settings.limits.code_limits()))?;
    let mut judging = Table::new();
    put(&mut judging, "protocol", settings.judging.protocol)?;
    put(&mut judging, "public_fraction", settings.judging.public_fraction)?;
    table.insert("judging".to_owned(), judging.into());
    if let Some(list) = settings.network(&[]).allow_list() {
        table.insert("network".to_owned(), Value::try_from(json!({ "allow": list.hosts }))?);
    }
    Ok(table)
}

/// The experiment that is asked for, over what the folder has of it; refused where finished episodes speak against it.
fn resolve(directory: &Path, asked: &[Table], settings: &Settings) -> Result<Experiment> {
    let earlier = match RunFolder::open(directory) {
        Ok(folder) => Some(folder),
        Err(RunError::NoRun(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let before = earlier.as_ref().map(RunFolder::experiment);
    let experiment = Experiment::resolve(asked.iter().cloned(), before, usual(settings)?)?;
    if let Some(folder) = &earlier {
        experiment.check_unchanged(folder.experiment(), folder.outcomes()?.len())?;
    }
    workbench::catalog(settings).select(&experiment.competitions)?;
    experiment.competitions.iter().try_for_each(|slug| workbench::check_data(slug, settings))?;
    Ok(experiment)
}

/// What the run came to: a row a player, then what is left.
fn report(folder: &RunFolder, summary: &RunSummary, isolated: bool, json: bool) -> Result<()> {
    let tallies = Tally::of(&folder.outcomes()?);
    let directory = folder.directory().display().to_string();
    if json {
        return print_json(&json!({ "event": "summary", "run": directory, "summary": summary, "players": tallies }));
    }
    let header =
        ["player", "finished", "HumanRank", "gold/silver/bronze", "no grade", "steps", "time", "tokens", "cost"];
    let rows = tallies.iter().map(row).collect();
    let mut text = format!("{}\n", table(&header, rows));
    if !isolated {
        text.push_str("NOT ISOLATED: the code could read the answers, so these scores prove nothing\n");
    }
    for failure in &summary.failed {
        text.push_str(&format!("failed: {}: {}\n", failure.episode, failure.error));
    }
    if let Some(reason) = &summary.stopped {
        text.push_str(&format!("stopped: {reason}\n"));
    }
    text.push_str(&format!("\n{} of {} episodes finished", summary.finished, summary.episodes));
    if summary.agent_errors > 0 {
        let count = summary.agent_errors;
        text.push_str(&format!(", {count} of them by a fault of the agent (`--retry-failed` begins them anew)"));
    }
    text.push_str(&format!("\nrun: {directory}\n"));
    if summary.finished < summary.episodes {
        text.push_str("the same command goes on with the others\n");
    }
    if summary.finished > 0 {
        text.push_str(&format!("next: mledojo report {directory}\n"));
    }
    print_text(&text)
}

fn row(tally: &Tally) -> Vec<String> {
    let player = Player { agent: tally.agent.clone(), model: tally.model.clone() };
    let [gold, silver, bronze] = tally.medals;
    vec![
        player.to_string(),
        tally.finished.to_string(),
        score(tally.human_rank),
        format!("{gold}/{silver}/{bronze}"),
        tally.ungraded.to_string(),
        tally.steps.to_string(),
        seconds(tally.seconds),
        tally.usage.total().to_string(),
        tally.cost_usd.map_or_else(|| "unknown".to_owned(), |cost| format!("${cost:.2}")),
    ]
}
