//! What to do about a host whose work failed or did not end, and in what state it leaves the host.

use std::borrow::Cow;

use super::HostError;
use crate::message::{Failure, Hint};
use crate::remote::RemoteState;

impl Failure for HostError {
    fn state(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Remote(error) => error.state(),
            Self::GivenUp { state, .. } | Self::Interrupted { state } | Self::Panicked { state, .. } => {
                state.in_words().map(Cow::Borrowed)
            }
            Self::NotBegun | Self::NotStarted { .. } => None,
        }
    }

    fn hints(&self) -> Vec<Hint> {
        match self {
            Self::Remote(error) => error.hints(),
            // Work on a host knows its deadline. What comes before it may wait for the system.
            Self::GivenUp { state: RemoteState::NotReached, .. } => vec![Hint::words(
                "look at how this machine resolves the host's name, and at what its SSH configuration runs (Match exec)",
            )],
            Self::GivenUp { .. } | Self::Interrupted { state: RemoteState::OldOrNew } => {
                vec![Hint::ours("to see what is on the host now", "doctor", &[])]
            }
            Self::Interrupted { .. } | Self::NotBegun => Vec::new(),
            Self::Panicked { .. } => {
                vec![Hint::words("this is a bug in codex-remote-auth: please report this line")]
            }
            Self::NotStarted { .. } => vec![Hint::words("try fewer hosts at once, with --jobs")],
        }
    }
}
