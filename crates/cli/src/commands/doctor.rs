//! `mledojo doctor`.

use anyhow::Result;
use mledojo_sandbox::host::{Check, Status, probe, sandboxes};
use mledojo_sandbox::{ManagedRuntime, Preload, Runtime, RuntimeState, SandboxChoice, WarmMeasure};
use serde_json::json;

use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(settings: &Settings, json: bool) -> Result<Exit> {
    let host = probe();
    let sandboxes = sandboxes(&host, settings.image.as_deref());
    let chosen = settings.sandbox.name();
    let usable = sandboxes.iter().any(|check| check.name == chosen && check.status != Status::Missing);
    let runtime = ManagedRuntime::new(settings.runtime_dir()).status();
    let ready = matches!(runtime.state, RuntimeState::Ready) || settings.python.is_some();
    let measured = match workbench::workbench(settings).sandbox_choice() {
        SandboxChoice::Warm { preload } if ready && usable => Some(measure(settings, &preload)),
        _ => None,
    };
    let warm = measured.map(|measured| measured.map_err(|error| format!("{error:#}")));
    if json {
        print_json(&json!({
            "host": host,
            "sandboxes": sandboxes,
            "sandbox": chosen,
            "warm": warm.as_ref().map(|warm| match warm {
                Ok(measure) => json!(measure),
                Err(error) => json!({ "error": error }),
            }),
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
        if let Some(warm) = &warm {
            text.push_str(&warm_lines(warm));
        }
        text.push_str(&format!(
            "\nagents' code runs in `{chosen}`{}\n",
            if usable { "" } else { ", which can't be used here" }
        ));
        print_text(&text)?;
    }
    Ok(if usable { Exit::Ok } else { Exit::Failure })
}

/// Starts warm interpreters of the runtime, and sees what they are worth.
fn measure(settings: &Settings, preload: &Preload) -> Result<WarmMeasure> {
    let runtime = match &settings.python {
        Some(python) => Runtime::from_interpreter(python)?,
        None => ManagedRuntime::new(settings.runtime_dir()).open()?,
    };
    Ok(WarmMeasure::take(runtime.interpreter(), preload)?)
}

fn warm_lines(warm: &Result<WarmMeasure, String>) -> String {
    let measure = match warm {
        Ok(measure) => measure,
        Err(error) => return format!("warning warm interpreters: {error}\n"),
    };
    if let Some(reason) = &measure.cold_reason {
        return format!(
            "warning warm interpreters: {reason}\n        hint: each run starts a new interpreter instead\n"
        );
    }
    let mut text = format!(
        "ok      warm interpreters: imports take {:.1} s once; then a run that needs them takes {:.0} ms instead of {:.0} ms\n",
        measure.start_seconds,
        measure.warm_seconds * 1e3,
        measure.cold_seconds * 1e3
    );
    for note in &measure.left_out {
        text.push_str(&format!("        not preloaded: {note}\n"));
    }
    text
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
