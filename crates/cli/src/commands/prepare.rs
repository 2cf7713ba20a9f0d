//! `mledojo prepare`.

use anyhow::{Result, bail};
use serde_json::json;

use crate::args::PrepareArgs;
use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(args: &PrepareArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let catalog = workbench::catalog(settings);
    let slugs = catalog.select(&args.competitions)?;
    if args.out.is_some() && slugs.len() != 1 {
        bail!("`--out` is the folder of one competition, and {} were named", slugs.len());
    }
    if args.out.is_none() {
        slugs.iter().try_for_each(|slug| workbench::check_data(slug, settings))?;
    }
    let runtime = workbench::runtime(settings)?;
    let mut lines = Vec::new();
    for slug in slugs {
        let competition = catalog.get(&slug)?;
        let out = args.out.clone().unwrap_or_else(|| settings.competition_dir(&slug));
        let prepared = workbench::prepare(&competition, &runtime, &out)?;
        let (public, private) = (prepared.public(), prepared.private());
        if !json {
            print_text(&format!("public:  {}\nprivate: {}\n", public.display(), private.display()))?;
        }
        lines.push(json!({ "competition": slug, "public": public, "private": private }));
    }
    match (&lines[..], json) {
        ([line], true) => print_json(line)?,
        (lines, true) => print_json(&lines)?,
        (_, false) => {}
    }
    Ok(Exit::Ok)
}
