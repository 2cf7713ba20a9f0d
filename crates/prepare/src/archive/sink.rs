//! Where unpacked files go: into one folder, never over a file, and within a budget.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::budget::Budget;
use super::error::ArchiveError;
use super::name::path_of;
use super::{folder_of, is_archive_name};

/// The target folder of one archive. Shared between threads.
pub(super) struct Sink<'a> {
    pub(super) archive: &'a Path,
    into: &'a Path,
    budget: &'a Budget,
    /// Archives among the files, where they are to be unpacked.
    inner: Option<Mutex<Vec<PathBuf>>>,
}

impl<'a> Sink<'a> {
    pub(super) fn new(archive: &'a Path, into: &'a Path, budget: &'a Budget, nested: bool) -> Self {
        Self { archive, into, budget, inner: nested.then(Mutex::default) }
    }

    /// The archives that were unpacked, in the order of their paths.
    pub(super) fn into_inner_archives(self) -> Vec<PathBuf> {
        let inner = self.inner.map(|inner| inner.into_inner().unwrap_or_else(|poison| poison.into_inner()));
        let mut inner = inner.unwrap_or_default();
        inner.sort();
        inner
    }

    /// Refuses early what the archive says it holds, if that is too much.
    pub(super) fn foresee(&self, bytes: u64) -> Result<(), ArchiveError> {
        self.budget.foresee(bytes).map_err(|limit| self.too_much(limit))?;
        let space = rustix::fs::statvfs(self.into)
            .map_err(|error| ArchiveError::io("ask for the free space of", self.into, error.into()))?;
        if bytes > space.f_bavail.saturating_mul(space.f_frsize) {
            return Err(self.full(bytes));
        }
        Ok(())
    }

    pub(super) fn too_much(&self, limit: String) -> ArchiveError {
        ArchiveError::TooMuch { archive: self.archive.to_owned(), limit }
    }

    /// Tells the limit that a stream of so many bytes breaks by itself.
    pub(super) fn stream_limit(&self, bytes: u64) -> Result<(), String> {
        self.budget.stream(bytes)
    }

    pub(super) fn folder(&self, entry: &str) -> Result<(), ArchiveError> {
        let path = self.path(entry)?;
        self.budget.take_file().map_err(|limit| self.too_much(limit))?;
        self.make_folder(entry, &path)
    }

    /// Writes a file; `size` is what the archive says of it.
    pub(super) fn file(
        &self,
        entry: &str,
        size: Option<u64>,
        data: &mut dyn Read,
        buffer: &mut [u8],
    ) -> Result<(), ArchiveError> {
        let path = self.path(entry)?;
        if path == self.into {
            return Err(self.name_error(entry, "is empty"));
        }
        self.budget.take_file().map_err(|limit| self.too_much(limit))?;
        let mut file = self.create(entry, &path)?;
        let damaged = |message: String| {
            let (archive, entry) = (self.archive.to_owned(), Some(entry.to_owned()));
            ArchiveError::Damaged { archive, entry, message }
        };
        let mut written = 0;
        loop {
            let read = match data.read(buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(ArchiveError::reading(self.archive, Some(entry), error)),
            };
            written += read as u64;
            if let Some(size) = size.filter(|size| written > *size) {
                return Err(damaged(format!("more data than the {size} bytes that it should have")));
            }
            self.budget.take_bytes(read as u64).map_err(|limit| self.too_much(limit))?;
            file.write_all(&buffer[..read]).map_err(|error| self.writing(&path, read as u64, error))?;
        }
        if let Some(size) = size.filter(|size| written < *size) {
            return Err(damaged(format!("{written} bytes of the {size} that it should have")));
        }
        if let Some(inner) = self.inner.as_ref().filter(|_| is_archive_name(&path)) {
            inner.lock().unwrap_or_else(|poison| poison.into_inner()).push(path);
        }
        Ok(())
    }

    fn path(&self, entry: &str) -> Result<PathBuf, ArchiveError> {
        let path = path_of(entry).map_err(|message| self.name_error(entry, message))?;
        Ok(if path.as_os_str().is_empty() { self.into.to_owned() } else { self.into.join(path) })
    }

    pub(super) fn name_error(&self, entry: &str, message: &'static str) -> ArchiveError {
        ArchiveError::Name { archive: self.archive.to_owned(), entry: entry.to_owned(), message }
    }

    fn create(&self, entry: &str, path: &Path) -> Result<File, ArchiveError> {
        // Most files go into a folder that is there, so it is only made when it turns out to be missing.
        let first = match File::create_new(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.make_folder(entry, folder_of(path))?;
                File::create_new(path)
            }
            first => first,
        };
        first.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => self.exists(entry, path),
            _ => self.writing(path, 0, error),
        })
    }

    fn make_folder(&self, entry: &str, path: &Path) -> Result<(), ArchiveError> {
        fs::create_dir_all(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => self.exists(entry, path),
            _ => self.writing(path, 0, error),
        })
    }

    fn exists(&self, entry: &str, path: &Path) -> ArchiveError {
        ArchiveError::Exists { archive: self.archive.to_owned(), entry: entry.to_owned(), path: path.to_owned() }
    }

    fn writing(&self, path: &Path, bytes: u64, error: io::Error) -> ArchiveError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => self.full(bytes),
            _ => ArchiveError::io("write", path, error),
        }
    }

    fn full(&self, needed: u64) -> ArchiveError {
        ArchiveError::DiskFull { archive: self.archive.to_owned(), folder: self.into.to_owned(), needed }
    }
}
