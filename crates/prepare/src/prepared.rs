//! A prepared competition on disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mledojo_catalog::BoardKind;

use crate::error::PrepareError;
use crate::manifest::Manifest;

/// A directory with `public/` and `private/`, in which every file a competition needs was found.
#[derive(Debug, Clone)]
pub struct Prepared {
    root: PathBuf,
    description: PathBuf,
    manifest: Option<Manifest>,
}

impl Prepared {
    /// Opens a directory that [`prepare`](crate::prepare()) made, or one of MLE-Dojo's, unchanged.
    ///
    /// `public/` and `private/` lie in `dir` or in `dir/data`; the description is `description.md` or
    /// `description.txt`; the leaderboards may be absent. Where there is a manifest, all files must have their sizes.
    ///
    /// # Errors
    /// [`PrepareError::Missing`] names the file that is not there, [`PrepareError::Damaged`] the one that differs.
    pub fn open(dir: &Path) -> Result<Self, PrepareError> {
        let nested = dir.join("data");
        let root = if is_there(&dir.join("public"), Kind::Folder)? {
            dir.to_owned()
        } else if is_there(&nested.join("public"), Kind::Folder)? {
            nested
        } else {
            return Err(PrepareError::Missing {
                path: dir.join("public"),
                expected: "a competition's directory holds the folders public/ and private/, or data/ with both",
            });
        };
        let manifest = Manifest::read(&root)?;
        if let Some(manifest) = &manifest {
            manifest.check_sizes(&root)?;
        }
        let mut description = root.join("public/description.md");
        if !is_there(&description, Kind::File)? {
            description = root.join("public/description.txt");
        }
        let prepared = Self { root, description, manifest };
        for (path, expected) in [
            (prepared.description.clone(), "the task in words, description.md or description.txt"),
            (prepared.sample_submission(), "a valid submission, with a header and a row for each test row"),
            (prepared.answers(), "the right values, in the columns of a submission"),
        ] {
            if !is_there(&path, Kind::File)? {
                return Err(PrepareError::Missing { path, expected });
            }
        }
        Ok(prepared)
    }

    /// The folder that holds `public/` and `private/`.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder that agents see.
    #[must_use]
    pub fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    /// The folder that agents never see.
    #[must_use]
    pub fn private(&self) -> PathBuf {
        self.root.join("private")
    }

    /// The task in words.
    #[must_use]
    pub fn description_file(&self) -> &Path {
        &self.description
    }

    /// A valid submission of constants.
    #[must_use]
    pub fn sample_submission(&self) -> PathBuf {
        self.root.join("public/sample_submission.csv")
    }

    /// The right values, in the columns of a submission.
    #[must_use]
    pub fn answers(&self) -> PathBuf {
        self.root.join("private/test_answer.csv")
    }

    /// Where a board's scores are (`rank,score`). MLE-Dojo's directories may lack the file.
    #[must_use]
    pub fn leaderboard(&self, kind: BoardKind) -> PathBuf {
        self.root.join(match kind {
            BoardKind::Public => "private/public_leaderboard.csv",
            BoardKind::Private => "private/private_leaderboard.csv",
        })
    }

    /// What preparation wrote; `None` for a directory that came from elsewhere.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Reads every file again and compares it with the manifest; a file that the manifest doesn't know is an error
    /// too. A directory without a manifest has nothing to compare with, and passes.
    ///
    /// # Errors
    /// [`PrepareError::Damaged`] names the first file that differs, an I/O variant the one that cannot be read.
    pub fn verify(&self) -> Result<(), PrepareError> {
        self.manifest.as_ref().map_or(Ok(()), |manifest| manifest.verify(&self.root, &|_| {}))
    }
}

#[derive(Clone, Copy)]
enum Kind {
    File,
    Folder,
}

/// Whether a file or folder exists; links count as what they lead to.
fn is_there(path: &Path, kind: Kind) -> Result<bool, PrepareError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(match kind {
            Kind::File => metadata.is_file(),
            Kind::Folder => metadata.is_dir(),
        }),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(PrepareError::io("look at", path, error)),
    }
}
