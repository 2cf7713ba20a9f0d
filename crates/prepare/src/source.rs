//! Reading the tables that ship inside Python packages.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use mledojo_catalog::spec::{Origin, PrepareSpec, Source};

use crate::digest::sha256_hex;
use crate::error::PrepareError;

/// The rows of all sources side by side, as text cells; one cell a column of the spec.
pub(crate) struct Table {
    /// Rows in the order of the source.
    pub(crate) rows: Vec<Vec<String>>,
    /// The first source, for errors.
    pub(crate) path: PathBuf,
}

impl Table {
    /// An error about one row, counted from 0.
    pub(crate) fn invalid(&self, row: usize, message: String) -> PrepareError {
        PrepareError::SourceInvalid { path: self.path.clone(), row: row + 1, message }
    }
}

/// Reads every source of a spec, after checking its hash.
pub(crate) fn read(spec: &PrepareSpec, site_packages: &Path, folder: Option<&Path>) -> Result<Table, PrepareError> {
    let mut table: Option<Table> = None;
    for source in &spec.sources {
        let path = match source.origin {
            Origin::Package => site_packages.join(&source.path),
            Origin::Competition => folder.unwrap_or(Path::new("")).join(&source.path),
        };
        let rows = read_one(source, &path)?;
        match &mut table {
            None => table = Some(Table { rows, path }),
            Some(table) if table.rows.len() != rows.len() => {
                let message = format!("{} rows, but `{}` has {}", rows.len(), table.path.display(), table.rows.len());
                return Err(PrepareError::SourceInvalid { path, row: rows.len(), message });
            }
            Some(table) => table.rows.iter_mut().zip(rows).for_each(|(left, right)| left.extend(right)),
        }
    }
    let table = table.unwrap_or_else(|| Table { rows: Vec::new(), path: site_packages.to_owned() });
    for (number, row) in table.rows.iter().enumerate() {
        if row.len() != spec.columns.len() {
            return Err(table.invalid(number, format!("{} cells, expected {}", row.len(), spec.columns.len())));
        }
    }
    Ok(table)
}

fn read_one(source: &Source, path: &Path) -> Result<Vec<Vec<String>>, PrepareError> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => PrepareError::SourceMissing { path: path.to_owned() },
        _ => PrepareError::io("read", path, error),
    })?;
    let found = sha256_hex(&bytes);
    if !found.eq_ignore_ascii_case(&source.sha256) {
        return Err(PrepareError::SourceChanged { path: path.to_owned(), expected: source.sha256.clone(), found });
    }
    let text = if path.extension().is_some_and(|extension| extension == "gz") {
        let mut text = Vec::new();
        GzDecoder::new(bytes.as_slice())
            .read_to_end(&mut text)
            .map_err(|error| PrepareError::io("unpack", path, error))?;
        text
    } else {
        bytes
    };
    let invalid = |row, message| PrepareError::SourceInvalid { path: path.to_owned(), row, message };
    let separator = u8::try_from(source.separator)
        .ok()
        .filter(u8::is_ascii)
        .ok_or_else(|| invalid(0, format!("separator `{}` is not an ASCII character", source.separator)))?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_slice());
    let mut rows = Vec::new();
    for record in reader.records().skip(source.header_lines) {
        let record = record.map_err(|error| invalid(rows.len() + 1, error.to_string()))?;
        rows.push(record.iter().map(|cell| cell.trim().to_owned()).collect());
    }
    Ok(rows)
}

/// A number in the shortest decimal form that reads back as the same double; blank stays blank.
pub(crate) fn shortest(cell: &str) -> Option<String> {
    if cell.is_empty() {
        return Some(String::new());
    }
    cell.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::shortest;

    #[test]
    fn numbers_take_their_shortest_form() {
        assert_eq!(shortest("1.510000000000000000e+02").as_deref(), Some("151"));
        assert_eq!(shortest("4.0").as_deref(), Some("4"));
        assert_eq!(shortest("0.006399").as_deref(), Some("0.006399"));
        assert_eq!(shortest("").as_deref(), Some(""));
        assert_eq!(shortest("x"), None);
        assert_eq!(shortest("nan"), None);
    }
}
