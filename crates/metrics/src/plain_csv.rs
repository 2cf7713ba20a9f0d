//! Reading CSV files without quotes, several times faster than the general reader.
//!
//! Most tables of numbers have none. Whatever is unusual, an error included, is left to the general reader, which
//! gives it its name.

use crate::cells::Cells;
use crate::table::ReadLimits;

/// The rows of a file below its header.
pub(crate) struct Plain {
    pub(crate) header: Vec<String>,
    pub(crate) cells: Cells,
    /// The line of each row, from 1.
    pub(crate) lines: Vec<u32>,
}

/// The table of a text with commas and line feeds alone; `None` if it has anything else, or breaks a limit.
pub(crate) fn read(bytes: &[u8], limits: &ReadLimits) -> Option<Plain> {
    if memchr::memchr3(b'"', b'\r', 0, bytes).is_some() {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.split_terminator('\n').zip(1_u32..).filter(|(line, _)| !line.is_empty());
    let header: Vec<String> = lines.next()?.0.split(',').map(str::to_owned).collect();
    let columns = header.len();
    if columns > limits.max_columns || header.iter().any(|name| name.len() > limits.max_field_bytes) {
        return None;
    }
    let mut cells = Cells::default();
    let mut numbers = Vec::new();
    let mut fields: Vec<usize> = Vec::with_capacity(columns);
    let mut row = String::new();
    for (line, number) in lines {
        fields.clear();
        row.clear();
        let mut start = 0;
        for comma in memchr::memchr_iter(b',', line.as_bytes()).chain(std::iter::once(line.len())) {
            if comma - start > limits.max_field_bytes || fields.len() == columns {
                return None;
            }
            row.push_str(&line[start..comma]);
            fields.push(row.len());
            start = comma + 1;
        }
        if fields.len() != columns || numbers.len() == limits.max_rows {
            return None;
        }
        cells.extend(&row, fields.iter().copied());
        numbers.push(number);
    }
    Some(Plain { header, cells, lines: numbers })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table::Table;

    proptest! {
        /// A quoted header sends the same rows through the general reader.
        #[test]
        fn both_readers_agree(text in "(a,b\n)?([x,é]{0,3}\n?){0,12}") {
            let limits = ReadLimits { max_field_bytes: 4, ..ReadLimits::default() };
            let general = Table::parse(format!("\"h\",i\n{text}").as_bytes(), &limits);
            let plain = read(format!("h,i\n{text}").as_bytes(), &limits);
            match (general, plain) {
                (Ok(general), Some(plain)) => {
                    prop_assert_eq!(general.header(), plain.header.as_slice());
                    prop_assert_eq!(general.rows(), plain.lines.len());
                    for row in 0..general.rows() {
                        prop_assert_eq!(general.line(row), u64::from(plain.lines[row]));
                        for (place, name) in plain.header.iter().enumerate() {
                            let cell = general.column(name).map(|column| column.get(row));
                            prop_assert_eq!(cell, Some(plain.cells.get(row * plain.header.len() + place)));
                        }
                    }
                }
                (Err(_), None) => {}
                (general, plain) => {
                    prop_assert!(false, "general {:?}, plain {}", general.map(|table| table.rows()), plain.is_some());
                }
            }
        }
    }
}
