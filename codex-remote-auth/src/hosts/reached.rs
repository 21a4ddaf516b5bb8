//! Which hosts were reached. A message says nothing about the auth.json of the others.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::remote::RemoteState;

/// The hosts on which the work has begun. Clones share one list.
#[derive(Debug, Clone, Default)]
pub struct Reached(Arc<Mutex<BTreeSet<String>>>);

impl Reached {
    pub(super) fn add(&self, host: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned());
    }

    /// The state in which work that did not end left a host: `during`, unless it was never reached.
    pub fn state(&self, host: &str, during: RemoteState) -> RemoteState {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(host) {
            true => during,
            false => RemoteState::NotReached,
        }
    }
}
