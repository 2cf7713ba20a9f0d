//! Development tasks. `cargo xtask test` runs all tests, Rust and Python, on a fresh machine.

#![allow(clippy::print_stderr, reason = "a development tool talks to its developer")]

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: cargo xtask test [ARGS OF cargo test]

test   Make the Python runtime that the tests compare with and run code in, then run all tests.
       The runtime is kept in the target folder.";

/// What trainers load data sets with.
const LOADERS: [&str; 4] = ["datasets==5.2.0", "pandas==3.1.1", "polars==2.1.0", "pyarrow==26.0.1"];

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let done = match args.next().as_deref() {
        Some("test") => test(&args.collect::<Vec<_>>()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn test(args: &[String]) -> Result<()> {
    let home = target_dir()?.join("test-home");
    let runtime = |action: &str| {
        let mut command = cargo();
        command
            .args(["run", "--quiet", "--package", "mledojo", "--", "runtime", action, "--json", "--home"])
            .arg(&home)
            .env_remove("MLEDOJO_PYTHON");
        command
    };
    run(cargo().args(["build", "--package", "mledojo"]))?;
    run(runtime("install").stdout(Stdio::null()))?;
    let status = runtime("status").output().context("cannot ask for the runtime")?.stdout;
    let status: serde_json::Value = serde_json::from_slice(&status).context("the runtime's status is no JSON")?;
    let python = status["executable"].as_str().context("the runtime names no interpreter")?;
    let mut test = cargo();
    test.args(["test", "--workspace", "--no-fail-fast"]).args(args).env("MLEDOJO_TEST_PYTHON", python);
    match loaders(&home, python) {
        Ok(loaders) => test.env("MLEDOJO_TEST_LOADERS", loaders),
        Err(error) => {
            eprintln!("warning: whether Python loads exported data sets will not be tested: {error:#}");
            &mut test
        }
    };
    run(&mut test)
}

/// A Python with the packages that load data sets; made once, beside the runtime.
fn loaders(home: &std::path::Path, base: &str) -> Result<PathBuf> {
    let folder = home.join("loaders");
    let python = folder.join("bin/python");
    let has_them = |python: &PathBuf| {
        let mut import = Command::new(python);
        import.args(["-c", "import datasets, pandas, polars, pyarrow"]).stderr(Stdio::null());
        import.status().is_ok_and(|status| status.success())
    };
    if !has_them(&python) {
        run(Command::new(base).args(["-m", "venv", "--clear"]).arg(&folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(LOADERS))?;
    }
    Ok(python)
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed: {status}");
    }
    Ok(())
}

/// Where Cargo builds.
fn target_dir() -> Result<PathBuf> {
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => PathBuf::from(target),
        None => workspace.join("target"),
    };
    std::fs::create_dir_all(&target).with_context(|| format!("cannot create `{}`", target.display()))?;
    target.canonicalize().with_context(|| format!("cannot find `{}`", target.display()))
}
