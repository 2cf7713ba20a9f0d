//! sberbank-russian-housing-market: rows sorted by day as pandas' default sort leaves them, which is not stable.

use crate::error::PrepareError;
use crate::table::Texts;
use crate::workspace::Workspace;

/// Segments of so many places or fewer are sorted by insertion.
const SMALL: usize = 16;

/// Sorts the table `all` by `timestamp`.
pub(super) fn sort(workspace: &mut Workspace<'_>) -> Result<(), PrepareError> {
    let all = workspace.table("all")?;
    let sorted = all.take(&quicksort(&all.texts("timestamp")?));
    workspace.keep_table("all", sorted);
    Ok(())
}

/// `numpy.argsort(texts, kind="quicksort")` for text: quicksort with the median of three as the pivot. NumPy goes on
/// with a heap sort where the recursion gets deeper than twice the logarithm of the length, which dates that come
/// nearly sorted never reach.
///
/// Source: NumPy's `npysort/quicksort.cpp`, `aquicksort_`.
fn quicksort(texts: &Texts) -> Vec<usize> {
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let less = |a: usize, b: usize| texts.get(a) < texts.get(b);
    // From the first place up to the last, both included.
    let mut segments = vec![(0, texts.len().saturating_sub(1))];
    while let Some((first, last)) = segments.pop() {
        if last - first < SMALL {
            for place in first + 1..=last {
                let mut at = place;
                while at > first && less(order[at], order[at - 1]) {
                    order.swap(at, at - 1);
                    at -= 1;
                }
            }
            continue;
        }
        let middle = first + (last - first) / 2;
        for (low, high) in [(first, middle), (middle, last), (first, middle)] {
            if less(order[high], order[low]) {
                order.swap(low, high);
            }
        }
        let pivot = order[middle];
        order.swap(middle, last - 1);
        let (mut left, mut right) = (first, last - 1);
        loop {
            left += 1;
            while less(order[left], pivot) {
                left += 1;
            }
            right -= 1;
            while less(pivot, order[right]) {
                right -= 1;
            }
            if left >= right {
                break;
            }
            order.swap(left, right);
        }
        order.swap(left, last - 1);
        segments.extend([(first, left - 1), (left + 1, last)]);
    }
    order
}
