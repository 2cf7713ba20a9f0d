//! Making the directory of a bundled competition.

use std::path::Path;

use mledojo_catalog::{BoardKind, BoardSource, Competition};

use crate::digest::sha256_hex;
use crate::error::PrepareError;
use crate::install::{Site, resolve};
use crate::layout;
use crate::manifest::Manifest;
use crate::prepared::Prepared;
use crate::source;

/// The version of the way from source to files. A higher one makes every directory be prepared anew.
const RECIPE_VERSION: u32 = 1;

/// What to prepare, from what, and where.
#[derive(Debug, Clone, Copy)]
pub struct PrepareRequest<'a> {
    /// The competition: its spec says how to read the source.
    pub competition: &'a Competition,
    /// The folder of the runtime's packages that the spec's sources lie in.
    pub site_packages: &'a Path,
    /// The directory to make; its parents are created, and a lock file `.<name>.lock` stays beside it.
    pub out: &'a Path,
}

/// Makes the directory of a competition, or finds it whole.
///
/// A directory that this version made of the same spec, brief and leaderboard, and whose files have their sizes, is
/// returned as it is. Otherwise the new one is written beside it and swapped in, so that others see the old, or the
/// new, or for an instant none, but never a half-made one. Any number of processes may prepare the same directory.
///
/// # Errors
/// A competition without a recipe, a source that is missing or differs from the spec's hash, a spec that doesn't fit its source, an output directory
/// that holds other things, a full disk, or any other failure of the file system. The directory is then as before.
pub fn prepare(request: &PrepareRequest<'_>) -> Result<Prepared, PrepareError> {
    let competition = request.competition;
    let spec = competition.spec.prepare.as_ref();
    let spec = spec.ok_or_else(|| PrepareError::NoRecipe { slug: competition.spec.slug.clone() })?;
    let recipe = recipe(competition);
    let out = resolve(request.out)?;
    if let Some(prepared) = whole(&out, &recipe) {
        return Ok(prepared);
    }
    let site = Site::lock(&out)?;
    // Another process may have made it while this one waited.
    if let Some(prepared) = whole(&out, &recipe) {
        return Ok(prepared);
    }
    let table = source::read(spec, request.site_packages, competition.folder.as_deref())?;
    let files = layout::files(competition, spec, &table)?;
    let staging = site.stage("files")?;
    files.iter().try_for_each(|file| staging.write(file))?;
    let rows = files.iter().filter_map(|file| Some((file.path.clone(), file.rows?))).collect();
    let slug = &competition.spec.slug;
    let manifest = Manifest::of_directory(slug, &recipe, None, &staging.new_folder(), &rows, &|_| {})?;
    staging.commit(&manifest.to_json())?;
    Prepared::open(&out)
}

/// The directory, if this recipe made it and nothing is missing from it.
fn whole(out: &Path, recipe: &str) -> Option<Prepared> {
    // Whatever is wrong with it, the cure is to make it anew.
    let prepared = Prepared::open(out).ok()?;
    prepared.manifest().is_some_and(|manifest| manifest.recipe == recipe).then_some(prepared)
}

/// A hash of everything that the files depend on; the sources' own hashes are in the spec.
fn recipe(competition: &Competition) -> String {
    let scores = |kind| {
        let board = competition.leaderboard.board(kind).filter(|board| board.source() == BoardSource::Exact);
        board.map(|board| board.scores().to_vec())
    };
    let parts = serde_json::json!([
        RECIPE_VERSION,
        competition.spec,
        competition.brief,
        scores(BoardKind::Public),
        scores(BoardKind::Private),
    ]);
    sha256_hex(parts.to_string().as_bytes())
}
