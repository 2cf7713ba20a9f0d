//! `mledojo agents`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use mledojo_agents::{AgentSpec, Prompts, TreePage};
use serde_json::json;

use crate::args::AgentsCommand;
use crate::exit::Exit;
use crate::output::{print_json, print_text, table};

pub(crate) fn run(command: &AgentsCommand, json: bool) -> Result<Exit> {
    match command {
        AgentsCommand::List => list(json),
        AgentsCommand::Show { name, prompt, prompts } => show(name, prompt.as_deref(), prompts.as_deref(), json),
        AgentsCommand::Tree { directory, out } => tree(directory, out, json),
    }?;
    Ok(Exit::Ok)
}

fn asks_model(name: &str) -> bool {
    name.parse::<AgentSpec>().is_ok_and(|spec| spec.asks_model())
}

fn list(json: bool) -> Result<()> {
    if json {
        let agent =
            |(name, about): (&str, &str)| json!({ "agent": name, "about": about, "asks_model": asks_model(name) });
        return print_json(&AgentSpec::NAMES.map(agent));
    }
    let row = |(name, about): (&str, &str)| {
        let model = if asks_model(name) { "--model" } else { "" };
        vec![name.to_owned(), model.to_owned(), about.to_owned()]
    };
    print_text(&table(&["agent", "needs", "what it is"], AgentSpec::NAMES.map(row).to_vec()))
}

fn show(name: &str, prompt: Option<&str>, folder: Option<&Path>, json: bool) -> Result<()> {
    // `script` is as good a name as `script:FILE` here.
    let stem = |name: &str| name.split(':').next().unwrap_or_default().to_owned();
    let is_named = |(known, _): &&(&str, &str)| *known == name || (!name.contains(':') && stem(known) == name);
    let Some((known, about)) = AgentSpec::NAMES.iter().find(is_named) else {
        bail!("there is no agent `{name}`; `mledojo agents list` names all");
    };
    let prompts = Prompts::open(folder)?;
    let own = format!("{}/", stem(name));
    let names: Vec<&str> = prompts.names().filter_map(|name| name.strip_prefix(&own)).collect();
    if let Some(prompt) = prompt {
        let full = if prompt.contains('/') { prompt.to_owned() } else { format!("{own}{prompt}") };
        return match prompts.source(&full) {
            Some(source) if json => {
                print_json(&json!({ "prompt": full, "template": source, "overridden": prompts.is_overridden(&full) }))
            }
            Some(source) => print_text(source),
            None if names.is_empty() => bail!("agent `{name}` has no prompts"),
            None => bail!("agent `{name}` has no prompt `{prompt}`; its prompts are {}", names.join(", ")),
        };
    }
    let overridden = |name: &str| prompts.is_overridden(&format!("{own}{name}"));
    if json {
        let prompts: Vec<_> =
            names.iter().map(|name| json!({ "prompt": name, "overridden": overridden(name) })).collect();
        return print_json(
            &json!({ "agent": known, "about": about, "asks_model": asks_model(known), "prompts": prompts }),
        );
    }
    print_text(&format!("{known}: {about}\n"))?;
    if names.is_empty() {
        return Ok(());
    }
    print_text("\nPrompts (`--prompt NAME` shows one; a file of that name in `--prompts DIR` stands in for it):\n")?;
    names.iter().try_for_each(|name| {
        let note = if overridden(name) { "  (yours)" } else { "" };
        print_text(&format!("  {own}{name}.md{note}\n"))
    })
}

fn tree(directory: &Path, out: &Path, json: bool) -> Result<()> {
    let page = TreePage::read(directory)?;
    std::fs::write(out, page.html()?).with_context(|| format!("cannot write `{}`", out.display()))?;
    let tree = page.tree();
    if json {
        let best = tree.best().map(|best| json!({ "node": best, "value": tree.node(best).value() }));
        return print_json(&json!({ "file": out, "nodes": tree.len(), "best": best }));
    }
    print_text(&format!("{} solutions drawn in {}\n", tree.len(), out.display()))
}
