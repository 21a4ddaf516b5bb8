//! SSH authentication by what a person answers: the server's questions, or a password.

use ssh2::{KeyboardInteractivePrompt, Prompt};

use super::{TRIES, Tried, Try};
use crate::auth_json::Secret;
use crate::message::Hint;
use crate::ssh::person::Person;
use crate::ssh::printable::printable;
use crate::ssh::{Credentials, Session, SshProblem};

impl Session {
    /// Passes the server's questions on to a person.
    pub(super) fn try_answers(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<bool, SshProblem> {
        if credentials.batch {
            tried.add("the server's questions (nobody is asked in BatchMode)");
            tried.hint(without_batch());
            return Ok(false);
        }
        let user = &self.endpoint().user;
        for round in 1..=TRIES {
            let mut questions =
                Questions { session: self, person, about: self.endpoint().to_string(), unanswered: false };
            tried.add("the server's questions");
            let entered = self
                .one_try(person, tried, || self.inner.userauth_keyboard_interactive(user, &mut questions));
            if questions.unanswered {
                tried.but("nobody was there to answer");
                tried.hint(in_a_terminal());
                return Err(self.refused(tried, "the connection was closed without an answer"));
            }
            if matches!(entered?, Try::In) {
                return Ok(true);
            }
            self.refuse(person, round);
        }
        Ok(false)
    }

    /// Says, as `ssh` does, that an answer was not accepted, if there is another round.
    fn refuse(&self, person: &Person<'_>, round: usize) {
        if round < TRIES {
            person.tell(&self.endpoint().to_string(), "Permission denied, please try again.");
        }
    }

    /// Asks for a password.
    pub(super) fn try_password(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<bool, SshProblem> {
        if credentials.batch {
            tried.add("a password (nobody is asked in BatchMode)");
            tried.hint(without_batch());
            return Ok(false);
        }
        let endpoint = self.endpoint();
        let question = format!("{}@{}'s password: ", endpoint.user, endpoint.host);
        for round in 1..=TRIES {
            let Some(password) = person.secret(&question, false) else {
                tried.add("a password (nobody was there to ask)");
                tried.hint(in_a_terminal());
                return Ok(false);
            };
            tried.add("a password");
            let Ok(password) = std::str::from_utf8(password.expose()) else { continue };
            let entered =
                self.one_try(person, tried, || self.inner.userauth_password(&endpoint.user, password))?;
            if matches!(entered, Try::In) {
                return Ok(true);
            }
            self.refuse(person, round);
        }
        Ok(false)
    }
}

fn in_a_terminal() -> Hint {
    Hint::words("run this in a terminal, where you can be asked, or use a key")
}

fn without_batch() -> Hint {
    Hint::words("run this in a terminal without BatchMode, or use a key")
}

struct Questions<'a, 'p> {
    session: &'a Session,
    person: &'a Person<'p>,
    about: String,
    unanswered: bool,
}

impl KeyboardInteractivePrompt for Questions<'_, '_> {
    fn prompt<'a>(&mut self, _user: &str, instructions: &str, prompts: &[Prompt<'a>]) -> Vec<String> {
        let mut answers = Vec::with_capacity(prompts.len());
        for Prompt { text, echo } in prompts {
            let mut question = format!("({}) ", self.about);
            if !instructions.trim().is_empty() {
                question.push_str(&printable(instructions.trim()));
                question.push(' ');
            }
            question.push_str(&printable(text));
            // If one answer is missing, none is sent.
            let answer = if self.unanswered { None } else { self.person.secret(&question, *echo) };
            if answer.is_none() {
                self.unanswered = true;
                // An empty answer must not be sent. It would count as a failed attempt, and some systems lock an
                // account after a few.
                self.session.transport.hang_up();
            }
            answers.push(answer.map(text_of).unwrap_or_default());
        }
        answers
    }
}

fn text_of(secret: Secret) -> String {
    String::from_utf8_lossy(secret.expose()).into_owned()
}
