//! Work on many rows on several cores at once.
//!
//! Rows are cut into chunks of consecutive ones, and what comes of them is put together in their order: results never
//! depend on the number of threads.

use std::ops::Range;
use std::panic::resume_unwind;
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

/// What `work` makes of chunks of so many rows, in their order.
pub(crate) fn map_chunks<T: Send>(rows: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let threads = threads(rows);
    let chunk = |index: usize| work(rows * index / threads..rows * (index + 1) / threads);
    let chunk = &chunk;
    thread::scope(|scope| {
        let others: Vec<_> =
            (1..threads).map(|index| (index, Builder::new().spawn_scoped(scope, move || chunk(index)))).collect();
        let mut done = vec![chunk(0)];
        done.extend(others.into_iter().map(|(index, other)| match other {
            Ok(other) => other.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // The system gives no more threads.
            Err(_) => chunk(index),
        }));
        done
    })
}

/// The values of all rows in their order, where `work` makes those of a chunk; or none, if a chunk has none.
pub(crate) fn collect_rows<T: Send>(
    rows: usize,
    work: impl Fn(Range<usize>) -> Option<Vec<T>> + Sync,
) -> Option<Vec<T>> {
    let mut chunks = map_chunks(rows, work).into_iter();
    let mut all = chunks.next()??;
    let rest: Vec<Vec<T>> = chunks.collect::<Option<_>>()?;
    all.reserve_exact(rest.iter().map(Vec::len).sum());
    rest.into_iter().for_each(|chunk| all.extend(chunk));
    Some(all)
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
            let all = with_threads(threads, || collect_rows(rows, |rows| Some(rows.collect())));
            prop_assert_eq!(all, Some((0..rows).collect::<Vec<_>>()));
            let bad = rows / 3;
            let none = with_threads(threads, || collect_rows(rows, |rows| (!rows.contains(&bad)).then(Vec::<u8>::new)));
            prop_assert_eq!(none, None);
        }
    }

    #[test]
    fn no_rows() {
        assert_eq!(collect_rows(0, |rows| Some(rows.collect())), Some(Vec::new()));
    }
}
