//! Zip archives, several entries at a time.

use std::io::BufReader;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use zip::read::ZipReadOptions;
use zip::result::ZipError;
use zip::{ZipArchive, read::ZipFileEntry};

use super::error::ArchiveError;
use super::sink::Sink;
use super::source::Source;

/// Where the record that ends a zip archive can start: 22 bytes and a comment before the end.
const END_RECORD: u64 = 22 + 65_535;

pub(super) fn unpack(source: &Source<'_>, sink: &Sink<'_>) -> Result<(), ArchiveError> {
    let archive = open(source, sink)?;
    if archive.has_duplicate_names() {
        return Err(damaged(sink, None, "it holds two entries of one name"));
    }
    let mut bytes: u64 = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|error| zip_error(sink, None, error))?;
        bytes = bytes.saturating_add(entry.size());
    }
    sink.foresee(bytes)?;

    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(archive.len());
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        // Headers are read field by field. Data comes in larger pieces, past this buffer.
        let mut source = BufReader::with_capacity(1 << 12, source.clone());
        let mut buffer = vec![0; 1 << 17];
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= archive.len() {
                break;
            }
            let entry = archive.by_index_data(index).map_err(|error| zip_error(sink, None, error));
            let done = entry.and_then(|entry| unpack_entry(entry, &mut source, sink, &mut buffer));
            done.inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for helper in helpers {
            done = done.and(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    })
}

fn open<'a>(source: &Source<'a>, sink: &Sink<'_>) -> Result<ZipArchive<BufReader<Source<'a>>>, ArchiveError> {
    // What is read here is the directory at the end, no entry's bytes.
    let mut directory = source.clone();
    directory.tell_at_most(0);
    ZipArchive::new(BufReader::with_capacity(1 << 16, directory)).map_err(|error| {
        match source.tail(END_RECORD).is_ok_and(|tail| !has_end_record(&tail)) {
            true => ArchiveError::Truncated { archive: sink.archive.to_owned(), entry: None },
            false => zip_error(sink, None, error),
        }
    })
}

/// Whether a whole end record is in the last bytes: a mark, and at its 20th byte the length of the comment behind it.
fn has_end_record(tail: &[u8]) -> bool {
    tail.windows(22).enumerate().any(|(place, record)| {
        let comment = usize::from(u16::from_le_bytes([record[20], record[21]]));
        record.starts_with(b"PK\x05\x06") && place + 22 + comment <= tail.len()
    })
}

fn unpack_entry(
    entry: ZipFileEntry<'_>,
    source: &mut BufReader<Source<'_>>,
    sink: &Sink<'_>,
    buffer: &mut [u8],
) -> Result<(), ArchiveError> {
    // Many programs write UTF-8 without saying so; what isn't UTF-8 is in the code page of the first PCs.
    let name = match std::str::from_utf8(entry.name_raw()) {
        Ok(name) => name.to_owned(),
        Err(_) => entry.name().map_err(|error| zip_error(sink, None, error))?.into_owned(),
    };
    if entry.encrypted() {
        return Err(ArchiveError::Encrypted { archive: sink.archive.to_owned(), entry: Some(name) });
    }
    match entry.unix_mode().unwrap_or_default() & 0o170_000 {
        0 | 0o040_000 | 0o100_000 => {}
        0o120_000 => {
            return Err(ArchiveError::Special { archive: sink.archive.to_owned(), entry: name, kind: "the link" });
        }
        _ => return Err(ArchiveError::Special { archive: sink.archive.to_owned(), entry: name, kind: "the device" }),
    }
    if entry.is_dir() || name.ends_with('\\') {
        return sink.folder(&name);
    }
    let size = entry.size();
    source.get_mut().tell_at_most(entry.compressed_size());
    let mut data =
        entry.with_reader(source, ZipReadOptions::new()).map_err(|error| zip_error(sink, Some(&name), error))?;
    sink.file(&name, Some(size), &mut data, buffer)?;
    drop(data);
    source.get_mut().tell_rest();
    Ok(())
}

fn damaged(sink: &Sink<'_>, entry: Option<&str>, message: &str) -> ArchiveError {
    let (archive, entry) = (sink.archive.to_owned(), entry.map(str::to_owned));
    ArchiveError::Damaged { archive, entry, message: message.to_owned() }
}

fn zip_error(sink: &Sink<'_>, entry: Option<&str>, error: ZipError) -> ArchiveError {
    let owned = || (sink.archive.to_owned(), entry.map(str::to_owned));
    match error {
        ZipError::Io(error) => ArchiveError::reading(sink.archive, entry, error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            let (archive, entry) = owned();
            ArchiveError::Encrypted { archive, entry }
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            let (archive, entry) = owned();
            ArchiveError::Unsupported { archive, entry, message: error.to_string() }
        }
        ZipError::InvalidArchive(message) => damaged(sink, entry, &message),
        _ => damaged(sink, entry, &error.to_string()),
    }
}
