//! `mledojo prepare`.

use std::path::Path;

use anyhow::{Result, bail};
use mledojo_catalog::Competition;
use mledojo_prepare::{AuditReport, Prepared};
use mledojo_sandbox::Runtime;
use serde_json::json;

use crate::args::PrepareArgs;
use crate::exit::Exit;
use crate::output::{print_json, print_text};
use crate::progress::PrepareProgress;
use crate::settings::Settings;
use crate::workbench;

pub(crate) fn run(args: &PrepareArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let catalog = workbench::catalog(settings);
    let slugs = catalog.select(&args.competitions)?;
    for (folder, option) in [(&args.out, "--out"), (&args.raw, "--raw")] {
        if folder.is_some() && slugs.len() != 1 {
            bail!("`{option}` is the folder of one competition, and {} were named", slugs.len());
        }
    }
    if args.out.is_none() && args.raw.is_none() && !args.verify {
        slugs.iter().try_for_each(|slug| workbench::check_data(slug, settings))?;
    }
    let mut runtime = None;
    let mut lines = Vec::new();
    for slug in slugs {
        let competition = catalog.get(&slug)?;
        let out = args.out.clone().unwrap_or_else(|| settings.competition_dir(&slug));
        let prepared =
            if args.verify { verified(&out)? } else { prepare(&competition, args, &out, &mut runtime, settings)? };
        let audit = (!args.verify && !args.no_audit && competition.spec.recipe.is_some())
            .then(|| looked_into(&competition, &prepared))
            .transpose()?;
        let (public, private) = (prepared.public(), prepared.private());
        if !json {
            let whole = if args.verify { "every file is as its manifest says\n" } else { "" };
            print_text(&format!("public:  {}\nprivate: {}\n{whole}", public.display(), private.display()))?;
        }
        let protocol = prepared.manifest().and_then(|manifest| manifest.protocol);
        lines.push(
            json!({ "competition": slug, "public": public, "private": private, "protocol": protocol, "audit": audit }),
        );
    }
    match (&lines[..], json) {
        ([line], true) => print_json(line)?,
        (lines, true) => print_json(&lines)?,
        (_, false) => {}
    }
    Ok(Exit::Ok)
}

/// Makes the data of a competition: of a bundled one from the packages of the runtime, which is made when the first
/// one needs it, of others from their download.
fn prepare(
    competition: &Competition,
    args: &PrepareArgs,
    out: &Path,
    runtime: &mut Option<Runtime>,
    settings: &Settings,
) -> Result<Prepared> {
    let spec = &competition.spec;
    if spec.prepare.is_some() {
        if args.raw.is_some() {
            bail!("`{}` is made from the runtime's packages: it has no download that `--raw` could name", spec.slug);
        }
        let runtime = match runtime {
            Some(runtime) => runtime,
            None => runtime.insert(workbench::runtime(settings)?),
        };
        return workbench::prepare_bundled(competition, runtime, out, settings);
    }
    let raw = args.raw.clone().unwrap_or_else(|| settings.raw_dir(spec));
    if args.raw.is_none() && !raw.exists() && out.exists() {
        // One that came from elsewhere, or whose download is gone.
        return Ok(Prepared::open(out)?);
    }
    let protocol = args.protocol.or(settings.judging.protocol).unwrap_or_default();
    workbench::prepare_download(competition, &raw, out, protocol, settings)
}

/// Looks for leaks, and says on stderr what was found: under protocol `mle-dojo` the reference's are expected.
fn looked_into(competition: &Competition, prepared: &Prepared) -> Result<AuditReport> {
    let progress = PrepareProgress::start(&competition.spec.slug);
    let report = mledojo_prepare::audit(prepared, Some(&competition.spec.submission), &progress)?;
    drop(progress);
    if !report.is_clean() {
        eprint!("WARNING: {}", super::audit::text(&report));
    }
    Ok(report)
}

fn verified(out: &Path) -> Result<Prepared> {
    let prepared = Prepared::open(out)?;
    if prepared.manifest().is_none() {
        bail!("`{}` has no manifest to compare with: it was not prepared by this program", out.display());
    }
    prepared.verify()?;
    Ok(prepared)
}
