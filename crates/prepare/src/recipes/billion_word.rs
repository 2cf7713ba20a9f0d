//! billion-word-imputation: from one sentence in a hundred a word is taken out, line by line through a file that is
//! larger than memory.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use crate::error::PrepareError;
use crate::progress::ProgressUnit;
use crate::random::RandomState;
use crate::workspace::Workspace;

/// Lines of Kaggle's file, after which the reference stops.
const LINES: usize = 30_301_028;
const HEADER: &[u8] = b"\"id\",\"sentence\"\n";

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let raw = workspace.find("train_v2.txt")?;
    let [train, test, answers] =
        ["public/train_v2.txt", "public/test_v2.txt", "private/test_answer.csv"].map(|path| workspace.new_file(path));
    let (train, test, answers) = (train?, test?, answers?);
    divide(&raw, [&train, &test, &answers], workspace)?;
    let sample = workspace.new_file("public/sample_submission.csv")?;
    fs::copy(&test, &sample).map(|_| ()).map_err(|error| PrepareError::io("write", &sample, error))
}

fn divide(raw: &Path, [train, test, answers]: [&Path; 3], workspace: &Workspace<'_>) -> Result<(), PrepareError> {
    let file = File::open(raw).map_err(|error| PrepareError::io("read", raw, error))?;
    let bytes = file.metadata().map(|metadata| metadata.len()).ok();
    workspace.progress.begin("dividing train_v2.txt", bytes, ProgressUnit::Bytes);
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let create = |path: &Path| {
        let file = File::create(path).map_err(|error| PrepareError::io("write", path, error))?;
        Ok::<_, PrepareError>(BufWriter::with_capacity(1 << 20, file))
    };
    let (mut train_file, mut test_file, mut answers_file) = (create(train)?, create(test)?, create(answers)?);
    let unwritable = |error| PrepareError::io("write", test, error);
    test_file.write_all(HEADER).and_then(|()| answers_file.write_all(HEADER)).map_err(unwritable)?;

    let mut random = RandomState::new(0);
    let mut line = String::new();
    let mut count = 0;
    for row in 1..=LINES {
        line.clear();
        let length = reader.read_line(&mut line).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => PrepareError::table(raw, Some(row), "no valid UTF-8".to_owned()),
            _ => PrepareError::io("read", raw, error),
        })?;
        if length == 0 {
            break;
        }
        workspace.progress.advance(length as u64);
        let is_drawn = random.uniform(0.0, 1.0) <= 0.01;
        let sentence = line.trim_matches(is_space).replace('"', "\"\"");
        let words: Vec<&str> = sentence.split(is_space).filter(|word| !word.is_empty()).collect();
        if !is_drawn || words.len() <= 2 {
            train_file.write_all(line.as_bytes()).map_err(unwritable)?;
            continue;
        }
        let taken = random
            .randint(1, words.len() as i64 - 1)
            .map_err(|error| PrepareError::table(raw, Some(row), format!("no word can be drawn: {error}")))?;
        let left: Vec<&str> =
            words.iter().enumerate().filter(|(place, _)| *place as i64 != taken).map(|(_, word)| *word).collect();
        writeln!(test_file, "{count},\"{}\"", left.join(" ")).map_err(unwritable)?;
        writeln!(answers_file, "{count},\"{sentence}\"").map_err(unwritable)?;
        count += 1;
    }
    [train_file, test_file, answers_file].iter_mut().try_for_each(BufWriter::flush).map_err(unwritable)
}

/// What Python's `str.split` and `str.strip` take for a space.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\x1c'..='\x1f').contains(&character)
}
