//! Leaks that are planted in a clean competition must be found, and a clean one must stay unsuspected.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use md5::{Digest as _, Md5};
use mledojo_prepare::random::RandomState;
use mledojo_prepare::{AuditReport, Leak, NoProgress, Prepared, audit};
use sha2::Sha256;
use tempfile::TempDir;

use crate::fixtures;

/// A competition of random numbers: two features that are noise, and one that knows a little of the target.
pub(crate) struct World {
    folder: TempDir,
    /// The test rows.
    pub(crate) test: Vec<Row>,
}

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) features: Vec<String>,
    /// A number with four decimals.
    pub(crate) value: f64,
    /// One of `classes`.
    pub(crate) class: usize,
}

impl World {
    pub(crate) fn new(seed: u32) -> Self {
        let mut random = RandomState::new(seed);
        let ids = random.permutation(9000);
        let mut rows: Vec<Row> = (0..400)
            .map(|row| {
                let value = (random.normal(50.0, 10.0) * 1e4).round() / 1e4;
                let class = usize::try_from(random.randint(0, 3).unwrap()).unwrap();
                let hint = value + random.normal(0.0, 15.0);
                let features = vec![
                    format!("{:.3}", random.normal(0.0, 1.0)),
                    format!("{hint:.2}"),
                    format!("{}", random.randint(0, 5).unwrap()),
                ];
                Row { id: (ids[row] + 1000).to_string(), features, value, class }
            })
            .collect();
        let test = rows.split_off(280);
        let world = Self { folder: tempfile::tempdir().unwrap(), test };
        for folder in ["public/train", "public/test", "private"] {
            fs::create_dir_all(world.path(folder)).unwrap();
        }
        fs::write(world.path("public/description.md"), "Predict.").unwrap();
        let line = |row: &Row| format!("{},{}", row.id, row.features.join(","));
        let train = rows.iter().map(|row| format!("{},{},{}", line(row), row.value, row.class));
        world.table("public/train.csv", "id,a,b,c,value,class", train);
        world.write_test(&world.test);
        for (row, part) in rows.iter().map(|row| (row, "train")).chain(world.test.iter().map(|row| (row, "test"))) {
            let size = 100 + usize::try_from(random.randint(0, 50).unwrap()).unwrap();
            fs::write(world.path(&format!("public/{part}/{}.dat", row.id)), format!("{:>size$}", row.id)).unwrap();
        }
        world
    }

    /// The three files that speak of test rows, in this order.
    pub(crate) fn write_test(&self, rows: &[Row]) {
        let line = |row: &Row| format!("{},{}", row.id, row.features.join(","));
        self.table("public/test.csv", "id,a,b,c", rows.iter().map(line));
        self.table("public/sample_submission.csv", "id,value,class", rows.iter().map(|row| format!("{},0,0", row.id)));
        let answer = |row: &Row| format!("{},{},{}", row.id, row.value, row.class);
        self.table("private/test_answer.csv", "id,value,class", rows.iter().map(answer));
    }

    /// A test table with one more column.
    pub(crate) fn with_column(&self, name: &str, cell: impl Fn(&Row) -> String) {
        let line = |row: &Row| format!("{},{},{}", row.id, row.features.join(","), cell(row));
        self.table("public/test.csv", &format!("id,a,b,c,{name}"), self.test.iter().map(line));
    }

    pub(crate) fn table(&self, path: &str, header: &str, lines: impl Iterator<Item = String>) {
        let text: String = std::iter::once(header.to_owned()).chain(lines).map(|line| line + "\n").collect();
        fs::write(self.path(path), text).unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn audit(&self) -> AuditReport {
        audit(&Prepared::open(self.folder.path()).unwrap(), None, &NoProgress).unwrap()
    }

    #[track_caller]
    pub(crate) fn assert_found(&self, leak: Leak, file: &str, column: Option<&str>) {
        let report = self.audit();
        let found = report.findings.iter().any(|finding| {
            finding.leak == leak && finding.file == file && (column.is_none() || finding.column.as_deref() == column)
        });
        assert!(found, "{report:#?}");
    }
}

fn shuffled(rows: &[Row]) -> Vec<Row> {
    RandomState::new(99).permutation(rows.len()).into_iter().map(|row| rows[row].clone()).collect()
}

#[test]
fn clean_competitions_stay_unsuspected() {
    let alarms: Vec<String> = (0..30)
        .map(|seed| World::new(seed).audit())
        .filter(|report| !report.is_clean())
        .map(|report| format!("{:?}", report.findings))
        .collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
}

#[test]
fn the_target_is_known_in_other_clothes() {
    let world = World::new(1);
    let noise = RandomState::new(5);
    let noise: Vec<f64> = {
        let mut noise = noise;
        (0..2000).map(|_| noise.normal(0.0, 0.3)).collect()
    };
    type Dress = Box<dyn Fn(&Row) -> String>;
    let dresses: [(&str, Dress); 10] = [
        ("renamed", Box::new(|row| row.value.to_string())),
        ("scaled", Box::new(|row| format!("{:.6}", 3.0 - row.value / 7.0))),
        ("logarithm", Box::new(|row| row.value.abs().ln_1p().to_string())),
        ("noisy", Box::new(move |row| (row.value + noise[row.id.parse::<usize>().unwrap() % 2000]).to_string())),
        ("bins", Box::new(|row| (row.value / 2.0).floor().to_string())),
        ("classes", Box::new(|row| ["red", "green", "blue"][row.class].to_owned())),
        ("hashed_class", Box::new(|row| format!("{:x}", Hex(Md5::digest(row.class.to_string()).as_slice())))),
        ("hashed_value", Box::new(|row| format!("{:x}", Hex(Sha256::digest(row.value.to_string()).as_slice())))),
        ("blank_or_not", Box::new(|row| if row.class == 1 { String::new() } else { row.features[0].clone() })),
        ("rank", Box::new(|row| (row.value * 1e4).to_string())),
    ];
    for (name, dress) in dresses {
        world.with_column(name, dress);
        world.assert_found(Leak::Column, "public/test.csv", Some(name));
    }
    let start = |row: &Row| row.features[1].parse::<f64>().unwrap();
    let line = |row: &Row| format!("{},{},{:.4}", row.id, start(row), start(row) + row.value);
    world.table("public/test.csv", "id,start,end", world.test.iter().map(line));
    world.assert_found(Leak::Column, "public/test.csv", Some("end − start"));
}

/// Bytes in hexadecimal.
struct Hex<'a>(&'a [u8]);

impl std::fmt::LowerHex for Hex<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[test]
fn a_table_beside_gives_the_answers_away() {
    let world = World::new(2);
    let rows = shuffled(&world.test);
    world.table("public/extra.csv", "key,x", rows.iter().map(|row| format!("{},{}", row.id, row.value)));
    world.assert_found(Leak::Column, "public/extra.csv", Some("x"));

    // Shuffled, and joined by another column of the test table.
    let world = World::new(3);
    world.with_column("code", |row| format!("k{}", row.id.parse::<usize>().unwrap() * 7919 % 10007));
    let line = |row: &Row| format!("k{},{}", row.id.parse::<usize>().unwrap() * 7919 % 10007, row.value);
    world.table("public/extra.csv", "code,x", shuffled(&world.test).iter().map(line));
    world.assert_found(Leak::Column, "public/extra.csv", Some("x"));

    // As JSON, deep inside.
    let world = World::new(4);
    let records: Vec<_> = rows_json(&world.test);
    fs::write(
        world.path("public/meta.json"),
        serde_json::json!({ "info": 1, "parts": { "items": records } }).to_string(),
    )
    .unwrap();
    world.assert_found(Leak::Column, "public/meta.json#parts#items", Some("y"));

    // In an archive, the whole table.
    let world = World::new(5);
    let mut archive = zip::ZipWriter::new(fs::File::create(world.path("public/data.zip")).unwrap());
    archive.start_file("all.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(b"id,value\n").unwrap();
    for row in &world.test {
        writeln!(archive, "{},{}", row.id, row.value).unwrap();
    }
    archive.finish().unwrap();
    world.assert_found(Leak::Column, "public/data.zip!/all.csv", Some("value"));
}

fn rows_json(rows: &[Row]) -> Vec<serde_json::Value> {
    rows.iter().map(|row| serde_json::json!({ "image_id": row.id, "y": row.class })).collect()
}

#[test]
fn the_sample_submission_tells_nothing() {
    let world = World::new(6);
    let line = |row: &Row| format!("{},{},0", row.id, row.value);
    world.table("public/sample_submission.csv", "id,value,class", world.test.iter().map(line));
    world.assert_found(Leak::SampleSubmission, "public/sample_submission.csv", Some("value"));
    let one = world.test[17].value;
    world.table(
        "public/sample_submission.csv",
        "id,value,class",
        world.test.iter().map(|row| format!("{},{one},0", row.id)),
    );
    world.assert_found(Leak::SampleSubmission, "public/sample_submission.csv", Some("value"));
}

#[test]
fn order_and_ids_tell_nothing() {
    let world = World::new(7);
    let mut rows = world.test.clone();
    rows.sort_by_key(|row| row.class);
    world.write_test(&rows);
    world.assert_found(Leak::Order, "public/test.csv", None);
    rows.sort_by(|a, b| b.value.total_cmp(&a.value));
    world.write_test(&rows);
    world.assert_found(Leak::Order, "public/test.csv", None);
    // Sorted in the test table alone.
    world.write_test(&world.test);
    let line = |row: &Row| format!("{},{}", row.id, row.features.join(","));
    world.table("public/test.csv", "id,a,b,c", rows.iter().map(line));
    world.assert_found(Leak::Order, "public/test.csv", None);
    // Ids by class, and by value.
    rows.sort_by(|a, b| a.value.total_cmp(&b.value));
    let numbered = |(place, row): (usize, &Row)| Row { id: (3 * place + 7).to_string(), ..row.clone() };
    let numbered: Vec<Row> = rows.iter().enumerate().map(numbered).collect();
    world.write_test(&shuffled(&numbered));
    world.assert_found(Leak::Ids, "public/sample_submission.csv", None);
    let named = |row: &Row| Row { id: format!("{}_{}", ["x", "q", "n"][row.class], row.id), ..row.clone() };
    let rows: Vec<Row> = world.test.iter().map(named).collect();
    world.write_test(&rows);
    world.assert_found(Leak::Ids, "public/sample_submission.csv", None);
}

#[test]
fn files_tell_nothing_by_name_size_or_time() {
    let world = World::new(8);
    for row in &world.test {
        let file = world.path(&format!("public/test/{}.dat", row.id));
        fs::rename(&file, world.path(&format!("public/test/{}_{}.dat", row.id, ["cat", "dog", "fox"][row.class])))
            .unwrap();
    }
    assert!(world.audit().findings.iter().any(|finding| finding.leak == Leak::FileNames));

    let world = World::new(9);
    for row in &world.test {
        fs::write(world.path(&format!("public/test/{}.dat", row.id)), vec![b'x'; 1000 + 10 * row.class]).unwrap();
    }
    assert!(world.audit().findings.iter().any(|finding| finding.leak == Leak::FileMetadata));

    let world = World::new(10);
    for row in &world.test {
        let file = fs::File::options().write(true).open(world.path(&format!("public/test/{}.dat", row.id))).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000 + (row.value * 1e4).abs() as u64);
        file.set_modified(time).unwrap();
    }
    assert!(world.audit().findings.iter().any(|finding| finding.leak == Leak::FileMetadata));
}

#[test]
fn side_files_hold_no_answers() {
    let bytes =
        |rows: &[Row], form: &dyn Fn(f64) -> Vec<u8>| rows.iter().flat_map(|row| form(row.value)).collect::<Vec<u8>>();
    let doubles = |number: f64| number.to_le_bytes().to_vec();
    let world = World::new(11);
    type Content = Box<dyn Fn(&World) -> Vec<u8>>;
    let npy = move |rows: &[Row]| {
        let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}", rows.len());
        while (10 + header.len() + 1) % 64 != 0 {
            header.push(' ');
        }
        header.push('\n');
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        file.extend(header.as_bytes());
        file.extend(bytes(rows, &doubles));
        file
    };
    let contents: [(&str, Content); 6] = [
        ("public/x.npy", Box::new(move |world| npy(&world.test))),
        ("public/shuffled.npy", Box::new(move |world| npy(&shuffled(&world.test)))),
        (
            "public/x.bin",
            Box::new(|world| world.test.iter().flat_map(|row| (row.value as f32).to_le_bytes()).collect()),
        ),
        (
            "public/x.pkl",
            Box::new(|world| {
                world.test.iter().flat_map(|row| [vec![b'G'], row.value.to_be_bytes().to_vec()].concat()).collect()
            }),
        ),
        (
            "public/x.h5",
            Box::new(|world| [b"\x89HDF".to_vec(), world.test.iter().map(|row| row.class as u8).collect()].concat()),
        ),
        (
            "public/notes.md",
            Box::new(|world| {
                world.test.iter().map(|row| row.value.to_string()).collect::<Vec<_>>().join(", ").into_bytes()
            }),
        ),
    ];
    for (path, content) in contents {
        fs::write(world.path(path), content(&world)).unwrap();
        world.assert_found(Leak::SideFile, path, None);
        fs::remove_file(world.path(path)).unwrap();
    }
    assert!(world.audit().is_clean());
}

#[test]
fn test_rows_do_not_come_again_in_the_training_data() {
    let world = World::new(12);
    let mut train = fs::read_to_string(world.path("public/train.csv")).unwrap();
    for (place, row) in world.test.iter().enumerate().take(40) {
        train.push_str(&format!("{},{},{},{}\n", 50_000 + place, row.features.join(","), row.value, row.class));
    }
    fs::write(world.path("public/train.csv"), train).unwrap();
    world.assert_found(Leak::Duplicates, "public/train.csv", None);

    let world = World::new(13);
    for row in world.test.iter().take(40) {
        let copy = world.path(&format!("public/train/copy{}.dat", row.id));
        fs::copy(world.path(&format!("public/test/{}.dat", row.id)), copy).unwrap();
    }
    assert!(world.audit().findings.iter().any(|finding| finding.leak == Leak::Duplicates));
}

/// What the reference leaves in `public/`, as its own fixtures show it.
#[test]
fn the_leaks_of_the_reference_are_found() {
    for (slug, file, column) in [
        ("airbus-ship-detection", "train_ship_segmentations_v2.csv", ""),
        ("bnp-paribas-cardif-claims-management", "public/test.csv", "target"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let report = audit_fixture(slug, mledojo_metrics::Protocol::MleDojo, &folder.path().join("out"));
        let found = |finding: &mledojo_prepare::Finding| {
            finding.file.contains(file) && finding.column.as_deref().unwrap_or_default().contains(column)
        };
        assert!(report.findings.iter().any(found), "{slug}: {report:#?}");
    }
}

fn audit_fixture(slug: &str, protocol: mledojo_metrics::Protocol, out: &Path) -> AuditReport {
    let prepared = fixtures::prepared(slug, protocol, out);
    let spec = mledojo_catalog::Catalog::bundled().get(slug).unwrap().spec;
    audit(&prepared, Some(&spec.submission), &NoProgress).unwrap()
}

#[test]
fn corrected_folders_are_clean() {
    let mut alarms = Vec::new();
    for slug in fixtures::slugs() {
        let folder = tempfile::tempdir().unwrap();
        let report = audit_fixture(&slug, mledojo_metrics::Protocol::Corrected, &folder.path().join("out"));
        alarms.extend(report.findings.into_iter().map(|finding| format!("{slug}: {finding:?}")));
    }
    assert!(alarms.is_empty(), "{alarms:#?}");
}
