//! `mledojo demo`: everything at once, for a first look.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use mledojo_agents::{AgentSpec, play};
use mledojo_env::{Budget, Engine, EnvConfig, Environment, PreparedCompetition, ResetOptions};
use serde_json::json;

use crate::args::DemoArgs;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::limits::LimitArgs;
use crate::output::{print_json, print_text};
use crate::progress::{PlayLine, PlayProgress};
use crate::settings::Settings;
use crate::{summary, workbench};

/// One episode of the demo, ready to be played.
struct Seat {
    environment: Environment,
    agent: AgentSpec,
    line: PlayLine,
}

pub(crate) fn run(args: &DemoArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let slugs = workbench::catalog(settings).select(&args.competitions)?;
    slugs.iter().try_for_each(|slug| workbench::check_data(slug, settings))?;
    let runtime = workbench::runtime(settings)?;
    let engine = workbench::engine(runtime, settings)?;
    let judging = args.judging.over(settings.judging);
    let competitions = slugs
        .iter()
        .map(|slug| {
            workbench::prepared_competition(
                slug,
                |spec| judging.judging(spec),
                settings,
                engine.runtime(),
                Some(&engine),
            )
        })
        .collect::<Result<Vec<Arc<PreparedCompetition>>>>()?;
    let directory = args.output.clone().unwrap_or_else(|| settings.new_run_dir("demo"));
    let progress = PlayProgress::start();
    let seats: Vec<Seat> =
        competitions.iter().map(|competition| seat(competition, &engine, args, settings, &progress)).collect();

    let interrupt = Interrupt::listen()?;
    let cancels: Vec<_> = seats.iter().map(|seat| seat.environment.canceller()).collect();
    let played: Vec<Result<bool>> = interrupt.cancelling(&cancels, || {
        std::thread::scope(|scope| {
            let players: Vec<_> =
                seats.into_iter().map(|seat| scope.spawn(|| sit(seat, args.seed, &directory))).collect();
            players
                .into_iter()
                .map(|player| player.join().unwrap_or_else(|_| Err(anyhow!("the player's thread panicked"))))
                .collect()
        })
    });
    let interrupted = played.into_iter().collect::<Result<Vec<bool>>>()?.contains(&false);

    let episodes: Vec<_> = slugs.iter().map(|slug| directory.join(slug)).collect();
    let begun = episodes.iter().filter(|episode| episode.exists());
    let summaries = begun.map(|episode| summary::read(episode)).collect::<Result<Vec<_>>>()?;
    if json {
        print_json(&json!({ "interrupted": interrupted, "directory": directory, "episodes": summaries }))?;
    } else {
        print_text(&summary::table(&summaries, &workbench::catalog(settings)))?;
        print_text(&format!("\nrun: {}\n", directory.display()))?;
        if interrupted {
            print_text("interrupted; `mledojo run --resume` goes on with each of the episodes below it\n")?;
        } else if let Some(slug) = slugs.first() {
            print_text(&format!("next: mledojo episode show {}\n", directory.join(slug).display()))?;
        }
    }
    if interrupted {
        return Ok(Exit::Interrupted);
    }
    if let Some(summary) = summaries.iter().find(|summary| summary.best.is_none()) {
        bail!("no submission of `{}` was graded; `mledojo episode show` tells why", summary.competition);
    }
    Ok(Exit::Ok)
}

fn seat(
    competition: &Arc<PreparedCompetition>,
    engine: &Arc<Engine>,
    args: &DemoArgs,
    settings: &Settings,
    progress: &PlayProgress,
) -> Seat {
    let config = EnvConfig {
        budget: Budget { steps: Some(args.steps), seconds: Some(1800.0) },
        limits: settings.limits.over(&LimitArgs::default()),
        ..EnvConfig::default()
    };
    let agent = AgentSpec::Baseline;
    let line = progress.line(&competition.spec().slug, &agent.to_string(), config.budget.steps);
    let environment = Environment::new(Arc::clone(competition), Arc::clone(engine), config);
    Seat { environment, agent, line }
}

/// Plays one episode. `false`: it was interrupted.
fn sit(mut seat: Seat, seed: u64, directory: &Path) -> Result<bool> {
    let mut agent = seat.agent.build(seed)?;
    let slug = seat.environment.competition().spec().slug.clone();
    let options = ResetOptions { directory: directory.join(slug), seed, agent: seat.agent.to_string() };
    let first = seat.environment.reset(options)?;
    let played = play(&mut seat.environment, agent.as_mut(), first, &mut |event| seat.line.show(&event));
    seat.line.finish();
    Ok(!played?.cancelled)
}
