//! Matching the rows of a submission with those of the answers by id.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::answers::AnswersError;
use crate::cells::Cells;
use crate::number;
use crate::rejection::{Examples, Offenders, Rejection, excerpt};
use crate::table::{Column, Table};

/// The ids of the answers, each once.
///
/// They match as numbers if every one is a number and no two are the same number (`007` is then `7`), otherwise as
/// the text written.
#[derive(Debug)]
pub(crate) struct IdIndex {
    written: Cells,
    /// Canonical numbers, if ids match as such.
    numbers: Option<Cells>,
    rows: HashTable<u32>,
    hasher: RandomState,
}

impl IdIndex {
    pub(crate) fn new(ids: Column<'_>, answers: &Table) -> Result<Self, AnswersError> {
        let mut written = Cells::default();
        ids.iter().for_each(|id| written.push(id));
        let hasher = RandomState::new();
        if let Some(numbers) = canonical_numbers(ids)
            && let Ok(rows) = index(&numbers, &hasher)
        {
            return Ok(Self { written, numbers: Some(numbers), rows, hasher });
        }
        let rows = index(&written, &hasher).map_err(|row| AnswersError::DuplicateId {
            column: ids.name().to_owned(),
            line: answers.line(row),
            id: excerpt(written.get(row)),
        })?;
        Ok(Self { written, numbers: None, rows, hasher })
    }

    pub(crate) fn len(&self) -> usize {
        self.written.len()
    }

    /// The row of the answers for each row of the submission: a permutation.
    pub(crate) fn align(&self, ids: Column<'_>, submission: &Table) -> Result<Vec<u32>, Rejection> {
        let mut order = Vec::with_capacity(submission.rows());
        let mut seen = vec![false; self.len()];
        let (mut duplicate, mut unknown) = (Offenders::default(), Offenders::default());
        let mut key = String::new();
        for (row, id) in ids.iter().enumerate() {
            let line = submission.line(row);
            // Most files keep the order of the sample submission.
            let guess = order.last().map_or(0, |&last: &u32| last as usize + 1);
            match self.find(id, guess, &mut key) {
                None => unknown.push(line, id, None),
                Some(found) if seen[found] => duplicate.push(line, id, None),
                Some(found) => {
                    seen[found] = true;
                    order.push(found as u32);
                }
            }
        }
        if unknown.count == 0 && duplicate.count == 0 && order.len() == self.len() {
            return Ok(order);
        }
        let column = ids.name().to_owned();
        if duplicate.count > 0 {
            return Err(Rejection::DuplicateIds { column, rows: duplicate });
        }
        let mut missing = Examples::default();
        (0..self.len()).filter(|&row| !seen[row]).for_each(|row| missing.push(self.written.get(row)));
        let (expected, found) = (self.len(), submission.rows());
        Err(if unknown.count == 0 {
            Rejection::MissingIds { column, expected, found, missing }
        } else if missing.count == 0 || expected == found {
            Rejection::UnknownIds { column, expected, found, rows: unknown, missing }
        } else {
            Rejection::RowCount { column, expected, found, rows: unknown, missing }
        })
    }

    /// The answers' row of an id, looked for at `guess` first. `key` is scratch space.
    fn find(&self, id: &str, guess: usize, key: &mut String) -> Option<usize> {
        let (keys, key) = match &self.numbers {
            Some(numbers) => {
                // A word such as `True` is a number in a prediction, but not in an id.
                if !is_numeral(id) || number::write_canonical(id, key).is_err() {
                    return None;
                }
                (numbers, key.as_str())
            }
            None => (&self.written, id),
        };
        if guess < keys.len() && keys.get(guess) == key {
            return Some(guess);
        }
        self.rows.find(self.hasher.hash_one(key), |&row| keys.get(row as usize) == key).map(|&row| row as usize)
    }
}

fn is_numeral(id: &str) -> bool {
    !id.trim_start_matches([' ', '\t']).starts_with(|letter: char| letter.is_ascii_alphabetic())
}

fn canonical_numbers(ids: Column<'_>) -> Option<Cells> {
    let mut numbers = Cells::default();
    let mut key = String::new();
    // Numbers such as 1e300 grow when written out; texts that would not fit are matched as text.
    let mut bytes = 0;
    for id in ids.iter() {
        if !is_numeral(id) {
            return None;
        }
        number::write_canonical(id, &mut key).ok()?;
        bytes += key.len();
        u32::try_from(bytes).ok()?;
        numbers.push(&key);
    }
    Some(numbers)
}

/// A table from each key to its row, or the first row whose key came before.
fn index(keys: &Cells, hasher: &RandomState) -> Result<HashTable<u32>, usize> {
    let hash = |row: &u32| hasher.hash_one(keys.get(*row as usize));
    let mut rows = HashTable::with_capacity(keys.len());
    for row in 0..keys.len() {
        let key = keys.get(row);
        if rows.find(hasher.hash_one(key), |&other: &u32| keys.get(other as usize) == key).is_some() {
            return Err(row);
        }
        rows.insert_unique(hasher.hash_one(key), row as u32, hash);
    }
    Ok(rows)
}
