//! Measures how long people are asked. No host's deadline counts that time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::auth_json::Secret;
use crate::ssh::{Ask, Detail, TrustAnswer, UnknownKey};

/// How long people have been asked so far. All clones share one state.
#[derive(Debug, Clone, Default)]
pub struct PromptTime(Arc<Mutex<Asked>>);

#[derive(Debug, Default)]
struct Asked {
    open: usize,
    since: Option<Instant>,
    spent: Duration,
}

impl PromptTime {
    /// The total time, including that of any question that is open now.
    pub fn spent(&self) -> Duration {
        let asked = self.lock();
        asked.spent + asked.since.map(|since| since.elapsed()).unwrap_or_default()
    }

    /// Whether a question is open.
    pub fn is_asking(&self) -> bool {
        self.lock().open > 0
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count<T>(&self, question: impl FnOnce() -> T) -> T {
        {
            let mut asked = self.lock();
            asked.open += 1;
            asked.since.get_or_insert_with(Instant::now);
        }
        // A panic closes the question too. If it stayed open, it would stop the clock of every host.
        let _open = Open(self);
        question()
    }
}

/// An open question.
struct Open<'a>(&'a PromptTime);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let mut asked = self.0.lock();
        asked.open -= 1;
        if asked.open == 0
            && let Some(since) = asked.since.take()
        {
            asked.spent += since.elapsed();
        }
    }
}

/// Passes questions on to another `Ask`, and counts the time.
pub(super) struct Counted<'a> {
    pub(super) ask: &'a dyn Ask,
    pub(super) prompt_time: &'a PromptTime,
}

impl Ask for Counted<'_> {
    fn tell(&self, host: &str, line: &str) {
        self.ask.tell(host, line);
    }

    fn detail(&self, kind: Detail, host: &str, line: &str) {
        self.ask.detail(kind, host, line);
    }

    fn trust(&self, key: &UnknownKey<'_>) -> TrustAnswer {
        self.prompt_time.count(|| self.ask.trust(key))
    }

    fn secret(&self, question: &str, echo: bool) -> Option<Secret> {
        self.prompt_time.count(|| self.ask.secret(question, echo))
    }

    fn asked(&self) -> Duration {
        self.prompt_time.spent()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_panics_is_over() {
        let prompt_time = PromptTime::default();
        crate::hosts::panics::caught(|| prompt_time.count(|| -> () { panic!("as it was told to") }))
            .unwrap_err();
        assert!(!prompt_time.is_asking());
    }

    #[test]
    fn time_is_counted_once_however_many_questions_are_open() {
        let prompt_time = PromptTime::default();
        assert!(!prompt_time.is_asking());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| prompt_time.count(|| std::thread::sleep(Duration::from_millis(50))));
            }
        });
        assert!(!prompt_time.is_asking());
        let spent = prompt_time.spent();
        assert!(spent >= Duration::from_millis(50), "{spent:?}");
        assert_eq!(prompt_time.spent(), spent);
    }

    #[test]
    fn time_is_counted_while_a_question_is_open_and_not_after() {
        let pause = Duration::from_millis(20);
        let prompt_time = PromptTime::default();
        prompt_time.count(|| {
            std::thread::sleep(pause);
            assert!(prompt_time.is_asking());
        });
        let first = prompt_time.spent();
        assert!(first >= pause, "{first:?}");
        std::thread::sleep(pause);
        assert_eq!(prompt_time.spent(), first);
        prompt_time.count(|| {
            std::thread::sleep(pause);
            assert!(prompt_time.spent() >= first + pause);
        });
    }

    #[test]
    fn what_is_said_and_answered_is_passed_on_unchanged() {
        struct Answers(TrustAnswer, Mutex<Vec<String>>);
        impl Ask for Answers {
            fn tell(&self, host: &str, line: &str) {
                self.1.lock().unwrap().push(format!("{host}: {line}"));
            }
            fn trust(&self, _: &UnknownKey<'_>) -> TrustAnswer {
                self.0
            }
            fn secret(&self, _: &str, _: bool) -> Option<Secret> {
                Some(Secret::new("an answer"))
            }
        }
        let endpoint = crate::ssh::Endpoint::new("me", "box", 22);
        let key = UnknownKey { endpoint: &endpoint, name: "box", kind: "ssh-ed25519", fingerprint: "" };
        for answer in [TrustAnswer::No, TrustAnswer::Yes, TrustAnswer::Nobody] {
            let person = Answers(answer, Mutex::default());
            let counted = Counted { ask: &person, prompt_time: &PromptTime::default() };
            assert_eq!(counted.trust(&key), answer);
            assert_eq!(counted.secret("password", false).unwrap().expose(), b"an answer");
            counted.tell("box", "a line");
            assert_eq!(*person.1.lock().unwrap(), ["box: a line"]);
        }
    }
}
