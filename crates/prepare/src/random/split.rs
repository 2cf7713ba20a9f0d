//! The splitters of scikit-learn's `model_selection`.
//!
//! All take how many rows there are, or a code for each, and give positions of rows in scikit-learn's order.

use std::collections::BTreeMap;

use super::RandomState;

/// Positions of the rows of both parts, in the order that scikit-learn gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to be graded on.
    pub test: Vec<usize>,
}

/// How much of the rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Size {
    /// A share between 0 and 1. A share for testing is rounded up, one for training down.
    Share(f64),
    /// So many rows.
    Rows(usize),
}

/// The arguments `test_size` and `train_size`: what one leaves is the other's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sizes {
    /// `test_size` alone.
    Test(Size),
    /// `train_size` alone.
    Train(Size),
    /// Both; rows may be left over.
    Both {
        /// `test_size`.
        test: Size,
        /// `train_size`.
        train: Size,
    },
}

/// A split that scikit-learn refuses as well.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A size that is no share and no number of rows.
    #[error(
        "the {part} part cannot be {}: expected a share between 0 and 1, or from 1 to {} rows",
        size_text(*size), rows.saturating_sub(1)
    )]
    Size {
        /// "test" or "train".
        part: &'static str,
        /// What was asked for.
        size: Size,
        /// How many rows there are.
        rows: usize,
    },
    /// Both parts together are more than there is.
    #[error("{test} rows to test and {train} to train are more than the {rows} there are")]
    Overlap {
        /// Rows of the test part.
        test: usize,
        /// Rows of the train part.
        train: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// Nothing is left to train on.
    #[error("no rows are left to train on: {test} of {rows} are to test")]
    EmptyTrain {
        /// Rows of the test part.
        test: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// A class with a single row cannot be on both sides.
    #[error("class {class} has one row: a stratified split needs two of every class")]
    LonelyClass {
        /// The class's code.
        class: u32,
    },
    /// A part has fewer rows than there are classes.
    #[error("the {part} part has {rows} rows for {classes} classes: a stratified split needs one of each")]
    TooFewForClasses {
        /// "test" or "train".
        part: &'static str,
        /// Rows of the part.
        rows: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// More folds than rows, or fewer than two.
    #[error("{rows} rows cannot be cut into {folds} folds: expected 2 to {rows}")]
    Folds {
        /// What was asked for.
        folds: usize,
        /// How many rows there are.
        rows: usize,
    },
}

fn size_text(size: Size) -> String {
    match size {
        Size::Share(share) => format!("the share {share}"),
        Size::Rows(rows) => format!("{rows} rows"),
    }
}

impl Sizes {
    /// How many rows train and test get.
    ///
    /// # Errors
    ///
    /// As scikit-learn: if a size is out of range, both are more than all, or no row is left to train on.
    pub fn of(self, rows: usize) -> Result<(usize, usize), SplitError> {
        let test_rows = |size| part("test", size, rows, f64::ceil);
        let train_rows = |size| part("train", size, rows, f64::floor);
        let (train, test) = match self {
            Self::Test(size) => {
                let test = test_rows(size)?;
                (rows - test, test)
            }
            Self::Train(size) => {
                let train = train_rows(size)?;
                (train, rows - train)
            }
            Self::Both { test, train } => (train_rows(train)?, test_rows(test)?),
        };
        if train + test > rows {
            return Err(SplitError::Overlap { test, train, rows });
        }
        if train == 0 {
            return Err(SplitError::EmptyTrain { test, rows });
        }
        Ok((train, test))
    }
}

fn part(part: &'static str, size: Size, rows: usize, round: fn(f64) -> f64) -> Result<usize, SplitError> {
    match size {
        Size::Share(share) if share > 0.0 && share < 1.0 => Ok(round(share * rows as f64) as usize),
        Size::Rows(count) if count > 0 && count < rows => Ok(count),
        _ => Err(SplitError::Size { part, size, rows }),
    }
}

/// `train_test_split(rows, random_state=seed)`; with `ShuffleSplit`, the first split of it.
///
/// # Errors
///
/// See [`Sizes::of`].
///
/// ```
/// use mledojo_prepare::random::split::{Size, Sizes, train_test_split};
///
/// let split = train_test_split(6, Sizes::Test(Size::Share(0.33)), 42)?;
/// assert_eq!(split.test, [0, 1]);
/// assert_eq!(split.train, [5, 2, 4, 3]);
/// # Ok::<(), mledojo_prepare::random::split::SplitError>(())
/// ```
pub fn train_test_split(rows: usize, sizes: Sizes, seed: u32) -> Result<Split, SplitError> {
    let (train, test) = sizes.of(rows)?;
    Ok(shuffled(rows, train, test, &mut RandomState::new(seed)))
}

/// `train_test_split(rows, shuffle=False)`: the first rows train, the next ones test.
///
/// # Errors
///
/// See [`Sizes::of`].
pub fn ordered_split(rows: usize, sizes: Sizes) -> Result<Split, SplitError> {
    let (train, test) = sizes.of(rows)?;
    Ok(Split { train: (0..train).collect(), test: (train..train + test).collect() })
}

/// `ShuffleSplit(n_splits=splits, random_state=seed)`: independent splits of the same rows.
///
/// # Errors
///
/// See [`Sizes::of`].
pub fn shuffle_split(rows: usize, sizes: Sizes, splits: usize, seed: u32) -> Result<Vec<Split>, SplitError> {
    let (train, test) = sizes.of(rows)?;
    let mut random = RandomState::new(seed);
    Ok((0..splits).map(|_| shuffled(rows, train, test, &mut random)).collect())
}

/// `GroupShuffleSplit(n_splits=splits, random_state=seed)`: whole groups are drawn, and rows keep their order.
///
/// `groups` holds each row's group; codes are in the order in which `numpy.unique` sorts the groups. The sizes are of
/// the groups, not of the rows.
///
/// # Errors
///
/// See [`Sizes::of`].
pub fn group_shuffle_split(groups: &[u32], sizes: Sizes, splits: usize, seed: u32) -> Result<Vec<Split>, SplitError> {
    let mut places: BTreeMap<u32, usize> = groups.iter().map(|group| (*group, 0)).collect();
    places.values_mut().enumerate().for_each(|(place, of_group)| *of_group = place);
    let rows_of = |chosen: &[usize]| {
        let mut is_chosen = vec![false; places.len()];
        chosen.iter().for_each(|group| is_chosen[*group] = true);
        (0..groups.len()).filter(|row| is_chosen[places[&groups[*row]]]).collect()
    };
    let splits = shuffle_split(places.len(), sizes, splits, seed)?;
    Ok(splits.iter().map(|split| Split { train: rows_of(&split.train), test: rows_of(&split.test) }).collect())
}

/// `KFold(folds)`, shuffled if there is a seed: every row tests once. The training rows keep their order.
///
/// # Errors
///
/// If there are fewer than two folds, or fewer rows than folds.
pub fn k_fold(rows: usize, folds: usize, seed: Option<u32>) -> Result<Vec<Split>, SplitError> {
    if folds < 2 || folds > rows {
        return Err(SplitError::Folds { folds, rows });
    }
    let mut order: Vec<usize> = (0..rows).collect();
    if let Some(seed) = seed {
        RandomState::new(seed).shuffle(&mut order);
    }
    let mut start = 0;
    let fold = |fold| {
        let end = start + rows / folds + usize::from(fold < rows % folds);
        let mut is_test = vec![false; rows];
        order[start..end].iter().for_each(|row| is_test[*row] = true);
        start = end;
        let (test, train) = (0..rows).partition(|row| is_test[*row]);
        Split { train, test }
    };
    Ok((0..folds).map(fold).collect())
}

/// `train_test_split(rows, stratify=classes, random_state=seed)`: each class has its share on both sides.
///
/// `classes` holds each row's class; codes are in the order in which `numpy.unique` sorts the labels.
///
/// # Errors
///
/// See [`Sizes::of`]; also if a class has one row, or a part fewer rows than there are classes.
pub fn stratified_split(classes: &[u32], sizes: Sizes, seed: u32) -> Result<Split, SplitError> {
    let (train_rows, test_rows) = sizes.of(classes.len())?;
    let members = members_by_class(classes);
    if let Some((class, _)) = members.iter().find(|(_, rows)| rows.len() < 2) {
        return Err(SplitError::LonelyClass { class: *class });
    }
    for (part, rows) in [("train", train_rows), ("test", test_rows)] {
        if rows < members.len() {
            return Err(SplitError::TooFewForClasses { part, rows, classes: members.len() });
        }
    }

    let mut random = RandomState::new(seed);
    let mut counts: Vec<usize> = members.iter().map(|(_, rows)| rows.len()).collect();
    let train_counts = approximate_mode(&counts, train_rows, &mut random);
    counts.iter_mut().zip(&train_counts).for_each(|(count, train)| *count -= train);
    let test_counts = approximate_mode(&counts, test_rows, &mut random);

    let (mut train, mut test) = (Vec::with_capacity(train_rows), Vec::with_capacity(test_rows));
    for ((_, mut rows), (of_train, of_test)) in members.into_iter().zip(train_counts.into_iter().zip(test_counts)) {
        random.shuffle(&mut rows);
        train.extend_from_slice(&rows[..of_train]);
        test.extend_from_slice(&rows[of_train..of_train + of_test]);
    }
    random.shuffle(&mut train);
    random.shuffle(&mut test);
    Ok(Split { train, test })
}

fn shuffled(rows: usize, train: usize, test: usize, random: &mut RandomState) -> Split {
    let mut order = random.permutation(rows);
    order.truncate(test + train);
    let train = order.split_off(test);
    Split { train, test: order }
}

/// Each class that occurs, in the order of the codes, with its rows in theirs.
fn members_by_class(classes: &[u32]) -> Vec<(u32, Vec<usize>)> {
    let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (row, class) in classes.iter().enumerate() {
        members.entry(*class).or_default().push(row);
    }
    members.into_iter().collect()
}

/// The likeliest numbers of each class among `draws` rows, within one; ties are broken at random.
///
/// Source: `sklearn.utils.extmath._approximate_mode`.
fn approximate_mode(counts: &[usize], draws: usize, random: &mut RandomState) -> Vec<usize> {
    let total: usize = counts.iter().sum();
    let exact: Vec<f64> = counts.iter().map(|count| *count as f64 / total as f64 * draws as f64).collect();
    let mut given: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut missing = draws.saturating_sub(given.iter().sum());
    let remainders: Vec<f64> = exact.iter().map(|share| share - share.floor()).collect();
    let mut values = remainders.clone();
    values.sort_by(|a, b| b.total_cmp(a));
    values.dedup();
    for value in values {
        if missing == 0 {
            break;
        }
        let mut tied: Vec<usize> = (0..remainders.len()).filter(|class| remainders[*class] == value).collect();
        random.shuffle(&mut tied);
        tied.truncate(missing);
        missing -= tied.len();
        tied.into_iter().for_each(|class| given[class] += 1);
    }
    given
}
