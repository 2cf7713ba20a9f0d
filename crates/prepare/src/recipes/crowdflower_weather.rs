//! crowdflower-weather-twitter: the names of its columns, read and written again as pandas does.

use std::fs;

use crate::error::PrepareError;
use crate::workspace::Workspace;

const NAMES: &str = "variableNames.txt";

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let file = match workspace.find(NAMES) {
        Err(PrepareError::RawMissing { .. }) => return Ok(()),
        found => found?,
    };
    let bytes = fs::read(&file).map_err(|error| PrepareError::io("read", &file, error))?;
    workspace.write_bytes(&format!("public/{NAMES}"), &as_table(&bytes).unwrap_or(bytes))
}

/// The text written again as a table, if it can be read as one.
fn as_table(text: &[u8]) -> Option<Vec<u8>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().ok()?;
    let (header, rows) = rows.split_first()?;
    // Cells that the first row has more than the header name its row, and go.
    let labels = rows.first().map_or(0, |row| row.len().saturating_sub(header.len()));
    let width = header.len() + labels;
    if rows.iter().any(|row| row.len() > width) {
        return None;
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).ok()?;
    for row in rows {
        writer.write_record((labels..width).map(|place| row.get(place).unwrap_or(""))).ok()?;
    }
    writer.into_inner().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_table_stays() {
        let read = |text: &str| as_table(text.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(read("a,b\n\n1,\"x\"\n2\n").unwrap(), "a,b\n1,x\n2,\n");
        assert_eq!(read("a,b\n1,x,\"y, z\"\n2,x\n").unwrap(), "a,b\nx,\"y, z\"\nx,\n");
        assert_eq!(read("a\nb\nc,d\n"), None);
    }
}
