//! Runs work in parallel.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How work is shared among threads.
pub(super) struct Schedule<'a> {
    /// How many items are worked on in parallel.
    pub(super) jobs: usize,
    /// The places of the items, in the order in which they are begun.
    pub(super) order: Vec<usize>,
    /// Whether no further item is to be begun.
    pub(super) is_over: &'a (dyn Fn() -> bool + Sync),
}

/// The places of the items with the most `weight` first, so that no long one is left at the end.
pub(super) fn heaviest_first<T>(items: &[T], weight: impl Fn(&T) -> usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|at| Reverse(weight(&items[*at])));
    order
}

/// Calls `work` on every item, and returns the results in the order of the items. `None` is an item that was not begun.
pub(super) fn parallel<T: Sync, R: Send>(
    items: &[T],
    schedule: &Schedule<'_>,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<Option<R>> {
    let Schedule { jobs, order, is_over } = schedule;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(items.iter().map(|_| None).collect::<Vec<Option<R>>>());
    std::thread::scope(|scope| {
        for _ in 0..(*jobs).clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if is_over() {
                        break;
                    }
                    let result = work(&items[at]);
                    results.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(result);
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<Option<R>> {
        parallel(items, &Schedule { jobs, order: (0..items.len()).collect(), is_over: &|| false }, work)
    }

    #[test]
    fn results_keep_the_order_of_their_items() {
        let items: Vec<u32> = (0..100).collect();
        let doubled: Vec<Option<u32>> = items.iter().map(|item| Some(item * 2)).collect();
        assert_eq!(all(&items, 7, |item| item * 2), doubled);
        assert_eq!(all(&[] as &[u32], 0, |item| *item), Vec::<Option<u32>>::new());
    }

    #[test]
    fn the_heavy_ones_go_first() {
        let begun = Mutex::new(Vec::new());
        let items = [1, 2, 3, 4];
        let order = heaviest_first(&items, |item| usize::from(*item > 2));
        parallel(&items, &Schedule { jobs: 1, order, is_over: &|| false }, |item| {
            begun.lock().unwrap().push(*item);
        });
        assert_eq!(begun.into_inner().unwrap(), [3, 4, 1, 2]);
    }

    #[test]
    fn nothing_begins_after_the_end() {
        let begun = AtomicUsize::new(0);
        let is_over = || begun.load(Ordering::Relaxed) == 2;
        let schedule = Schedule { jobs: 1, order: vec![3, 0, 1, 2], is_over: &is_over };
        let results = parallel(&[10, 11, 12, 13], &schedule, |item| {
            begun.fetch_add(1, Ordering::Relaxed);
            *item
        });
        assert_eq!(results, [Some(10), None, None, Some(13)]);
    }
}
