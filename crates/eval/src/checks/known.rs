//! Outputs of notebooks that a reader knows, to compare with.

use std::io;
use std::path::{Path, PathBuf};

use mledojo_catalog::Spec;
use mledojo_metrics::{ReadLimits, Table};
use serde_json::Value;

use crate::checks::code::Code;
use crate::checks::sheet::Sheet;

/// Folders within folders that are looked into.
const DEEPEST: usize = 4;

/// Known outputs of one competition: of the folder `<slug>/` below the one given, every `.csv` is a submission, every
/// `.py` and `.ipynb` a program.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) sheets: Vec<(String, Sheet)>,
    pub(crate) code: Vec<(String, Code)>,
}

impl Known {
    /// Reads what there is for a competition; files that are no tables are left out.
    pub(crate) fn read(root: &Path, spec: &Spec) -> io::Result<Self> {
        let mut files = Vec::new();
        let folder = root.join(&spec.slug);
        if folder.is_dir() {
            list(&folder, DEEPEST, &mut files)?;
        }
        files.sort();
        let mut known = Self::default();
        for file in files {
            let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("csv") => {
                    if let Ok(table) = Table::read(&file, &ReadLimits::default()) {
                        known.sheets.push((name, Sheet::of(&table, spec)));
                    }
                }
                Some("py") => known.code.push((name, Code::of(&String::from_utf8_lossy(&std::fs::read(&file)?)))),
                Some("ipynb") => {
                    if let Some(source) = notebook(&std::fs::read(&file)?) {
                        known.code.push((name, Code::of(&source)));
                    }
                }
                _ => {}
            }
        }
        Ok(known)
    }
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()? {
            kind if kind.is_dir() && depth > 0 => list(&entry.path(), depth - 1, files)?,
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    Ok(())
}

/// The code cells of a notebook, one after another.
fn notebook(bytes: &[u8]) -> Option<String> {
    let notebook: Value = serde_json::from_slice(bytes).ok()?;
    let cells = notebook["cells"].as_array()?.iter().filter(|cell| cell["cell_type"] == "code");
    let source = |cell: &Value| match &cell["source"] {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    Some(cells.map(source).collect::<Vec<String>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mledojo_catalog::Catalog;

    #[test]
    fn tables_and_programs_are_found_below_the_competitions_folder() {
        let root = tempfile::tempdir().unwrap();
        let spec = Catalog::bundled().get("iris").unwrap().spec;
        let deep = root.path().join("iris/notebook-1");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(deep.join("submission.csv"), "id,species\n1,setosa\n").unwrap();
        std::fs::write(deep.join("broken.csv"), "a,a\n").unwrap();
        std::fs::write(deep.join("main.py"), "model.fit(x, y)").unwrap();
        let cells =
            r#"{"cells":[{"cell_type":"markdown","source":"x"},{"cell_type":"code","source":["m.fit(\n","x)"]}]}"#;
        std::fs::write(deep.join("n.ipynb"), cells).unwrap();
        let known = Known::read(root.path(), &spec).unwrap();
        assert_eq!(known.sheets.len(), 1);
        assert_eq!(known.sheets[0].0, "iris/notebook-1/submission.csv");
        assert!(known.code.len() == 2 && known.code.iter().all(|(_, code)| code.models));
        assert!(Known::read(&root.path().join("nowhere"), &spec).unwrap().sheets.is_empty());
    }
}
