//! Series in time.

use crate::competitions::{Numbers, facts, mean_error};
use crate::game::Game;

/// Writes a series: `train` rows, some blank, then `test` rows to predict. Returns the truth of these.
fn write_series(
    game: &Game,
    train: usize,
    test: usize,
    id: impl Fn(usize) -> String,
    value: impl Fn(usize) -> f64,
) -> Vec<f64> {
    let row = |step: usize| vec![id(step), if step % 13 == 5 { String::new() } else { format!("{:.3}", value(step)) }];
    game.write("train.csv", &["when", "the level"], (0..train).map(row));
    game.write("test.csv", &["when"], (train..train + test).map(|step| vec![id(step)]));
    game.write(
        "sample_submission.csv",
        &["when", "the level"],
        (train..train + test).map(|step| vec![id(step), "50".to_owned()]),
    );
    (train..train + test).map(value).collect()
}

fn noise(step: usize) -> f64 {
    Numbers::new(step as u64).next() - 0.5
}

#[test]
fn a_monthly_series_with_trend_season_and_blanks() {
    let game = Game::new(facts("forecasting", "mae", "minimize", "when", &["the level"]));
    let month = |step: usize| format!("{}-{:02}-01", 1990 + step / 12, step % 12 + 1);
    let truth = write_series(&game, 144, 24, month, |step| {
        100.0 + 0.5 * step as f64 + 10.0 * (step as f64 * std::f64::consts::TAU / 12.0).sin() + noise(step)
    });
    let runs = game.play(3, 8);
    assert_eq!(runs.len(), 5);
    game.assert_valid(&runs);
    for run in &runs[1..] {
        let error = mean_error(&run.table().1, &truth);
        assert!(error < 3.0, "{}: {error}", run.title());
    }
    // The blend makes anew what is missing.
    game.kept().iter().for_each(|file| std::fs::remove_file(file).unwrap());
    assert_eq!(game.run(runs[4].call.clone()).submission, runs[4].submission);
}

#[test]
fn numbered_steps_with_a_season_that_no_calendar_tells() {
    let game = Game::new(facts("forecasting", "smape", "minimize", "when", &["the level"]));
    let truth = write_series(
        &game,
        120,
        20,
        |step| (step * 5).to_string(),
        |step| 60.0 + 20.0 * (step as f64 * std::f64::consts::TAU / 11.0).sin() + noise(step),
    );
    let runs = game.play(3, 3);
    game.assert_valid(&runs);
    for run in &runs {
        let error = mean_error(&run.table().1, &truth);
        assert!(error < 8.0, "{}: {error}", run.title());
    }
}

#[test]
fn what_is_no_series_is_tried_as_a_table() {
    let game = Game::new(facts("forecasting", "rmse", "minimize", "when", &["the level"]));
    let mut numbers = Numbers::new(2);
    let rows: Vec<Vec<String>> = (0..90)
        .map(|row| {
            let driver = numbers.next();
            vec![format!("shop {row}"), driver.to_string(), (10.0 * driver).to_string()]
        })
        .collect();
    game.write("train.csv", &["when", "driver", "the level"], rows[..60].iter().cloned());
    game.write("test.csv", &["when", "driver"], rows[60..].iter().map(|row| row[..2].to_vec()));
    game.write(
        "sample_submission.csv",
        &["when", "the level"],
        rows[60..].iter().map(|row| vec![row[0].clone(), "5".to_owned()]),
    );
    let runs = game.play(3, 4);
    assert!(!runs[0].output.status.success());
    game.assert_valid(&runs[1..]);
}
