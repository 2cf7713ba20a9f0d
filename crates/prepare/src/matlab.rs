//! Emptying a field of the structures in a MATLAB file of level 5.
//!
//! Source: MathWorks, "MAT-File Format", chapter 1. A file is a header of 128 bytes and data elements: a type and a
//! size of 4 bytes each, then the data, padded to 8 bytes. Arrays are elements that hold elements; compressed ones hold
//! a zlib stream of one.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

const HEADER: usize = 128;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
const CLASS_CELL: u8 = 1;
const CLASS_STRUCT: u8 = 2;
const CLASS_OBJECT: u8 = 3;
/// More decompressed bytes than this are taken for an attack.
const MOST: u64 = 1 << 31;
/// Arrays in arrays. More are no data of people's.
const DEEPEST: usize = 32;

/// The file with the field empty in every structure that has it, at any depth.
///
/// # Errors
/// What is wrong with a file that is none of level 5, or is damaged.
pub(crate) fn without_field(file: &[u8], field: &str) -> Result<Vec<u8>, &'static str> {
    let header = file.get(..HEADER).ok_or("it ends within its header")?;
    let big = match &header[126..] {
        b"IM" => false,
        b"MI" => true,
        _ => return Err("it is no MATLAB file of level 5"),
    };
    let format = Format { big, field: field.as_bytes() };
    let mut out = header.to_vec();
    let mut rest = &file[HEADER..];
    while !rest.is_empty() {
        let element = format.next(&mut rest)?;
        if element.kind == COMPRESSED {
            let mut inner = Vec::new();
            let read = ZlibDecoder::new(element.data).take(MOST).read_to_end(&mut inner);
            if read.map_err(|_| "a compressed array is damaged")? as u64 == MOST {
                return Err("a compressed array is too large");
            }
            let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
            let emptied = format.copied(format.next(&mut inner.as_slice())?, DEEPEST)?;
            let packed = packed.write_all(&emptied).and_then(|()| packed.finish());
            let packed = packed.map_err(|_| "an array cannot be compressed")?;
            out.extend(format.tag(COMPRESSED, packed.len())?);
            out.extend(packed);
        } else {
            out.extend(format.copied(element, DEEPEST)?);
        }
    }
    Ok(out)
}

#[derive(Clone, Copy)]
struct Format<'a> {
    /// Whether numbers begin with their highest byte.
    big: bool,
    field: &'a [u8],
}

#[derive(Clone, Copy)]
struct Element<'a> {
    kind: u32,
    data: &'a [u8],
    /// With its tag and what it is padded with.
    whole: &'a [u8],
}

impl Format<'_> {
    fn number(self, bytes: &[u8]) -> Option<u32> {
        let bytes: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
        Some(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn tag(self, kind: u32, size: usize) -> Result<[u8; 8], &'static str> {
        let size = u32::try_from(size).map_err(|_| "an array is larger than 4 GiB")?;
        let bytes = |number: u32| if self.big { number.to_be_bytes() } else { number.to_le_bytes() };
        let mut tag = [0; 8];
        tag[..4].copy_from_slice(&bytes(kind));
        tag[4..].copy_from_slice(&bytes(size));
        Ok(tag)
    }

    /// Takes the next element.
    fn next<'a>(self, rest: &mut &'a [u8]) -> Result<Element<'a>, &'static str> {
        const SHORT: &str = "it ends within an array";
        let bytes: &'a [u8] = rest;
        let first = self.number(bytes).ok_or(SHORT)?;
        let element = if first >> 16 == 0 {
            let size = self.number(bytes.get(4..).ok_or(SHORT)?).ok_or(SHORT)? as usize;
            let data = bytes.get(8..8 + size).ok_or(SHORT)?;
            let padded = if first == COMPRESSED { size } else { size.next_multiple_of(8) };
            // The last element of a file may lack its padding.
            Element { kind: first, data, whole: &bytes[..bytes.len().min(8 + padded)] }
        } else {
            // Up to four bytes lie within the tag.
            let data = bytes.get(4..4 + (first >> 16) as usize).ok_or(SHORT)?;
            Element { kind: first & 0xffff, data, whole: bytes.get(..8).ok_or(SHORT)? }
        };
        *rest = &bytes[element.whole.len()..];
        Ok(element)
    }

    /// An element with the field empty in it.
    fn copied(self, element: Element<'_>, depth: usize) -> Result<Vec<u8>, &'static str> {
        if element.kind != MATRIX || element.data.is_empty() {
            return Ok(element.whole.to_vec());
        }
        let depth = depth.checked_sub(1).ok_or("arrays lie too deep in each other")?;
        let mut rest = element.data;
        let flags = self.next(&mut rest)?;
        let flag = self.number(flags.data).ok_or("an array has no flags")?;
        let class = (flag & 0xff) as u8;
        if !matches!(class, CLASS_CELL | CLASS_STRUCT | CLASS_OBJECT) {
            return Ok(element.whole.to_vec());
        }
        let mut names: Vec<&[u8]> = Vec::new();
        let (_dimensions, _name) = (self.next(&mut rest)?, self.next(&mut rest)?);
        if class != CLASS_CELL {
            if class == CLASS_OBJECT {
                let _class_name = self.next(&mut rest)?;
            }
            let length = self.number(self.next(&mut rest)?.data).ok_or("a structure's names have no length")? as usize;
            let all = self.next(&mut rest)?.data;
            if length == 0 {
                return Err("a structure's names have no length");
            }
            names = all.chunks(length).map(|name| name.split(|&byte| byte == 0).next().unwrap_or_default()).collect();
        }
        let mut data = element.data[..element.data.len() - rest.len()].to_vec();
        let mut place = 0;
        while !rest.is_empty() {
            let value = self.next(&mut rest)?;
            if !names.is_empty() && names[place % names.len()] == self.field {
                data.extend(self.tag(MATRIX, 0)?);
            } else {
                data.extend(self.copied(value, depth)?);
            }
            place += 1;
        }
        let mut out = self.tag(MATRIX, data.len())?.to_vec();
        out.extend(data);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of `scipy.io.savemat`: a structure `Video` with `NumFrames`, `FrameRate`, `Frames`, `Labels`, `MaxDepth`.
    const PLAIN: &[u8] = include_bytes!("../tests/data/video-plain.mat");
    /// The same, compressed.
    const PACKED: &[u8] = include_bytes!("../tests/data/video.mat");

    fn inflated(file: &[u8]) -> Vec<u8> {
        let mut rest = &file[HEADER..];
        let element = Format { big: false, field: b"" }.next(&mut rest).unwrap();
        assert!(rest.is_empty());
        let mut inner = Vec::new();
        ZlibDecoder::new(element.data).read_to_end(&mut inner).unwrap();
        inner
    }

    #[test]
    fn a_field_is_empty_and_all_else_as_it_was() {
        let holds = |file: &[u8], text: &str| {
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            [text.as_bytes(), &wide].into_iter().any(|text| file.windows(text.len()).any(|part| part == text))
        };
        let emptied = without_field(PLAIN, "Labels").unwrap();
        for (text, before, after) in
            [("Labels", true, true), ("vattene", true, false), ("Begin", true, false), ("HipCenter", true, true)]
        {
            assert_eq!((holds(PLAIN, text), holds(&emptied, text)), (before, after), "{text}");
        }
        assert_eq!(without_field(&emptied, "Labels").unwrap(), emptied);
        assert_eq!(without_field(PLAIN, "Other").unwrap(), PLAIN);
        // The array's own size says what it holds.
        assert_eq!(&emptied[132..136], u32::try_from(emptied.len() - 136).unwrap().to_le_bytes());
        assert_eq!(inflated(PACKED), PLAIN[HEADER..]);
        assert_eq!(inflated(&without_field(PACKED, "Labels").unwrap()), emptied[HEADER..]);
    }

    #[test]
    fn damaged_files_are_refused() {
        for length in [0, 100, 130, 140, 200, 400, PLAIN.len() - 8] {
            assert!(without_field(&PLAIN[..length], "Labels").is_err(), "{length}");
        }
        let mut packed = PACKED.to_vec();
        packed[200] ^= 0xff;
        assert_eq!(without_field(&packed, "Labels"), Err("a compressed array is damaged"));
        assert_eq!(without_field(&[b'x'; 300], "Labels"), Err("it is no MATLAB file of level 5"));
    }
}
