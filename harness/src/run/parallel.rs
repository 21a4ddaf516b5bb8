//! Runs work in parallel.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Calls `work` on every item, `jobs` in parallel, and returns the results in the order of the items.
///
/// The items with the most `weight` start first, so that no long one is left at the end.
pub(super) fn parallel<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    weight: impl Fn(&T) -> usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|at| Reverse(weight(&items[*at])));
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(&items[at]);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_their_items() {
        let items: Vec<u32> = (0..100).collect();
        let doubled: Vec<u32> = items.iter().map(|item| item * 2).collect();
        assert_eq!(parallel(&items, 7, |item| (item % 3) as usize, |item| item * 2), doubled);
        assert_eq!(parallel(&[] as &[u32], 0, |_| 0, |item| *item), Vec::<u32>::new());
    }

    #[test]
    fn the_heavy_ones_go_first() {
        let begun = Mutex::new(Vec::new());
        parallel(&[1, 2, 3, 4], 1, |item| usize::from(*item > 2), |item| begun.lock().unwrap().push(*item));
        assert_eq!(begun.into_inner().unwrap(), [3, 4, 1, 2]);
    }
}
