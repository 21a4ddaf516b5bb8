//! A jump host of a run: `ProxyJump`. The hosts behind it share its connections.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::jump_connection::{JumpConnection, NotForwarded};
use super::person::Person;
use super::transport::{Transport, timed_out};
use super::{Deadline, Endpoint, Session, SshProblem};
use crate::message::plain_words;

/// How long a host waits until a connection to the jump host is free. libssh2 asks for one connection to a host behind it
/// at a time, and the answer may take as long as that host is silent.
const PATIENCE: Duration = Duration::from_millis(500);

/// The same if somebody had to answer a question for the first connection, and would have to again.
const PATIENCE_OF_A_PERSON: Duration = Duration::from_secs(10);

/// How often a wait looks whether its time is over.
const LOOK: Duration = Duration::from_millis(100);

/// The connections to a jump host.
#[derive(Default)]
pub(super) struct JumpHost {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Connections over which a host can be asked for now.
    free: Vec<JumpConnection>,
    /// How many connections are being asked for a host.
    busy: usize,
    /// How many connections are being made.
    coming: usize,
    is_reached: bool,
    has_asked: bool,
    /// How many times a connection could not be made, and the reason for the last one.
    failures: usize,
    last_failure: Option<SshProblem>,
    /// A failure that counts for every host: the SSH authentication is not tried again.
    refused: Option<SshProblem>,
}

impl JumpHost {
    /// A connection through the jump host to another host. `connect` makes a session with the jump host. `until` is the
    /// deadline of the connection to the other host, once that of the jump host is there.
    pub(super) fn forward(
        &self,
        jump: &Endpoint,
        to: &Endpoint,
        person: &Person<'_>,
        connect: impl Fn() -> Result<Session, SshProblem>,
        until: impl Fn() -> Deadline,
    ) -> Result<(Transport, Deadline), SshProblem> {
        let no_way_on =
            |reason: String| SshProblem::NoWayOn { endpoint: jump.clone(), to: to.to_string(), reason };
        loop {
            let (connection, is_new) = self.take(jump, person, &connect)?;
            let by = until();
            let outcome = connection.forward(to, by);
            let is_free = matches!(outcome, Ok(_) | Err(NotForwarded::Refused(_)));
            self.give_back(is_free.then_some(connection));
            return match outcome {
                Ok(transport) => Ok((transport, by)),
                // A new connection may have room, or last longer.
                Err(NotForwarded::NoRoom | NotForwarded::Over(_)) if !is_new && !by.passed() => continue,
                Err(NotForwarded::Refused(reason) | NotForwarded::Over(reason)) => Err(no_way_on(reason)),
                Err(NotForwarded::NoRoom) => {
                    Err(no_way_on("it has no room for one more connection".to_owned()))
                }
                Err(NotForwarded::NoAnswer) => Err(no_way_on("no answer in time".to_owned())),
            };
        }
    }

    /// A connection that nobody else asks for anything, and whether it was made for this.
    fn take(
        &self,
        jump: &Endpoint,
        person: &Person<'_>,
        connect: &impl Fn() -> Result<Session, SshProblem>,
    ) -> Result<(JumpConnection, bool), SshProblem> {
        let began = Instant::now();
        let mut state = self.lock();
        let failures = state.failures;
        loop {
            if let Some(problem) = &state.refused {
                return Err(problem.clone());
            }
            if let Some(connection) = state.free.pop() {
                state.busy += 1;
                return Ok((connection, false));
            }
            if let Some(problem) =
                state.last_failure.as_ref().filter(|_| !state.is_reached && state.failures > failures)
            {
                return Err(problem.clone());
            }
            let patience = if state.has_asked { PATIENCE_OF_A_PERSON } else { PATIENCE };
            let may_connect = match state.is_reached {
                true => state.busy + state.coming == 0 || began.elapsed() >= patience,
                // The first connection shows whether the others are let in.
                false => state.coming == 0,
            };
            if may_connect {
                break;
            }
            if person.deadline().passed() {
                return Err(timed_out(jump, "connecting", person.deadline()));
            }
            let waited = self.changed.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.coming += 1;
        drop(state);
        let coming = Coming(self);
        let asked_before = person.asked();
        let made = connect().and_then(|session| {
            JumpConnection::start(session).map_err(|error| SshProblem::Unreachable {
                endpoint: jump.clone(),
                reason: plain_words(&error),
            })
        });
        let mut state = self.lock();
        match &made {
            Ok(_) => {
                state.is_reached = true;
                state.has_asked |= person.asked() > asked_before;
                state.busy += 1;
            }
            Err(problem) => {
                state.failures += 1;
                state.last_failure = Some(problem.clone());
                if !state.is_reached && is_final(problem) {
                    state.refused = Some(problem.clone());
                }
            }
        }
        drop(state);
        drop(coming);
        made.map(|connection| (connection, true))
    }

    fn give_back(&self, connection: Option<JumpConnection>) {
        let mut state = self.lock();
        state.busy -= 1;
        state.free.extend(connection);
        drop(state);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is being made, also if that panics.
struct Coming<'a>(&'a JumpHost);

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        self.0.lock().coming -= 1;
        self.0.changed.notify_all();
    }
}

/// Whether a failure counts for all hosts behind the jump host. Networks recover. A refused login does not, and a server
/// may lock an account that tries it again.
fn is_final(problem: &SshProblem) -> bool {
    !matches!(
        problem,
        SshProblem::NoSuchHost { .. }
            | SshProblem::Unreachable { .. }
            | SshProblem::Handshake { .. }
            | SshProblem::NoWayOn { .. }
            | SshProblem::ProxyCommand { .. }
            | SshProblem::TimedOut { .. }
            | SshProblem::Lost { .. }
    )
}
