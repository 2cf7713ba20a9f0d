//! A private virtual environment that holds exactly the locked packages, and the state it is in.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::distributions::{damage, installed};
use super::install::{self, InstallOptions};
use super::lock::Lock;
use super::progress::{InstallEvent, InstallStep};
use super::record::{self, Record};
use super::{Runtime, io_error};
use crate::error::SandboxError;
use crate::interpreter::Interpreter;

/// The runtime in a folder of its own, which nothing else may write to.
///
/// The folder holds `venv/`, the environment; `runtime.json`, which is there only while the environment is complete;
/// `install.log`, what the last installation printed; and `install.lock`, locked while one is under way.
#[derive(Debug, Clone)]
pub struct ManagedRuntime {
    dir: PathBuf,
    lock: Lock,
}

/// What state a managed runtime is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RuntimeState {
    /// Nothing was installed yet.
    Missing,
    /// An installation is under way or was cut off.
    Incomplete,
    /// Something of it is gone or has changed.
    Broken {
        /// What, as a clause: `numpy: `numpy/__init__.py` is gone`.
        what: String,
    },
    /// It was made from another lock than this version of the program has.
    Outdated,
    /// It can run code.
    Ready,
}

impl fmt::Display for RuntimeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Incomplete => f.write_str("incomplete"),
            Self::Broken { what } => write!(f, "broken: {what}"),
            Self::Outdated => f.write_str("outdated"),
            Self::Ready => f.write_str("ready"),
        }
    }
}

/// A managed runtime as a user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuntimeStatus {
    /// Its state.
    #[serde(flatten)]
    pub state: RuntimeState,
    /// Its folder.
    pub dir: PathBuf,
    /// Its interpreter, if an installation was completed.
    pub executable: Option<PathBuf>,
    /// That interpreter's version: `3.11.7`.
    pub python_version: Option<String>,
    /// Normalised name → version, as installed; empty if no installation was completed.
    pub packages: BTreeMap<String, String>,
}

impl ManagedRuntime {
    /// The runtime in `dir`, with the packages that this version of the program pins. Touches nothing yet.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: absolute(dir.into()), lock: Lock::embedded() }
    }

    /// The same with other packages: a requirements file as `uv pip compile --generate-hashes` writes it.
    ///
    /// # Errors
    /// If an entry isn't `name==version` with SHA-256 hashes, or has an environment marker.
    pub fn with_lock(dir: impl Into<PathBuf>, lock: &str) -> Result<Self, SandboxError> {
        Ok(Self { dir: absolute(dir.into()), lock: Lock::parse(lock)? })
    }

    /// The runtime, if it is ready: a few file look-ups, no process.
    ///
    /// # Errors
    /// [`SandboxError::Runtime`] if it must be installed first; the reason tells its state.
    pub fn open(&self) -> Result<Runtime, SandboxError> {
        let (state, record) = self.examine(Depth::Folders)?;
        let place = self.dir.display();
        let reason = match (state, record) {
            (RuntimeState::Ready, Some(record)) => return Ok(runtime(record)),
            (RuntimeState::Missing | RuntimeState::Ready, _) => format!("no Python runtime is installed in `{place}`"),
            (RuntimeState::Incomplete, _) => {
                format!("the installation of the Python runtime in `{place}` was not finished")
            }
            (RuntimeState::Outdated, _) => {
                format!("the Python runtime in `{place}` holds other packages than this version needs")
            }
            (RuntimeState::Broken { what }, _) => format!("the Python runtime in `{place}` is broken: {what}"),
        };
        Err(SandboxError::Runtime { reason, hint: "`mledojo runtime install` sets it up".to_owned() })
    }

    /// The runtime's state, down to each file of each package: some 50 ms.
    #[must_use]
    pub fn status(&self) -> RuntimeStatus {
        let (state, record) =
            self.examine(Depth::Files).unwrap_or_else(|error| (RuntimeState::Broken { what: error.to_string() }, None));
        RuntimeStatus {
            state,
            dir: self.dir.clone(),
            executable: record.as_ref().map(|record| record.executable.clone()),
            python_version: record.as_ref().map(|record| record.python_version.clone()),
            packages: record.map(|record| runtime(record).packages).unwrap_or_default(),
        }
    }

    /// Makes the runtime ready: returns at once if it is, builds it anew if it's missing, incomplete, broken or outdated.
    ///
    /// Of several processes that ask at once, one installs and the others wait for it. An installation that is cut
    /// off, by whatever means, leaves a state that the next one repairs.
    ///
    /// # Errors
    /// [`SandboxError::Runtime`] with the last lines of what failed and what to do about it.
    pub fn install(
        &self,
        options: &InstallOptions,
        progress: &mut dyn FnMut(InstallEvent),
    ) -> Result<Runtime, SandboxError> {
        fs::create_dir_all(&self.dir).map_err(io_error("create", &self.dir))?;
        let lock_file = self.acquire(progress)?;
        if !options.force
            && let (RuntimeState::Ready, Some(record)) = self.examine(Depth::Files)?
        {
            return Ok(runtime(record));
        }
        Record::remove(&self.dir)?;
        let record = install::build(&self.dir, &self.lock, options, &lock_file, progress)?;
        record.write(&self.dir)?;
        Ok(runtime(record))
    }

    /// Holds the installation's lock until the returned file is closed.
    fn acquire(&self, progress: &mut dyn FnMut(InstallEvent)) -> Result<File, SandboxError> {
        use rustix::fs::{FlockOperation, flock};
        let path = self.dir.join("install.lock");
        let file = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(io_error("open", &path))?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            progress(InstallEvent::of(InstallStep::Waiting));
            rustix::io::retry_on_intr(|| flock(&file, FlockOperation::LockExclusive))
                .map_err(|error| io_error("lock", &path)(error.into()))?;
        }
        Ok(file)
    }

    fn examine(&self, depth: Depth) -> Result<(RuntimeState, Option<Record>), SandboxError> {
        let Some(record) = Record::read(&self.dir)? else {
            let state = if self.dir.join(record::FILE_NAME).exists() {
                RuntimeState::Broken { what: format!("`{}` can't be read by this version", record::FILE_NAME) }
            } else if install::environment(&self.dir).exists() {
                RuntimeState::Incomplete
            } else {
                RuntimeState::Missing
            };
            return Ok((state, None));
        };
        if record.lock != self.lock.hash {
            return Ok((RuntimeState::Outdated, Some(record)));
        }
        let state = match self.find_damage(&record, depth) {
            Some(what) => RuntimeState::Broken { what },
            None => RuntimeState::Ready,
        };
        Ok((state, Some(record)))
    }

    /// What of the recorded installation is no longer as it was.
    fn find_damage(&self, record: &Record, depth: Depth) -> Option<String> {
        let environment = install::environment(&self.dir);
        if record.executable != install::interpreter_of(&environment) {
            return Some(format!("it was moved here from where `{}` was", record.executable.display()));
        }
        match fs::canonicalize(&record.executable) {
            Ok(resolved) if resolved == record.base_executable => {}
            Ok(resolved) => {
                let (was, is) = (record.base_executable.display(), resolved.display());
                return Some(format!("its interpreter was `{was}` and is now `{is}`"));
            }
            Err(_) => {
                return Some(format!("its interpreter `{}` is gone", record.base_executable.display()));
            }
        }
        let needed = [environment.join("pyvenv.cfg"), record.standard_library.join("os.py")];
        if let Some(gone) = needed.iter().find(|path| !path.exists()) {
            return Some(format!("`{}` is gone", gone.display()));
        }
        for locked in &self.lock.packages {
            let name = &locked.name;
            let Some(package) = record.packages.get(name).filter(|package| package.version == locked.version) else {
                return Some(format!("{name} {} is not installed", locked.version));
            };
            if let Some(gone) = package.entries.iter().find(|entry| !record.site_packages.join(entry).exists()) {
                return Some(format!("{name}: `{gone}` is gone"));
            }
        }
        match depth {
            Depth::Folders => None,
            Depth::Files => damaged_file(record),
        }
    }
}

/// How closely an installation is looked at.
#[derive(Debug, Clone, Copy)]
enum Depth {
    /// Each package's folders exist.
    Folders,
    /// Each package's files exist and have their sizes.
    Files,
}

fn damaged_file(record: &Record) -> Option<String> {
    let distributions = match installed(&record.site_packages) {
        Ok(distributions) => distributions,
        Err(error) => return Some(error.to_string()),
    };
    record.packages.keys().find_map(|name| {
        let what = match distributions.get(name)?.files() {
            Ok(files) => damage(&record.site_packages, &files)?,
            Err(error) => error.to_string(),
        };
        Some(format!("{name}: {what}"))
    })
}

fn runtime(record: Record) -> Runtime {
    Runtime {
        interpreter: Interpreter {
            executable: record.executable,
            read_only: record.read_only,
            site_packages: Some(record.site_packages),
        },
        python_version: record.python_version,
        packages: record.packages.into_iter().map(|(name, package)| (name, package.version)).collect(),
    }
}

fn absolute(dir: PathBuf) -> PathBuf {
    std::path::absolute(Path::new(&dir)).unwrap_or(dir)
}
