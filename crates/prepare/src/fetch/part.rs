//! The part of a file that is on disk already, and what the server said of the whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fetch::checksum::{Checksum, Hasher};
use crate::fetch::error::DownloadError;
use crate::fetch::watch::{DownloadEvent, Watch, sleep};

/// What tells whether the rest of a file still belongs to its beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The address that was asked.
    pub(crate) address: String,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// Bytes of the whole file.
    pub(crate) total: Option<u64>,
    pub(crate) checksum: Option<Checksum>,
    /// Whether the server packed the file, so that its name ends in `.zip`.
    pub(crate) packed: bool,
}

/// A file that grows, held against other processes.
pub(crate) struct Part {
    target: PathBuf,
    path: PathBuf,
    file: File,
    record: Option<Record>,
    length: u64,
    hasher: Option<Hasher>,
    /// The folder, if it was made for this file.
    made_folder: Option<PathBuf>,
}

/// How much of a file is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDisk {
    /// Nothing.
    Nothing,
    /// So many bytes of a download that was interrupted, or still goes on.
    Part(u64),
    /// All of its so many bytes.
    Whole(u64),
}

impl OnDisk {
    /// What there is of the file that a download makes.
    #[must_use]
    pub fn of(target: &Path) -> Self {
        let size = |path: &Path| fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len());
        match (size(target), size(&with_suffix(target, ".part"))) {
            (Some(bytes), _) => Self::Whole(bytes),
            (None, Some(bytes)) => Self::Part(bytes),
            (None, None) => Self::Nothing,
        }
    }

    /// Bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Part(bytes) | Self::Whole(bytes) => bytes,
        }
    }
}

/// Who has the file.
pub(crate) enum Claim {
    /// It is whole already.
    Whole(PathBuf),
    /// This process gets it.
    Ours(Box<Part>),
}

/// A path with more at the end of its name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Part {
    /// Claims a file that may be there already, unless `anew`, in which case it is replaced when the new one is whole.
    ///
    /// The lock is on the part itself, so nothing else is left on disk.
    pub(crate) fn claim(target: &Path, packable: bool, anew: bool, watch: &dyn Watch) -> Result<Claim, DownloadError> {
        let path = with_suffix(target, ".part");
        let made_folder = target.parent().filter(|folder| !folder.exists()).map(Path::to_owned);
        let mut waited = false;
        let old = whole(target, packable).and_then(|path| identity(&path));
        loop {
            if let Some(whole) = whole(target, packable).filter(|path| !anew || identity(path) != old) {
                return Ok(Claim::Whole(whole));
            }
            let failed = |error| DownloadError::io("write", &path, error);
            // Each time: one that was refused takes away the folder that it made.
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder).map_err(|error| DownloadError::io("create", folder, error))?;
            }
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
            let file = file.map_err(|error| full(&path, 0, None, error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    if !waited {
                        watch.event(&DownloadEvent::OtherProcess);
                    }
                    waited = true;
                    if !sleep(Duration::from_millis(200), watch) {
                        return Err(DownloadError::Cancelled);
                    }
                    continue;
                }
                Err(TryLockError::Error(error)) => return Err(DownloadError::io("lock", &path, error)),
            }
            // Whoever had the lock may have made it whole, which takes the part away from under its name.
            let locked = file.metadata().map_err(failed)?;
            if identity(&path) == Some((locked.dev(), locked.ino())) {
                let part = Self {
                    target: target.to_owned(),
                    path,
                    file,
                    record: None,
                    length: locked.len(),
                    hasher: None,
                    made_folder,
                };
                return part.opened().map(|part| Claim::Ours(Box::new(part)));
            }
        }
    }

    /// Reads what is known of it; bytes that nothing is known of are of no use.
    fn opened(mut self) -> Result<Self, DownloadError> {
        self.record = fs::read(self.record_path()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let total = self.record.as_ref().and_then(|record| record.total);
        if self.record.is_none() || total.is_some_and(|total| self.length > total) {
            self.clear()?;
        }
        Ok(self)
    }

    fn record_path(&self) -> PathBuf {
        with_suffix(&self.path, ".json")
    }

    /// What is known of the whole file, once bytes of it are on disk.
    pub(crate) fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// Bytes on disk.
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// Whether all that the server has is on disk.
    pub(crate) fn is_complete(&self) -> bool {
        self.record.as_ref().is_some_and(|record| record.total == Some(self.length))
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) -> Result<(), DownloadError> {
        self.record = None;
        self.hasher = None;
        self.length = 0;
        let failed = |error| DownloadError::io("empty", &self.path, error);
        self.file.set_len(0).map_err(failed)?;
        match fs::remove_file(self.record_path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    /// Begins a file. What is known of it is on disk before its first byte.
    pub(crate) fn begin(&mut self, record: Record) -> Result<(), DownloadError> {
        self.clear()?;
        let path = self.record_path();
        let text = serde_json::to_vec(&record).map_err(|error| DownloadError::io("write", &path, error.into()))?;
        fs::write(&path, text).map_err(|error| full(&path, 0, record.total, error))?;
        self.hasher = record.checksum.as_ref().map(Checksum::hasher);
        self.record = Some(record);
        self.seek_to_end()
    }

    /// Goes on with a file, whose size may be known only now: what is on disk is hashed, if there is something to compare
    /// with.
    pub(crate) fn go_on(&mut self, total: Option<u64>, watch: &dyn Watch) -> Result<(), DownloadError> {
        if let Some(record) = &mut self.record {
            record.total = record.total.or(total);
        }
        let checksum = self.record.as_ref().and_then(|record| record.checksum.as_ref());
        if self.hasher.is_none()
            && let Some(mut hasher) = checksum.map(Checksum::hasher)
        {
            let failed = |error| DownloadError::io("read", &self.path, error);
            (&self.file).seek(SeekFrom::Start(0)).map_err(failed)?;
            let mut buffer = vec![0; 1 << 20];
            let mut reader = (&self.file).take(self.length);
            loop {
                if watch.is_cancelled() {
                    return Err(DownloadError::Cancelled);
                }
                match reader.read(&mut buffer).map_err(failed)? {
                    0 => break,
                    length => hasher.update(&buffer[..length]),
                }
            }
            self.hasher = Some(hasher);
        }
        self.seek_to_end()
    }

    fn seek_to_end(&self) -> Result<(), DownloadError> {
        let sought = (&self.file).seek(SeekFrom::Start(self.length));
        sought.map(drop).map_err(|error| DownloadError::io("write", &self.path, error))
    }

    /// Adds bytes.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), DownloadError> {
        let total = self.record.as_ref().and_then(|record| record.total);
        if let Err(error) = self.file.write_all(bytes) {
            // How much of it was written is unknown; the file's end is where it was.
            let _ = self.file.set_len(self.length);
            return Err(full(&self.path, self.length, total, error));
        }
        self.length += bytes.len() as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
        Ok(())
    }

    /// What the bytes hash to and should hash to, if these differ.
    pub(crate) fn damage(&self) -> Option<(String, String)> {
        let checksum = self.record.as_ref()?.checksum.as_ref()?;
        let found = checksum.differs(self.hasher.as_ref()?)?;
        Some((found, checksum.to_string()))
    }

    /// The first bytes.
    pub(crate) fn start(&self) -> Result<[u8; 4], DownloadError> {
        let mut start = [0; 4];
        let length = usize::try_from(self.length.min(4)).unwrap_or(4);
        self.read_at(0, &mut start[..length])?;
        Ok(start)
    }

    /// The last bytes, at most so many.
    pub(crate) fn tail(&self, most: u64) -> Result<Vec<u8>, DownloadError> {
        let length = self.length.min(most);
        let mut tail = vec![0; usize::try_from(length).unwrap_or(0)];
        self.read_at(self.length - length, &mut tail)?;
        Ok(tail)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> Result<(), DownloadError> {
        use std::os::unix::fs::FileExt as _;
        self.file.read_exact_at(bytes, offset).map_err(|error| DownloadError::io("read", &self.path, error))
    }

    /// Puts the whole file in its place, on disk for good.
    pub(crate) fn finish(self) -> Result<PathBuf, DownloadError> {
        let packed = self.record.as_ref().is_some_and(|record| record.packed);
        let target = if packed { with_suffix(&self.target, ".zip") } else { self.target.clone() };
        self.file.sync_all().map_err(|error| full(&self.path, self.length, Some(self.length), error))?;
        fs::rename(&self.path, &target).map_err(|error| DownloadError::io("create", &target, error))?;
        // Without it the next download begins anew at worst.
        let _ = fs::remove_file(self.record_path());
        if let Some(folder) = target.parent() {
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|error| DownloadError::io("write", folder, error))?;
        }
        Ok(target)
    }

    /// Removes it.
    pub(crate) fn discard(mut self) -> Result<(), DownloadError> {
        self.clear()?;
        fs::remove_file(&self.path).map_err(|error| DownloadError::io("remove", &self.path, error))
    }

    /// Removes it if there is nothing in it, so that a refused download leaves no trace.
    pub(crate) fn discard_if_empty(mut self) {
        let made_folder = self.made_folder.take();
        if self.length == 0
            && self.discard().is_ok()
            && let Some(folder) = made_folder
        {
            // Somebody else may have put something into it.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// What tells two files apart, whatever their names.
fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// The whole file, under either of its names.
fn whole(target: &Path, packable: bool) -> Option<PathBuf> {
    let packed = packable.then(|| with_suffix(target, ".zip"));
    [Some(target.to_owned()), packed].into_iter().flatten().find(|path| path.is_file())
}

/// The error of a write, with how far the file got if the disk is full.
fn full(path: &Path, done: u64, total: Option<u64>, error: io::Error) -> DownloadError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            DownloadError::DiskFull { path: path.to_owned(), done, total }
        }
        _ => DownloadError::io("write", path, error),
    }
}
