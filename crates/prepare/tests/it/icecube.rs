//! icecube-neutrinos-in-deep-ice, whose events are rows of a Parquet file.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use mledojo_catalog::Catalog;
use mledojo_metrics::Protocol;
use mledojo_prepare::random::split::{Size, Sizes, train_test_split};
use mledojo_prepare::{DownloadRequest, NoProgress, prepare_download};
use parquet::data_type::{FloatType, Int64Type};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::reference::sample_is_accepted;

const EVENTS: usize = 92;
const BATCHES: usize = 23;

/// Events of a batch need not follow each other.
fn batch(event: usize) -> usize {
    event * 7 % BATCHES + 1
}

fn write_events(path: &Path) {
    let schema = "message m { required int64 batch_id; optional int64 event_id; required float azimuth; \
                  required float zenith; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::default()).unwrap();
    for first in (0..EVENTS).step_by(40) {
        let events = || first..EVENTS.min(first + 40);
        let mut group = writer.next_row_group().unwrap();
        let levels = vec![1; events().len()];
        let whole: [Vec<i64>; 2] =
            [events().map(|event| batch(event) as i64).collect(), events().map(|event| event as i64).collect()];
        for (values, levels) in whole.iter().zip([None, Some(levels.as_slice())]) {
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<Int64Type>().write_batch(values, levels, None).unwrap();
            column.close().unwrap();
        }
        for scale in [0.01, 0.001] {
            let values: Vec<f32> = events().map(|event| (event + 1) as f32 * scale).collect();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<FloatType>().write_batch(&values, None, None).unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

fn rows(path: &Path) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
}

#[test]
fn events_are_divided_batch_by_batch() {
    let folder = tempfile::tempdir().unwrap();
    let (raw, out) = (folder.path().join("raw"), folder.path().join("out"));
    fs::create_dir_all(raw.join("train")).unwrap();
    write_events(&raw.join("train_meta.parquet"));
    fs::write(raw.join("sensor_geometry.csv"), "sensor_id,x,y,z\n").unwrap();
    for batch in 1..=BATCHES {
        fs::write(raw.join(format!("train/batch_{batch}.parquet")), format!("pulses {batch}")).unwrap();
    }
    let competition = Catalog::bundled().get("icecube-neutrinos-in-deep-ice").unwrap();
    for protocol in [Protocol::MleDojo, Protocol::Corrected] {
        let request = DownloadRequest {
            competition: &competition,
            raw: &raw,
            out: &out,
            protocol,
            scripts: None,
            progress: &NoProgress,
        };
        let prepared = prepare_download(&request).unwrap();
        sample_is_accepted(&competition, &prepared).unwrap();
    }

    let split = train_test_split(BATCHES, Sizes::Test(Size::Share(0.1)), 0).unwrap();
    // The n-th batch to be seen is that of event n.
    let tested: HashSet<usize> = split.test.into_iter().map(batch).collect();
    assert_eq!(tested.len(), 3);
    let events = |test: bool| (0..EVENTS).filter(move |&event| tested.contains(&batch(event)) == test);
    let angles = |event: usize| ((event + 1) as f32 * 0.01, (event + 1) as f32 * 0.001);
    let train = events.clone()(false).map(|event| {
        let (azimuth, zenith) = angles(event);
        format!("{{batch_id: {}, event_id: {event}, azimuth: {azimuth:?}, zenith: {zenith:?}}}", batch(event))
    });
    assert_eq!(rows(&out.join("public/train_meta.parquet")), train.collect::<Vec<_>>());
    let test = events.clone()(true).map(|event| format!("{{batch_id: {}, event_id: {event}}}", batch(event)));
    assert_eq!(rows(&out.join("public/test_meta.parquet")), test.collect::<Vec<_>>());
    let answers: String =
        events.clone()(true).map(|event| format!("{event},{:?},{:?}\n", angles(event).0, angles(event).1)).collect();
    assert_eq!(
        fs::read_to_string(out.join("private/test_answer.csv")).unwrap(),
        "event_id,azimuth,zenith\n".to_owned() + &answers
    );
    for (part, test) in [("train", false), ("test", true)] {
        let batches: HashSet<usize> = events.clone()(test).map(batch).collect();
        assert_eq!(fs::read_dir(out.join("public").join(part)).unwrap().count(), batches.len());
        for batch in batches {
            let pulses = fs::read_to_string(out.join(format!("public/{part}/batch_{batch}.parquet"))).unwrap();
            assert_eq!(pulses, format!("pulses {batch}"));
        }
    }
}
