//! A person with prepared answers, who records what they were asked.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::ssh::{Ask, TrustAnswer, UnknownKey};

#[derive(Default)]
pub(crate) struct Answers {
    trusting: bool,
    /// How long each answer takes.
    slowly: Duration,
    secrets: Mutex<VecDeque<Secret>>,
    /// What was shown to them.
    pub(crate) told: Mutex<Vec<String>>,
    /// The names of the servers whose keys they were asked to accept.
    pub(crate) servers: Mutex<Vec<String>>,
    /// The questions, and whether the answer was to be shown.
    pub(crate) questions: Mutex<Vec<(String, bool)>>,
}

impl Answers {
    /// A person who accepts every key and answers no question.
    pub(crate) fn trusting() -> Self {
        Self { trusting: true, ..Self::default() }
    }

    /// A person who accepts no key, gives these answers one after the other, and then none.
    pub(crate) fn with(secrets: &[&Secret]) -> Self {
        let secrets = secrets.iter().map(|secret| (*secret).clone()).collect();
        Self { secrets: Mutex::new(secrets), ..Self::default() }
    }

    /// The same, but every key is accepted.
    pub(crate) fn agreeing(mut self) -> Self {
        self.trusting = true;
        self
    }

    pub(crate) fn slowly(mut self, by: Duration) -> Self {
        self.slowly = by;
        self
    }

    pub(crate) fn asked(&self) -> Vec<(String, bool)> {
        self.questions.lock().unwrap().clone()
    }

    pub(crate) fn asked_of(&self) -> Vec<String> {
        self.servers.lock().unwrap().clone()
    }
}

impl Ask for Answers {
    fn tell(&self, host: &str, line: &str) {
        self.told.lock().unwrap().push(format!("{host}: {line}"));
    }

    fn trust(&self, key: &UnknownKey<'_>) -> TrustAnswer {
        assert!(key.fingerprint.starts_with("SHA256:"), "{key:?}");
        std::thread::sleep(self.slowly);
        self.servers.lock().unwrap().push(format!("{} {}", key.name, key.kind));
        if self.trusting { TrustAnswer::Yes } else { TrustAnswer::No }
    }

    fn secret(&self, question: &str, echo: bool) -> Option<Secret> {
        std::thread::sleep(self.slowly);
        self.questions.lock().unwrap().push((question.to_owned(), echo));
        self.secrets.lock().unwrap().pop_front()
    }
}
