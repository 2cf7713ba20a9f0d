//! `mledojo run`.

use std::path::Path;

use anyhow::Result;
use mledojo_agents::{Agent, AgentSpec, play, restore};
use mledojo_env::{Budget, EnvConfig, Environment, Episode, Observation, ResetOptions};
use serde_json::json;

use crate::args::RunArgs;
use crate::exit::Exit;
use crate::feedback::Reviewers;
use crate::interrupt::Interrupt;
use crate::output::{print_json, print_text};
use crate::progress::PlayProgress;
use crate::settings::Settings;
use crate::{summary, workbench};

pub(crate) fn run(args: &RunArgs, settings: &Settings, json: bool) -> Result<Exit> {
    match (&args.resume, &args.competition) {
        (Some(directory), _) => resume(directory, args, settings, json),
        (None, Some(slug)) => begin(slug, args, settings, json),
        // clap asks for one of them.
        (None, None) => Ok(Exit::Failure),
    }
}

fn begin(slug: &str, args: &RunArgs, settings: &Settings, json: bool) -> Result<Exit> {
    // The episode must find its script again from any folder.
    let spec = match &args.agent {
        AgentSpec::Script(file) => AgentSpec::Script(std::path::absolute(file)?),
        spec => spec.clone(),
    };
    let agent = spec.build(args.seed)?;
    let reviewers = Reviewers::new(&args.feedback, spec == AgentSpec::Stdin, settings)?;
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
    go_on(&mut environment, agent, &spec, first, &directory, settings, json)
}

fn resume(directory: &Path, args: &RunArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let episode = Episode::open(directory)?;
    let header = &episode.header;
    let spec: AgentSpec = header.agent.parse().map_err(anyhow::Error::msg)?;
    let mut agent = spec.build(header.seed)?;
    let reviewers = Reviewers::new(&args.feedback, spec == AgentSpec::Stdin, settings)?;
    let (engine, competition) = workbench::of_episode(header, settings)?;
    let mut environment = Environment::new(competition, engine, header.config.clone());
    reviewers.join(&mut environment, Some(&episode))?;
    let latest = environment.resume(directory)?;
    if environment.ended().is_none() {
        restore(agent.as_mut(), environment.first_observation()?, &episode)?;
    }
    go_on(&mut environment, agent, &spec, latest, directory, settings, json)
}

fn go_on(
    environment: &mut Environment,
    mut agent: Box<dyn Agent>,
    spec: &AgentSpec,
    latest: Observation,
    directory: &Path,
    settings: &Settings,
    json: bool,
) -> Result<Exit> {
    let slug = environment.competition().spec().slug.clone();
    let line = PlayProgress::start().line(&slug, &spec.to_string(), environment.config().budget.steps);
    let interrupt = Interrupt::listen()?;
    let canceller = environment.canceller();
    let played = interrupt
        .cancelling(&[canceller], || play(environment, agent.as_mut(), latest, &mut |event| line.show(&event)));
    line.finish();
    let interrupted = played?.cancelled;
    let summary = summary::read(directory)?;
    if json {
        print_json(&json!({ "interrupted": interrupted, "directory": directory, "episode": summary }))?;
    } else {
        print_text(&summary::table(std::slice::from_ref(&summary), &workbench::catalog(settings)))?;
        print_text(&format!("\nepisode: {}\n", directory.display()))?;
        if interrupted {
            print_text(&format!("interrupted; go on with `mledojo run --resume {}`\n", directory.display()))?;
        }
    }
    Ok(if interrupted { Exit::Interrupted } else { Exit::Ok })
}
