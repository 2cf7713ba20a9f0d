//! From settings to the things that commands work with, with progress and warnings on stderr.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use mledojo_catalog::{Catalog, Competition, ExactBoards, Spec};
use mledojo_env::{Engine, EpisodeHeader, Judging, PreparedCompetition, Watcher, Workbench};
use mledojo_metrics::Protocol;
use mledojo_prepare::{Prepared, Progress};
use mledojo_sandbox::{InstallEvent, InstallOptions, Runtime};

use crate::progress::{InstallProgress, PrepareProgress};
use crate::settings::Settings;

/// Shows on stderr what takes its time.
#[derive(Default)]
struct OnStderr(Mutex<Option<InstallProgress>>);

impl Watcher for OnStderr {
    fn installing(&self, event: &InstallEvent) {
        let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        progress.get_or_insert_with(InstallProgress::start).show(event);
    }

    fn installed(&self, runtime: &Runtime) {
        if let Some(progress) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            progress.finish(runtime);
        }
    }

    fn preparing(&self, slug: &str) -> Box<dyn Progress> {
        Box::new(PrepareProgress::start(slug))
    }

    fn warning(&self, text: &str) {
        eprintln!("WARNING: {text}");
    }
}

/// The workbench of these settings.
pub(crate) fn workbench(settings: &Settings) -> Workbench {
    let mut workbench = Workbench::new(settings.home().to_owned()).watched_by(Arc::new(OnStderr::default()));
    workbench.catalog.clone_from(&settings.catalog);
    workbench.python.clone_from(&settings.python);
    workbench.sandbox = settings.sandbox.clone();
    workbench.preload.clone_from(&settings.preload);
    workbench
}

/// The bundled competitions and the user's.
pub(crate) fn catalog(settings: &Settings) -> Catalog {
    workbench(settings).catalog()
}

/// The exact boards that the user imported.
pub(crate) fn exact_boards(settings: &Settings) -> ExactBoards {
    workbench(settings).exact_boards()
}

/// The runtime: the user's own interpreter, or the managed one, which is made or repaired first if need be.
pub(crate) fn runtime(settings: &Settings) -> Result<Runtime> {
    Ok(workbench(settings).runtime()?)
}

/// Makes or repairs the managed runtime.
pub(crate) fn install(settings: &Settings, options: &InstallOptions) -> Result<Runtime> {
    Ok(workbench(settings).install(options)?)
}

/// Whether a competition's data can be had, asked before a runtime is made for it.
pub(crate) fn check_data(slug: &str, settings: &Settings) -> Result<()> {
    Ok(workbench(settings).check_data(slug)?)
}

/// Makes the data of a bundled competition.
pub(crate) fn prepare_bundled(
    competition: &Competition,
    runtime: &Runtime,
    out: &Path,
    settings: &Settings,
) -> Result<Prepared> {
    Ok(workbench(settings).prepare_bundled(competition, runtime, out)?)
}

/// Makes the data of a competition from its download.
pub(crate) fn prepare_download(
    competition: &Competition,
    raw: &Path,
    out: &Path,
    protocol: Protocol,
    settings: &Settings,
) -> Result<Prepared> {
    Ok(workbench(settings).prepare_download(competition, raw, out, protocol)?)
}

/// A competition that is ready to be played, from its slug; `engine` is what would run a metric in Python.
pub(crate) fn prepared_competition(
    slug: &str,
    judging: impl FnOnce(&Spec) -> Judging,
    settings: &Settings,
    runtime: &Runtime,
    engine: Option<&Arc<Engine>>,
) -> Result<Arc<PreparedCompetition>> {
    Ok(workbench(settings).competition(slug, judging, runtime, engine)?)
}

/// What runs agents' code in new episodes, by the user's choice.
pub(crate) fn engine(runtime: Runtime, settings: &Settings) -> Result<Arc<Engine>> {
    Ok(workbench(settings).engine(runtime)?)
}

/// What an episode that has begun goes on with: the sandbox that it began in, and its competition, judged as it was.
pub(crate) fn of_episode(
    header: &EpisodeHeader,
    settings: &Settings,
) -> Result<(Arc<Engine>, Arc<PreparedCompetition>)> {
    Ok(workbench(settings).of_episode(header)?)
}
