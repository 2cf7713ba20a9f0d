//! Development tasks. `cargo xtask test` runs all tests, Rust and Python, on a fresh machine.

#![allow(clippy::print_stderr, reason = "a development tool talks to its developer")]

mod venv;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: cargo xtask test [ARGS OF cargo test]

test   Make the Python runtime that the tests compare with and run code in, then run all tests: those of the
       crates, and, unless ARGS name some of them, those of the Python package, from a wheel of it.
       The runtime is kept in the target folder.";

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
    let venv = venv::Venv::make(&home.join("python"), Path::new(python))?;
    let mut test = cargo();
    test.args(["test", "--workspace", "--no-fail-fast"]).args(args);
    test.env("MLEDOJO_TEST_PYTHON", python).env("MLEDOJO_TEST_LOADERS", venv.python());
    // Both are run, whatever becomes of the first.
    let rust = run(&mut test);
    let package = if args.iter().all(|arg| arg.starts_with("--")) { venv.test(Path::new(python)) } else { Ok(()) };
    rust.and(package)
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
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => PathBuf::from(target),
        None => workspace.join("target"),
    };
    std::fs::create_dir_all(&target).with_context(|| format!("cannot create `{}`", target.display()))?;
    target.canonicalize().with_context(|| format!("cannot find `{}`", target.display()))
}
