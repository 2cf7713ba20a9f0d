//! 7z archives.

use std::borrow::Cow;
use std::io::{BufReader, Read};

use sevenz_rust2::{ArchiveEntry, ArchiveReader, Error, Password};

use super::error::ArchiveError;
use super::sink::Sink;
use super::source::Source;

/// Dictionaries and headers above this are refused. 7-Zip's own programs use up to 1.5 GiB.
const MEMORY_KIB: usize = 2 << 20;

pub(super) fn unpack(source: &Source<'_>, sink: &Sink<'_>) -> Result<(), ArchiveError> {
    let buffered = BufReader::with_capacity(1 << 16, source.clone());
    let mut reader = ArchiveReader::new_with_memory_limit(buffered, Password::empty(), MEMORY_KIB).map_err(
        |error| match is_cut(source) {
            true => ArchiveError::Truncated { archive: sink.archive.to_owned(), entry: None },
            false => sevenz_error(sink, None, error),
        },
    )?;

    let archive = reader.archive();
    if let Some(index) = (0..archive.files.len()).find(|index| archive.is_file_encrypted(*index)) {
        let entry = Some(archive.files[index].name.clone());
        return Err(ArchiveError::Encrypted { archive: sink.archive.to_owned(), entry });
    }
    sink.foresee(archive.files.iter().fold(0, |bytes, file| file.size.saturating_add(bytes)))?;

    let mut buffer = vec![0; 1 << 17];
    let (mut refused, mut current) = (None, None);
    let done = reader.for_each_entries(|entry, data| {
        current = Some(entry.name.clone());
        unpack_entry(entry, data, sink, &mut buffer).map(|()| true).map_err(|error| {
            refused = Some(error);
            Error::Other(Cow::Borrowed("refused"))
        })
    });
    match (refused, done) {
        (Some(error), _) => Err(error),
        (None, done) => done.map_err(|error| sevenz_error(sink, current.as_deref(), error)),
    }
}

/// Whether the file ends before the header at its end does, whose offset and size the first 32 bytes tell.
fn is_cut(source: &Source<'_>) -> bool {
    let Ok(head) = source.head(32) else { return false };
    let number = |at: usize| head.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    match (number(12), number(20)) {
        (Some(offset), Some(size)) => offset.saturating_add(size).saturating_add(32) > source.length(),
        _ => true,
    }
}

fn unpack_entry(
    entry: &ArchiveEntry,
    data: &mut dyn Read,
    sink: &Sink<'_>,
    buffer: &mut [u8],
) -> Result<(), ArchiveError> {
    let special = |kind| {
        let (archive, entry) = (sink.archive.to_owned(), entry.name.clone());
        Err(ArchiveError::Special { archive, entry, kind })
    };
    if entry.is_anti_item {
        return special("the order to delete");
    }
    // Bit 15 says that the mode of Unix is in the upper half; bit 10 is a link of Windows.
    let mode = if entry.windows_attributes & 0x8000 == 0 { 0 } else { entry.windows_attributes >> 16 };
    match mode & 0o170_000 {
        0o120_000 => return special("the link"),
        _ if entry.windows_attributes & 0x400 != 0 => return special("the link"),
        0 | 0o040_000 | 0o100_000 => {}
        _ => return special("the device"),
    }
    match entry.is_directory {
        true => sink.folder(&entry.name),
        false => sink.file(&entry.name, Some(entry.size), data, buffer),
    }
}

fn sevenz_error(sink: &Sink<'_>, entry: Option<&str>, error: Error) -> ArchiveError {
    let (archive, owned) = (sink.archive.to_owned(), entry.map(str::to_owned));
    match error {
        Error::Io(error, _) => ArchiveError::reading(sink.archive, entry, error),
        Error::PasswordRequired | Error::MaybeBadPassword(_) => ArchiveError::Encrypted { archive, entry: owned },
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => {
            ArchiveError::Encrypted { archive, entry: owned }
        }
        Error::UnsupportedVersion { .. }
        | Error::ExternalUnsupported
        | Error::UnsupportedCompressionMethod(_)
        | Error::MaxMemLimited { .. }
        | Error::Unsupported(_) => ArchiveError::Unsupported { archive, entry: owned, message: error.to_string() },
        Error::Other(message) => ArchiveError::Damaged { archive, entry: owned, message: message.into_owned() },
        Error::ChecksumVerificationFailed | Error::NextHeaderCrcMismatch => {
            ArchiveError::Damaged { archive, entry: owned, message: "a checksum doesn't fit".to_owned() }
        }
        _ => ArchiveError::Damaged { archive, entry: owned, message: error.to_string() },
    }
}
