//! What is installed in a `site-packages` folder, by the `RECORD` that each package leaves there (PEP 376).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::io_error;
use super::lock::normalise;
use crate::error::SandboxError;

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Distribution {
    pub(super) version: String,
    /// Its `.dist-info` folder.
    pub(super) metadata: PathBuf,
}

/// The packages in `site_packages`, by normalised name.
pub(super) fn installed(site_packages: &Path) -> Result<BTreeMap<String, Distribution>, SandboxError> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(site_packages).map_err(io_error("read", site_packages))? {
        let metadata = entry.map_err(io_error("read", site_packages))?.path();
        let stem = metadata.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".dist-info"));
        if let Some((name, version)) = stem.and_then(|stem| stem.rsplit_once('-')) {
            found.insert(normalise(name), Distribution { version: version.to_owned(), metadata: metadata.clone() });
        }
    }
    Ok(found)
}

/// A file that an installed package consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordedFile {
    /// Relative to `site-packages`; scripts lie outside, by way of `..`.
    pub(super) path: String,
    /// In bytes, where the record tells.
    pub(super) size: Option<u64>,
}

impl Distribution {
    /// The files of its `RECORD`.
    pub(super) fn files(&self) -> Result<Vec<RecordedFile>, SandboxError> {
        let path = self.metadata.join("RECORD");
        let text = fs::read_to_string(&path).map_err(io_error("read", &path))?;
        Ok(text.lines().filter_map(parse_record_line).collect())
    }
}

/// `path,hash,size`; a path with a comma or a quote is quoted as in CSV.
fn parse_record_line(line: &str) -> Option<RecordedFile> {
    let mut fields = line.rsplitn(3, ',');
    let size = fields.next()?.trim().parse().ok();
    let _hash = fields.next()?;
    let path = fields.next()?;
    let path = path
        .strip_prefix('"')
        .and_then(|p| p.strip_suffix('"'))
        .map_or_else(|| path.to_owned(), |p| p.replace("\"\"", "\""));
    (!path.is_empty()).then_some(RecordedFile { path, size })
}

/// The folders and files right below `site-packages` that `files` make up, metadata left out.
pub(super) fn top_level(files: &[RecordedFile]) -> BTreeSet<String> {
    files
        .iter()
        .filter_map(|file| file.path.split('/').next())
        .filter(|name| *name != ".." && *name != "__pycache__" && !name.ends_with(".dist-info"))
        .map(str::to_owned)
        .collect()
}

/// The first of `files` that is gone from `site_packages` or has another size, in words.
pub(super) fn damage(site_packages: &Path, files: &[RecordedFile]) -> Option<String> {
    files.iter().find_map(|file| match fs::metadata(site_packages.join(&file.path)) {
        Err(_) => Some(format!("`{}` is gone", file.path)),
        Ok(metadata) => match file.size {
            Some(size) if size != metadata.len() => {
                Some(format!("`{}` has {} bytes, not {size}", file.path, metadata.len()))
            }
            _ => None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_lines_may_quote_and_leave_out_sizes() {
        let file = |path: &str, size| Some(RecordedFile { path: path.into(), size });
        assert_eq!(parse_record_line("a/b.py,sha256=x,12"), file("a/b.py", Some(12)));
        assert_eq!(parse_record_line("\"a/b,c.py\",sha256=x,12"), file("a/b,c.py", Some(12)));
        assert_eq!(parse_record_line("a-1.dist-info/RECORD,,"), file("a-1.dist-info/RECORD", None));
        assert_eq!(parse_record_line(""), None);
    }

    #[test]
    fn top_level_names_leave_out_scripts_and_metadata() {
        let files: Vec<_> = [
            "../../../bin/f2py,,",
            "numpy/__init__.py,,",
            "numpy.libs/x.so,,",
            "six.py,,",
            "__pycache__/six.pyc,,",
            "six-1.dist-info/RECORD,,",
        ]
        .iter()
        .filter_map(|line| parse_record_line(line))
        .collect();
        assert_eq!(top_level(&files).into_iter().collect::<Vec<_>>(), ["numpy", "numpy.libs", "six.py"]);
    }
}
