//! What an archive is, by its first bytes.

use std::path::Path;

use super::error::ArchiveError;
use super::source::Source;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Zip,
    SevenZip,
    Tar,
    /// Plain, or with a tar in it.
    Gzip,
}

/// Bytes that say what a file is: a tar's header.
pub(super) const HEAD: usize = 512;

impl Format {
    pub(super) fn of(archive: &Path, source: &Source<'_>) -> Result<Self, ArchiveError> {
        let head = source.head(HEAD).map_err(|error| ArchiveError::io("read", archive, error))?;
        match head.as_slice() {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Ok(Self::Zip),
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Ok(Self::SevenZip),
            [0x1f, 0x8b, ..] => Ok(Self::Gzip),
            _ if is_tar(&head) => Ok(Self::Tar),
            _ => Err(ArchiveError::NotAnArchive { archive: archive.to_owned(), found: looks_like(&head) }),
        }
    }
}

/// Whether a file starts with a tar's header: its checksum fits. Tars from before POSIX have no other mark.
pub(super) fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<HEAD>() else { return false };
    let digits = header[148..156].trim_ascii_start();
    let digits = &digits[..digits.iter().position(|digit| !(b'0'..=b'7').contains(digit)).unwrap_or(digits.len())];
    let told = std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, 8).ok());
    let sum: u32 = header[..148].iter().chain(&header[156..]).map(|byte| u32::from(*byte)).sum();
    told == Some(sum + 8 * u32::from(b' '))
}

fn looks_like(head: &[u8]) -> &'static str {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let starts = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    match head {
        [] => "an empty file",
        _ if starts("<!doctype html") || starts("<html") => {
            "a web page, as servers send in place of a file to who isn't signed in"
        }
        _ if starts("<") => "XML, as servers send in place of a file when something is wrong",
        _ if starts("{") => "JSON, as servers send in place of a file when something is wrong",
        [b'R', b'a', b'r', b'!', ..] => "a RAR archive",
        [b'B', b'Z', b'h', ..] => "a bzip2 file",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "an xz file",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "a zstd file",
        [0, ..] if head.iter().all(|byte| *byte == 0) => "zeros, as a download leaves that never wrote its data",
        _ if head.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace()) => "text",
        _ => "something else",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_send_in_place_of_a_file_is_told_apart() {
        assert!(looks_like(b"\n<!DOCTYPE HTML><html>").starts_with("a web page"));
        assert!(looks_like(b"\xef\xbb\xbf<Html lang=en>").starts_with("a web page"));
        assert!(looks_like(b"<?xml version='1.0'?><Error>").starts_with("XML"));
        assert!(looks_like(b"{\"code\":403}").starts_with("JSON"));
        assert_eq!(looks_like(b"id,target\n1,2\n"), "text");
        assert_eq!(looks_like(b""), "an empty file");
        assert!(looks_like(&[0; 512]).starts_with("zeros"));
        assert_eq!(looks_like(b"\x89PNG\r\n\x1a\n"), "something else");
    }

    #[test]
    fn zeros_and_text_are_no_tar() {
        assert!(!is_tar(&[0; HEAD]));
        assert!(!is_tar(&[b'a'; HEAD]));
        assert!(!is_tar(b"short"));
    }
}
