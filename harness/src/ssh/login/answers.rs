//! What a person answers: to the server's questions, and to ours for a password.

use ssh2::{KeyboardInteractivePrompt, Prompt};

use super::{TRIES, Tried, Try};
use crate::auth::Secret;
use crate::ssh::person::Person;
use crate::ssh::{Credentials, Session, SshProblem};

impl Session {
    /// Lets the server ask what it wants to.
    pub(super) fn try_answers(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<bool, SshProblem> {
        if credentials.batch {
            tried.add("the server's questions (nobody is to be asked)");
            return Ok(false);
        }
        let user = &self.endpoint().user;
        for _ in 0..TRIES {
            let mut questions = Questions { person, about: self.endpoint().to_string(), unanswered: false };
            tried.add("the server's questions");
            let entered = self
                .one_try(person, tried, || self.inner.userauth_keyboard_interactive(user, &mut questions))?;
            if matches!(entered, Try::In) {
                return Ok(true);
            }
            if questions.unanswered {
                tried.add("there was nobody to answer them");
                return Ok(false);
            }
        }
        Ok(false)
    }

    /// Asks for a password.
    pub(super) fn try_password(
        &self,
        credentials: &Credentials,
        person: &Person<'_>,
        tried: &mut Tried,
    ) -> Result<bool, SshProblem> {
        if credentials.batch {
            tried.add("a password (nobody is to be asked)");
            return Ok(false);
        }
        let endpoint = self.endpoint();
        let question = format!("{}@{}'s password: ", endpoint.user, endpoint.host);
        for _ in 0..TRIES {
            let Some(password) = person.secret(&question, false) else {
                tried.add("a password (there was nobody to ask)");
                return Ok(false);
            };
            tried.add("a password");
            let Ok(password) = std::str::from_utf8(password.expose()) else { continue };
            let entered =
                self.one_try(person, tried, || self.inner.userauth_password(&endpoint.user, password))?;
            if matches!(entered, Try::In) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

struct Questions<'a, 'p> {
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
                question.push_str(instructions.trim());
                question.push(' ');
            }
            question.push_str(text);
            let answer = self.person.secret(&question, *echo);
            self.unanswered |= answer.is_none();
            answers.push(answer.map(text_of).unwrap_or_default());
        }
        answers
    }
}

fn text_of(secret: Secret) -> String {
    String::from_utf8_lossy(secret.expose()).into_owned()
}
