//! vinbigdata-chest-xray-abnormalities-detection: one box a finding, in place of each radiologist's.

use std::collections::BTreeMap;

use crate::error::PrepareError;
use crate::python_json::float;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

/// The class of pictures without a finding, whose box is a single pixel.
const NO_FINDING: u32 = 14;
const BOX: [&str; 4] = ["x_min", "y_min", "x_max", "y_max"];

/// Makes of the table `test` the tables `findings`, a row for each picture and class, and `answers`, a row for each
/// picture.
pub(super) fn answers(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let test = workspace.table("test")?;
    let (images, labels) = (test.texts("image_id")?, test.texts("class_id")?);
    let mut rows_of: BTreeMap<(&str, u32), Vec<usize>> = BTreeMap::new();
    for (row, (image, label)) in images.iter().zip(labels.iter()).enumerate() {
        let class =
            label.parse().map_err(|_| test.error(Some(row), format!("the class is `{label}`; expected a number")))?;
        rows_of.entry((image, class)).or_default().push(row);
    }

    let rest = test.without(&["image_id", "class_id"])?;
    let mut findings: Vec<(&str, Texts)> = vec![
        ("image_id", rows_of.keys().map(|(image, _)| image).collect()),
        ("class_id", rows_of.keys().map(|(_, class)| class.to_string()).collect()),
    ];
    for name in rest.column_names() {
        let cells = rest.texts(name)?;
        let first =
            |rows: &[usize]| rows.iter().map(|&row| cells.get(row)).find(|cell| !cell.is_empty()).unwrap_or("0");
        let cell = |(&(_, class), rows): (&(&str, u32), &Vec<usize>)| match name {
            "x_max" | "y_max" if class == NO_FINDING => "1.0".to_owned(),
            _ => first(rows).to_owned(),
        };
        findings.push((name, rows_of.iter().map(cell).collect()));
    }
    let findings = Frame::of_columns("findings", findings);

    let mut strings: BTreeMap<&str, String> = BTreeMap::new();
    let corners = BOX.map(|name| findings.texts(name));
    let [x_min, y_min, x_max, y_max] = corners;
    let corners = [x_min?, y_min?, x_max?, y_max?];
    for (row, (image, class)) in rows_of.keys().enumerate() {
        let string = strings.entry(image).or_default();
        if !string.is_empty() {
            string.push(' ');
        }
        string.push_str(&format!("{class} 1.0"));
        for (corner, name) in corners.iter().zip(BOX) {
            let value: f64 = corner.get(row).parse().map_err(|_| {
                findings.error(Some(row), format!("{name} is `{}`; expected a number", corner.get(row)))
            })?;
            string.push(' ');
            string.push_str(&float(value));
        }
    }
    let answers = [("image_id", strings.keys().collect::<Texts>()), ("PredictionString", strings.values().collect())];
    let answers = Frame::of_columns("answers", answers);
    workspace.keep_table("findings", findings);
    workspace.keep_table("answers", answers);
    Ok(())
}
