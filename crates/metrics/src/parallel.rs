//! Work on many rows on several cores at once.
//!
//! Rows are cut into chunks of consecutive ones, whose values lie in their order: results never depend on the number of
//! threads.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, Builder};

/// Rows below which a thread costs more than it saves.
const LEAST_ROWS: usize = 100_000;

/// More threads than this wait for the memory.
const MOST_THREADS: usize = 4;

#[cfg(test)]
thread_local! {
    static FORCED: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
}

/// Does something with so many threads, whatever the machine has.
#[cfg(test)]
pub(crate) fn with_threads<T>(threads: usize, work: impl FnOnce() -> T) -> T {
    FORCED.set(Some(threads));
    let value = work();
    FORCED.set(None);
    value
}

fn threads(rows: usize) -> usize {
    if rows < LEAST_ROWS {
        return 1;
    }
    #[cfg(test)]
    if let Some(threads) = FORCED.get() {
        return threads;
    }
    thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST_THREADS))
}

/// The values of all rows in their order; none, if `work` has none for a row.
pub(crate) fn collect_rows<T: Copy + Default + Send>(
    rows: usize,
    work: impl Fn(usize) -> Option<T> + Sync,
) -> Option<Vec<T>> {
    let mut values = vec![T::default(); rows];
    let size = rows.div_ceil(threads(rows)).max(1);
    let fill = |chunk: &mut [T], first: usize| {
        chunk.iter_mut().zip(first..).all(|(value, row)| work(row).map(|made| *value = made).is_some())
    };
    let chunks: Vec<_> =
        values.chunks_mut(size).map(|chunk| Mutex::new(Some(chunk))).zip((0..).step_by(size)).collect();
    let take = |(chunk, first): &(Mutex<Option<&mut [T]>>, usize)| {
        let chunk = chunk.lock().unwrap_or_else(PoisonError::into_inner).take();
        chunk.is_none_or(|chunk| fill(chunk, *first))
    };
    let complete = thread::scope(|scope| {
        let others = chunks.iter().skip(1);
        let others: Vec<_> = others.map(|chunk| (chunk, Builder::new().spawn_scoped(scope, || take(chunk)))).collect();
        let here = chunks.first().is_none_or(take);
        others.into_iter().fold(here, |complete, (chunk, other)| match other {
            Ok(other) => other.join().unwrap_or_else(|panic| resume_unwind(panic)) && complete,
            // The system gives no more threads.
            Err(_) => take(chunk) && complete,
        })
    });
    drop(chunks);
    complete.then_some(values)
}

/// Two pieces of work on so many rows, at once if they are many.
pub(crate) fn join<A, B: Send>(rows: usize, here: impl FnOnce() -> A, there: impl Fn() -> B + Sync) -> (A, B) {
    if threads(rows) == 1 {
        return (here(), there());
    }
    thread::scope(|scope| {
        let other = Builder::new().spawn_scoped(scope, &there);
        let here = here();
        let there = match other {
            Ok(other) => other.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => there(),
        };
        (here, there)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn rows_keep_their_order(rows in LEAST_ROWS - 2..LEAST_ROWS + 50, threads in 1_usize..6) {
            let all = with_threads(threads, || collect_rows(rows, Some));
            prop_assert_eq!(all, Some((0..rows).collect::<Vec<_>>()));
            for bad in [0, rows / 3, rows - 1] {
                let none = with_threads(threads, || collect_rows(rows, |row| (row != bad).then_some(row)));
                prop_assert_eq!(none, None);
            }
        }
    }

    #[test]
    fn no_rows() {
        assert_eq!(collect_rows(0, Some), Some(Vec::new()));
    }
}
