//! DSBench's competitions, from its archive and from Kaggle's download.

use std::fs;
use std::path::Path;

use mledojo_catalog::Catalog;
use mledojo_metrics::{Grader, Protocol, ReadLimits, Table};
use mledojo_prepare::{DownloadRequest, NoProgress, Prepared, prepare_download};

use crate::packages::table;

const SLUG: &str = "playground-series-s3e1";

fn prepare(raw: &Path, out: &Path, protocol: Protocol) -> Prepared {
    let competition = Catalog::bundled().get(SLUG).unwrap();
    let request =
        DownloadRequest { competition: &competition, raw, out, protocol, scripts: None, progress: &NoProgress };
    prepare_download(&request).unwrap()
}

/// A file of rows `id,feature,MedHouseVal`.
fn rows(count: usize) -> String {
    let row = |row: usize| format!("{row},{}.5,{}.25\n", row * 7 % 13, row * 31 % 17);
    std::iter::once("id,MedInc,MedHouseVal\n".to_owned()).chain((0..count).map(row)).collect()
}

#[test]
fn kaggle_s_training_table_is_cut_as_dsbench_cut_it() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    fs::create_dir(&raw).unwrap();
    fs::write(raw.join("train.csv"), rows(50)).unwrap();
    fs::write(raw.join("test.csv"), "id,MedInc\n900,1\n").unwrap();
    let prepared = prepare(&raw, &folder.path().join("out"), Protocol::Corrected);
    // `train_test_split(range(50), test_size=0.2, random_state=42)[1]`.
    let answers = table(&prepared.answers());
    let ids: Vec<&str> = answers[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(ids, ["13", "39", "30", "45", "17", "48", "26", "25", "32", "19"]);
    assert_eq!(table(&prepared.public().join("test.csv"))[0], ["id", "MedInc"]);
    let sample = table(&prepared.sample_submission());
    assert!(sample[1..].iter().all(|row| row[1] == sample[1][1]));
}

#[test]
fn the_archive_is_taken_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    let write = |path: &str, text: &str| {
        let path = raw.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(&format!("data/data_resplit/{SLUG}/train.csv"), &rows(20));
    write(&format!("data/data_resplit/{SLUG}/test.csv"), "id,MedInc\n70,1\n71,2\n72,3\n");
    write(&format!("data/data_resplit/{SLUG}/sample_submission.csv"), "id,MedHouseVal\n1,0.5\n");
    write(&format!("data/answers/{SLUG}/test_answer.csv"), "id,MedHouseVal\n70,1.25\n71,2.5\n72,4.125\n");
    for protocol in [Protocol::Corrected, Protocol::MleDojo] {
        let prepared = prepare(&raw, &folder.path().join(protocol.to_string()), protocol);
        let sample = table(&prepared.sample_submission());
        let value = &sample[1][1];
        assert_eq!(sample[1..].iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["70", "71", "72"]);
        assert!(sample[1..].iter().all(|row| row[1] == *value));
        // One true row under the reference's protocol, none under ours.
        assert_eq!(["1.25", "2.5", "4.125"].contains(&value.as_str()), protocol == Protocol::MleDojo, "{value}");
        let rules = Catalog::bundled().get(SLUG).unwrap().spec.grading().rules(protocol).unwrap();
        let read = |path: &Path| Table::read(path, &ReadLimits::default()).unwrap();
        let grader = Grader::new(rules, &read(&prepared.answers())).unwrap();
        assert!(grader.score(&read(&prepared.sample_submission())).is_ok());
    }
}
