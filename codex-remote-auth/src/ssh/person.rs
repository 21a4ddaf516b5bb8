//! A person who is asked, and a deadline that is extended by the time of the answers.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Ask, Deadline, Detail, Endpoint, TrustAnswer, UnknownKey};
use crate::auth_json::Secret;

/// Who is asked during the connection to one host.
pub(super) struct Person<'a> {
    ask: &'a dyn Ask,
    deadline: Deadline,
    spent: Mutex<Duration>,
    /// How long people had been asked before this connection was begun.
    asked_before: Duration,
}

impl<'a> Person<'a> {
    pub(super) fn new(ask: &'a dyn Ask, deadline: Deadline) -> Self {
        Self { ask, deadline, spent: Mutex::default(), asked_before: ask.asked() }
    }

    /// The deadline, extended by the time of all questions so far, for this host or another.
    pub(super) fn deadline(&self) -> Deadline {
        self.deadline.later_by(self.asked().max(self.ask.asked().saturating_sub(self.asked_before)))
    }

    /// How long the questions for this connection took.
    pub(super) fn asked(&self) -> Duration {
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn trusts(&self, key: &UnknownKey<'_>) -> TrustAnswer {
        self.count(|| self.ask.trust(key))
    }

    pub(super) fn secret(&self, question: &str, echo: bool) -> Option<Secret> {
        self.count(|| self.ask.secret(question, echo))
    }

    pub(super) fn tell(&self, host: &str, line: &str) {
        self.ask.tell(host, line);
    }

    /// A detail about a server, which is named as in error messages: a host may be reached through others.
    pub(super) fn detail(&self, kind: Detail, endpoint: &Endpoint, line: &str) {
        self.ask.detail(kind, &endpoint.to_string(), line);
    }

    fn count<T>(&self, question: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let answer = question();
        *self.spent.lock().unwrap_or_else(PoisonError::into_inner) += began.elapsed();
        answer
    }
}
