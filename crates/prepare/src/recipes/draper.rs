//! draper-satellite-image-chronology: sets of five pictures, those of the test part under shuffled numbers.

use crate::error::PrepareError;
use crate::random::PythonRandom;
use crate::recipe::list;
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

const DAYS: [usize; 5] = [1, 2, 3, 4, 5];

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let pictures = list("train/train/*.tif", workspace)?.texts("stem")?;
    let sets: Texts = pictures.iter().map(|stem| stem.split('_').next().unwrap_or(stem)).collect();
    let mut sets: Vec<&str> = sets.codes().1.into_iter().map(|first| sets.get(first)).collect();
    sets.sort_unstable();
    let mut random = PythonRandom::new(42);
    random.shuffle(&mut sets);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a number of sets")]
    let size = (0.56 * sets.len() as f64).round_ties_even() as usize;
    let (train, test) = sets.split_at_mut(size);
    test.sort_unstable();

    let (mut moves, mut answers, mut guesses) = (Moves::default(), Texts::default(), Texts::default());
    for set in train {
        DAYS.into_iter().for_each(|day| moves.push(set, day, "train", day));
    }
    for set in &*test {
        let mut numbers = DAYS;
        random.shuffle(&mut numbers);
        let mut days = DAYS;
        for (day, number) in DAYS.into_iter().zip(numbers) {
            moves.push(set, day, "test", number);
            days[number - 1] = day;
        }
        // Kaggle asks for the day of each picture; the reference has the number of each day's picture.
        answers.push(&joined(if workspace.corrected() { days } else { numbers }));
    }
    for _ in &*test {
        let mut guess = DAYS;
        random.shuffle(&mut guess);
        guesses.push(&joined(guess));
    }
    moves.place(workspace)?;
    let answers = Frame::of_columns("answers", [("setId", test.iter().collect()), ("day", answers)]);
    workspace.write("private/test_answer.csv", &answers)?;
    workspace.write("public/sample_submission.csv", &answers.with_texts("day", guesses.iter()))
}

fn joined(numbers: [usize; 5]) -> String {
    numbers.map(|number| number.to_string()).join(" ")
}

/// Pictures, and what becomes of them.
#[derive(Default)]
struct Moves {
    from: Texts,
    part: Texts,
    to: Texts,
}

impl Moves {
    fn push(&mut self, set: &str, day: usize, part: &str, number: usize) {
        self.from.push(&format!("{set}_{day}"));
        self.part.push(part);
        self.to.push(&format!("{set}_{number}"));
    }

    fn place(self, workspace: &Workspace<'_>) -> Result<(), PrepareError> {
        let moves = Frame::of_columns("pictures", [("from", self.from), ("part", self.part), ("to", self.to)]);
        workspace.place_rows(&moves, "train/train/{from}.tif", "public/{part}/{to}.tif")?;
        workspace.place_rows(&moves, "train_sm/train_sm/{from}.jpeg", "public/{part}_sm/{to}.jpeg")
    }
}
