//! Dividing the rows of a table in two.

use mledojo_catalog::spec::recipe::{Method, Part, Rounding, RowOrder, Share, Size, SizeOf, Split, Units};

use crate::error::PrepareError;
use crate::random::RandomState;
use crate::random::split::{self, Sizes, stratified_split, train_test_split};
use crate::table::{Frame, Texts};
use crate::workspace::Workspace;

pub(super) fn run(spec: &Split, workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let frame = workspace.table(&spec.table)?;
    let refused = |error: split::SplitError| frame.error(None, format!("table `{}`: {error}", spec.table));
    let (train, test) = match &spec.by {
        None => {
            let sizes = sizes(spec, frame.len(), frame, workspace)?;
            let mut parts = match &spec.stratify {
                None => draw(spec, frame.len(), sizes).map_err(refused)?,
                Some(column) => {
                    let (codes, _) = frame.texts(column)?.sorted_codes();
                    // There are fewer than 2³² rows.
                    #[expect(clippy::cast_possible_truncation)]
                    let codes: Vec<u32> = codes.into_iter().map(|code| code as u32).collect();
                    stratified_split(&codes, sizes, spec.seed.unwrap_or_default()).map_err(refused)?
                }
            };
            if spec.order == Some(RowOrder::Table) {
                parts.train.sort_unstable();
                parts.test.sort_unstable();
            }
            (parts.train, parts.test)
        }
        Some(column) => {
            let texts = frame.texts(column)?;
            let (codes, firsts) = match spec.units {
                Units::AsSeen => texts.codes(),
                Units::Sorted => texts.sorted_codes(),
            };
            let sizes = sizes(spec, firsts.len(), frame, workspace)?;
            let parts = draw(spec, firsts.len(), sizes).map_err(refused)?;
            let rows = |units: &[usize]| rows_of(&codes, firsts.len(), units, spec.order == Some(RowOrder::Drawn));
            (rows(&parts.train), rows(&parts.test))
        }
    };
    let (train, test) = (frame.take(&train), frame.take(&test));
    workspace.keep_table(&spec.train, train);
    workspace.keep_table(&spec.test, test);
    Ok(())
}

/// Divides the numbers below `count`.
fn draw(spec: &Split, count: usize, sizes: Sizes) -> Result<split::Split, split::SplitError> {
    // Every method but `cut` has a seed.
    let seed = spec.seed.unwrap_or_default();
    if spec.method == Method::TrainTestSplit {
        return train_test_split(count, sizes, seed);
    }
    let (train_size, test_size) = sizes.of(count)?;
    let order = match spec.method {
        Method::Cut => (0..count).collect(),
        _ => RandomState::new(seed).permutation(count),
    };
    let first = if spec.first == Part::Test { test_size } else { train_size };
    let (drawn, rest) = order.split_at(first);
    let mut rest = rest.to_vec();
    if spec.method == Method::Sample {
        rest.sort_unstable();
    }
    let drawn = drawn.to_vec();
    Ok(match spec.first {
        Part::Test => split::Split { train: rest, test: drawn },
        Part::Train => split::Split { train: drawn, test: rest },
    })
}

/// The rows of some units: unit by unit, or in the order of the table.
fn rows_of(codes: &[usize], units: usize, chosen: &[usize], unit_by_unit: bool) -> Vec<usize> {
    let mut place = vec![usize::MAX; units];
    for (at, &unit) in chosen.iter().enumerate() {
        place[unit] = at;
    }
    let mut rows: Vec<usize> = (0..codes.len()).filter(|&row| place[codes[row]] != usize::MAX).collect();
    if unit_by_unit {
        rows.sort_by_key(|&row| place[codes[row]]);
    }
    rows
}

/// How many of `count` rows or units the parts get.
fn sizes(spec: &Split, count: usize, frame: &Frame, workspace: &Workspace<'_>) -> Result<Sizes, PrepareError> {
    let of_part = |size| match spec.part {
        Part::Test => Sizes::Test(size),
        Part::Train => Sizes::Train(size),
    };
    let size = match &spec.size {
        Size::Rows(rows) => split::Size::Rows(*rows),
        Size::Share(share) => split::Size::Share(*share),
        Size::Of(SizeOf::Count { rows, of }) => split::Size::Rows(counted(*rows, *of, count, workspace.corrected())),
        Size::Of(SizeOf::RowsOf(table)) => split::Size::Rows(workspace.table(table)?.len()),
        Size::Of(SizeOf::Ratio { table, otherwise: Some(otherwise), .. }) if !workspace.has_table(table) => {
            split::Size::Share(if spec.part == Part::Test { *otherwise } else { 1.0 - otherwise })
        }
        Size::Of(SizeOf::Ratio { table, distinct, against, over, within, otherwise }) => {
            let other = workspace.table(table)?;
            let frame = against.as_ref().map_or(Ok(frame), |table| workspace.table(table))?;
            let (mine, theirs) = match distinct {
                None => (frame.len(), other.len()),
                Some(column) => (distinct_values(&frame.texts(column)?), distinct_values(&other.texts(column)?)),
            };
            let share = match over {
                Share::Train => theirs as f64 / mine as f64,
                Share::Both => theirs as f64 / (mine + theirs) as f64,
            };
            let counts = SizeOf::counts(within.as_deref(), share).map_err(|message| workspace.error(message))?;
            let share = match (counts, otherwise) {
                (true, _) => share,
                (false, Some(otherwise)) => *otherwise,
                (false, None) => {
                    let message = format!("`{table}` has {theirs} rows, `{}` {mine}: no share for a test", spec.table);
                    return Err(workspace.error(message));
                }
            };
            split::Size::Share(if spec.part == Part::Test { share } else { 1.0 - share })
        }
    };
    let rounding = spec.rounding.or((spec.method != Method::TrainTestSplit).then_some(Rounding::HalfEven));
    Ok(of_part(match (size, rounding) {
        (split::Size::Share(share), Some(rounding)) => split::Size::Rows(round(share * count as f64, rounding)),
        (size, _) => size,
    }))
}

/// `rows` of `count`, or the same share where `count` is smaller than `of`. The reference takes the number whatever the
/// table's size, and fails where it is too small.
pub(crate) fn counted(rows: usize, of: usize, count: usize, corrected: bool) -> usize {
    let absolute = count >= of || (!corrected && count > rows);
    if absolute { rows } else { scaled(rows, of, count) }
}

/// The same share of `count` as `rows` is of `of`, at least one.
pub(crate) fn scaled(rows: usize, of: usize, count: usize) -> usize {
    round(rows as f64 * count as f64 / of as f64, Rounding::HalfEven).max(1)
}

fn distinct_values(texts: &Texts) -> usize {
    texts.codes().1.len()
}

/// A number of rows, which is below 2⁵³ and never negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn round(rows: f64, rounding: Rounding) -> usize {
    (match rounding {
        Rounding::Down => rows.floor(),
        Rounding::Up => rows.ceil(),
        Rounding::HalfEven => rows.round_ties_even(),
    }) as usize
}
