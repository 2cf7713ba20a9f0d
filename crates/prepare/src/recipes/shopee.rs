//! shopee-product-matching: the size of the test part, and which of its listings belong together.

use crate::error::PrepareError;
use crate::random::pandas;
use crate::workspace::Workspace;

/// Divides the table `all` into `train` and `test`; the latter gets a column `matches`, the listings of the row's
/// product within `test`, sorted as text.
pub(super) fn split(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let all = workspace.table("all")?;
    let size = workspace.table("kaggle-test")?.len().max(all.len() / 5);
    let drawn = pandas::sample(all.len(), size, 42).map_err(|error| all.error(None, error.to_string()))?;
    let mut is_test = vec![false; all.len()];
    drawn.iter().for_each(|&row| is_test[row] = true);
    let rest: Vec<usize> = (0..all.len()).filter(|&row| !is_test[row]).collect();
    let (train, test) = (all.take(&rest), all.take(&drawn));

    let (products, firsts) = test.texts("label_group")?.codes();
    let ids = test.texts("posting_id")?;
    let mut listings = vec![Vec::new(); firsts.len()];
    for (id, &product) in ids.iter().zip(&products) {
        listings[product].push(id);
    }
    let matches = listings.iter_mut().map(|listings| {
        listings.sort_unstable();
        listings.join(" ")
    });
    let matches: Vec<String> = matches.collect();
    let test = test.with_texts("matches", products.iter().map(|&product| &matches[product]));
    workspace.keep_table("train", train);
    workspace.keep_table("test", test);
    Ok(())
}
