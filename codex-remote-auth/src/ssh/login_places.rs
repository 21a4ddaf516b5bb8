//! How many logins may be in progress on one server, and when a login is tried again.
//!
//! By default, sshd begins to turn connections away at ten that are not authenticated yet (`MaxStartups 10:30:100`).

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::person::Person;
use super::transport::timed_out;
use super::{Detail, Endpoint, Peer, Session, SshProblem};

/// The maximum for one server. It leaves room for others below sshd's default of ten.
const MOST: usize = 8;

/// How many times a login is tried on a server that let nobody in and does not say that it is full.
const TRIES: u32 = 4;

/// The pause before the second try. Each further one is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// How often a wait looks whether its time is over.
const LOOK: Duration = Duration::from_millis(100);

/// The places for logins on one server.
pub(super) struct LoginPlaces {
    most_ever: usize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    most: usize,
    taken: usize,
    has_let_in: bool,
    /// When `most` was lowered.
    lowered: Option<Instant>,
    /// Why the server turned away the last one, unless it has let somebody in since.
    why: Option<(String, Peer)>,
}

impl LoginPlaces {
    /// The places of a server that is known by its address.
    pub(super) fn of_server() -> Self {
        Self::with(MOST)
    }

    /// The places behind a `ProxyCommand`. Nobody knows which servers it logs in to, so there is no limit until one is
    /// full.
    pub(super) fn of_command() -> Self {
        Self::with(usize::MAX)
    }

    fn with(most: usize) -> Self {
        let state = State { most, taken: 0, has_let_in: false, lowered: None, why: None };
        Self { most_ever: most, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Runs `attempt` once there is a place for it, and again if the server hung up before the key exchange was done. Nothing else
    /// is tried again: a server may lock an account after refused logins.
    pub(super) fn log_in(
        &self,
        server: &Endpoint,
        person: &Person<'_>,
        attempt: impl Fn() -> Result<Session, SshProblem>,
    ) -> Result<Session, SshProblem> {
        let (mut pause, mut tries, first) = (FIRST_PAUSE, 0, Instant::now());
        loop {
            let place = self.take(server, person)?;
            let outcome = attempt();
            tries += 1;
            let (reason, peer) = match outcome {
                Err(SshProblem::Handshake { reason, peer, .. })
                    if matches!(
                        peer,
                        Peer::Full | Peer::Closed { .. } | Peer::ProxyEnded { is_silent: true }
                    ) =>
                {
                    (reason, peer)
                }
                other => {
                    place.ends(other.is_ok());
                    return other;
                }
            };
            let has_let_in = place.turned_away((reason.clone(), peer));
            let wait = varied(pause);
            let may_try = match peer {
                Peer::Full => true,
                // Without a word, it may be a command that never works. If it worked for another login, a busy server has
                // ended it.
                Peer::ProxyEnded { .. } => has_let_in && tries < TRIES,
                _ => has_let_in || tries < TRIES,
            };
            if !may_try || person.deadline().left() <= wait {
                let reason = match tries {
                    1 => reason,
                    _ => format!("{reason} ({tries} tries in {:.1} s)", first.elapsed().as_secs_f64()),
                };
                return Err(SshProblem::Handshake { endpoint: server.clone(), reason, peer });
            }
            let again = format!("{reason}; trying again in {:.1} s", wait.as_secs_f64());
            person.detail(Detail::Connection, server, &again);
            std::thread::sleep(wait);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn take(&self, server: &Endpoint, person: &Person<'_>) -> Result<Place<'_>, SshProblem> {
        let mut state = self.lock();
        while state.taken >= state.most {
            if person.deadline().passed() {
                return Err(match &state.why {
                    // It did not get a place because the server is full.
                    Some((reason, peer)) => SshProblem::Handshake {
                        endpoint: server.clone(),
                        reason: reason.clone(),
                        peer: *peer,
                    },
                    None => timed_out(server, "connecting", person.deadline()),
                });
            }
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.taken += 1;
        Ok(Place { places: self, since: Instant::now() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One login in progress. Dropping this frees its place.
struct Place<'a> {
    places: &'a LoginPlaces,
    since: Instant,
}

impl Place<'_> {
    fn ends(self, is_let_in: bool) {
        let mut state = self.places.lock();
        if is_let_in {
            state.has_let_in = true;
            state.why = None;
            state.most = state.most.saturating_add(1).min(self.places.most_ever);
        }
    }

    /// Halves the number of logins in progress, once for all that were in progress together. Returns whether the server
    /// has let anybody in.
    fn turned_away(self, why: (String, Peer)) -> bool {
        let mut state = self.places.lock();
        state.why = Some(why);
        if state.lowered.is_none_or(|lowered| lowered < self.since) {
            state.most = (state.taken.min(state.most) / 2).max(1);
            state.lowered = Some(Instant::now());
        }
        state.has_let_in
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.places.lock().taken -= 1;
        self.places.changed.notify_all();
    }
}

/// Between half and one and a half of a pause, so that those who were turned away together do not come back together.
fn varied(pause: Duration) -> Duration {
    let random = u32::try_from(getrandom::u64().unwrap_or(50) % 101).unwrap_or(50);
    pause * (50 + random) / 100
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::ssh::{Deadline, Nobody};

    fn server() -> Endpoint {
        Endpoint::new("me", "box", 22)
    }

    fn hangs_up(peer: Peer) -> SshProblem {
        SshProblem::Handshake { endpoint: server(), reason: "it hung up".to_owned(), peer }
    }

    /// How many times a login is tried within this time, and the last problem.
    fn tries(places: &LoginPlaces, within: Duration, problem: &SshProblem) -> (u32, SshProblem) {
        let count = Cell::new(0);
        let person = Person::new(&Nobody, Deadline::after(within));
        let outcome = places.log_in(&server(), &person, || {
            count.set(count.get() + 1);
            Err(problem.clone())
        });
        (count.get(), outcome.unwrap_err())
    }

    #[test]
    fn only_a_server_that_hangs_up_is_tried_again() {
        let refused = SshProblem::LoginRefused {
            endpoint: server(),
            reason: "wrong key".to_owned(),
            hints: Vec::new(),
        };
        let lost =
            SshProblem::Lost { endpoint: server(), doing: "logging in", reason: "it hung up".to_owned() };
        let within = Duration::from_secs(60);
        let ended = |is_silent| hangs_up(Peer::ProxyEnded { is_silent });
        for problem in
            [refused, lost, hangs_up(Peer::Answered), ended(true), ended(false), hangs_up(Peer::Penalty)]
        {
            assert_eq!(tries(&LoginPlaces::of_server(), within, &problem), (1, problem));
        }
        let has_worked = LoginPlaces::of_command();
        has_worked.lock().has_let_in = true;
        for (is_silent, expected) in [(true, TRIES), (false, 1)] {
            assert_eq!(tries(&has_worked, within, &ended(is_silent)).0, expected);
        }
        let (count, told) =
            tries(&LoginPlaces::of_server(), within, &hangs_up(Peer::Closed { is_ssh: false }));
        assert_eq!(count, TRIES);
        assert!(told.to_string().contains("it hung up (4 tries in "), "{told}");
    }

    #[test]
    fn a_server_that_is_full_or_lets_others_in_is_tried_until_the_time_is_over() {
        let within = Duration::from_millis(3_500);
        let began = Instant::now();
        let (count, _) = tries(&LoginPlaces::of_server(), within, &hangs_up(Peer::Full));
        assert!(count > 3 && began.elapsed() < within, "{count} in {:?}", began.elapsed());
        let places = LoginPlaces::of_server();
        places.lock().has_let_in = true;
        let (count, told) = tries(&places, Duration::from_secs(8), &hangs_up(Peer::Closed { is_ssh: true }));
        assert!(count > TRIES, "{told}");
    }

    #[test]
    fn fewer_logins_are_in_progress_after_the_server_was_full() {
        let places = LoginPlaces::of_server();
        let person = Person::new(&Nobody, Deadline::after(Duration::from_millis(150)));
        let mut taken: Vec<_> = (0..MOST).map(|_| places.take(&server(), &person).unwrap()).collect();
        assert_eq!(places.take(&server(), &person).map(|_| ()).unwrap_err().code(), "ssh-timed-out");
        for _ in 0..3 {
            taken.remove(0).turned_away(("it is full".to_owned(), Peer::Full));
        }
        let full = places.take(&server(), &person).map(|_| ()).unwrap_err();
        assert_eq!(full.code(), "ssh-handshake", "{full}");
        let most = || places.lock().most;
        assert_eq!(most(), MOST / 2, "once for all that were in progress together");
        taken.remove(0).ends(true);
        taken.remove(0).ends(true);
        assert_eq!(most(), MOST / 2 + 2);
        drop(taken);
        for _ in 0..MOST {
            places.take(&server(), &person).unwrap().ends(true);
        }
        assert_eq!(most(), MOST);
    }

    #[test]
    fn pauses_differ_and_stay_near_their_length() {
        let pauses: std::collections::BTreeSet<_> = (0..50).map(|_| varied(FIRST_PAUSE)).collect();
        assert!(pauses.len() > 5, "{pauses:?}");
        assert!(pauses.iter().all(|pause| (125..=375).contains(&pause.as_millis())), "{pauses:?}");
    }
}
