//! Runs work on many hosts in parallel, with a limit on the number and on the time of each.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::panics::caught;
use super::{Cancel, PromptTime};
use crate::message::plain_words;

/// How soon a request to stop is noticed.
const LOOK: Duration = Duration::from_millis(100);

/// How to work on the hosts.
#[derive(Debug, Clone)]
pub struct Pool {
    /// How many hosts in parallel; at least one.
    pub jobs: usize,
    /// The time limit of each host. Time during which a person is asked does not count.
    pub limit: Duration,
    /// How long the work may exceed that limit before nobody waits for it any more. Work that waits for the system, for
    /// example to resolve a name, does not know our deadline.
    pub grace: Duration,
    /// How long people have been asked so far.
    pub prompt_time: PromptTime,
    /// The request to end before all hosts are done.
    pub stop: Cancel,
}

/// Progress on one host.
#[derive(Debug)]
pub enum Event<T> {
    /// The work on the host with this number has begun.
    Began(usize),
    /// The work on the host with this number has ended.
    Ended(usize, Ended<T>),
}

/// How the work on a host ended.
#[derive(Debug)]
pub struct Ended<T> {
    /// The result.
    pub outcome: Result<T, Unfinished>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfinished {
    /// The work did not end in time, and nobody waits for it any more.
    GivenUp,
    /// It was in progress when the work was stopped.
    Interrupted,
    /// The work was stopped before this host was started.
    NotBegun,
    /// It panicked at this place in the source, which is a bug in this program.
    Panicked(String),
    /// The system did not start a thread. This is its error message.
    NotStarted(String),
}

struct Running {
    index: usize,
    began: Instant,
    asked_before: Duration,
}

impl Pool {
    /// Runs `work` for the hosts with the numbers below `count`, and passes each event to `see` as it happens.
    ///
    /// A host whose work does not return in time is abandoned, so that it does not delay the others.
    pub fn run<T: Send + 'static>(
        &self,
        count: usize,
        work: impl Fn(usize) -> T + Send + Sync + 'static,
        mut see: impl FnMut(Event<T>),
    ) {
        let work = Arc::new(work);
        let (tell, told) = mpsc::channel();
        let mut waiting = 0..count;
        let mut running: Vec<Running> = Vec::new();
        loop {
            if self.stop.is_asked() {
                while let Ok(done) = told.try_recv() {
                    Self::end(&mut running, done, &mut see);
                }
                let under_way =
                    running.iter().map(|host| (host.index, Unfinished::Interrupted, host.began.elapsed()));
                let not_begun = waiting.map(|index| (index, Unfinished::NotBegun, Duration::ZERO));
                for (index, why, elapsed) in under_way.chain(not_begun) {
                    see(Event::Ended(index, Ended { outcome: Err(why), elapsed }));
                }
                return;
            }
            while running.len() < self.jobs.max(1)
                && let Some(index) = waiting.next()
            {
                running.push(Running {
                    index,
                    began: Instant::now(),
                    asked_before: self.prompt_time.spent(),
                });
                see(Event::Began(index));
                let (tell, work) = (tell.clone(), Arc::clone(&work));
                let worker = move || {
                    let outcome = caught(|| work(index)).map_err(Unfinished::Panicked);
                    // Nobody listens any more if the work was stopped.
                    let _ = tell.send((index, outcome));
                };
                if let Err(error) = std::thread::Builder::new().spawn(worker) {
                    Self::end(
                        &mut running,
                        (index, Err(Unfinished::NotStarted(plain_words(&error)))),
                        &mut see,
                    );
                }
            }
            if running.is_empty() {
                return;
            }
            match told.recv_timeout(self.until_next_end(&running)) {
                Ok(done) => Self::end(&mut running, done, &mut see),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let (over, left) = running.into_iter().partition(|host| self.left(host).is_zero());
                    running = left;
                    for Running { index, began, .. } in over {
                        let outcome = Err(Unfinished::GivenUp);
                        see(Event::Ended(index, Ended { outcome, elapsed: began.elapsed() }));
                    }
                }
            }
        }
    }

    fn end<T>(
        running: &mut Vec<Running>,
        (index, outcome): (usize, Result<T, Unfinished>),
        see: &mut impl FnMut(Event<T>),
    ) {
        // Work that was given up may still return.
        if let Some(at) = running.iter().position(|host| host.index == index) {
            let elapsed = running.swap_remove(at).began.elapsed();
            see(Event::Ended(index, Ended { outcome, elapsed }));
        }
    }

    fn left(&self, host: &Running) -> Duration {
        if self.prompt_time.is_asking() {
            return self.grace;
        }
        let asked = self.prompt_time.spent().saturating_sub(host.asked_before);
        let whole = self.limit.saturating_add(self.grace).saturating_add(asked);
        whole.saturating_sub(host.began.elapsed())
    }

    fn until_next_end(&self, running: &[Running]) -> Duration {
        let soonest = running.iter().map(|host| self.left(host)).min().unwrap_or(self.grace);
        // At least 1 ms: the timeout of this wait is what reports a host whose time is over.
        soonest.clamp(Duration::from_millis(1), LOOK)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn pool(jobs: usize, limit: Duration) -> Pool {
        Pool {
            jobs,
            limit,
            grace: Duration::from_millis(200),
            prompt_time: PromptTime::default(),
            stop: Cancel::default(),
        }
    }

    #[test]
    fn every_host_is_done_once_and_no_more_than_the_limit_in_parallel() {
        let now = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let (here, peak) = (Arc::clone(&now), Arc::clone(&most));
        let mut seen = Vec::new();
        pool(3, Duration::from_secs(60)).run(
            20,
            move |index| {
                peak.fetch_max(here.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(5));
                here.fetch_sub(1, Ordering::SeqCst);
                index * 2
            },
            |event| {
                if let Event::Ended(index, ended) = event {
                    seen.push((index, ended.outcome.unwrap_or_default()));
                }
            },
        );
        seen.sort_unstable();
        assert_eq!(seen, (0..20).map(|index| (index, index * 2)).collect::<Vec<_>>());
        assert!((2..=3).contains(&most.load(Ordering::SeqCst)));
    }

    #[test]
    fn a_host_that_never_returns_is_given_up_and_delays_no_other() {
        let mut ended = Vec::new();
        pool(1, Duration::from_millis(10)).run(
            2,
            |index| {
                if index == 0 {
                    std::thread::sleep(Duration::from_secs(600));
                }
            },
            |event| {
                if let Event::Ended(index, how) = event {
                    ended.push((index, how.outcome));
                }
            },
        );
        assert_eq!(ended, [(0, Err(Unfinished::GivenUp)), (1, Ok(()))]);
    }

    #[test]
    fn results_before_a_stop_are_reported_and_nothing_starts_after_it() {
        let pool = pool(3, Duration::from_secs(60));
        let (stop, began) = (pool.stop.clone(), Instant::now());
        // A worker drops what it owns only after it has sent its result.
        let mut held: Vec<Arc<()>> = Vec::new();
        let (give, given) = mpsc::channel::<Arc<()>>();
        let mut ended = Vec::new();
        pool.run(
            4,
            move |index| {
                thread_local!(static HOLDS: std::cell::RefCell<Option<Arc<()>>> = const { std::cell::RefCell::new(None) });
                let mine = Arc::new(());
                let _ = give.send(Arc::clone(&mine));
                HOLDS.set(Some(mine));
                if index == 2 {
                    std::thread::sleep(Duration::from_secs(600));
                }
            },
            |event| match event {
                Event::Began(2) => {
                    // The first two have returned, but their results were not read yet.
                    held.extend(given.iter().take(2));
                    let came_back = || held.iter().filter(|held| Arc::strong_count(held) == 1).count() == 2;
                    while !came_back() && began.elapsed() < Duration::from_secs(20) {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    stop.ask();
                }
                Event::Began(_) => {}
                Event::Ended(index, how) => ended.push((index, how.outcome)),
            },
        );
        ended.sort_unstable_by_key(|(index, _)| *index);
        use Unfinished::{Interrupted, NotBegun};
        assert_eq!(ended, [(0, Ok(())), (1, Ok(())), (2, Err(Interrupted)), (3, Err(NotBegun))]);
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    }

    #[test]
    fn a_panic_is_reported_immediately_by_its_place_and_delays_no_other() {
        let (began, mut ended) = (Instant::now(), Vec::new());
        pool(1, Duration::from_secs(600)).run(
            2,
            |index| assert!(index != 0, "what a host said"),
            |event| {
                if let Event::Ended(index, how) = event {
                    ended.push((index, how.outcome));
                }
            },
        );
        let (0, Err(Unfinished::Panicked(place))) = &ended[0] else { panic!("{ended:?}") };
        assert!(place.contains("hosts/pool.rs:") && !place.contains("what a host said"), "{place}");
        assert_eq!(ended[1], (1, Ok(())));
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    }

    #[test]
    fn no_limit_is_too_long() {
        let mut pool = pool(1, Duration::MAX);
        pool.grace = Duration::MAX;
        pool.run(1, |_| (), |_| ());
    }

    #[test]
    fn a_run_without_hosts_ends_immediately() {
        pool(4, Duration::from_secs(1)).run(0, |_| (), |event| panic!("{event:?}"));
    }
}
