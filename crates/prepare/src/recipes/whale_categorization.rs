//! whale-categorization-playground: every whale with two pictures or more is in both parts.

use std::collections::HashSet;

use crate::error::PrepareError;
use crate::random::split::{Size, Sizes, train_test_split};
use crate::random::{Generator, RandomState};
use crate::table::Texts;
use crate::workspace::Workspace;

const NEW: &str = "new_whale";
const SAMPLE: &str = "new_whale w_1287fbc w_98baff9 w_7554f44 w_1eafe46";

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Open,
    Train,
    Test,
}

pub(super) fn run(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let all = workspace.read("train.csv")?;
    let (codes, firsts) = all.texts("Id")?.codes();
    let mut rows_of_whale = vec![Vec::new(); firsts.len()];
    for (row, &whale) in codes.iter().enumerate() {
        rows_of_whale[whale].push(row);
    }
    let mut random = Generator::new(0);
    let mut sides = vec![Side::Open; all.len()];
    for rows in &rows_of_whale {
        if let [row] = rows[..] {
            sides[row] = if random.random() < 0.9 { Side::Train } else { Side::Test };
        } else {
            let drawn = RandomState::new(0).permutation(rows.len());
            sides[rows[drawn[0]]] = Side::Train;
            sides[rows[drawn[1]]] = Side::Test;
        }
    }
    let open: Vec<usize> = (0..all.len()).filter(|&row| sides[row] == Side::Open).collect();
    let split = train_test_split(open.len(), Sizes::Test(Size::Share(0.1)), 0)
        .map_err(|error| all.error(None, error.to_string()))?;
    split.train.iter().for_each(|&row| sides[open[row]] = Side::Train);
    split.test.iter().for_each(|&row| sides[open[row]] = Side::Test);
    let rows = |side| (0..all.len()).filter(|&row| sides[row] == side).collect::<Vec<_>>();
    let (train, test) = (all.take(&rows(Side::Train)), all.take(&rows(Side::Test)));

    let known = train.texts("Id")?;
    let known: HashSet<&str> = known.iter().collect();
    let whales = test.texts("Id")?;
    let whales: Texts = whales.iter().map(|whale| if known.contains(whale) { whale } else { NEW }).collect();
    workspace.write("public/train.csv", &train)?;
    workspace.write("private/test_answer.csv", &test.with_texts("Id", whales.iter()))?;
    workspace.write("public/sample_submission.csv", &test.with_constant("Id", SAMPLE))?;
    workspace.place_rows(&train, "train/{Image}", "public/train/{Image}")?;
    workspace.place_rows(&test, "train/{Image}", "public/test/{Image}")
}
