//! Takes write permission to the Codex home from others before a login is copied into it.

use super::{Conversation, FileFacts, Look, Refusal, RemoteError, RemoteState};
use crate::ssh::Deadline;

impl Conversation<'_> {
    /// Closes a Codex home that others can write to, and looks at it again. A home that is already closed is unchanged.
    ///
    /// # Errors
    /// [`Refusal::HomeOpenToOthers`] if it is still open; the conversation's own problems. No login was sent by then.
    pub(crate) fn close_home(&mut self, look: &mut Look, deadline: Deadline) -> Result<(), RemoteError> {
        if !look.home_is_open() {
            return Ok(());
        }
        self.order("close");
        self.wait_for("looked", deadline)
            .map_err(|problem| RemoteError::of(problem, RemoteState::Untouched))?;
        let now = self.said().fact("directory").and_then(FileFacts::parse);
        if now.is_none_or(|facts| facts.is_open()) {
            return Err(Refusal::HomeOpenToOthers { path: look.codex_home.clone() }.into());
        }
        look.directory.is_now(now);
        Ok(())
    }
}
