//! The bytes of an archive, read at any place by any thread, and counted.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use super::error::ArchiveError;

/// A reader of its own place in a file that others read as well.
#[derive(Clone)]
pub(super) struct Source<'a> {
    file: Arc<File>,
    length: u64,
    position: u64,
    progress: &'a (dyn Fn(u64) + Sync),
    /// How many bytes are yet to be told.
    untold: u64,
}

impl<'a> Source<'a> {
    pub(super) fn open(archive: &Path, progress: &'a (dyn Fn(u64) + Sync)) -> Result<Self, ArchiveError> {
        let open = || {
            let file = File::open(archive)?;
            let meta = file.metadata()?;
            if meta.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            let length = meta.len();
            Ok(Self { file: Arc::new(file), length, position: 0, progress, untold: length })
        };
        open().map_err(|error| ArchiveError::io("read", archive, error))
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Tells no more than so many bytes from here on: an entry's, however much is read around it.
    pub(super) fn tell_at_most(&mut self, bytes: u64) {
        self.untold = bytes;
    }

    /// Tells what is left of these.
    pub(super) fn tell_rest(&mut self) {
        self.tell(self.untold);
    }

    fn tell(&mut self, read: u64) {
        let told = read.min(self.untold);
        self.untold -= told;
        if told > 0 {
            (self.progress)(told);
        }
    }

    /// The first bytes, up to `length` of them, uncounted.
    pub(super) fn head(&self, length: usize) -> io::Result<Vec<u8>> {
        let mut head = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.file.read_at(&mut head[filled..], filled as u64)? {
                0 => break,
                read => filled += read,
            }
        }
        head.truncate(filled);
        Ok(head)
    }

    /// The last bytes, up to `length` of them, uncounted.
    pub(super) fn tail(&self, length: u64) -> io::Result<Vec<u8>> {
        let start = self.length.saturating_sub(length);
        let mut tail = vec![0; (self.length - start) as usize];
        self.file.read_exact_at(&mut tail, start)?;
        Ok(tail)
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.position)?;
        self.position += read as u64;
        self.tell(read as u64);
        Ok(read)
    }
}

impl Seek for Source<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
