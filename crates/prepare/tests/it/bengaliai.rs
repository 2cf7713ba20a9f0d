//! bengaliai-cv19, whose pictures are rows of Parquet files.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use mledojo_catalog::Catalog;
use mledojo_metrics::Protocol;
use mledojo_prepare::random::RandomState;
use mledojo_prepare::{DownloadRequest, NoProgress, prepare_download};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

const IMAGES: usize = 23;
const HELD_OUT: usize = 5;
const LABELS: &str = "grapheme_root,vowel_diacritic,consonant_diacritic";

fn id(image: usize) -> String {
    format!("Train_{image}")
}

fn write_pixels(path: &Path, images: std::ops::Range<usize>) {
    let schema = "message m { optional binary image_id (UTF8); optional int64 pixel; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let ids: Vec<ByteArray> = images.clone().map(|image| ByteArray::from(id(image).as_str())).collect();
    let levels = vec![1; ids.len()];
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&ids, Some(&levels), None).unwrap();
    column.close().unwrap();
    let pixels: Vec<i64> = images.map(|image| image as i64 * 11).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&pixels, Some(&levels), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}

fn pixels(path: &Path) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect()
}

fn download(raw: &Path) {
    let rows = |line: &dyn Fn(usize) -> String| (0..IMAGES).map(line).collect::<String>();
    let labels = |image: usize| format!("{},{},{},{},g\n", id(image), image % 168, image % 11, image % 7);
    let files = [
        ("train.csv", format!("image_id,{LABELS},grapheme\n{}", rows(&labels))),
        ("train_multi_diacritics.csv", format!("image_id,{LABELS},grapheme\n{}", rows(&labels))),
        ("test.csv", "row_id,image_id,component\n".to_owned() + &"Test_0_x,Test_0,x\n".repeat(HELD_OUT)),
        ("class_map.csv", "component_type,label\n".to_owned()),
        ("sample_submission.csv", "row_id,target\n".to_owned()),
        ("decoy.zip", "no zip".to_owned()),
    ];
    for (name, text) in files {
        fs::write(raw.join(name), text).unwrap();
    }
    write_pixels(&raw.join("train_image_data_0.parquet"), 0..12);
    write_pixels(&raw.join("train_image_data_1.parquet"), 12..IMAGES);
    write_pixels(&raw.join("test_image_data_0.parquet"), 0..2);
}

#[test]
fn pictures_go_with_their_labels() {
    let folder = tempfile::tempdir().unwrap();
    let raw = folder.path().join("raw");
    fs::create_dir(&raw).unwrap();
    download(&raw);
    let held_out: &HashSet<usize> = &RandomState::new(42).permutation(IMAGES)[..HELD_OUT].iter().copied().collect();
    let competition = Catalog::bundled().get("bengaliai-cv19").unwrap();
    for protocol in [Protocol::MleDojo, Protocol::Corrected] {
        let out = folder.path().join(format!("{protocol:?}"));
        let request = DownloadRequest {
            competition: &competition,
            raw: &raw,
            out: &out,
            protocol,
            scripts: None,
            progress: &NoProgress,
        };
        prepare_download(&request).unwrap();
        let read = |file: &str| fs::read_to_string(out.join(file)).unwrap();
        let ids = |test: bool| (0..IMAGES).filter(move |image| held_out.contains(image) == test);

        let (mut answers, mut test) = ("row_id,target\n".to_owned(), "image_id\n".to_owned());
        for (row, image) in ids(true).enumerate() {
            test += &format!("{}\n", id(image));
            let parts = [("grapheme_root", 168), ("vowel_diacritic", 11), ("consonant_diacritic", 7)];
            for (part, classes) in parts {
                answers += &format!("Test_{row}_{part},{}\n", image % classes);
            }
        }
        assert_eq!(read("private/test_answer.csv"), answers);
        assert_eq!(read("public/test/test.csv"), test);
        assert_eq!(read("public/train/train.csv").lines().count(), IMAGES - HELD_OUT + 1);
        for (part, is_test) in [("train", false), ("test", true)] {
            let expected: Vec<String> =
                ids(is_test).map(|image| format!("{{image_id: \"{}\", pixel: {}}}", id(image), image * 11)).collect();
            let files = ["train_image_data_0", "train_image_data_1"];
            let found = files.map(|file| pixels(&out.join(format!("public/{part}/{file}.parquet"))));
            assert_eq!(found.concat(), expected);
        }
        let told = read("public/train_multi_diacritics.csv").lines().count() - 1;
        assert_eq!(told, if protocol == Protocol::Corrected { IMAGES - HELD_OUT } else { IMAGES });
        let mut names: Vec<String> = fs::read_dir(out.join("public"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.ends_with("_leaderboard.csv"))
            .collect();
        names.sort();
        let expected = "class_map.csv description.md sample_submission.csv test train train_multi_diacritics.csv";
        assert_eq!(names.join(" "), expected);
    }
}
