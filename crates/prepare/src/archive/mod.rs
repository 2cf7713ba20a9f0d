//! Unpacking what Kaggle packs: zip, gz, tar, tar.gz and 7z, to disk, never loaded whole.
//!
//! Start with [`Unpacker`]. What an archive is, its first bytes say; its name doesn't matter. An archive is input from
//! elsewhere, so nothing in it is trusted:
//!
//! - a name that is absolute, has `..` in it, or control characters, is refused, and so are links and devices: nothing
//!   is written outside the target folder. Two entries whose names mean one file, however they are written, are an
//!   error;
//! - [`Limits`] bound files, bytes, and how many times more bytes come out than went in. They count through
//!   archives within archives;
//! - what an archive says of modes, owners and times is not taken over: files are the user's own and of the time of
//!   unpacking, so that nothing about a file tells how it was packed.
//!
//! An archive is unpacked as a whole or not at all: first into a folder `.unpacking-<archive>` of the target, from where
//! its files are then moved. After an error nothing of it is left; if the process was killed, the next attempt starts
//! anew.

mod budget;
mod error;
mod format;
mod gzip;
mod name;
mod sevenz;
mod sink;
mod source;
mod staging;
mod tar;
mod zip;

use std::fs;
use std::path::{Path, PathBuf};

use budget::Budget;
pub use budget::Limits;
pub use error::ArchiveError;
use format::Format;
use sink::Sink;
use source::Source;
use staging::Staging;

/// How deep archives may lie in each other.
const DEEPEST: usize = 4;

/// Unpacks archives.
///
/// ```no_run
/// use mledojo_prepare::archive::Unpacker;
/// # use std::path::Path;
///
/// let unpacked = Unpacker::new().nested(true).unpack(Path::new("titanic.zip"), Path::new("raw"))?;
/// assert_eq!(unpacked.files, 3);
/// # Ok::<(), mledojo_prepare::archive::ArchiveError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Unpacker<'a> {
    limits: Limits,
    nested: bool,
    progress: &'a (dyn Fn(u64) + Sync),
}

/// What came out of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked {
    /// Files written. An inner archive that was unpacked as well counts, too.
    pub files: u64,
    /// Bytes written.
    pub bytes: u64,
}

impl Default for Unpacker<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Unpacker<'a> {
    /// One with the usual limits that leaves archives in the archive as they are.
    pub fn new() -> Self {
        Self { limits: Limits::default(), nested: false, progress: &|_| () }
    }

    /// Other limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Whether archives in the archive (`train.csv.zip`) are unpacked, too: into the folder where they lie, after which
    /// they are removed. Only names that end in `.zip`, `.gz`, `.tgz`, `.tar` or `.7z` are taken for archives.
    #[must_use]
    pub fn nested(mut self, nested: bool) -> Self {
        self.nested = nested;
        self
    }

    /// Is told the number of archive bytes that were read, whenever some were, from any thread. For the outer archive
    /// they add up to about its size; inner ones come on top.
    #[must_use]
    pub fn progress(mut self, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        self.progress = progress;
        self
    }

    /// Unpacks `archive` into the folder `into`, which is made if it doesn't exist.
    ///
    /// A file of the folder that the archive holds as well is replaced. A gz file that is no tar gives one file, named
    /// as itself without the last ending.
    ///
    /// # Errors
    ///
    /// If it is no archive or not whole, holds what is refused (see the module), is larger than the limits or the free
    /// space, or a file cannot be written.
    pub fn unpack(&self, archive: &Path, into: &Path) -> Result<Unpacked, ArchiveError> {
        let size = fs::metadata(archive).map_err(|error| ArchiveError::io("read", archive, error))?.len();
        let budget = Budget::new(self.limits, size);
        let staging = Staging::new(archive, into)?;
        self.unpack_level(archive, staging.folder(), &budget, 1)?;
        staging.move_into(archive, into)?;
        Ok(Unpacked { files: budget.files(), bytes: budget.bytes() })
    }

    fn unpack_level(&self, archive: &Path, into: &Path, budget: &Budget, depth: usize) -> Result<(), ArchiveError> {
        let source = Source::open(archive, self.progress)?;
        let format = Format::of(archive, &source)?;
        let sink = Sink::new(archive, into, budget, self.nested);
        match format {
            Format::Zip => zip::unpack(&source, &sink)?,
            Format::SevenZip => sevenz::unpack(&source, &sink)?,
            Format::Tar => tar::unpack(source, &sink)?,
            Format::Gzip => gzip::unpack(source, &sink)?,
        }
        for inner in sink.into_inner_archives() {
            if depth == DEEPEST {
                return Err(ArchiveError::TooDeep { archive: inner, deepest: DEEPEST });
            }
            self.unpack_level(&inner, folder_of(&inner), budget, depth + 1)?;
            fs::remove_file(&inner).map_err(|error| ArchiveError::io("remove", &inner, error))?;
        }
        Ok(())
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// Whether a name says that the file is an archive.
fn is_archive_name(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    ["zip", "gz", "tgz", "tar", "7z"].iter().any(|known| ending.as_deref() == Some(known.as_ref()))
}

/// The name of the file in a gz archive: that of the archive without its last ending.
fn unpacked_name(archive: &Path) -> PathBuf {
    archive.file_stem().unwrap_or_default().into()
}
