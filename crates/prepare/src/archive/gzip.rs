//! Gz files: one packed file, or a packed tar.

use std::io::{BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::error::ArchiveError;
use super::format::{HEAD, is_tar};
use super::sink::Sink;
use super::source::Source;
use super::{tar, unpacked_name};

pub(super) fn unpack(source: Source<'_>, sink: &Sink<'_>) -> Result<(), ArchiveError> {
    let mut data = MultiGzDecoder::new(BufReader::with_capacity(1 << 17, source));
    let mut head = Vec::with_capacity(HEAD);
    data.by_ref()
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(|error| ArchiveError::reading(sink.archive, None, error))?;
    let (is_tar, named_tar) = (is_tar(&head), is_tar_name(sink.archive));
    let mut data = head.as_slice().chain(data);
    if is_tar {
        return tar::unpack_stream(data, sink);
    }
    if named_tar {
        let message = "it is packed, but what is in it is no tar archive".to_owned();
        return Err(ArchiveError::Damaged { archive: sink.archive.to_owned(), entry: None, message });
    }
    let name = unpacked_name(sink.archive);
    let name = name.to_str().ok_or_else(|| sink.name_error(&name.to_string_lossy(), "is not UTF-8"))?;
    sink.file(name, None, &mut data, &mut vec![0; 1 << 17])
}

fn is_tar_name(archive: &Path) -> bool {
    let name = archive.to_string_lossy().to_ascii_lowercase();
    name.ends_with(".tar.gz") || name.ends_with(".tgz")
}
