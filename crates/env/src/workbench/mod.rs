//! From a few settings to the things that one works with: runtime, catalog, prepared competitions, engine.

mod watcher;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy;
use mledojo_catalog::spec::DownloadSource;
use mledojo_catalog::{Catalog, Competition, ExactBoards, Spec};
use mledojo_metrics::Protocol;
use mledojo_prepare::{DownloadRequest, PrepareError, PrepareRequest, Prepared, ScriptRunner};
use mledojo_sandbox::{InstallOptions, ManagedRuntime, Preload, Runtime, SandboxChoice};

pub use self::watcher::{NoWatcher, Watcher};
use crate::competition::PreparedCompetition;
use crate::engine::Engine;
use crate::episode::EpisodeHeader;
use crate::error::EnvError;
use crate::judging::Judging;
use crate::recipe_script::SandboxedScripts;

/// Where things lie and what runs agents' code: what every face of the project (command line, Python, server) is set by.
///
/// It makes what is not there yet: the runtime, a competition's data. What takes long is told to a [`Watcher`].
#[derive(Clone)]
pub struct Workbench {
    /// Folder for the runtime, the downloads, the prepared competitions and the runs.
    pub home: PathBuf,
    /// A folder of the user's own competitions, beside the bundled ones.
    pub catalog: Option<PathBuf>,
    /// The user's own interpreter for agents' code; `None`: the managed runtime.
    pub python: Option<PathBuf>,
    /// What runs agents' code in new episodes.
    pub sandbox: SandboxChoice,
    /// What warm interpreters have imported, if not the usual.
    pub preload: Option<Preload>,
    watcher: Arc<dyn Watcher>,
}

impl Workbench {
    /// A workbench with its data in `home`, the managed runtime and the default sandbox. Nobody watches.
    #[must_use]
    pub fn new(home: PathBuf) -> Self {
        let sandbox = SandboxChoice::default();
        Self { home, catalog: None, python: None, sandbox, preload: None, watcher: Arc::new(NoWatcher) }
    }

    /// The same, with somebody who hears what takes its time.
    #[must_use]
    pub fn watched_by(self, watcher: Arc<dyn Watcher>) -> Self {
        Self { watcher, ..self }
    }

    /// The XDG data folder's `mledojo`; `None` where the user has no home folder.
    #[must_use]
    pub fn default_home() -> Option<PathBuf> {
        etcetera::choose_base_strategy().ok().map(|strategy| strategy.data_dir().join("mledojo"))
    }

    /// Where the managed runtime lies.
    #[must_use]
    pub fn runtime_dir(&self) -> PathBuf {
        self.home.join("runtime")
    }

    /// Where a prepared competition lies.
    #[must_use]
    pub fn competition_dir(&self, slug: &str) -> PathBuf {
        self.home.join("competitions").join(slug)
    }

    /// Where downloads lie, each in a folder of its name.
    #[must_use]
    pub fn raw_root(&self) -> PathBuf {
        self.home.join("raw")
    }

    /// Where the download of a competition lies: for one of DSBench, in its archive, unless there is one of its own.
    #[must_use]
    pub fn raw_dir(&self, spec: &Spec) -> PathBuf {
        let own = self.raw_root().join(&spec.slug);
        let dsbench = self.raw_root().join("dsbench");
        let in_archive = spec.download.as_ref().is_some_and(|download| download.source == DownloadSource::Dsbench);
        if in_archive && !own.exists() && dsbench.exists() { dsbench } else { own }
    }

    /// A new folder for a run, named by the time and what is played. It is not made.
    #[must_use]
    pub fn new_run_dir(&self, name: &str) -> PathBuf {
        let now = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
        let runs = self.home.join("runs");
        let candidates = (1..).map(|n: u32| match n {
            1 => runs.join(format!("{now}-{name}")),
            _ => runs.join(format!("{now}-{name}-{n}")),
        });
        candidates.into_iter().find(|dir| !dir.exists()).unwrap_or_else(|| runs.join(now))
    }

    /// The bundled competitions and the user's, on boards that the user imported where there are some.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        let catalog = Catalog::bundled().with_exact_boards(self.exact_boards());
        match &self.catalog {
            Some(folder) => catalog.with_folder(folder),
            None => catalog,
        }
    }

    /// The exact boards that the user imported.
    #[must_use]
    pub fn exact_boards(&self) -> ExactBoards {
        ExactBoards::new(self.home.join("leaderboards"))
    }

    /// The runtime: the user's own interpreter, or the managed one, which is made or repaired first if need be.
    ///
    /// # Errors
    /// An interpreter that does not start, or a runtime that cannot be made.
    pub fn runtime(&self) -> Result<Runtime, EnvError> {
        if let Some(python) = &self.python {
            return Ok(Runtime::from_interpreter(python)?);
        }
        match ManagedRuntime::new(self.runtime_dir()).open() {
            Ok(runtime) => Ok(runtime),
            Err(_) => self.install(&InstallOptions::default()),
        }
    }

    /// Makes or repairs the managed runtime.
    ///
    /// # Errors
    /// A runtime that cannot be made.
    pub fn install(&self, options: &InstallOptions) -> Result<Runtime, EnvError> {
        let managed = ManagedRuntime::new(self.runtime_dir());
        let runtime = managed.install(options, &mut |event| self.watcher.installing(&event))?;
        self.watcher.installed(&runtime);
        Ok(runtime)
    }

    /// The choice of sandbox in force: with what is to be imported, where interpreters are warm.
    #[must_use]
    pub fn sandbox_choice(&self) -> SandboxChoice {
        self.preloading(self.sandbox.clone())
    }

    fn preloading(&self, choice: SandboxChoice) -> SandboxChoice {
        match (choice, &self.preload) {
            (SandboxChoice::Warm { .. }, Some(preload)) => SandboxChoice::Warm { preload: preload.clone() },
            (choice, _) => choice,
        }
    }

    /// What runs agents' code in new episodes.
    ///
    /// # Errors
    /// What keeps the chosen sandbox from working here.
    pub fn engine(&self, runtime: Runtime) -> Result<Arc<Engine>, EnvError> {
        self.engine_of(runtime, &self.sandbox_choice())
    }

    fn engine_of(&self, runtime: Runtime, choice: &SandboxChoice) -> Result<Arc<Engine>, EnvError> {
        let engine = Engine::choose(runtime, choice)?;
        if let Some(warning) = engine.warning() {
            self.watcher.warning(warning);
        }
        Ok(engine)
    }

    /// Whether a competition's data can be had, asked before a runtime is made for it.
    ///
    /// # Errors
    /// An unknown competition, one without a recipe, or one that is not downloaded.
    pub fn check_data(&self, slug: &str) -> Result<(), EnvError> {
        let spec = self.catalog().get(slug)?.spec;
        if spec.prepare.is_some() || self.competition_dir(slug).exists() {
            return Ok(());
        }
        let raw = self.raw_dir(&spec);
        let slug = spec.slug;
        if spec.recipe.is_none() {
            return Err(PrepareError::NoRecipe { slug }.into());
        }
        if raw.exists() { Ok(()) } else { Err(PrepareError::NotDownloaded { slug, raw }.into()) }
    }

    /// The data of a competition, prepared first if need be; what is there is taken as it is.
    ///
    /// # Errors
    /// Data that cannot be made, or was prepared under another protocol.
    pub fn prepare(
        &self,
        competition: &Competition,
        runtime: &Runtime,
        protocol: Protocol,
    ) -> Result<Prepared, EnvError> {
        let spec = &competition.spec;
        let out = self.competition_dir(&spec.slug);
        if spec.prepare.is_some() {
            return self.prepare_bundled(competition, runtime, &out);
        }
        if !out.exists() {
            return self.prepare_download(competition, &self.raw_dir(spec), &out, protocol);
        }
        let prepared = Prepared::open(&out)?;
        match prepared.manifest().and_then(|manifest| manifest.protocol) {
            Some(other) if other != protocol => {
                Err(EnvError::OtherProtocol { slug: spec.slug.clone(), prepared: other, asked: protocol })
            }
            _ => Ok(prepared),
        }
    }

    /// Makes the data of a bundled competition.
    ///
    /// # Errors
    /// A runtime without the package, or with another version of it; a full disk.
    pub fn prepare_bundled(
        &self,
        competition: &Competition,
        runtime: &Runtime,
        out: &Path,
    ) -> Result<Prepared, EnvError> {
        let site_packages = runtime.interpreter().site_packages.clone().unwrap_or_default();
        Ok(mledojo_prepare::prepare(&PrepareRequest { competition, site_packages: &site_packages, out })?)
    }

    /// Makes the data of a competition from its download. Only a recipe with scripts of a user's own needs a runtime.
    ///
    /// # Errors
    /// No download, or one that the recipe does not fit; a full disk.
    pub fn prepare_download(
        &self,
        competition: &Competition,
        raw: &Path,
        out: &Path,
        protocol: Protocol,
    ) -> Result<Prepared, EnvError> {
        let slug = &competition.spec.slug;
        if !raw.is_dir() {
            return Err(PrepareError::NotDownloaded { slug: slug.clone(), raw: raw.to_owned() }.into());
        }
        let progress = self.watcher.preparing(slug);
        let has_script = competition.spec.recipe.as_ref().is_some_and(|recipe| !recipe.scripts().is_empty());
        let engine = has_script.then(|| self.engine(self.runtime()?)).transpose()?;
        let scripts = engine.map(SandboxedScripts::new);
        let scripts = scripts.as_ref().map(|scripts| scripts as &dyn ScriptRunner);
        let request = DownloadRequest { competition, raw, out, protocol, scripts, progress: progress.as_ref() };
        Ok(mledojo_prepare::prepare_download(&request)?)
    }

    /// A competition that is ready to be played, from its slug; `engine` is what would run a metric in Python.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare) and [`PreparedCompetition::judged`].
    pub fn competition(
        &self,
        slug: &str,
        judging: impl FnOnce(&Spec) -> Judging,
        runtime: &Runtime,
        engine: Option<&Arc<Engine>>,
    ) -> Result<Arc<PreparedCompetition>, EnvError> {
        let competition = self.catalog().get(slug)?;
        let judging = judging(&competition.spec);
        let data = self.prepare(&competition, runtime, judging.protocol)?;
        Ok(Arc::new(PreparedCompetition::judged(judging, competition, data, engine)?))
    }

    /// What an episode that has begun goes on with: the sandbox that it began in, and its competition, judged as it was.
    ///
    /// # Errors
    /// As [`engine`](Self::engine) and [`competition`](Self::competition).
    pub fn of_episode(&self, header: &EpisodeHeader) -> Result<(Arc<Engine>, Arc<PreparedCompetition>), EnvError> {
        let choice = SandboxChoice::recorded(&header.sandbox).map_err(EnvError::NoSuchSandbox)?;
        let engine = self.engine_of(self.runtime()?, &self.preloading(choice))?;
        let judging = |_: &Spec| header.judging;
        let competition = self.competition(&header.competition, judging, engine.runtime(), Some(&engine))?;
        Ok((engine, competition))
    }
}

impl fmt::Debug for Workbench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workbench")
            .field("home", &self.home)
            .field("catalog", &self.catalog)
            .field("python", &self.python)
            .field("sandbox", &self.sandbox_choice())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_warm_interpreters_import_ahead() {
        let preload = Preload { modules: vec!["numpy".to_owned()] };
        let mut workbench = Workbench::new("/home".into());
        workbench.preload = Some(preload.clone());
        assert_eq!(workbench.sandbox_choice(), SandboxChoice::Warm { preload });
        workbench.sandbox = SandboxChoice::Process;
        assert_eq!(workbench.sandbox_choice(), SandboxChoice::Process);
    }

    #[test]
    fn data_that_cannot_be_had_is_told_before_a_runtime_is_made() {
        let home = tempfile::tempdir().unwrap();
        let workbench = Workbench::new(home.path().to_owned());
        workbench.check_data("iris").unwrap();
        let error = workbench.check_data("titanic").unwrap_err();
        assert!(matches!(error, EnvError::Prepare(PrepareError::NotDownloaded { .. })), "{error}");
        std::fs::create_dir_all(workbench.raw_dir(&workbench.catalog().get("titanic").unwrap().spec)).unwrap();
        workbench.check_data("titanic").unwrap();
        assert!(matches!(workbench.check_data("nothing").unwrap_err(), EnvError::Catalog(_)));
    }
}
