//! `mledojo doctor`.

use anyhow::Result;
use mledojo_sandbox::host::{Check, Status, probe, sandboxes};
use mledojo_sandbox::{ManagedRuntime, RuntimeState};
use serde_json::json;

use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::settings::Settings;

pub(crate) fn run(settings: &Settings, json: bool) -> Result<Exit> {
    let host = probe();
    let sandboxes = sandboxes(&host, settings.image.as_deref());
    let chosen = settings.sandbox.name();
    let usable = sandboxes.iter().any(|check| check.name == chosen && check.status != Status::Missing);
    let runtime = ManagedRuntime::new(settings.runtime_dir()).status();
    let ready = matches!(runtime.state, RuntimeState::Ready) || settings.python.is_some();
    if json {
        print_json(&json!({
            "host": host,
            "sandboxes": sandboxes,
            "sandbox": chosen,
            "runtime": runtime,
            "python": settings.python,
        }))?;
    } else {
        let mut text = String::new();
        host.checks.iter().for_each(|check| text.push_str(&line(check, "")));
        sandboxes.iter().for_each(|check| text.push_str(&line(check, "sandbox ")));
        let mark = if ready { "ok     " } else { "warning" };
        text.push_str(&format!("{mark} runtime: {} in {}\n", runtime.state, runtime.dir.display()));
        if !ready {
            text.push_str("        hint: `mledojo runtime install` makes it; `demo` and `run` do so by themselves\n");
        }
        text.push_str(&format!(
            "\nagents' code runs in `{chosen}`{}\n",
            if usable { "" } else { ", which can't be used here" }
        ));
        print_text(&text)?;
    }
    Ok(if usable { Exit::Ok } else { Exit::Failure })
}

fn line(check: &Check, kind: &str) -> String {
    let mark = match check.status {
        Status::Ok => "ok     ",
        Status::Warning => "warning",
        Status::Missing => "MISSING",
    };
    let hint = check.hint.as_ref().map(|hint| format!("        hint: {hint}\n")).unwrap_or_default();
    format!("{mark} {kind}{}: {}\n{hint}", check.name, check.detail)
}
