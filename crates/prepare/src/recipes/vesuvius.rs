//! vesuvius-challenge-ink-detection: the third fragment is to be predicted, under the name `a`.

use std::fs::File;
use std::io::BufReader;

use crate::error::PrepareError;
use crate::workspace::Workspace;

const FRAGMENT: &str = "train/3";
/// Files that hold the labels, or are not published for test fragments.
const WITHHELD: [&str; 3] = ["inklabels.png", "inklabels_rle.csv", "ir.png"];

/// Places the fragment's files, and makes the table `answers` with the size of the labels' picture.
pub(super) fn test_fragment(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let labels = workspace.read(&format!("{FRAGMENT}/inklabels_rle.csv"))?;
    if labels.len() != 1 {
        return Err(labels.error(None, format!("{} rows; expected one", labels.len())));
    }
    let picture = workspace.find(&format!("{FRAGMENT}/ir.png"))?;
    let file = File::open(&picture).map_err(|error| PrepareError::io("read", &picture, error))?;
    let reader = png::Decoder::new(BufReader::new(file)).read_info();
    let reader = reader.map_err(|error| PrepareError::table(&picture, None, format!("not a PNG picture: {error}")))?;
    let (width, height) = (reader.info().width, reader.info().height);
    let answers = labels.select(&["Id", "Predicted"])?.with_constant("Id", "a");
    let answers = answers.with_constant("width", &width.to_string()).with_constant("height", &height.to_string());
    workspace.keep_table("answers", answers);

    let mut files = Vec::new();
    for file in workspace.files_below(FRAGMENT)? {
        if WITHHELD.contains(&file.name()) {
            continue;
        }
        if ![".png", ".csv", ".tif"].iter().any(|ending| file.name().ends_with(ending)) {
            return Err(
                workspace.error(format!("`{}` is no file of a fragment; expected .png, .csv and .tif", file.path))
            );
        }
        let inside = file.path.strip_prefix(FRAGMENT).unwrap_or(&file.path);
        files.push((file.file.clone(), format!("public/test/a{inside}")));
    }
    workspace.place(files)
}
