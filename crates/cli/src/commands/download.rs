//! `mledojo download`.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use mledojo_prepare::dsbench::Dsbench;
use mledojo_prepare::fetch::{DownloadError, DownloadOptions, Downloader, Fetched, OnDisk, free_bytes};
use mledojo_prepare::kaggle::{Credentials, KaggleClient, KaggleError, archive_file, competition_name};
use serde_json::{Value, json};

use crate::args::DownloadArgs;
use crate::download_progress::DownloadProgress;
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::output::{bytes, print_json, print_text, table};
use crate::settings::Settings;
use crate::workbench;

/// A competition to fetch.
struct Wanted {
    slug: String,
    /// Its name at Kaggle.
    name: String,
    folder: PathBuf,
    /// About how many bytes it has, as the catalog says.
    estimate: u64,
}

impl Wanted {
    fn archive(&self) -> PathBuf {
        archive_file(&self.name, &self.folder)
    }
}

pub(crate) fn run(args: &DownloadArgs, settings: &Settings, json: bool) -> Result<Exit> {
    let root = match &args.raw {
        Some(folder) => std::path::absolute(folder)?,
        None if args.dsbench => settings.raw_root().join("dsbench"),
        None => settings.raw_root(),
    };
    if args.dsbench {
        return dsbench(args, &root, settings, json);
    }
    let wanted = wanted(args, &root, settings)?;
    if args.list || !args.file.is_empty() {
        let [one] = &wanted[..] else {
            bail!("`--list` and `--file` are for one competition, and {} were named", wanted.len());
        };
        return if args.list { list(one, settings, json) } else { files(args, one, settings, json) };
    }
    if args.dry_run { plan(&wanted, &root, settings, json) } else { all(args, &wanted, &root, settings, json) }
}

/// Asks Kaggle in the user's name.
pub(crate) fn client(settings: &Settings) -> Result<KaggleClient> {
    let found = Credentials::find()?;
    if let Some(warning) = &found.warning {
        eprintln!("warning: {warning}");
    }
    Ok(KaggleClient::new(&found, &settings.kaggle_url, &DownloadOptions::default())?)
}

/// The error of a competition whose data is elsewhere.
pub(crate) fn not_of_kaggle(slug: &str) -> anyhow::Error {
    anyhow!(
        "`{slug}` is not a competition of Kaggle's: its page is elsewhere\nhint: `mledojo prepare {slug}` needs no download"
    )
}

/// What the arguments name. A set may hold competitions that aren't Kaggle's; a name may not.
fn wanted(args: &DownloadArgs, root: &Path, settings: &Settings) -> Result<Vec<Wanted>> {
    let catalog = workbench::catalog(settings);
    let names = [&args.competitions[..], &args.set[..]].concat();
    let slugs = if args.all { catalog.slugs()? } else { catalog.select(&names)? };
    // `prepare --raw` takes the folder of one competition, and this one makes it.
    let is_folder_of_one = args.raw.is_some() && args.competitions == slugs && slugs.len() == 1;
    let mut wanted = Vec::new();
    for slug in slugs {
        let spec = catalog.get(&slug)?.spec;
        match competition_name(&spec.url) {
            Some(name) => wanted.push(Wanted {
                name: name.to_owned(),
                folder: if is_folder_of_one { root.to_owned() } else { root.join(&slug) },
                estimate: (spec.data_size_mb.max(0.0) * 1e6) as u64,
                slug,
            }),
            None if args.competitions.contains(&slug) => return Err(not_of_kaggle(&slug)),
            None => {}
        }
    }
    if wanted.is_empty() {
        bail!("none of these is a competition of Kaggle's: {}", names.join(", "));
    }
    Ok(wanted)
}

/// Says which files there are.
fn list(one: &Wanted, settings: &Settings, json: bool) -> Result<Exit> {
    let interrupt = Interrupt::listen()?;
    let client = client(settings)?;
    let progress = DownloadProgress::start(&one.slug, &interrupt);
    let listed = interrupt.cancelling(&[], || client.files(&one.name, &progress));
    progress.finish();
    let files = listed?;
    if json {
        print_json(&json!({ "competition": one.slug, "files": files }))?;
        return Ok(Exit::Ok);
    }
    let total: u64 = files.iter().filter_map(|file| file.bytes).sum();
    let rows = files.iter().map(|file| vec![file.bytes.map_or("?".to_owned(), bytes), file.name.clone()]).collect();
    print_text(&format!("{}\n{} files, {}", table(&["size", "file"], rows), files.len(), bytes(total)))?;
    Ok(Exit::Ok)
}

/// Says what would be fetched. With credentials Kaggle is asked, which also shows the rules that aren't accepted yet.
fn plan(wanted: &[Wanted], root: &Path, settings: &Settings, json: bool) -> Result<Exit> {
    let interrupt = Interrupt::listen()?;
    let client = match client(settings) {
        Ok(client) => Some(client),
        Err(error) => {
            eprintln!("warning: the sizes are those of the catalog, about: {error}");
            None
        }
    };
    let (mut lines, mut rows, mut needed) = (Vec::new(), Vec::new(), 0);
    for one in wanted {
        let on_disk = OnDisk::of(&one.archive());
        let asked = client.as_ref().filter(|_| !matches!(on_disk, OnDisk::Whole(_))).map(|client| {
            let progress = DownloadProgress::start(&one.slug, &interrupt);
            let size = interrupt.cancelling(&[], || client.size(&one.name, &progress));
            progress.finish();
            size
        });
        let (exact, problem) = match asked {
            Some(Ok(size)) => (size, None),
            Some(Err(error)) if error.concerns_all() => return Err(error.into()),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        let (state, size) = match on_disk {
            OnDisk::Whole(size) => ("whole", size),
            OnDisk::Part(_) => ("part", exact.unwrap_or(one.estimate)),
            OnDisk::Nothing => ("missing", exact.unwrap_or(one.estimate)),
        };
        let is_exact = exact.is_some() || state == "whole";
        needed += size.saturating_sub(on_disk.bytes());
        let about = if is_exact { "" } else { "about " };
        let state_text = match (&problem, on_disk) {
            (Some(error), _) => error.to_string().lines().next().unwrap_or_default().to_owned(),
            (None, OnDisk::Part(done)) => format!("{} there", bytes(done)),
            (None, _) => state.to_owned(),
        };
        rows.push(vec![one.slug.clone(), format!("{about}{}", bytes(size)), state_text]);
        lines.push(json!({
            "competition": one.slug,
            "file": one.archive(),
            "state": state,
            "bytes": size,
            "exact": is_exact,
            "bytes_on_disk": on_disk.bytes(),
            "error": problem.as_ref().map(told),
        }));
    }
    let free = free_bytes(root)?;
    let fits = needed <= free;
    if json {
        print_json(&json!({ "competitions": lines, "bytes_needed": needed, "bytes_free": free, "fits": fits }))?;
    } else {
        let verdict = if fits { "there is room" } else { "that is not enough" };
        let (needed, free, root) = (bytes(needed), bytes(free), root.display());
        let table = table(&["competition", "size", "state"], rows);
        print_text(&format!("{table}\n{needed} to fetch, {free} free below {root}: {verdict}"))?;
    }
    Ok(if fits { Exit::Ok } else { Exit::Failure })
}

/// Fetches single files of one competition.
fn files(args: &DownloadArgs, one: &Wanted, settings: &Settings, json: bool) -> Result<Exit> {
    let interrupt = Interrupt::listen()?;
    let client = client(settings)?;
    let mut lines = Vec::new();
    for file in &args.file {
        let progress = DownloadProgress::start(file, &interrupt);
        let fetched =
            interrupt.cancelling(&[], || client.download_file(&one.name, file, &one.folder, args.anew, &progress));
        progress.finish();
        let Some(fetched) = unless_interrupted(fetched, &interrupt)? else { return Ok(Exit::Interrupted) };
        lines.push(done(&one.slug, &fetched, json)?);
    }
    if json {
        print_json(&json!({ "competitions": lines }))?;
    }
    Ok(Exit::Ok)
}

/// Fetches the archives of competitions, one after another. One that fails doesn't keep the next from coming, unless that
/// would fail alike.
fn all(args: &DownloadArgs, wanted: &[Wanted], root: &Path, settings: &Settings, json: bool) -> Result<Exit> {
    let interrupt = Interrupt::listen()?;
    if let [_, _, ..] = wanted {
        check_room(args, wanted, root)?;
    }
    let client = client(settings)?;
    let (mut lines, mut there) = (Vec::new(), 0);
    for one in wanted {
        let progress = DownloadProgress::start(&one.slug, &interrupt);
        let fetched = interrupt.cancelling(&[], || client.download_all(&one.name, &one.folder, args.anew, &progress));
        progress.finish();
        match fetched {
            Err(error) if wanted.len() > 1 && !interrupt.is_set() => {
                if !json {
                    eprintln!("error: {}: {error}", one.slug);
                }
                lines.push(json!({ "competition": one.slug, "error": told(&error) }));
                if error.concerns_all() {
                    break;
                }
            }
            fetched => {
                let Some(fetched) = unless_interrupted(fetched, &interrupt)? else { return Ok(Exit::Interrupted) };
                lines.push(done(&one.slug, &fetched, json)?);
                there += 1;
            }
        }
    }
    if json {
        print_json(&json!({ "competitions": lines }))?;
    } else if wanted.len() > 1 {
        print_text(&format!("{there} of {} are there", wanted.len()))?;
    }
    Ok(if there == wanted.len() { Exit::Ok } else { Exit::Failure })
}

/// Refuses a set that cannot fit, by the catalog's sizes; each archive's own size is looked at when it begins.
fn check_room(args: &DownloadArgs, wanted: &[Wanted], root: &Path) -> Result<()> {
    let missing = |one: &Wanted| match OnDisk::of(&one.archive()) {
        OnDisk::Whole(_) if !args.anew => 0,
        OnDisk::Whole(_) => one.estimate,
        part => one.estimate.saturating_sub(part.bytes()),
    };
    let (needed, free) = (wanted.iter().map(missing).sum::<u64>(), free_bytes(root)?);
    if needed > free {
        return Err(KaggleError::from(DownloadError::NoRoom { path: root.to_owned(), needed, free }).into());
    }
    Ok(())
}

fn dsbench(args: &DownloadArgs, root: &Path, settings: &Settings, json: bool) -> Result<Exit> {
    let interrupt = Interrupt::listen()?;
    let downloader = Downloader::new(&DownloadOptions::default());
    let progress = DownloadProgress::start("dsbench", &interrupt);
    let fetched =
        interrupt.cancelling(&[], || Dsbench::download(&downloader, &settings.dsbench_url, root, args.anew, &progress));
    progress.finish();
    let fetched = fetched.map_err(KaggleError::from);
    let Some(fetched) = unless_interrupted(fetched, &interrupt)? else { return Ok(Exit::Interrupted) };
    let tasks = Dsbench::open(&fetched.path)?.slugs();
    if json {
        print_json(&json!({ "file": fetched.path, "bytes": fetched.bytes, "tasks": tasks }))?;
    } else {
        print_text(&format!("{}: {}, {} tasks", fetched.path.display(), bytes(fetched.bytes), tasks.len()))?;
    }
    Ok(Exit::Ok)
}

/// The result, or nothing if the user ended it, which is told.
fn unless_interrupted(fetched: Result<Fetched, KaggleError>, interrupt: &Interrupt) -> Result<Option<Fetched>> {
    match fetched {
        Err(KaggleError::Download(error)) if interrupt.is_set() => {
            eprintln!("{error}");
            Ok(None)
        }
        fetched => Ok(Some(fetched?)),
    }
}

/// Tells of a file that is there, and gives its JSON.
fn done(slug: &str, fetched: &Fetched, json: bool) -> Result<Value> {
    if !json {
        let note = if fetched.transferred == 0 { ", there already" } else { "" };
        print_text(&format!("{slug}: {} ({}{note})", fetched.path.display(), bytes(fetched.bytes)))?;
    }
    Ok(json!({
        "competition": slug,
        "file": fetched.path,
        "bytes": fetched.bytes,
        "bytes_transferred": fetched.transferred,
    }))
}

fn told(error: &KaggleError) -> Value {
    json!({ "kind": error.kind(), "message": error.to_string() })
}
