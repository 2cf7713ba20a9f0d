//! What the bundled competitions look like once prepared.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::BufReader;
use std::path::Path;

use flate2::read::GzDecoder;
use mledojo_catalog::BoardKind;
use mledojo_catalog::spec::Layout;
use mledojo_metrics::Direction;
use mledojo_prepare::Prepared;

use crate::packages::{SITE_PACKAGES, SLUGS, competition, names, prepare_into, table};

/// A competition, prepared into a folder that is removed at the end.
fn prepared(slug: &str) -> (tempfile::TempDir, Prepared) {
    let folder = tempfile::tempdir().unwrap();
    let prepared = prepare_into(&competition(slug), &folder.path().join(slug)).unwrap();
    (folder, prepared)
}

#[test]
fn two_preparations_give_the_same_bytes() {
    for slug in SLUGS {
        let (one, first) = prepared(slug);
        let (two, second) = prepared(slug);
        assert_eq!(first.manifest(), second.manifest(), "{slug}");
        let read = |folder: &tempfile::TempDir| fs::read(folder.path().join(slug).join("manifest.json")).unwrap();
        assert_eq!(read(&one), read(&two), "{slug}");
        first.verify().unwrap();
    }
}

#[test]
fn a_whole_directory_is_left_as_it_is() {
    let (folder, _) = prepared("iris");
    let out = folder.path().join("iris");
    // A file of the same size that was changed on purpose shows that nothing was written again.
    let train = out.join("public/train.csv");
    let marked = fs::read_to_string(&train).unwrap().replacen("setosa", "SETOSA", 1);
    fs::write(&train, &marked).unwrap();
    prepare_into(&competition("iris"), &out).unwrap();
    assert_eq!(fs::read_to_string(&train).unwrap(), marked);
}

#[test]
fn the_test_set_has_its_share_of_each_class() {
    for slug in ["breast-cancer", "wine", "iris", "digits"] {
        let spec = competition(slug).spec;
        let (_folder, prepared) = prepared(slug);
        let count = |rows: Vec<Vec<String>>| {
            let mut classes: BTreeMap<String, usize> = BTreeMap::new();
            rows.into_iter().skip(1).for_each(|row| *classes.entry(row[1..].join(",")).or_default() += 1);
            classes
        };
        let train = table(&prepared.public().join("train.csv"));
        let train = count(train.into_iter().map(|row| vec![String::new(), row.last().unwrap().clone()]).collect());
        let mut test = count(table(&prepared.answers()));
        if slug == "wine" {
            let label = |row: &str| (row.split(',').position(|cell| cell == "1").unwrap() + 1).to_string();
            test = test.into_iter().map(|(row, count)| (label(&row), count)).collect();
        }
        assert!(train.len() > 1 && train.keys().eq(test.keys()), "{slug}: {train:?} {test:?}");
        for (class, &tested) in &test {
            let expected = (tested + train[class]) as f64 * spec.prepare.as_ref().unwrap().test_fraction;
            assert!((tested as f64 - expected).abs() <= 0.5, "{slug} {class}: {tested} of {expected}");
        }
    }
}

#[test]
fn ids_are_shared_by_the_test_tables_and_absent_from_the_training_set() {
    for slug in SLUGS {
        let spec = competition(slug).spec;
        let (_folder, prepared) = prepared(slug);
        let ids = |path: &Path| -> Vec<String> { table(path).into_iter().skip(1).map(|row| row[0].clone()).collect() };
        let test = ids(&prepared.public().join("test.csv"));
        let train = ids(&prepared.public().join("train.csv"));
        assert_eq!(test, ids(&prepared.answers()), "{slug}");
        assert_eq!(test, ids(&prepared.sample_submission()), "{slug}");
        let all: BTreeSet<&String> = test.iter().chain(&train).collect();
        assert_eq!(all.len(), test.len() + train.len(), "{slug}: ids repeat");

        let submission = spec.submission;
        let header = [submission.id_columns, submission.target_columns].concat();
        assert_eq!(table(&prepared.answers())[0], header, "{slug}");
        let sample = table(&prepared.sample_submission());
        assert_eq!(sample[0], header, "{slug}");
        let constants: BTreeSet<_> = sample[1..].iter().map(|row| &row[1..]).collect();
        assert_eq!(constants.len(), 1, "{slug}: the sample submission is a constant");
        assert_eq!(sample[1].join(","), submission.sample[1], "{slug}: the spec shows the sample's first row");
        let recipe = spec.prepare.unwrap();
        let targets = [recipe.target].into_iter().chain(header.into_iter().skip(1)).collect::<Vec<_>>();
        let shown = &table(&prepared.public().join("test.csv"))[0];
        assert!(shown.iter().all(|column| !targets.contains(column)), "{slug}: {shown:?}");
        if recipe.layout == Layout::Series {
            assert!(train.last() < test.first(), "the test set is the end");
        } else {
            // Numbers that say nothing: test rows lie all over them.
            let numbers = test.iter().map(|id| id.parse::<usize>().unwrap());
            let (mean, middle) = (numbers.sum::<usize>() as f64 / test.len() as f64, all.len() as f64 / 2.0);
            assert!((mean / middle - 1.0).abs() < 0.2, "{slug}: mean test id {mean}, middle {middle}");
        }
    }
}

/// The rows of a source: cells as numbers.
fn source(slug: &str) -> Vec<Vec<f64>> {
    let spec = competition(slug).spec.prepare.unwrap();
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for source in &spec.sources {
        let bytes = fs::read(SITE_PACKAGES.join(&source.path)).unwrap();
        let text = if source.path.ends_with(".gz") {
            std::io::read_to_string(GzDecoder::new(bytes.as_slice())).unwrap()
        } else {
            String::from_utf8(bytes).unwrap()
        };
        for (number, line) in text.lines().skip(source.header_lines).enumerate() {
            let cells = line.split(source.separator).map(|cell| cell.trim().parse().unwrap_or(f64::NAN));
            if rows.len() <= number {
                rows.push(Vec::new());
            }
            rows[number].extend(cells);
        }
    }
    rows
}

/// A row's key in a map: numbers by their bits.
fn key(cells: &[f64]) -> Vec<u64> {
    cells.iter().map(|cell| cell.to_bits()).collect()
}

#[test]
fn every_answer_is_that_of_its_row_in_the_source() {
    for slug in ["breast-cancer", "wine", "iris", "diabetes"] {
        let spec = competition(slug).spec;
        let (_folder, prepared) = prepared(slug);
        let rows = source(slug);
        // Equal feature rows may differ in the target, so each key holds all targets seen.
        let mut truth: HashMap<Vec<u64>, Vec<f64>> = HashMap::new();
        for row in &rows {
            let (target, features) = row.split_last().unwrap();
            truth.entry(key(features)).or_default().push(*target);
        }
        let test = table(&prepared.public().join("test.csv"));
        let answers = table(&prepared.answers());
        let train = table(&prepared.public().join("train.csv"));
        assert_eq!(test.len() + train.len() - 2, rows.len(), "{slug}");
        let targets = test[1..].iter().zip(&answers[1..]).map(|(row, answer)| {
            let code = if answer.len() > 2 {
                answer[1..].iter().position(|cell| cell == "1").unwrap() as f64
            } else {
                spec.prepare
                    .as_ref()
                    .unwrap()
                    .labels
                    .iter()
                    .position(|label| *label == answer[1])
                    .map_or_else(|| answer[1].parse().unwrap(), |code| code as f64)
            };
            (&row[1..], code)
        });
        let taught = train[1..].iter().map(|row| {
            let (label, features) = row[1..].split_last().unwrap();
            let code = spec.prepare.as_ref().unwrap().labels.iter().position(|name| name == label);
            (features, code.map_or_else(|| label.parse().unwrap(), |code| code as f64))
        });
        for (features, target) in targets.chain(taught) {
            let numbers: Vec<f64> = features.iter().map(|cell| cell.parse().unwrap()).collect();
            let seen = truth.get_mut(&key(&numbers)).unwrap_or_else(|| panic!("{slug}: no source row {features:?}"));
            let place = seen.iter().position(|&known| known == target);
            seen.remove(place.unwrap_or_else(|| panic!("{slug}: {features:?} is {seen:?}, not {target}")));
        }
        assert!(truth.values().all(Vec::is_empty), "{slug}: source rows were left out");
    }
}

#[test]
fn malignant_masses_are_the_smaller_class() {
    // Coded 0 in the source: 212 malignant, 357 benign.
    let (_folder, prepared) = prepared("breast-cancer");
    let train = table(&prepared.public().join("train.csv"));
    let ones = train.iter().filter(|row| row.last().unwrap() == "1").count()
        + table(&prepared.answers()).iter().skip(1).filter(|row| row[1] == "1").count();
    assert_eq!(ones, 212);
}

#[test]
fn images_decode_to_the_pixels_of_the_source() {
    let (_folder, prepared) = prepared("digits");
    let mut truth: BTreeMap<Vec<u64>, Vec<f64>> = BTreeMap::new();
    for row in source("digits") {
        let (digit, pixels) = row.split_last().unwrap();
        truth.entry(key(pixels)).or_default().push(*digit);
    }
    let train = table(&prepared.public().join("train.csv"));
    assert_eq!(train[0], ["id", "file", "digit"]);
    let labelled = train[1..].iter().map(|row| (row[1].clone(), row[2].clone()));
    let test = table(&prepared.public().join("test.csv"));
    assert_eq!(test[0], ["id", "file"]);
    let answers = table(&prepared.answers());
    let answered = test[1..].iter().zip(&answers[1..]).map(|(row, answer)| {
        assert_eq!(row[0], answer[0]);
        (row[1].clone(), answer[1].clone())
    });
    let mut files = 0;
    for (file, digit) in labelled.chain(answered) {
        let reader = BufReader::new(fs::File::open(prepared.public().join(&file)).unwrap());
        let mut reader = png::Decoder::new(reader).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height, info.color_type), (8, 8, png::ColorType::Grayscale));
        let levels: Vec<f64> = pixels.iter().map(|&pixel| (f64::from(pixel) * 16.0 / 255.0).round()).collect();
        let exact =
            levels.iter().zip(&pixels).all(|(level, &pixel)| (level * 255.0 / 16.0).round() == f64::from(pixel));
        assert!(exact, "{file}: a gray level that is none of the 17");
        let seen = truth.get_mut(&key(&levels)).unwrap_or_else(|| panic!("{file} is not in the source"));
        let place = seen.iter().position(|known| known.to_string() == digit);
        seen.remove(place.unwrap_or_else(|| panic!("{file}: {seen:?}, not {digit}")));
        files += 1;
    }
    assert_eq!(files, 1797);
    let listed = names(&prepared.public().join("train")).len() + names(&prepared.public().join("test")).len();
    assert_eq!(listed, files, "every picture is in a table");
}

#[test]
fn the_series_keeps_its_blanks_and_tests_known_values_only() {
    let (_folder, prepared) = prepared("co2");
    let train = table(&prepared.public().join("train.csv"));
    let answers = table(&prepared.answers());
    let rows = source("co2");
    assert_eq!(train.len() + answers.len() - 2, rows.len());
    assert_eq!(train.iter().filter(|row| row[1].is_empty()).count(), 59);
    assert!(answers.iter().all(|row| !row[1].is_empty()));
    let written = train[1..].iter().chain(&answers[1..]);
    for (row, cells) in written.zip(&rows) {
        assert_eq!(row[0].replace('-', ""), cells[0].to_string());
        let value = row[1].parse().unwrap_or(f64::NAN);
        assert!(value == cells[1] || (value.is_nan() && cells[1].is_nan()), "{row:?} {cells:?}");
    }
    assert_eq!(table(&prepared.public().join("test.csv"))[0], ["date"]);
}

#[test]
fn nothing_public_tells_a_test_row_apart_but_its_features() {
    for slug in SLUGS {
        let (_folder, prepared) = prepared(slug);
        let listed = names(&prepared.public());
        let expected: &[&str] = match slug {
            "digits" => &["description.md", "sample_submission.csv", "test", "test.csv", "train", "train.csv"],
            _ => &["description.md", "sample_submission.csv", "test.csv", "train.csv"],
        };
        assert_eq!(listed, expected, "{slug}");
        assert_eq!(
            names(&prepared.private()),
            ["private_leaderboard.csv", "public_leaderboard.csv", "test_answer.csv"],
            "{slug}"
        );
        assert_eq!(fs::read_to_string(prepared.description_file()).unwrap(), competition(slug).brief);
        if slug == "co2" {
            // No file says what the answers say: a date and its value on one line.
            let public = ["description.md", "test.csv", "train.csv", "sample_submission.csv"]
                .map(|file| fs::read_to_string(prepared.public().join(file)).unwrap())
                .concat();
            for row in &table(&prepared.answers())[1..] {
                assert!(!public.contains(&row.join(",")), "{row:?}");
            }
        }
    }
}

#[test]
fn the_boards_are_long_graded_and_different() {
    for slug in SLUGS {
        let spec = competition(slug).spec;
        let (_folder, prepared) = prepared(slug);
        let mut boards = Vec::new();
        for kind in [BoardKind::Public, BoardKind::Private] {
            let board = table(&prepared.leaderboard(kind));
            assert_eq!(board[0], ["rank", "score"], "{slug}");
            assert!(board.len() > 60, "{slug}: {} rows", board.len());
            let ranks: Vec<usize> = board[1..].iter().map(|row| row[0].parse().unwrap()).collect();
            assert!(ranks.iter().copied().eq(1..board.len()), "{slug}");
            let scores: Vec<f64> = board[1..].iter().map(|row| row[1].parse().unwrap()).collect();
            let worse = |a: f64, b: f64| if spec.metric.direction == Direction::Maximize { a < b } else { a > b };
            assert!(scores.windows(2).all(|pair| !worse(pair[0], pair[1])), "{slug}: best first");
            assert!(worse(*scores.last().unwrap(), scores[0]));
            boards.push(scores);
        }
        assert_eq!(boards[0].len(), boards[1].len(), "{slug}");
        assert_ne!(boards[0], boards[1], "{slug}");
    }
}

#[test]
fn the_manifest_counts_rows_and_the_briefs_tell_them() {
    for slug in SLUGS {
        let competition = competition(slug);
        let (_folder, prepared) = prepared(slug);
        let manifest = prepared.manifest().unwrap();
        assert_eq!(manifest.slug, slug);
        for file in ["train.csv", "test.csv"] {
            let record = manifest.files.iter().find(|record| record.path == format!("public/{file}")).unwrap();
            let rows = record.rows.unwrap();
            assert_eq!(rows, table(&prepared.public().join(file)).len() - 1);
            let told = if rows < 1000 { rows.to_string() } else { format!("{},{:03}", rows / 1000, rows % 1000) };
            let line = competition.brief.lines().find(|line| line.starts_with(&format!("- `{file}`"))).unwrap();
            assert!(line.contains(&format!(" {told} ")), "{slug}: {rows} rows, but the brief says: {line}");
        }
        for column in competition.spec.prepare.unwrap().columns.iter().filter(|_| slug != "digits") {
            let short = column.split('_').skip(1).collect::<Vec<_>>().join("_");
            let told = |name: &str| competition.brief.contains(&format!("`{name}`"));
            assert!(told(column) || told(&short), "{slug}: the brief doesn't explain {column}");
        }
        let public = manifest.files.iter().filter(|record| record.path.starts_with("public/"));
        let folders = manifest.folders.iter().filter(|record| record.path.starts_with("public/"));
        let bytes = public.map(|record| record.size).chain(folders.map(|record| record.size)).sum::<u64>();
        let megabytes = bytes as f64 / 1e6;
        assert!((megabytes - competition.spec.data_size_mb).abs() < 0.01, "{slug}: {megabytes} MB");
    }
}

#[test]
fn sources_and_their_copies_are_masked() {
    let copies = [
        ("iris", "iris"),
        ("wine", "wine"),
        ("breast-cancer", "breast_cancer"),
        ("diabetes", "diabetes"),
        ("digits", "digits"),
        ("co2", "co2"),
        ("co2", "maunaloa"),
    ];
    let mut files = Vec::new();
    let mut folders = vec![SITE_PACKAGES.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => folders.push(entry.path()),
                _ => files.push(entry.path().strip_prefix(&*SITE_PACKAGES).unwrap().to_owned()),
            }
        }
    }
    for (slug, word) in copies {
        let spec = competition(slug).spec.prepare.unwrap();
        for masked in &spec.masked {
            assert!(SITE_PACKAGES.join(masked).exists(), "{slug}: `{masked}` does not exist");
        }
        let is_masked = |path: &Path| spec.masked.iter().any(|masked| path.starts_with(masked));
        assert!(spec.sources.iter().all(|source| is_masked(Path::new(&source.path))), "{slug}");
        for file in &files {
            let name = file.file_name().unwrap().to_string_lossy();
            // Prose about a data set, and code, hold no rows.
            let is_data = !name.ends_with(".rst") && !name.ends_with(".py") && !name.ends_with(".pyc");
            assert!(!(name.contains(word) && is_data) || is_masked(file), "{slug}: `{}` is visible", file.display());
        }
    }
}
