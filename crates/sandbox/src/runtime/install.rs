//! Building the environment: base Python → empty environment → packages → bytecode → check.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::base_python::{self, BasePython};
use super::command::{Runner, describe};
use super::compile;
use super::distributions::{damage, installed, top_level};
use super::failure;
use super::io_error;
use super::lock::Lock;
use super::probe;
use super::progress::{InstallEvent, InstallStep, OutputReader};
use super::record::{InstalledPackage, Record};
use super::visible;
use crate::error::SandboxError;

/// `python -m venv`, for the lock's sake.
const VENV: &str = include_str!("venv.py");
/// Imports each module that it's given the name of, and says so.
const IMPORT_EACH: &str = "import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    print('imported', name, flush=True)";

/// How a managed runtime is to be installed. The default suits most machines.
#[derive(Debug, Clone, Default)]
pub struct InstallOptions {
    /// The Python to build on; by default the first fit one on `PATH`.
    pub base_python: Option<PathBuf>,
    /// What fetches the packages.
    pub tool: InstallTool,
    /// A folder that holds the packages' wheels: install from it alone, without a network.
    pub wheels: Option<PathBuf>,
    /// Build anew even if the runtime is ready.
    pub force: bool,
}

/// What makes the environment and fetches the packages. Both honour their usual variables for indexes, proxies and
/// certificates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InstallTool {
    /// uv if it is on `PATH`; pip if it isn't, or if uv fails.
    #[default]
    Auto,
    /// `uv venv` and `uv pip`.
    Uv,
    /// `python -m venv` and its pip.
    Pip,
}

/// The environment's folder in a runtime's folder.
pub(super) fn environment(dir: &Path) -> PathBuf {
    dir.join("venv")
}

/// An environment's interpreter.
pub(super) fn interpreter_of(environment: &Path) -> PathBuf {
    environment.join("bin/python")
}

/// Builds the environment in `dir` from nothing. The caller holds `lock_file` locked.
pub(super) fn build(
    dir: &Path,
    lock: &Lock,
    options: &InstallOptions,
    lock_file: &File,
    progress: &mut dyn FnMut(InstallEvent),
) -> Result<Record, SandboxError> {
    let log_path = dir.join("install.log");
    let mut log = File::create(&log_path).map_err(io_error("create", &log_path))?;
    let requirements = dir.join("requirements.lock");
    fs::write(&requirements, &lock.text).map_err(io_error("write", &requirements))?;
    let wheels = match &options.wheels {
        Some(folder) => Some(fs::canonicalize(folder).map_err(io_error("find the wheels in", folder))?),
        None => None,
    };
    let mut builder = Builder {
        dir,
        lock,
        requirements,
        wheels,
        log_path: &log_path,
        runner: Runner { log: &mut log, lock: lock_file },
        progress,
    };

    let search_path = std::env::var_os("PATH").unwrap_or_default();
    let uv = match options.tool {
        InstallTool::Auto => find_uv(&search_path),
        InstallTool::Uv => Some(find_uv(&search_path).ok_or_else(|| SandboxError::Runtime {
            reason: "`uv` is not on PATH".to_owned(),
            hint: "install uv, or let pip install the packages".to_owned(),
        })?),
        InstallTool::Pip => None,
    };
    let given = options.base_python.as_deref();
    if let Some(uv) = uv {
        let failed =
            match builder.find_base(given, &search_path, false).and_then(|base| builder.build(Some(&uv), &base)) {
                Ok(record) => return Ok(record),
                Err(failed) => failed,
            };
        // An old uv, or one that lacks the settings for this network that pip has.
        if options.tool == InstallTool::Uv {
            return Err(failed);
        }
        let Ok(base) = builder.find_base(given, &search_path, true) else { return Err(failed) };
        return builder.build(None, &base);
    }
    let base = builder.find_base(given, &search_path, true)?;
    builder.build(None, &base)
}

fn find_uv(search_path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(search_path)
        .map(|folder| folder.join("uv"))
        .find(|path| path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok())
}

struct Builder<'a> {
    dir: &'a Path,
    lock: &'a Lock,
    requirements: PathBuf,
    wheels: Option<PathBuf>,
    log_path: &'a Path,
    runner: Runner<'a>,
    progress: &'a mut dyn FnMut(InstallEvent),
}

impl Builder<'_> {
    fn find_base(
        &mut self,
        given: Option<&Path>,
        search_path: &OsStr,
        needs_venv: bool,
    ) -> Result<BasePython, SandboxError> {
        (self.progress)(InstallEvent::of(InstallStep::FindingPython));
        let base = base_python::find(given, search_path, needs_venv)?;
        let found = format!("Python {} at {}", base.version, base.executable.display());
        let _ = writeln!(self.runner.log, "# {found}");
        (self.progress)(InstallEvent::on(InstallStep::FindingPython, found));
        Ok(base)
    }

    fn build(&mut self, uv: Option<&Path>, base: &BasePython) -> Result<Record, SandboxError> {
        let environment = environment(self.dir);
        let python = interpreter_of(&environment);
        remove(&environment)?;
        self.create_environment(uv, base, &environment)?;
        self.install_packages(uv, &python)?;

        let facts = probe::ask(&python)?;
        let site_packages = facts.site_packages.clone().unwrap_or_else(|| environment.join("lib"));
        let packages = self.installed_packages(&site_packages)?;
        let mut compiled =
            |done, total| (self.progress)(InstallEvent { done, total, ..InstallEvent::of(InstallStep::Compiling) });
        compile::compile(&python, &site_packages, self.runner.lock, &mut compiled)?;
        self.import_each(&python, &site_packages, &packages)?;

        let interpreter = visible::interpreter(&facts)?;
        let standard_library = facts.standard_library.into_iter().next().unwrap_or_default();
        Ok(Record {
            format: Record::FORMAT,
            lock: self.lock.hash.clone(),
            python_version: facts.version,
            base_executable: fs::canonicalize(&python).map_err(io_error("resolve", &python))?,
            executable: python,
            standard_library,
            site_packages,
            read_only: interpreter.read_only,
            packages,
        })
    }

    fn create_environment(
        &mut self,
        uv: Option<&Path>,
        base: &BasePython,
        environment: &Path,
    ) -> Result<(), SandboxError> {
        let mut command;
        if let Some(uv) = uv {
            command = Command::new(uv);
            command.args(["venv", "--python"]).arg(&base.executable).arg(environment);
        } else {
            command = Command::new(&base.executable);
            command.args(["-I", "-c", VENV, &self.runner.lock.as_raw_fd().to_string()]).arg(environment);
        }
        (self.progress)(InstallEvent::on(
            InstallStep::CreatingEnvironment,
            if uv.is_some() { "uv" } else { "venv and pip" },
        ));
        self.run(command, "creating the environment", |_| None)
    }

    fn install_packages(&mut self, uv: Option<&Path>, python: &Path) -> Result<(), SandboxError> {
        let mut command;
        if let Some(uv) = uv {
            command = Command::new(uv);
            command.args(["pip", "install", "--python"]).arg(python);
        } else {
            command = Command::new(python);
            command.args(["-I", "-m", "pip", "install", "--no-compile", "--progress-bar", "off"]);
            command.args(["--disable-pip-version-check", "--no-input", "--no-color"]);
        }
        command.args(["--require-hashes", "--only-binary", ":all:", "--no-deps", "-r"]).arg(&self.requirements);
        if let Some(wheels) = &self.wheels {
            command.args(["--no-index", "--find-links"]).arg(wheels);
        }
        let total = self.lock.packages.len();
        (self.progress)(InstallEvent { total, ..InstallEvent::of(InstallStep::Fetching) });
        let mut reader = OutputReader::new(total);
        self.run(command, "installing the packages", |line| reader.read(line))
    }

    /// What is now installed; every locked package must be, completely.
    fn installed_packages(&self, site_packages: &Path) -> Result<BTreeMap<String, InstalledPackage>, SandboxError> {
        let distributions = installed(site_packages)?;
        let mut packages = BTreeMap::new();
        for locked in &self.lock.packages {
            let incomplete = |what: String| SandboxError::Runtime {
                reason: format!("{} {} was not installed completely: {what}", locked.name, locked.version),
                hint: format!("the whole output is in `{}`", self.log_path.display()),
            };
            let distribution =
                distributions.get(&locked.name).ok_or_else(|| incomplete("it isn't there".to_owned()))?;
            if distribution.version != locked.version {
                return Err(incomplete(format!("its version is {}", distribution.version)));
            }
            let files = distribution.files()?;
            if let Some(what) = damage(site_packages, &files) {
                return Err(incomplete(what));
            }
            let metadata = distribution.metadata.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let entries = std::iter::once(metadata).chain(top_level(&files)).collect();
            packages.insert(locked.name.clone(), InstalledPackage { version: locked.version.clone(), entries });
        }
        Ok(packages)
    }

    /// Finds what only shows when a package is loaded, such as a shared library that the system lacks.
    fn import_each(
        &mut self,
        python: &Path,
        site_packages: &Path,
        packages: &BTreeMap<String, InstalledPackage>,
    ) -> Result<(), SandboxError> {
        let modules: Vec<&str> = packages
            .values()
            .flat_map(|package| &package.entries)
            .filter_map(|entry| module_name(site_packages, entry))
            .collect();
        let mut command = Command::new(python);
        command.args(["-I", "-W", "ignore", "-c", IMPORT_EACH]).args(&modules).current_dir("/");
        let (mut done, total) = (0, modules.len());
        (self.progress)(InstallEvent { total, ..InstallEvent::of(InstallStep::Checking) });
        self.run(command, "importing the installed packages", |line| {
            let name = line.strip_prefix("imported ")?;
            done += 1;
            Some(InstallEvent { done, total, ..InstallEvent::on(InstallStep::Checking, name) })
        })
    }

    fn run(
        &mut self,
        mut command: Command,
        what: &str,
        mut event: impl FnMut(&str) -> Option<InstallEvent>,
    ) -> Result<(), SandboxError> {
        // Away from folders whose project files would change what pip and uv do.
        if command.get_current_dir().is_none() {
            command.current_dir(self.dir);
        }
        let progress = &mut *self.progress;
        let finished = self.runner.run(&mut command, &mut |line| {
            if let Some(event) = event(line) {
                progress(event);
            }
        });
        match finished {
            Ok(finished) if finished.status.success() => Ok(()),
            Ok(finished) => Err(failure::explain(what, &finished, self.log_path)),
            Err(error) => Err(SandboxError::Runtime {
                reason: format!("{what} failed: `{}` can't be run: {error}", describe(&command)),
                hint: "name another Python, or another tool".to_owned(),
            }),
        }
    }
}

/// The name by which an entry of `site-packages` is imported, if it is a public module.
fn module_name<'a>(site_packages: &Path, entry: &'a str) -> Option<&'a str> {
    let path = site_packages.join(entry);
    let is_module = if path.is_dir() {
        path.join("__init__.py").exists()
    } else {
        path.extension().map(OsStr::to_os_string).is_some_and(|e: OsString| e == "py" || e == "so")
    };
    let name = entry.split('.').next()?;
    (is_module && !name.starts_with('_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')).then_some(name)
}

fn remove(path: &Path) -> Result<(), SandboxError> {
    let removed = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Ok(metadata) if !metadata.is_dir() => fs::remove_file(path),
        _ => fs::remove_dir_all(path),
    };
    removed.map_err(io_error("remove", path))
}
