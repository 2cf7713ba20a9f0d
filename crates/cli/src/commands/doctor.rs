//! `mledojo doctor`.

use anyhow::Result;
use mledojo_sandbox::host::{Status, probe};
use mledojo_sandbox::{ManagedRuntime, RuntimeState};
use serde_json::json;

use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, json: bool) -> Result<Exit> {
    let host = probe();
    let runtime = ManagedRuntime::new(settings.runtime_dir()).status();
    let ready = matches!(runtime.state, RuntimeState::Ready) || settings.python.is_some();
    let missing = host.checks.iter().any(|check| check.status == Status::Missing);
    if json {
        print_json(&json!({ "host": host, "runtime": runtime, "python": settings.python }))?;
    } else {
        let mut text = String::new();
        for check in &host.checks {
            let mark = match check.status {
                Status::Ok => "ok     ",
                Status::Warning => "warning",
                Status::Missing => "MISSING",
            };
            text.push_str(&format!("{mark} {}: {}\n", check.name, check.detail));
            if let Some(hint) = &check.hint {
                text.push_str(&format!("        hint: {hint}\n"));
            }
        }
        let mark = if ready { "ok     " } else { "warning" };
        text.push_str(&format!("{mark} runtime: {} in {}\n", runtime.state, runtime.dir.display()));
        if !ready {
            text.push_str("        hint: `mledojo runtime install` makes it; `demo` and `run` do so by themselves\n");
        }
        print_text(&text)?;
    }
    Ok(if missing { Exit::Failure } else { Exit::Ok })
}
