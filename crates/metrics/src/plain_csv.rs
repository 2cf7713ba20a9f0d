//! Reading CSV files without quotes, many times faster than the general reader.
//!
//! Most tables of numbers have none. Whatever is unusual, an error included, is left to the general reader, which
//! gives it its name.

use crate::cells::Cells;
use crate::table::ReadLimits;

/// A table that has one row a line, from the second line on.
pub(crate) struct Plain {
    pub(crate) header: Vec<String>,
    pub(crate) cells: Cells,
    pub(crate) rows: usize,
}

/// The table of a text with commas and line ends alone, none of them empty; the bytes come back if it has anything
/// else, or breaks a limit.
pub(crate) fn read(bytes: Vec<u8>, limits: &ReadLimits) -> Result<Plain, Vec<u8>> {
    if memchr::memchr2(b'"', 0, &bytes).is_some() {
        return Err(bytes);
    }
    let text = String::from_utf8(with_line_feeds_alone(bytes)?).map_err(|error| error.into_bytes())?;
    match split(&text, limits) {
        Some((header, ends)) => {
            let rows = (ends.len() - 1) / header.len();
            Ok(Plain { header, cells: Cells::separated(text, ends), rows })
        }
        None => Err(text.into_bytes()),
    }
}

/// Lines ended by LF in place of CRLF; the bytes come back if a carriage return stands by itself.
fn with_line_feeds_alone(mut bytes: Vec<u8>) -> Result<Vec<u8>, Vec<u8>> {
    let mut returns = memchr::memchr_iter(b'\r', &bytes).peekable();
    if returns.peek().is_none() {
        return Ok(bytes);
    }
    let ends: Vec<usize> = returns.collect();
    if ends.iter().any(|end| bytes.get(end + 1) != Some(&b'\n')) {
        return Err(bytes);
    }
    let (mut from, mut to) = (0, 0);
    for end in ends.into_iter().chain([bytes.len()]) {
        bytes.copy_within(from..end, to);
        to += end - from;
        from = end + 1;
    }
    bytes.truncate(to);
    Ok(bytes)
}

/// The header, and the places of the separators: the header's end and the end of each cell after it.
fn split(text: &str, limits: &ReadLimits) -> Option<(Vec<String>, Vec<u32>)> {
    let text = text.trim_end_matches('\n');
    let line = text.split('\n').next().filter(|line| !line.is_empty())?;
    let header: Vec<String> = line.split(',').map(str::to_owned).collect();
    let columns = header.len();
    if columns > limits.max_columns || header.iter().any(|name| name.len() > limits.max_field_bytes) {
        return None;
    }
    let body = text.get(line.len()..).filter(|body| !body.is_empty()).unwrap_or_default().as_bytes();
    let rows = memchr::memchr_iter(b'\n', body).count();
    if rows > limits.max_rows {
        return None;
    }
    // No more than a cell a byte, whatever the header promises.
    let mut ends = Vec::with_capacity(rows.saturating_mul(columns).min(body.len()) + 1);
    ends.push(line.len() as u32);
    // The separator before the first cell has been noted.
    let (mut last, mut field) = (line.len(), 0);
    let cells = body.get(1..).unwrap_or_default();
    let mut note = |end: usize, is_line: bool| {
        let length = end - last - 1;
        field += 1;
        // An empty line is no row, not even of one column.
        if length > limits.max_field_bytes || (length == 0 && columns == 1) || is_line != (field == columns) {
            return None;
        }
        if is_line {
            field = 0;
        }
        last = end;
        ends.push(end as u32);
        Some(())
    };
    let start = line.len() + 1;
    let (blocks, rest) = cells.as_chunks();
    let mut last_block = [0; BLOCK];
    last_block[..rest.len()].copy_from_slice(rest);
    for (index, block) in blocks.iter().chain([&last_block]).enumerate() {
        let mut separators = separators(block);
        while separators != 0 {
            let place = separators.trailing_zeros() as usize;
            note(start + index * BLOCK + place, block[place] == b'\n')?;
            separators &= separators - 1;
        }
    }
    if rows > 0 {
        note(text.len(), true)?;
    }
    Some((header, ends))
}

/// Bytes that are searched at once.
const BLOCK: usize = 64;

/// The places of commas and line feeds, a bit a byte.
fn separators(block: &[u8; BLOCK]) -> u64 {
    let (words, _) = block.as_chunks();
    words.iter().enumerate().fold(0, |bits, (index, word)| {
        let word = u64::from_le_bytes(*word);
        let places = equal(word, b',') | equal(word, b'\n');
        // Gathers the eight bits, which are eight places apart, in the highest byte.
        bits | ((places >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index)
    })
}

/// The highest bit of each byte of `word` that is `byte`.
///
/// Source: Warren, "Hacker's Delight", 2nd edition, section 6-1.
fn equal(word: u64, byte: u8) -> u64 {
    const LOW_BITS: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let differs = word ^ (0x0101_0101_0101_0101 * u64::from(byte));
    !(((differs & LOW_BITS) + LOW_BITS) | differs | LOW_BITS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table::Table;

    proptest! {
        /// A quoted header sends the same rows through the general reader.
        #[test]
        fn both_readers_agree(text in "(a,b\r?\n)?([x,é\x01-\x7f]{0,3}(\r?\n)?){0,40}", columns in 1..3_usize) {
            let text = text.replace(['"', '\0'], "");
            let limits = ReadLimits { max_field_bytes: 6, ..ReadLimits::default() };
            let rest = if columns == 1 { "" } else { ",i" };
            let general = Table::parse(format!("\"h\"{rest}\n{text}").as_bytes(), &limits);
            let plain = read(format!("h{rest}\n{text}").into_bytes(), &limits);
            match (general, plain) {
                (Ok(general), Ok(plain)) => {
                    prop_assert_eq!(general.header(), plain.header.as_slice());
                    prop_assert_eq!(general.rows(), plain.rows);
                    for row in 0..general.rows() {
                        prop_assert_eq!(general.line(row), row as u64 + 2);
                        for (place, name) in plain.header.iter().enumerate() {
                            let cell = general.column(name).map(|column| column.get(row));
                            prop_assert_eq!(cell, Some(plain.cells.get(row * plain.header.len() + place)));
                        }
                    }
                }
                (Ok(_), Err(bytes)) => {
                    // Only for the sake of empty lines.
                    let text = String::from_utf8_lossy(&bytes).replace('\r', "");
                    prop_assert!(text.trim_end_matches('\n').contains("\n\n"), "{:?}", text);
                }
                (Err(_), Err(_)) => {}
                (Err(error), Ok(_)) => prop_assert!(false, "{error}"),
            }
        }

        #[test]
        fn every_separator_is_found(block in proptest::collection::vec(0..=255_u8, BLOCK)) {
            let block: [u8; BLOCK] = block.try_into().expect("one block");
            let expected = block.iter().enumerate().filter(|(_, byte)| matches!(byte, b',' | b'\n'));
            let expected = expected.fold(0_u64, |bits, (place, _)| bits | 1 << place);
            prop_assert_eq!(separators(&block), expected);
        }
    }
}
