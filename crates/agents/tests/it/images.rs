//! Pictures that a column names.

use std::path::Path;

use crate::competitions::{Numbers, facts};
use crate::game::Game;

/// A square picture whose upper or lower half is bright.
fn draw(file: &Path, side: u32, upper: bool, numbers: &mut Numbers) {
    let pixels: Vec<u8> = (0..side * side)
        .map(|pixel| {
            let bright = (pixel / side < side / 2) == upper;
            (numbers.next() * 100.0 + if bright { 100.0 } else { 0.0 }) as u8
        })
        .collect();
    let mut encoder = png::Encoder::new(std::fs::File::create(file).unwrap(), side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

#[test]
fn pictures_become_features_at_any_size() {
    let game = Game::new(facts("multiclass-classification", "accuracy", "maximize", "id", &["half"]));
    let mut numbers = Numbers::new(11);
    let mut tables = [Vec::new(), Vec::new()];
    for (table, folder) in tables.iter_mut().zip(["train", "test"]) {
        std::fs::create_dir(game.data().join(folder)).unwrap();
        for number in 0..40 {
            let file = format!("{folder}/{number:03} ä.png");
            let upper = numbers.next() < 0.5;
            draw(&game.data().join(&file), 40, upper, &mut numbers);
            table.push(vec![number.to_string(), file, if upper { "upper" } else { "lower" }.to_owned()]);
        }
    }
    let [train, test] = tables;
    game.write("train.csv", &["id", "file", "half"], train);
    game.write("test.csv", &["id", "file"], test.iter().map(|row| row[..2].to_vec()));
    game.write(
        "sample_submission.csv",
        &["id", "half"],
        test.iter().map(|row| vec![row[0].clone(), "upper".to_owned()]),
    );
    let runs = game.play(3, 4);
    game.assert_valid(&runs);
    for run in &runs {
        let right = run.table().1.iter().zip(&test).filter(|(row, truth)| row[1] == truth[2]).count();
        assert!(right >= 36, "{}: {right} of 40 right", run.title());
    }
}
