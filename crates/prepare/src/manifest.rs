//! `manifest.json`: what preparation wrote, to tell a whole directory from a damaged one.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::digest::sha256_hex;
use crate::error::PrepareError;
use crate::layout::OutputFile;

/// The version of the manifest's format.
const FORMAT: u32 = 1;

/// The manifest's name in a prepared directory.
pub(crate) const MANIFEST_FILE: &str = "manifest.json";

/// Everything that a prepared directory holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format: 1.
    pub format: u32,
    /// The competition.
    pub slug: String,
    /// Hash of all that the content depends on: spec, brief, leaderboard, and the way of preparation.
    pub recipe: String,
    /// Every file but this one, by path.
    pub files: Vec<FileRecord>,
}

/// One file of a prepared directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Path relative to the directory, with `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Hash in hex.
    pub sha256: String,
    /// Data rows of a table, its header not counted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<usize>,
}

impl Manifest {
    /// The manifest of files about to be written.
    pub(crate) fn of(slug: &str, recipe: &str, files: &[OutputFile]) -> Self {
        let files = files
            .iter()
            .map(|file| FileRecord {
                path: file.path.clone(),
                size: file.bytes.len() as u64,
                sha256: sha256_hex(&file.bytes),
                rows: file.rows,
            })
            .collect();
        Self { format: FORMAT, slug: slug.to_owned(), recipe: recipe.to_owned(), files }
    }

    /// The manifest as JSON text.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "strings and integers always have a JSON form")]
        let mut bytes = serde_json::to_vec_pretty(self).expect("a manifest is JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Reads the manifest of a directory; `None` when it has none.
    pub(crate) fn read(root: &Path) -> Result<Option<Self>, PrepareError> {
        let path = root.join(MANIFEST_FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(PrepareError::io("read", &path, error)),
        };
        let manifest: Self = serde_json::from_slice(&bytes)
            .map_err(|error| PrepareError::Damaged { path: path.clone(), message: error.to_string() })?;
        if manifest.format != FORMAT {
            let message = format!("format {}, this version reads {FORMAT}", manifest.format);
            return Err(PrepareError::Damaged { path, message });
        }
        Ok(Some(manifest))
    }

    /// Checks that every file is there with its size. Reads no content.
    pub(crate) fn check_sizes(&self, root: &Path) -> Result<(), PrepareError> {
        for record in &self.files {
            let path = root.join(&record.path);
            let metadata = match std::fs::symlink_metadata(&path) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(PrepareError::Damaged { path, message: "the file is gone".to_owned() });
                }
                Err(error) => return Err(PrepareError::io("look at", &path, error)),
            };
            if !metadata.is_file() || metadata.len() != record.size {
                let message = format!("{} bytes, expected {}", metadata.len(), record.size);
                return Err(PrepareError::Damaged { path, message });
            }
        }
        Ok(())
    }
}
