//! The Python that the package is tested in, beside the runtime that runs agents' code.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::run;

/// What the package is built and tested with, and what trainers load data sets with.
const PACKAGES: [&str; 9] = [
    "maturin==1.16.0",
    "gymnasium==1.4.0",
    "numpy==2.4.6",
    "pytest==9.2.0",
    "mypy==2.4.1",
    "datasets==5.2.0",
    "pandas==3.1.1",
    "polars==2.1.0",
    "pyarrow==26.0.1",
];

/// A virtual environment with these packages.
pub(crate) struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// Made once, with the interpreter `base`; made anew when the packages have changed.
    pub(crate) fn make(folder: &Path, base: &Path) -> Result<Self> {
        let venv = Self { folder: folder.to_owned() };
        let (stamp, packages) = (folder.join("packages.txt"), PACKAGES.join("\n"));
        if std::fs::read_to_string(&stamp).ok().as_ref() == Some(&packages) {
            return Ok(venv);
        }
        run(Command::new(base).args(["-m", "venv", "--clear"]).arg(folder))?;
        run(venv.pip().args(PACKAGES))?;
        std::fs::write(&stamp, packages).with_context(|| format!("cannot write `{}`", stamp.display()))?;
        Ok(venv)
    }

    /// Its interpreter.
    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }

    /// Builds a wheel of the package, installs it, and tests it; agents' code runs in `runtime`.
    pub(crate) fn test(&self, runtime: &Path) -> Result<()> {
        let wheels = self.folder.join("wheels");
        let _ = std::fs::remove_dir_all(&wheels);
        let mut build = Command::new(self.python());
        run(build.args(["-m", "maturin", "build", "--quiet", "--locked", "--out"]).arg(&wheels))?;
        let wheel = std::fs::read_dir(&wheels)?.next().context("maturin made no wheel")??.path();
        run(self.pip().args(["--no-deps", "--force-reinstall"]).arg(&wheel))?;
        let mut test = Command::new(self.python());
        test.args(["-B", "-m", "pytest", "-p", "no:cacheprovider"]);
        test.env("MLEDOJO_TEST_PYTHON", runtime)
            .env("MLEDOJO_TEST_WHEEL", wheel.canonicalize()?)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        run(&mut test)
    }

    fn pip(&self) -> Command {
        let mut pip = Command::new(self.python());
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).stdout(Stdio::null());
        pip
    }
}
