//! Tables: probabilities, labels and numbers.

use crate::competitions::{Numbers, facts, mean_error};
use crate::game::Game;

const ROWS: usize = 150;
const TRAIN: usize = 100;

/// A table with odd names, blanks, categories, dates and leading zeros in the ids. `target` makes the target of a row
/// from its three drivers (two numbers, 0 to 1, and a category's number, 0 to 2). Returns the test rows' targets.
fn write_table(
    game: &Game,
    id: &str,
    target_column: &str,
    targets: &[&str],
    target: impl Fn(f64, f64, usize) -> String,
) -> Vec<String> {
    let header = [id, "größe, \"cm\"", "it's\ta\\b", "colour name", "seen on", "code", "remark", target_column];
    let mut numbers = Numbers::new(5);
    let mut rows = Vec::new();
    for row in 0..ROWS {
        let (first, second, third) = (numbers.next(), numbers.next(), (numbers.next() * 3.0) as usize);
        rows.push(vec![
            format!("{row:04}"),
            if row % 17 == 3 { String::new() } else { format!("{:.4}", first * 100.0) },
            format!("{second:.5}"),
            ["röt", "it's blue", ""][third].to_owned(),
            format!("2020-{:02}-{:02}", row % 12 + 1, row % 28 + 1),
            format!("c{}", row % 40),
            format!("bought in {} shop {}", ["a big", "a small"][row % 2], row % 37),
            target(first, second, third),
        ]);
    }
    let test: Vec<Vec<String>> = rows[TRAIN..].to_vec();
    game.write("train.csv", &header, rows[..TRAIN].iter().cloned());
    game.write("test.csv", &header[..7], test.iter().map(|row| row[..7].to_vec()));
    let sample = test.iter().rev().map(|row| {
        std::iter::once(row[0].clone())
            .chain(targets.iter().map(|_| format!("{}", 1.0 / targets.len() as f64)))
            .collect()
    });
    game.write("sample_submission.csv", &[&[id], targets].concat(), sample);
    test.into_iter().rev().map(|row| row[7].clone()).collect()
}

#[test]
fn binary_probabilities_with_odd_column_names() {
    let target = "is \"it\", señor?";
    let game = Game::new(facts("binary-classification", "roc_auc", "maximize", "row id", &[target]));
    let truth = write_table(&game, "row id", target, &[target], |first, second, third| {
        u8::from(first + second + 0.3 * third as f64 > 1.2).to_string()
    });
    let runs = game.play(3, 8);
    assert_eq!(runs.len(), 5);
    game.assert_valid(&runs);
    for run in &runs[1..] {
        let (_, rows) = run.table();
        let mean = |class: &str| {
            let of_class = rows.iter().zip(&truth).filter(|(_, truth)| *truth == class);
            let values: Vec<f64> = of_class.map(|(row, _)| row[1].parse().unwrap()).collect();
            assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
            values.iter().sum::<f64>() / values.len() as f64
        };
        assert!(mean("1") > mean("0") + 0.3, "{}: the probability is not that of class 1", run.title());
    }
}

#[test]
fn the_positive_class_is_the_one_that_the_column_names() {
    let game = Game::new(facts("binary-classification", "log_loss", "minimize", "id", &["p_benign"]));
    let truth = write_table(&game, "id", "diagnosis", &["p_benign"], |first, _, _| {
        if first < 0.5 { "benign" } else { "malignant" }.to_owned()
    });
    let runs = game.play(3, 3);
    game.assert_valid(&runs);
    for run in &runs {
        let (_, rows) = run.table();
        let is_right =
            |(row, truth): &(&Vec<String>, &String)| (row[1].parse::<f64>().unwrap() > 0.5) == (*truth == "benign");
        let right = rows.iter().zip(&truth).filter(is_right).count();
        assert!(right > 40, "{}", run.title());
    }
}

#[test]
fn one_probability_column_per_class_is_matched_by_name() {
    // Sorted, the labels are in another order than the columns.
    let columns = ["kind_red", "kind_Blue 2", "kind_green"];
    let game = Game::new(facts("multiclass-classification", "multiclass_log_loss", "minimize", "id", &columns));
    let truth = write_table(&game, "id", "kind", &columns, |first, _, _| {
        ["red", "Blue 2", "green"][(first * 3.0) as usize].to_owned()
    });
    let runs = game.play(3, 5);
    assert_eq!(runs.len(), 4);
    game.assert_valid(&runs);
    for run in &runs {
        let mut right = 0;
        for (row, truth) in run.table().1.iter().zip(&truth) {
            let values: Vec<f64> = row[1..].iter().map(|value| value.parse().unwrap()).collect();
            assert!((values.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{row:?}");
            let best = (0..3).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap();
            right += usize::from(columns[best].ends_with(truth));
        }
        assert!(right > 35, "{}: {right} of 50 right", run.title());
    }
}

#[test]
fn one_column_of_zeros_and_ones_per_class_is_read_as_classes() {
    let columns = ["a", "b"];
    let game = Game::new(facts("multiclass-classification", "multiclass_log_loss", "minimize", "id", &columns));
    let mut numbers = Numbers::new(9);
    let rows: Vec<Vec<String>> = (0..80)
        .map(|row| {
            let value = numbers.next();
            vec![
                row.to_string(),
                value.to_string(),
                u8::from(value < 0.5).to_string(),
                u8::from(value >= 0.5).to_string(),
            ]
        })
        .collect();
    game.write("train.csv", &["id", "x", "a", "b"], rows[..60].iter().cloned());
    game.write("test.csv", &["id", "x"], rows[60..].iter().map(|row| row[..2].to_vec()));
    game.write(
        "sample_submission.csv",
        &["id", "a", "b"],
        rows[60..].iter().map(|row| vec![row[0].clone(), "0.5".into(), "0.5".into()]),
    );
    let runs = game.play(3, 3);
    game.assert_valid(&runs);
    for run in &runs {
        let right = run
            .table()
            .1
            .iter()
            .zip(&rows[60..])
            .filter(|(row, truth)| (row[1].parse::<f64>().unwrap() > 0.5) == (truth[2] == "1"))
            .count();
        assert!(right >= 17, "{}: {right} of 20 right", run.title());
    }
}

#[test]
fn labels_come_back_letter_for_letter() {
    let labels = ["NA", "ja, \"ja\"", "01"];
    let game = Game::new(facts("multiclass-classification", "accuracy", "maximize", "id", &["answer"]));
    let truth =
        write_table(&game, "id", "answer", &["answer"], |first, _, _| labels[(first * 3.0) as usize].to_owned());
    let runs = game.play(3, 4);
    assert_eq!(runs.len(), 3);
    game.assert_valid(&runs);
    for run in &runs {
        let (_, rows) = run.table();
        assert!(rows.iter().all(|row| labels.contains(&row[1].as_str())), "{}", run.title());
        let right = rows.iter().zip(&truth).filter(|(row, truth)| row[1] == **truth).count();
        assert!(right > 35, "{}: {right} of 50 right", run.title());
    }
}

#[test]
fn numbers_are_predicted_the_same_way_every_time() {
    let game = Game::new(facts("regression", "rmsle", "minimize", "id", &["price"]));
    let truth = write_table(&game, "id", "price", &["price"], |first, second, third| {
        format!("{:.3}", (2.0 * first + second + third as f64).exp())
    });
    let truth: Vec<f64> = truth.iter().map(|value| value.parse().unwrap()).collect();
    let runs = game.play(3, 8);
    game.assert_valid(&runs);
    let scale = truth.iter().sum::<f64>() / truth.len() as f64;
    for run in &runs[1..] {
        let error = mean_error(&run.table().1, &truth);
        assert!(error < 0.4 * scale, "{}: {error}, mean {scale}", run.title());
    }

    // The blend makes anew what is missing, and everything comes out the same.
    assert_eq!(game.kept().len(), 3);
    game.kept().iter().for_each(|file| std::fs::remove_file(file).unwrap());
    let blend = game.run(runs[4].call.clone());
    blend.assert_clean();
    assert_eq!(blend.submission, runs[4].submission);
    assert_eq!(game.kept().len(), 3);
    // A file of another shape is no help, and no harm.
    std::fs::write(&game.kept()[0], "torn").unwrap();
    assert_eq!(game.run(runs[4].call.clone()).submission, runs[4].submission);
}

#[test]
fn further_steps_look_at_the_files_and_search_wider() {
    let mut facts = facts("binary-classification", "f1", "maximize", "id", &["label"]);
    facts["metric"]["params"] = serde_json::json!({"average": "binary"});
    let game = Game::new(facts);
    write_table(&game, "id", "label", &["label"], |first, _, third| u8::from(first > 0.7 && third > 0).to_string());
    let runs = game.play(3, 10);
    assert_eq!(runs.len(), 7);
    assert_eq!(runs[0].call.action, "validate_code");
    runs[0].assert_clean();
    assert!(runs[0].submission.is_none());
    assert!(String::from_utf8_lossy(&runs[0].output.stdout).contains("train.csv: 100 rows, 8 columns"));
    game.assert_valid(&runs[1..]);
}
