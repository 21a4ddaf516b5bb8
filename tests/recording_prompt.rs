//! Plays the person that a login waits for.

use std::sync::{Mutex, PoisonError};

use codex_remote_auth::login::Tell;

/// What the person was shown.
#[derive(Default)]
#[allow(missing_debug_implementations, reason = "what it was told is not to be shown")]
pub struct RecordingPrompt {
    device: Mutex<Vec<(String, String)>>,
    browser: Mutex<Vec<(String, u16)>>,
}

fn of<T: Clone>(kept: &Mutex<T>) -> T {
    kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl RecordingPrompt {
    /// Each link and code that was shown.
    pub fn devices(&self) -> Vec<(String, String)> {
        of(&self.device)
    }

    /// Each link for a browser, and its port.
    pub fn browsers(&self) -> Vec<(String, u16)> {
        of(&self.browser)
    }

    /// Checks that a text contains no code and no query of a link.
    pub fn is_in_none_of(&self, text: &str) {
        for (_, code) in self.devices() {
            assert!(!text.contains(&code), "a code is shown");
        }
        for (link, _) in self.browsers() {
            let (_, query) = link.split_once('?').unwrap_or_default();
            assert!(!text.contains(query), "a link's query is shown");
        }
    }
}

impl Tell for RecordingPrompt {
    fn device(&self, link: &str, code: &str) {
        self.device.lock().unwrap_or_else(PoisonError::into_inner).push((link.to_owned(), code.to_owned()));
    }

    fn browser(&self, link: &str, port: u16) {
        self.browser.lock().unwrap_or_else(PoisonError::into_inner).push((link.to_owned(), port));
    }

    fn proving(&self) {}
}
