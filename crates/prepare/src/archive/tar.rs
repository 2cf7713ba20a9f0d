//! Tar archives, plain or from the inside of a gz file.

use std::cell::Cell;
use std::io::{self, BufReader, Read};

use tar::{Archive, EntryType};

use super::error::ArchiveError;
use super::name::text_of;
use super::sink::Sink;
use super::source::Source;

pub(super) fn unpack(source: Source<'_>, sink: &Sink<'_>) -> Result<(), ArchiveError> {
    unpack_stream(BufReader::with_capacity(1 << 17, source), sink)
}

/// Unpacks a tar, and reads what follows it to the end, so that a packed stream checks itself.
pub(super) fn unpack_stream(stream: impl Read, sink: &Sink<'_>) -> Result<(), ArchiveError> {
    let (ended, broken) = (Cell::new(false), Cell::new(None));
    let mut archive = Archive::new(Watched { stream, read: 0, sink, ended: &ended, broken: &broken });
    let done = unpack_entries(&mut archive, sink);
    // Two blocks of zeros end a tar. If the stream ended first, something is missing.
    let done = done.and_then(|()| match ended.get() {
        true => Err(ArchiveError::Truncated { archive: sink.archive.to_owned(), entry: None }),
        false => io::copy(&mut archive.into_inner(), &mut io::sink())
            .map(|_| ())
            .map_err(|error| ArchiveError::reading(sink.archive, None, error)),
    });
    match (broken.take(), done) {
        (Some(limit), _) => Err(sink.too_much(limit)),
        (None, Err(ArchiveError::Damaged { archive, entry, .. })) if ended.get() => {
            Err(ArchiveError::Truncated { archive, entry })
        }
        (None, done) => done,
    }
}

fn unpack_entries(archive: &mut Archive<impl Read>, sink: &Sink<'_>) -> Result<(), ArchiveError> {
    let reading = |error| ArchiveError::reading(sink.archive, None, error);
    let mut buffer = vec![0; 1 << 17];
    for entry in archive.entries().map_err(reading)? {
        let mut entry = entry.map_err(reading)?;
        let name = entry.path_bytes().into_owned();
        let name = text_of(&name).map_err(|message| sink.name_error(&String::from_utf8_lossy(&name), message))?;
        let special =
            |kind| Err(ArchiveError::Special { archive: sink.archive.to_owned(), entry: name.to_owned(), kind });
        match entry.header().entry_type() {
            // Before POSIX, a folder was a file whose name ended so.
            EntryType::Directory | EntryType::Regular if name.ends_with('/') => sink.folder(name)?,
            EntryType::Directory => sink.folder(name)?,
            EntryType::Regular | EntryType::Continuous => {
                let size = entry.size();
                sink.file(name, Some(size), &mut entry, &mut buffer)?;
            }
            EntryType::GNUSparse => sink.file(name, None, &mut entry, &mut buffer)?,
            EntryType::XGlobalHeader => {}
            EntryType::Symlink => return special("the link"),
            EntryType::Link => return special("the hard link"),
            EntryType::Char | EntryType::Block | EntryType::Fifo => return special("the device"),
            _ => return special("the entry of an unknown kind"),
        }
    }
    Ok(())
}

/// Notes the end of a stream, and stops one that grows beyond the limits: headers are bytes, too.
struct Watched<'a, R> {
    stream: R,
    read: u64,
    sink: &'a Sink<'a>,
    ended: &'a Cell<bool>,
    broken: &'a Cell<Option<String>>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.ended.set(self.ended.get() || (read == 0 && !buffer.is_empty()));
        self.read += read as u64;
        if let Err(limit) = self.sink.stream_limit(self.read) {
            self.broken.set(Some(limit));
            return Err(io::Error::other("too much"));
        }
        Ok(read)
    }
}
