//! `mledojo run`.

use std::path::Path;

use anyhow::{Result, bail};
use mledojo_agents::{Agent, AgentSpec, PlayLimits, SavedAgent, play_within, restore};
use mledojo_env::{Budget, EnvConfig, Environment, Episode, Observation, ResetOptions};
use serde_json::json;

use crate::args::RunArgs;
use crate::exit::Exit;
use crate::feedback::Reviewers;
use crate::interrupt::Interrupt;
use crate::output::{print_json, print_text};
use crate::progress::PlayProgress;
use crate::settings::Settings;
use crate::{player, summary, workbench};

pub(crate) fn run(args: &RunArgs, settings: &Settings, json: bool) -> Result<Exit> {
    match (&args.resume, &args.competition) {
        (Some(directory), _) => resume(directory, args, settings, json),
        (None, Some(slug)) => begin(slug, args, settings, json),
        // clap asks for one of them.
        (None, None) => Ok(Exit::Failure),
    }
}

fn begin(slug: &str, args: &RunArgs, settings: &Settings, json: bool) -> Result<Exit> {
    // The episode must find its files again from any folder.
    let spec = args.agent.absolute()?;
    let saved = args.player.saved()?;
    let agent = player::build(&spec, &saved, args.seed, settings)?;
    let reviewers = Reviewers::new(&args.feedback, spec.reads_stdin(), settings)?;
    workbench::check_data(slug, settings)?;
    let runtime = workbench::runtime(settings)?;
    let engine = workbench::engine(runtime, settings)?;
    let judging = args.judging.over(settings.judging);
    let competition =
        workbench::prepared_competition(slug, |spec| judging.judging(spec), settings, engine.runtime(), Some(&engine))?;
    let mut config = EnvConfig {
        budget: Budget { steps: Some(args.steps), seconds: Some(args.time.as_secs_f64()) },
        limits: args.limits.over(&settings.limits),
        reward: args.reward,
        network: settings.network(&args.allow_host),
        ..EnvConfig::default()
    };
    config.limits.gpus.clone_from(&args.gpu);
    config.limits.gpu_memory = args.gpu_memory.map(|mib| mib << 20);
    let mut environment = Environment::new(competition, engine, config);
    let directory = args.output.clone().unwrap_or_else(|| settings.new_run_dir(slug));
    let options = ResetOptions { directory: directory.clone(), seed: args.seed, agent: spec.to_string() };
    reviewers.join(&mut environment, None)?;
    let first = environment.reset(options)?;
    if spec.asks_model() || saved != SavedAgent::default() {
        saved.write(&directory)?;
    }
    let mut player = Player { agent, spec, limits: saved.limits };
    player.agent.keep_in(&directory)?;
    go_on(&mut environment, player, first, &directory, settings, json)
}

fn resume(directory: &Path, args: &RunArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let episode = Episode::open(directory)?;
    let header = &episode.header;
    let spec: AgentSpec = header.agent.parse().map_err(anyhow::Error::msg)?;
    let saved = match SavedAgent::read(directory)? {
        Some(saved) => saved,
        None if spec.asks_model() => {
            bail!("`{}` has no `agent.json`: it was cut off before it began; begin it anew", directory.display())
        }
        None => SavedAgent::default(),
    };
    let mut agent = player::build(&spec, &saved, header.seed, settings)?;
    let reviewers = Reviewers::new(&args.feedback, spec.reads_stdin(), settings)?;
    let (engine, competition) = workbench::of_episode(header, settings)?;
    let mut environment = Environment::new(competition, engine, header.config.clone());
    reviewers.join(&mut environment, Some(&episode))?;
    let latest = environment.resume(directory)?;
    agent.keep_in(directory)?;
    // An agent that keeps files may have to end them; what it asked its model is recorded.
    if environment.ended().is_none() || spec.asks_model() {
        restore(agent.as_mut(), environment.first_observation()?, &episode)?;
    }
    let player = Player { agent, spec, limits: saved.limits };
    go_on(&mut environment, player, latest, directory, settings, json)
}

/// Who plays, and within which limits.
struct Player {
    agent: Box<dyn Agent>,
    spec: AgentSpec,
    limits: PlayLimits,
}

fn go_on(
    environment: &mut Environment,
    player: Player,
    latest: Observation,
    directory: &Path,
    settings: &Settings,
    json: bool,
) -> Result<Exit> {
    let Player { mut agent, spec, limits } = player;
    let slug = environment.competition().spec().slug.clone();
    let line = PlayProgress::start().line(&slug, &spec.to_string(), environment.config().budget.steps);
    let interrupt = Interrupt::listen()?;
    let canceller = environment.canceller();
    let played = interrupt.cancelling(&[canceller], || {
        play_within(environment, agent.as_mut(), latest, &limits, &mut |event| line.show(&event))
    });
    line.finish();
    let played = played?;
    let interrupted = played.cancelled;
    let usage = agent.usage();
    let summary = summary::read(directory)?;
    if json {
        let mut result = json!({ "interrupted": interrupted, "directory": directory, "episode": summary });
        if spec.asks_model() {
            result["limit"] = json!(played.limit);
            result["usage"] = json!(usage);
        }
        print_json(&result)?;
    } else {
        print_text(&summary::table(std::slice::from_ref(&summary), &workbench::catalog(settings)))?;
        if spec.asks_model() {
            print_text(&format!("\n{}\n", player::used(&usage)))?;
        }
        if let Some(limit) = played.limit {
            print_text(&format!("ended by the limit on {limit}\n"))?;
        }
        print_text(&format!("\nepisode: {}\n", directory.display()))?;
        if interrupted {
            print_text(&format!("interrupted; go on with `mledojo run --resume {}`\n", directory.display()))?;
        }
    }
    Ok(if interrupted { Exit::Interrupted } else { Exit::Ok })
}
