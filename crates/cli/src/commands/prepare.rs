//! `mledojo prepare`.

use anyhow::Result;
use serde_json::json;

use crate::args::PrepareArgs;
use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(args: &PrepareArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let competition = workbench::catalog(settings).get(&args.competition)?;
    let runtime = workbench::runtime(settings)?;
    let out = args.out.clone().unwrap_or_else(|| settings.competition_dir(&args.competition));
    let prepared = workbench::prepare(&competition, &runtime, &out)?;
    let (public, private) = (prepared.public(), prepared.private());
    if json {
        print_json(&json!({ "competition": args.competition, "public": public, "private": private }))?;
    } else {
        print_text(&format!("public:  {}\nprivate: {}\n", public.display(), private.display()))?;
    }
    Ok(Exit::Ok)
}
