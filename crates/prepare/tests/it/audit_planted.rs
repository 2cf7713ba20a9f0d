//! More leaks that are planted: in outlines, logs, names, hashes and pictures.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use mledojo_prepare::Leak;
use sha2::Sha256;

use crate::audit::{Row, World};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn number(row: &Row) -> usize {
    row.id.parse().unwrap()
}

#[test]
fn hashes_are_known_cut_off_and_in_other_letters() {
    let world = World::new(40);
    type Dress = fn(&Row) -> String;
    let dresses: [(&str, Dress); 8] = [
        ("upper", |row| hex(&Md5::digest(row.value.to_string())).to_ascii_uppercase()),
        ("short", |row| hex(&Sha256::digest(row.value.to_string()))[..10].to_owned()),
        ("digest64", |row| STANDARD.encode(Sha256::digest(row.value.to_string()))),
        ("text64", |row| STANDARD.encode(row.value.to_string())),
        ("complement", |row| (100.0 - row.value).to_string()),
        ("one_hot", |row| u8::from(row.class == 1).to_string()),
        ("noise", |row| if number(row) % 100 == 7 { (row.class + 1) % 3 } else { row.class }.to_string()),
        ("salted_class", |row| format!("{}{}", ["q7", "z1", "k0"][row.class], "")),
    ];
    for (name, dress) in dresses {
        world.with_column(name, dress);
        world.assert_found(Leak::Column, "public/test.csv", Some(name));
    }
    let line = |row: &Row| format!("{},{},{:.4}", row.id, row.value.trunc(), row.value.fract());
    world.table("public/test.csv", "id,whole,rest", world.test.iter().map(line));
    world.assert_found(Leak::Column, "public/test.csv", Some("whole"));
}

#[test]
fn ids_do_not_end_in_the_rating() {
    let world = World::new(41);
    let named = |row: &Row| Row { id: format!("{}_{}", row.id, 3 * row.class + number(row) % 3), ..row.clone() };
    let rows: Vec<Row> = world.test.iter().map(named).collect();
    world.write_test(&rows);
    world.assert_found(Leak::Ids, "public/sample_submission.csv", None);
}

#[test]
fn what_a_choice_is_between_is_not_named() {
    let world = World::new(42);
    let names = ["model_a", "model_b"];
    let answer = |row: &Row| format!("{},{}", row.id, names[row.class % 2]);
    world.table("private/test_answer.csv", "id,winner", world.test.iter().map(answer));
    world.table(
        "public/sample_submission.csv",
        "id,winner",
        world.test.iter().map(|row| format!("{},model_a", row.id)),
    );
    assert!(world.audit().is_clean());
    let makers = ["gpt", "llama", "vicuna", "palm"];
    let line = |row: &Row| format!("{},{},{}", row.id, makers[number(row) % 4], makers[number(row) / 4 % 4]);
    world.table("public/test.csv", "id,model_a,model_b", world.test.iter().map(line));
    world.assert_found(Leak::Column, "public/test.csv", Some("model_a"));
    world.assert_found(Leak::Column, "public/test.csv", Some("model_b"));
    // The texts of the answers that are chosen between are what the task is about.
    let line = |row: &Row| format!("{},text {},text {}", row.id, row.features[0], row.features[1]);
    world.table("public/test.csv", "id,model_a,model_b", world.test.iter().map(line));
    assert!(world.audit().is_clean());
}

#[test]
fn nothing_is_measured_after_the_fact() {
    let world = World::new(43);
    let line = |row: &Row| format!("{},{},{}", row.id, row.features[0], row.features[2]);
    world.table("public/test.csv", "id,votes_at_request,votes_at_retrieval", world.test.iter().map(line));
    world.assert_found(Leak::Column, "public/test.csv", Some("votes_at_retrieval"));
}

/// A PNG of nothing but a text chunk.
fn png(text: &str) -> Vec<u8> {
    let chunk = [b"tEXt", b"Comment\0".as_slice(), text.as_bytes()].concat();
    let length = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
    [b"\x89PNG\r\n\x1a\n", length.as_slice(), &chunk, &[0; 4]].concat()
}

#[test]
fn pictures_do_not_say_what_they_show() {
    let world = World::new(44);
    type Content = fn(&Row) -> Vec<u8>;
    let contents: [(&str, Content); 3] = [
        ("png", |row| png(["cat", "dog", "fox"][row.class])),
        ("png", |row| png(&format!("label={}", row.value))),
        ("jpg", |row| {
            let text = format!("no. {} {}", row.id, ["cat", "dog", "fox"][row.class]);
            let length = u16::try_from(text.len() + 2).unwrap().to_be_bytes();
            [b"\xff\xd8\xff\xfe", length.as_slice(), text.as_bytes(), b"\xff\xda"].concat()
        }),
    ];
    for (ending, content) in contents {
        for row in &world.test {
            let _ = fs::remove_file(world.path(&format!("public/test/{}.dat", row.id)));
            fs::write(world.path(&format!("public/test/{}.{ending}", row.id)), content(row)).unwrap();
        }
        assert!(world.audit().findings.iter().any(|finding| finding.leak == Leak::FileMetadata));
        for row in &world.test {
            fs::remove_file(world.path(&format!("public/test/{}.{ending}", row.id))).unwrap();
        }
    }
}

/// The least and greatest coordinates of what is to be found in a row's picture.
fn spot(row: &Row) -> [usize; 4] {
    let (x, y) = (30 + number(row) % 200, 40 + number(row) % 90);
    [x, y, x + 20 + number(row) % 37, y + 15 + number(row) % 41]
}

fn rectangle(row: &Row) -> serde_json::Value {
    let [x, y, right, below] = spot(row);
    serde_json::json!([[x, y], [right, y], [right, below], [x, below], [x, y]])
}

#[test]
fn outlines_do_not_draw_the_masks() {
    let world = World::new(45);
    let mask = |row: &Row| {
        let [x, y, right, below] = spot(row);
        (x..right).map(|column| format!("{} {}", column * 300 + y + 1, below - y)).collect::<Vec<_>>().join(" ")
    };
    let answers = |cell: &dyn Fn(&Row) -> String| {
        world.table(
            "private/test_answer.csv",
            "id,mask",
            world.test.iter().map(|row| format!("{},{}", row.id, cell(row))),
        );
        world.table("public/sample_submission.csv", "id,mask", world.test.iter().map(|row| format!("{},", row.id)));
    };
    answers(&mask);
    assert!(world.audit().is_clean());
    // One file is enough.
    let row = &world.test[5];
    let file = format!("public/test/{}.json", row.id);
    let document = serde_json::json!([{ "geometry": { "type": "Polygon", "coordinates": [rectangle(row)] } }]);
    fs::write(world.path(&file), document.to_string()).unwrap();
    world.assert_found(Leak::SideFile, &file, None);
    // That of another row says nothing.
    let document =
        serde_json::json!([{ "geometry": { "type": "Polygon", "coordinates": [rectangle(&world.test[6])] } }]);
    fs::write(world.path(&file), document.to_string()).unwrap();
    assert!(world.audit().is_clean());
    fs::remove_file(world.path(&file)).unwrap();
    // All of them in one document, beside boxes as answers.
    answers(&|row| spot(row).map(|number| number.to_string()).join(" "));
    let notes: Vec<_> = world
        .test
        .iter()
        .map(|row| {
            let [x, y, right, below] = spot(row);
            serde_json::json!({ "image_id": row.id, "bbox": [x, y, right - x, below - y], "n": 1 })
        })
        .collect();
    fs::write(world.path("public/notes.json"), serde_json::json!({ "annotations": notes }).to_string()).unwrap();
    world.assert_found(Leak::SideFile, "public/notes.json", None);
}

#[test]
fn logs_do_not_hold_the_course() {
    let world = World::new(46);
    let point = |drive: usize, second: usize| {
        let (t, d) = (second as f64, drive as f64);
        (37.4 + 1e-4 * t + 3e-4 * (t / 3.0 + d).sin(), -122.1 + 4e-4 * (t / 5.0 + 2.0 * d).cos() + 2e-5 * t)
    };
    let rows = || (0..3).flat_map(|drive| (0..40).map(move |second| (drive, second)));
    let answer = |(drive, second): (usize, usize)| {
        let (north, east) = point(drive, second);
        format!("2020-0{drive}-A-Phone,{},{north},{east}", 1_589_494_424_000 + 1000 * second)
    };
    let header = "trip,millis,north,east";
    world.table("private/test_answer.csv", header, rows().map(answer));
    let sample = |(drive, second): (usize, usize)| {
        format!("2020-0{drive}-A-Phone,{},37.4,-122.1", 1_589_494_424_000 + 1000 * second)
    };
    world.table("public/sample_submission.csv", header, rows().map(sample));
    fs::remove_file(world.path("public/test.csv")).unwrap();
    // A receiver's own fixes are some metres off.
    for (name, error, leaks) in [("fixes.nmea", 3e-5, false), ("span_log.nmea", 0.0, true)] {
        for drive in 0..3 {
            let folder = world.path(&format!("public/test/2020-0{drive}-A/Phone/supplemental"));
            fs::create_dir_all(&folder).unwrap();
            let sentence = |second: usize| {
                let (north, east) = point(drive, second);
                let off = error * ((second * 7 % 11) as f64 - 5.0) / 5.0;
                let minutes = |angle: f64| angle.trunc() * 100.0 + angle.fract() * 60.0;
                let (north, west) = (minutes(north + off), minutes(-east + 2.0 * off));
                format!("$GPRMC,1200{second:02},A,{north:.8},N,{west:.8},W,0,0,010120,,*6A\n")
            };
            fs::write(folder.join(name), (0..40).map(sentence).collect::<String>()).unwrap();
        }
        let report = world.audit();
        let found = report.findings.iter().any(|finding| finding.file.ends_with(name));
        assert_eq!(found, leaks, "{name}: {report:#?}");
    }
}
