//! `mledojo runtime`.

use anyhow::Result;
use mledojo_sandbox::{InstallOptions, ManagedRuntime, Runtime, RuntimeState};
use serde_json::json;

use crate::args::RuntimeCommand;
use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(command: &RuntimeCommand, settings: &Settings, json: bool) -> Result<Exit> {
    let managed = ManagedRuntime::new(settings.runtime_dir());
    match command {
        RuntimeCommand::Install { base } => {
            let options = InstallOptions { base_python: base.clone(), ..InstallOptions::default() };
            workbench::install(settings, &options)?;
        }
        RuntimeCommand::Status => {}
    }
    if let Some(python) = &settings.python {
        return own(&Runtime::from_interpreter(python)?, json);
    }
    let status = managed.status();
    let ready = matches!(status.state, RuntimeState::Ready);
    if json {
        print_json(&status)?;
    } else {
        let mut text = format!("state:  {}\nfolder: {}\n", status.state, status.dir.display());
        if let Some(version) = &status.python_version {
            text.push_str(&format!("python: {version}\n"));
        }
        for (package, version) in &status.packages {
            text.push_str(&format!("  {package} {version}\n"));
        }
        if !ready {
            text.push_str("hint: `mledojo runtime install` makes or repairs it\n");
        }
        print_text(&text)?;
    }
    Ok(if ready { Exit::Ok } else { Exit::Failure })
}

/// The user's own interpreter.
fn own(runtime: &Runtime, json: bool) -> Result<Exit> {
    let interpreter = runtime.interpreter();
    if json {
        print_json(&json!({
            "state": "own",
            "executable": interpreter.executable,
            "python_version": runtime.python_version(),
            "packages": runtime.packages(),
            "visible": interpreter.read_only,
        }))?;
    } else {
        let mut text = format!(
            "state:  your own interpreter\npython: {} {}\n",
            interpreter.executable.display(),
            runtime.python_version()
        );
        for (package, version) in runtime.packages() {
            text.push_str(&format!("  {package} {version}\n"));
        }
        print_text(&text)?;
    }
    Ok(Exit::Ok)
}
