//! From settings to the things that commands work with: runtime, catalog, prepared competitions, engine.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use mledojo_catalog::{Catalog, Competition, ExactBoards, Spec};
use mledojo_env::{Engine, EpisodeHeader, Judging, PreparedCompetition, SandboxedScripts};
use mledojo_metrics::Protocol;
use mledojo_prepare::{DownloadRequest, PrepareError, PrepareRequest, Prepared, ScriptRunner};
use mledojo_sandbox::{InstallOptions, ManagedRuntime, Runtime, SandboxChoice};

use crate::progress::{InstallProgress, PrepareProgress};
use crate::settings::{Settings, with_preload};

/// The bundled competitions and the user's.
pub(crate) fn catalog(settings: &Settings) -> Catalog {
    let catalog = Catalog::bundled().with_exact_boards(exact_boards(settings));
    match &settings.catalog {
        Some(folder) => catalog.with_folder(folder),
        None => catalog,
    }
}

/// The exact boards that the user imported.
pub(crate) fn exact_boards(settings: &Settings) -> ExactBoards {
    ExactBoards::new(settings.leaderboards_dir())
}

/// The runtime: the user's own interpreter, or the managed one, which is made or repaired first if need be.
pub(crate) fn runtime(settings: &Settings) -> Result<Runtime> {
    if let Some(python) = &settings.python {
        return Ok(Runtime::from_interpreter(python)?);
    }
    let managed = ManagedRuntime::new(settings.runtime_dir());
    match managed.open() {
        Ok(runtime) => Ok(runtime),
        Err(_) => install(&managed, &InstallOptions::default()),
    }
}

/// Makes or repairs the managed runtime, with progress on stderr.
pub(crate) fn install(managed: &ManagedRuntime, options: &InstallOptions) -> Result<Runtime> {
    let mut progress = InstallProgress::start();
    let runtime = managed.install(options, &mut |event| progress.show(&event))?;
    progress.finish(&runtime);
    Ok(runtime)
}

/// Whether a competition's data can be had, asked before a runtime is made for it.
pub(crate) fn check_data(slug: &str, settings: &Settings) -> Result<()> {
    let spec = catalog(settings).get(slug)?.spec;
    if spec.prepare.is_some() || settings.competition_dir(slug).exists() {
        return Ok(());
    }
    let raw = settings.raw_dir(&spec);
    let slug = spec.slug;
    if spec.recipe.is_none() {
        return Err(PrepareError::NoRecipe { slug }.into());
    }
    if raw.exists() { Ok(()) } else { Err(PrepareError::NotDownloaded { slug, raw }.into()) }
}

/// The data of a competition, prepared first if need be; what is there is taken as it is.
pub(crate) fn prepare(
    competition: &Competition,
    runtime: &Runtime,
    protocol: Protocol,
    settings: &Settings,
) -> Result<Prepared> {
    let slug = &competition.spec.slug;
    let out = settings.competition_dir(slug);
    if competition.spec.prepare.is_some() {
        return prepare_bundled(competition, runtime, &out);
    }
    if out.exists() {
        return prepared_under(Prepared::open(&out)?, slug, protocol);
    }
    prepare_download(competition, &settings.raw_dir(&competition.spec), &out, protocol, settings)
}

/// The folder, if the protocol that it was prepared under is the one that submissions are judged by.
fn prepared_under(prepared: Prepared, slug: &str, protocol: Protocol) -> Result<Prepared> {
    match prepared.manifest().and_then(|manifest| manifest.protocol) {
        Some(other) if other != protocol => bail!(
            "`{slug}` was prepared under protocol `{other}`, and would be judged by `{protocol}`\n\
             hint: `mledojo prepare {slug} --protocol {protocol}` prepares it anew"
        ),
        _ => Ok(prepared),
    }
}

/// Makes the data of a bundled competition.
pub(crate) fn prepare_bundled(competition: &Competition, runtime: &Runtime, out: &Path) -> Result<Prepared> {
    let site_packages = runtime.interpreter().site_packages.clone().unwrap_or_default();
    Ok(mledojo_prepare::prepare(&PrepareRequest { competition, site_packages: &site_packages, out })?)
}

/// Makes the data of a competition from its download, with progress on stderr.
pub(crate) fn prepare_download(
    competition: &Competition,
    raw: &Path,
    out: &Path,
    protocol: Protocol,
    settings: &Settings,
) -> Result<Prepared> {
    let slug = &competition.spec.slug;
    if !raw.is_dir() {
        return Err(PrepareError::NotDownloaded { slug: slug.clone(), raw: raw.to_owned() }.into());
    }
    let progress = PrepareProgress::start(slug);
    // Only scripts of a user's own need a runtime.
    let has_script = competition.spec.recipe.as_ref().is_some_and(|recipe| !recipe.scripts().is_empty());
    let engine = has_script.then(|| engine(runtime(settings)?, settings)).transpose()?;
    let scripts = engine.map(SandboxedScripts::new);
    let scripts = scripts.as_ref().map(|scripts| scripts as &dyn ScriptRunner);
    let request = DownloadRequest { competition, raw, out, protocol, scripts, progress: &progress };
    Ok(mledojo_prepare::prepare_download(&request)?)
}

/// A competition that is ready to be played, from its slug; `engine` is what would run a metric in Python.
pub(crate) fn prepared_competition(
    slug: &str,
    judging: impl FnOnce(&Spec) -> Judging,
    settings: &Settings,
    runtime: &Runtime,
    engine: Option<&Arc<Engine>>,
) -> Result<Arc<PreparedCompetition>> {
    let competition = catalog(settings).get(slug)?;
    let judging = judging(&competition.spec);
    let data = prepare(&competition, runtime, judging.protocol, settings)?;
    Ok(Arc::new(PreparedCompetition::judged(judging, competition, data, engine)?))
}

/// What runs agents' code in new episodes, by the user's choice.
pub(crate) fn engine(runtime: Runtime, settings: &Settings) -> Result<Arc<Engine>> {
    engine_of(runtime, &settings.sandbox)
}

/// What an episode that has begun goes on with: the sandbox that it began in, and its competition, judged as it was.
pub(crate) fn of_episode(
    header: &EpisodeHeader,
    settings: &Settings,
) -> Result<(Arc<Engine>, Arc<PreparedCompetition>)> {
    let engine = engine_again(runtime(settings)?, header, settings)?;
    let judging = |_: &Spec| header.judging;
    let competition = prepared_competition(&header.competition, judging, settings, engine.runtime(), Some(&engine))?;
    Ok((engine, competition))
}

/// What runs agents' code of an episode that has begun: the sandbox that it began in, whatever the settings say now.
fn engine_again(runtime: Runtime, header: &EpisodeHeader, settings: &Settings) -> Result<Arc<Engine>> {
    let choice = SandboxChoice::recorded(&header.sandbox).map_err(anyhow::Error::msg)?;
    engine_of(runtime, &with_preload(choice, settings.preload.as_ref()))
}

fn engine_of(runtime: Runtime, choice: &SandboxChoice) -> Result<Arc<Engine>> {
    let engine = Engine::choose(runtime, choice)?;
    if let Some(warning) = engine.warning() {
        eprintln!("WARNING: {warning}");
    }
    Ok(engine)
}
