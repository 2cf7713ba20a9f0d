//! `manifest.json`: what preparation wrote, to tell a whole directory from a damaged one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use mledojo_metrics::Protocol;
use serde::{Deserialize, Serialize};

use crate::digest::{sha256_hex, sha256_hex_of_file};
use crate::error::PrepareError;

/// The version of the manifest's format.
const FORMAT: u32 = 2;

/// The manifest's name in a prepared directory.
pub(crate) const MANIFEST_FILE: &str = "manifest.json";

/// Folders with more files than this are recorded as a whole: a manifest of a million pictures would be larger than
/// many a competition, and is read whenever one is opened.
const MANY_FILES: usize = 100;

/// Everything that a prepared directory holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this format: 2.
    pub format: u32,
    /// The competition.
    pub slug: String,
    /// Hash of all that the content depends on: spec, brief, leaderboard, protocol, and the way of preparation.
    pub recipe: String,
    /// The protocol that it was prepared under, where the competition's data differs between them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub protocol: Option<Protocol>,
    /// Every file but this one and those of `folders`, by path.
    pub files: Vec<FileRecord>,
    /// Folders of many files, by path.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub folders: Vec<FolderRecord>,
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

/// The files that lie directly in a folder of a prepared directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderRecord {
    /// Path relative to the directory, with `/`.
    pub path: String,
    /// How many files.
    pub files: usize,
    /// Bytes of all of them.
    pub size: u64,
    /// Hash in hex of a line `name size sha256` for each file, sorted by name.
    pub sha256: String,
}

impl Manifest {
    /// The manifest of a directory: reads every file in it, several at once. `rows` holds the rows of its tables;
    /// `hashed` hears of the bytes that were read.
    pub(crate) fn of_directory(
        slug: &str,
        recipe: &str,
        protocol: Option<Protocol>,
        root: &Path,
        rows: &BTreeMap<String, usize>,
        hashed: &(dyn Fn(u64) + Sync),
    ) -> Result<Self, PrepareError> {
        let Content { files, folders } = Content::read(root, hashed)?;
        let files = files.into_iter().map(|file| FileRecord { rows: rows.get(&file.path).copied(), ..file });
        Ok(Self {
            format: FORMAT,
            slug: slug.to_owned(),
            recipe: recipe.to_owned(),
            protocol,
            files: files.collect(),
            folders,
        })
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
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(PrepareError::io("read", &path, error)),
        };
        let manifest: Self = serde_json::from_slice(&bytes)
            .map_err(|error| PrepareError::Damaged { path: path.clone(), message: error.to_string() })?;
        if manifest.format > FORMAT {
            let message = format!("format {}, this version reads up to {FORMAT}", manifest.format);
            return Err(PrepareError::Damaged { path, message });
        }
        Ok(Some(manifest))
    }

    /// Checks that every file is there with its size, and every folder of many. Reads no content.
    pub(crate) fn check_sizes(&self, root: &Path) -> Result<(), PrepareError> {
        for record in &self.files {
            let path = root.join(&record.path);
            let metadata = look_at(&path)?;
            if !metadata.is_file() || metadata.len() != record.size {
                let message = format!("{} bytes, expected {}", metadata.len(), record.size);
                return Err(PrepareError::Damaged { path, message });
            }
        }
        for record in &self.folders {
            let path = root.join(&record.path);
            if !look_at(&path)?.is_dir() {
                return Err(PrepareError::Damaged { path, message: "it is no folder".to_owned() });
            }
        }
        Ok(())
    }

    /// Reads every file again and compares; a file that the manifest doesn't know is an error too.
    pub(crate) fn verify(&self, root: &Path, hashed: &(dyn Fn(u64) + Sync)) -> Result<(), PrepareError> {
        self.check_sizes(root)?;
        let content = Content::read(root, hashed)?;
        let damaged = |path: &str, message: String| Err(PrepareError::Damaged { path: root.join(path), message });
        let known: BTreeMap<&str, &FileRecord> = self.files.iter().map(|file| (file.path.as_str(), file)).collect();
        for file in &content.files {
            match known.get(file.path.as_str()) {
                None => return damaged(&file.path, "preparation did not write it".to_owned()),
                Some(record) if record.sha256 != file.sha256 => {
                    return damaged(&file.path, format!("SHA-256 {}, expected {}", file.sha256, record.sha256));
                }
                Some(_) => {}
            }
        }
        let found: BTreeMap<&str, &FolderRecord> =
            content.folders.iter().map(|folder| (folder.path.as_str(), folder)).collect();
        for record in &self.folders {
            match found.get(record.path.as_str()) {
                Some(folder) if *folder == record => {}
                Some(folder) => {
                    let message = format!(
                        "{} files of {} bytes with hash {}, expected {} of {} with {}",
                        folder.files, folder.size, folder.sha256, record.files, record.size, record.sha256
                    );
                    return damaged(&record.path, message);
                }
                None => return damaged(&record.path, format!("{} files were here, now there are few", record.files)),
            }
        }
        match content.folders.iter().find(|folder| !self.folders.iter().any(|record| record.path == folder.path)) {
            Some(folder) => damaged(&folder.path, "it holds files that preparation did not write".to_owned()),
            None => Ok(()),
        }
    }
}

fn look_at(path: &Path) -> Result<fs::Metadata, PrepareError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(metadata),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(PrepareError::Damaged { path: path.to_owned(), message: "it is gone".to_owned() })
        }
        Err(error) => Err(PrepareError::io("look at", path, error)),
    }
}

/// What a directory holds.
struct Content {
    files: Vec<FileRecord>,
    folders: Vec<FolderRecord>,
}

impl Content {
    /// Reads `public/` and `private/`.
    fn read(root: &Path, hashed: &(dyn Fn(u64) + Sync)) -> Result<Self, PrepareError> {
        let mut content = Self { files: Vec::new(), folders: Vec::new() };
        let mut folders = vec!["private".to_owned(), "public".to_owned()];
        while let Some(folder) = folders.pop() {
            let path = root.join(&folder);
            let unreadable = |error| PrepareError::io("read", &path, error);
            let mut names = Vec::new();
            for entry in fs::read_dir(&path).map_err(unreadable)? {
                let entry = entry.map_err(unreadable)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.file_type().map_err(unreadable)?.is_dir() {
                    folders.push(format!("{folder}/{name}"));
                } else {
                    names.push(name);
                }
            }
            names.sort_unstable();
            let records = hash_all(root, &folder, &names, hashed)?;
            if records.len() <= MANY_FILES {
                content.files.extend(records);
                continue;
            }
            let lines = names.iter().zip(&records);
            let lines: String = lines.map(|(name, file)| format!("{name} {} {}\n", file.size, file.sha256)).collect();
            content.folders.push(FolderRecord {
                path: folder,
                files: records.len(),
                size: records.iter().map(|file| file.size).sum(),
                sha256: sha256_hex(lines.as_bytes()),
            });
        }
        content.files.sort_by(|a, b| a.path.cmp(&b.path));
        content.folders.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(content)
    }
}

/// Hashes files of one folder, on all cores.
fn hash_all(
    root: &Path,
    folder: &str,
    names: &[String],
    hashed: &(dyn Fn(u64) + Sync),
) -> Result<Vec<FileRecord>, PrepareError> {
    let next = AtomicUsize::new(0);
    let hash = || {
        let mut records = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(name) = names.get(place) else { return Ok::<_, PrepareError>(records) };
            let path = format!("{folder}/{name}");
            let file: PathBuf = root.join(&path);
            let size = look_at(&file)?.len();
            let sha256 = sha256_hex_of_file(&file).map_err(|error| PrepareError::io("read", &file, error))?;
            hashed(size);
            records.push((place, FileRecord { path, size, sha256, rows: None }));
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(names.len());
    let mut records = Vec::with_capacity(names.len());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(hash)).collect();
        for worker in workers {
            match worker.join() {
                Ok(part) => records.extend(part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok::<(), PrepareError>(())
    })?;
    records.sort_unstable_by_key(|(place, _)| *place);
    Ok(records.into_iter().map(|(_, record)| record).collect())
}
