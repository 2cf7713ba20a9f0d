//! The bundled catalog inside the program, as `build.rs` packs it.

use std::io::Read;

use flate2::read::DeflateDecoder;
use serde::Deserialize;

use crate::summary::Summary;

static INDEX: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/index.json"));
static BLOCKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/blocks.bin"));

/// A line of the index.
#[derive(Deserialize)]
struct Line {
    #[serde(flatten)]
    summary: Summary,
    /// Where its files are: offset and length in the blocks.
    block: (usize, usize),
}

/// The texts of a competition's files.
pub(crate) struct Files {
    pub(crate) spec: String,
    pub(crate) brief: String,
    pub(crate) leaderboard: String,
}

fn index() -> Vec<Line> {
    #[expect(clippy::expect_used, reason = "a test reads the index that the build wrote")]
    serde_json::from_slice(INDEX).expect("the index is what the build wrote")
}

/// What is known of all bundled competitions without unpacking any, by slug.
pub(crate) fn summaries() -> Vec<Summary> {
    index().into_iter().map(|line| line.summary).collect()
}

/// The files of one competition; no other is unpacked.
pub(crate) fn files(slug: &str) -> Option<Files> {
    let (offset, length) = index().into_iter().find(|line| line.summary.slug == slug)?.block;
    let mut reader = DeflateDecoder::new(&BLOCKS[offset..offset + length]);
    Some(Files { spec: next(&mut reader)?, brief: next(&mut reader)?, leaderboard: next(&mut reader)? })
}

fn next(reader: &mut impl Read) -> Option<String> {
    let mut length = [0; 4];
    reader.read_exact(&mut length).ok()?;
    let mut text = String::new();
    reader.take(u64::from(u32::from_le_bytes(length))).read_to_string(&mut text).ok()?;
    Some(text)
}
