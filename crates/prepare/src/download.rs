//! Making the directory of a competition from its download.

use std::fs;
use std::path::Path;

use mledojo_catalog::spec::recipe::RecipeSpec;
use mledojo_catalog::{BoardKind, BoardSource, Competition};
use mledojo_metrics::Protocol;
use serde_json::json;

use crate::digest::{sha256_hex, sha256_hex_of_file};
use crate::error::PrepareError;
use crate::install::{Site, resolve};
use crate::layout;
use crate::manifest::Manifest;
use crate::prepared::Prepared;
use crate::progress::{Progress, ProgressUnit};
use crate::recipe;
use crate::script::ScriptRunner;
use crate::workspace::Workspace;

/// The version of the steps and of the recipes written in Rust. A higher one makes every directory be prepared anew.
const RECIPE_VERSION: u32 = 1;

/// What to prepare, from which download, and where.
#[derive(Clone, Copy)]
pub struct DownloadRequest<'a> {
    /// The competition: its spec has the recipe.
    pub competition: &'a Competition,
    /// The folder of the download: Kaggle's zip as a whole, its files, or what was unpacked from them. It is not
    /// written to.
    pub raw: &'a Path,
    /// The directory to make; its parents are created, and a lock file `.<name>.lock` stays beside it.
    pub out: &'a Path,
    /// Whether leaks of the reference stay (`mle-dojo`) or are closed (`corrected`).
    pub protocol: Protocol,
    /// What runs scripts, for recipes that have one.
    pub scripts: Option<&'a dyn ScriptRunner>,
    /// Hears what is being done.
    pub progress: &'a dyn Progress,
}

/// Makes the directory of a competition from its download, or finds it whole.
///
/// A directory that the same recipe made of the same files (by name, size and time of change) under the same protocol
/// is returned as it is. Otherwise the new one is made beside it and swapped in. A try that was killed is taken up where it
/// left off: what was unpacked and placed stays.
///
/// # Errors
/// A competition without a recipe, a file that the download lacks, a damaged archive or table, an output directory
/// that holds other things, a full disk, or any other failure of the file system. The directory is then as before.
pub fn prepare_download(request: &DownloadRequest<'_>) -> Result<Prepared, PrepareError> {
    let DownloadRequest { competition, raw, out, protocol, scripts, progress } = *request;
    let slug = &competition.spec.slug;
    let steps = competition.spec.recipe.as_ref().ok_or_else(|| PrepareError::NoRecipe { slug: slug.clone() })?;
    let key = key(request)?;
    let out = resolve(out)?;
    if let Some(prepared) = whole(&out, &key) {
        return Ok(prepared);
    }
    let site = Site::lock(&out)?;
    // Another process may have made it while this one waited.
    if let Some(prepared) = whole(&out, &key) {
        return Ok(prepared);
    }
    let staging = site.stage(&key[..16])?;
    let mut workspace = Workspace::new(competition, protocol, raw, staging.folder(), progress)?;
    workspace.scripts = scripts;
    workspace.unpack_bundle()?;
    recipe::run(&steps.steps, &mut workspace)?;
    workspace.write_bytes("public/description.md", competition.brief.as_bytes())?;
    for file in layout::boards(competition) {
        workspace.write_bytes(&file.path, &file.bytes)?;
    }
    progress.begin("hashing", None, ProgressUnit::Bytes);
    let rows = workspace.written_rows();
    let manifest = Manifest::of_directory(slug, &key, Some(protocol), &staging.new_folder(), rows, &|bytes| {
        progress.advance(bytes);
    })?;
    staging.commit(&manifest.to_json())?;
    Prepared::open(&out)
}

/// The directory, if this recipe made it and nothing is missing from it.
fn whole(out: &Path, key: &str) -> Option<Prepared> {
    let prepared = Prepared::open(out).ok()?;
    prepared.manifest().is_some_and(|manifest| manifest.recipe == key).then_some(prepared)
}

/// A hash of everything that the files depend on. Of the download it takes names, sizes and times of change of what
/// lies at its top: hashing hundreds of gigabytes would take longer than preparing them.
fn key(request: &DownloadRequest<'_>) -> Result<String, PrepareError> {
    let DownloadRequest { competition, raw, protocol, .. } = request;
    let unreadable = |error| PrepareError::io("read", raw, error);
    let mut files = Vec::new();
    for entry in fs::read_dir(raw).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let metadata = fs::metadata(entry.path()).map_err(unreadable)?;
        let changed = metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let size = if metadata.is_file() { metadata.len() } else { 0 };
        files.push((entry.file_name().to_string_lossy().into_owned(), size, changed.map(|time| time.as_nanos())));
    }
    files.sort_unstable();
    let files: Vec<String> =
        files.into_iter().map(|(name, size, changed)| format!("{name} {size} {changed:?}")).collect();
    let scripts = competition.spec.recipe.iter().flat_map(RecipeSpec::scripts);
    let scripts = scripts.map(|script| {
        let file = competition.folder.as_ref()?.join(script);
        // One that cannot be read fails when it is run.
        sha256_hex_of_file(&file).ok()
    });
    let scripts: Vec<Option<String>> = scripts.collect();
    let scores = |kind| {
        let board = competition.leaderboard.board(kind).filter(|board| board.source() == BoardSource::Exact);
        board.map(|board| board.scores().to_vec())
    };
    let parts = json!([
        RECIPE_VERSION,
        competition.spec,
        competition.brief,
        scores(BoardKind::Public),
        scores(BoardKind::Private),
        protocol,
        files,
        scripts,
    ]);
    Ok(sha256_hex(parts.to_string().as_bytes()))
}
