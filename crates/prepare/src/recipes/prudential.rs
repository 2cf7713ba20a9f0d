//! prudential-life-insurance-assessment: rows drawn within each class, made up to an exact total.

use crate::error::PrepareError;
use crate::random::RandomState;
use crate::workspace::Workspace;

const SEED: u32 = 42;

/// Divides the table `all` into `train` and `test`, the latter as large a share of it as Kaggle's test set was of both.
pub(super) fn split(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let all = workspace.table("all")?;
    let (rows, others) = (all.len(), workspace.table("kaggle-test")?.len());
    let wanted = whole(rows as f64 * (others as f64 / (rows + others) as f64));
    let responses = all.texts("Response")?;
    let (codes, firsts) = responses.sorted_codes();
    let mut chosen = Vec::with_capacity(wanted + firsts.len());
    for class in 0..firsts.len() {
        let members: Vec<usize> = (0..rows).filter(|&row| codes[row] == class).collect();
        let quota = whole(members.len() as f64 * (wanted as f64 / rows as f64)).min(members.len());
        let drawn = RandomState::new(SEED).permutation(members.len());
        chosen.extend(drawn[..quota].iter().map(|&place| members[place]));
    }

    // Rounded quotas may add up to a few rows more or fewer.
    let mut random = RandomState::new(SEED);
    let drawn = |random: &mut RandomState, population: usize, size: usize| {
        random.choice(population, size).map_err(|error| all.error(None, error.to_string()))
    };
    if chosen.len() > wanted {
        let kept = drawn(&mut random, chosen.len(), wanted)?;
        chosen = kept.into_iter().map(|place| chosen[place]).collect();
    }
    let mut is_test = vec![false; rows];
    chosen.iter().for_each(|&row| is_test[row] = true);
    if chosen.len() < wanted {
        let left: Vec<usize> = (0..rows).filter(|&row| !is_test[row]).collect();
        let more = drawn(&mut random, left.len(), wanted - chosen.len())?;
        more.into_iter().for_each(|place| is_test[left[place]] = true);
    }

    let (test, train): (Vec<usize>, Vec<usize>) = (0..rows).partition(|&row| is_test[row]);
    let (train, test) = (all.take(&train), all.take(&test));
    workspace.keep_table("train", train);
    workspace.keep_table("test", test);
    Ok(())
}

/// A number of rows as Python rounds it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the number of rows")]
fn whole(rows: f64) -> usize {
    rows.round_ties_even() as usize
}
