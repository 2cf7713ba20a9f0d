//! What is written into a picture's file beside the picture.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Bytes from the beginning of a file in which such texts are looked for.
const HEAD: u64 = 64 << 10;

/// The text chunks of a PNG, or the comments and EXIF texts of a JPEG; none if there is nothing.
pub(super) fn note(file: &Path) -> Option<String> {
    let ending = file.extension()?.to_string_lossy().to_lowercase();
    if !matches!(ending.as_str(), "png" | "jpg" | "jpeg") {
        return None;
    }
    let mut head = Vec::new();
    File::open(file).ok()?.take(HEAD).read_to_end(&mut head).ok()?;
    let note = if ending == "png" { png(&head) } else { jpeg(&head) };
    (!note.is_empty()).then_some(note)
}

/// Chunks are a length, a name, the data and a checksum.
fn png(bytes: &[u8]) -> String {
    let mut note = String::new();
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, body)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        if let (Some(b"tEXt" | b"iTXt"), Some(data)) = (body.get(..4), body.get(4..4 + length)) {
            add(&mut note, data);
        }
        rest = body.get(length + 8..).unwrap_or_default();
    }
    note
}

/// Segments are a marker, a length that counts itself, and the data.
fn jpeg(bytes: &[u8]) -> String {
    let mut note = String::new();
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // The picture itself starts here.
        if *marker == 0xda || length < 2 {
            break;
        }
        if let (0xe1 | 0xfe, Some(data)) = (*marker, rest.get(4..2 + length)) {
            add(&mut note, data);
        }
        rest = rest.get(2 + length..).unwrap_or_default();
    }
    note
}

/// Adds what can be read of some bytes.
fn add(note: &mut String, data: &[u8]) {
    for part in data.split(|byte| !(0x20..0x7f).contains(byte)).filter(|part| !part.is_empty()) {
        if !note.is_empty() {
            note.push(' ');
        }
        note.push_str(&String::from_utf8_lossy(part));
    }
}
