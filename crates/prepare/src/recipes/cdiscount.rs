//! cdiscount-image-classification-challenge: products with their pictures, in a BSON file that is larger than memory.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};

use crate::bson::Documents;
use crate::error::PrepareError;
use crate::progress::ProgressUnit;
use crate::random::split::{Size, Sizes, train_test_split};
use crate::table::Frame;
use crate::workspace::Workspace;

/// Documents of the small example file.
const EXAMPLES: usize = 100;

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let raw = workspace.find("train.bson")?;
    workspace.progress.begin("reading train.bson", None, ProgressUnit::Rows);
    let mut products = Vec::new();
    let mut documents = Documents::open(&raw)?;
    while let Some(document) = documents.next() {
        let document = document?;
        let number = |name: &str| {
            let missing = || documents.error(format!("the document has no whole number `{name}`"));
            document.integer(name).ok_or_else(missing)
        };
        products.push((number("_id")?, number("category_id")?));
        workspace.progress.advance(1);
    }
    let split = train_test_split(products.len(), Sizes::Test(Size::Share(0.1)), 0)
        .map_err(|error| PrepareError::table(&raw, None, error.to_string()))?;
    let mut test: Vec<(i64, i64)> = split.test.iter().map(|&place| products[place]).collect();
    test.sort_unstable();
    let column = |part: fn(&(i64, i64)) -> i64| test.iter().map(|product| part(product).to_string()).collect();
    let answers = Frame::of_columns(
        "answers",
        [("_id", column(|product| product.0)), ("category_id", column(|product| product.1))],
    );
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_constant("category_id", "1000010653"))?;

    let create = |path: &str| {
        let path = workspace.new_file(path)?;
        let file = File::create(&path).map_err(|error| PrepareError::io("write", &path, error))?;
        Ok::<_, PrepareError>((BufWriter::with_capacity(1 << 20, file), path))
    };
    let (mut train_file, train_path) = create("public/train.bson")?;
    let (mut test_file, test_path) = create("public/test.bson")?;
    let (mut example_file, example_path) = create("public/train_example.bson")?;
    workspace.progress.begin("dividing train.bson", Some(products.len() as u64), ProgressUnit::Rows);
    let test: HashSet<i64> = test.into_iter().map(|product| product.0).collect();
    let mut written = 0;
    for (document, (id, _)) in Documents::open(&raw)?.zip(&products) {
        let document = document?;
        workspace.progress.advance(1);
        if test.contains(id) {
            let document = document.without("category_id").unwrap_or(document);
            test_file.write_all(document.bytes()).map_err(|error| PrepareError::io("write", &test_path, error))?;
            continue;
        }
        train_file.write_all(document.bytes()).map_err(|error| PrepareError::io("write", &train_path, error))?;
        if written < EXAMPLES {
            example_file
                .write_all(document.bytes())
                .map_err(|error| PrepareError::io("write", &example_path, error))?;
        }
        written += 1;
    }
    let files = [(train_file, train_path), (test_file, test_path), (example_file, example_path)];
    files
        .into_iter()
        .try_for_each(|(mut file, path)| file.flush().map_err(|error| PrepareError::io("write", &path, error)))
}
