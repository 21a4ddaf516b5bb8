//! The call of codex that verifies a login: its prompt, its time limit and its result.

use std::time::Duration;

use super::reasons::{not_tried, other_address, reasons, selected_profile};
use super::{Called, Conversation, ConversationProblem, Look, Reason};
use crate::auth_json::{AuthFile, Form, Secret};
use crate::codex::{
    CannotStart, Diagnosis, FoundCodex, NamedFile, NearMiss, NotThisLogin, Outcome, Place, Settings,
    Verification, Wrapper, quote, release_in,
};
use crate::ssh::Deadline;

/// How long codex may take to print its release.
const VERSION: Duration = Duration::from_secs(10);

/// How to verify a login: `codex exec` on the host, with closed stdin.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The program: a path, where a leading `~/` stands for the remote home; `None` uses the one that the script found.
    pub program: Option<String>,
    /// The prompt.
    pub prompt: String,
    /// The answer that is asked for. If it is empty, any answer counts.
    pub answer: String,
    /// How long codex may run before it is stopped. The deadline for the host may come earlier.
    pub time_limit: Duration,
}

impl Default for Proof {
    fn default() -> Self {
        Self {
            program: None,
            prompt: "Respond: auth OK".to_owned(),
            answer: "auth OK".to_owned(),
            time_limit: Duration::from_secs(45),
        }
    }
}

impl Proof {
    /// The arguments for codex. The `--` makes sure that the prompt is never read as an option.
    fn arguments(&self) -> [&str; 4] {
        ["exec", "--skip-git-repo-check", "--", &self.prompt]
    }
}

/// The result of the verification.
#[derive(Debug, Clone)]
pub enum ProofOutcome {
    /// It was not asked for.
    NotAsked,
    /// It was asked for, but no codex was found on the host.
    NoCodex {
        /// Something with its name that cannot be run.
        near_miss: Option<NearMiss>,
    },
    /// Codex ran.
    Ran {
        /// What it printed, and how it ended.
        outcome: Outcome,
        /// What that means.
        diagnosis: Diagnosis,
        /// Why the answer shows nothing about this login, if it does not.
        not_this_login: Option<String>,
        /// What on the host may be the reason, if the call failed.
        reasons: Vec<Reason>,
    },
}

impl ProofOutcome {
    /// Whether codex gave the requested answer and used this login.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Ran { diagnosis: Diagnosis::Works, not_this_login: None, .. })
    }
}

impl Look {
    /// The order to verify the login; without a proof, the order to ask codex for its release.
    pub(crate) fn proof_order(
        &self,
        codex: &FoundCodex,
        proof: Option<&Proof>,
        deadline: Deadline,
    ) -> String {
        match proof {
            Some(proof) => {
                let limit = deadline.or_within(proof.time_limit).left();
                let mut order = self.look_order(codex);
                order.push_str(&self.call_order(codex, &proof.arguments(), limit));
                order
            }
            None => self.call_order(codex, &["--version"], deadline.or_within(VERSION).left()),
        }
    }
}

impl Look {
    /// The order to look at what explains a failed call: the beginning of codex, and the file of certificates that a
    /// variable names.
    pub(crate) fn look_order(&self, codex: &FoundCodex) -> String {
        let mut order = format!("program {}; ", quote(&codex.path));
        if let Some(NamedFile { variable, path }) = self.environment().certificates {
            match (path, variable.place) {
                (Some(path), _) => order.push_str(&format!("readable {}; ", quote(&path))),
                (None, Place::Environment) => order.push_str(&format!("readable \"${}\"; ", variable.name)),
                (None, Place::File { .. }) => {}
            }
        }
        order
    }
}

/// The login that a proof is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tried<'a> {
    /// Its form.
    pub(crate) form: Form,
    /// Itself, if its content is known.
    pub(crate) login: Option<&'a AuthFile>,
}

/// What explains a failed call.
#[derive(Debug, Default)]
pub(crate) struct LookedAt {
    /// The beginning of the codex that was called.
    pub(crate) beginning: Option<Secret>,
    /// What that script does to the login.
    pub(crate) wrapper: Option<Wrapper>,
    /// Whether the account cannot read the file of certificates that a variable names.
    pub(crate) unreadable: bool,
}

impl LookedAt {
    /// Why a call that ended like this could not even start.
    pub(crate) fn cannot_start(&self, outcome: &Outcome, codex: &FoundCodex) -> Option<CannotStart> {
        CannotStart::of(outcome, &codex.path, self.beginning.as_ref()?.expose())
    }
}

impl Conversation<'_> {
    /// What the last [`look_order`](Look::look_order) saw.
    pub(crate) fn looked_at(&mut self, look: &Look, codex: &FoundCodex) -> LookedAt {
        let beginning = self.take_file("program");
        let wrapper = beginning.as_ref().and_then(|bytes| look.wrapper(&codex.path, bytes.expose(), false));
        LookedAt { beginning, wrapper, unreadable: self.said().fact("unreadable").is_some() }
    }

    /// Follows the call that verifies the login to its end, or to its time limit, when codex is stopped on the host.
    /// Also returns the release if codex prints it. The settings and the form decide whether the provider that answered
    /// uses the login.
    pub(crate) fn prove(
        &mut self,
        proof: &Proof,
        (look, codex): (&Look, &FoundCodex),
        settings: &Settings,
        tried: Tried<'_>,
        deadline: Deadline,
    ) -> Result<(ProofOutcome, Option<String>), ConversationProblem> {
        let call = self.follow_call(deadline, deadline.or_within(proof.time_limit), |_, _| false)?;
        let Called { outcome, has_stderr } = self.end_call(&call)?;
        let release = release_in(&String::from_utf8_lossy(&outcome.stderr));
        let seen = self.looked_at(look, codex);
        let (diagnosis, not_this_login) =
            match Verification::of(&outcome, &proof.answer, settings, tried.form) {
                Verification::Verified { session, .. } => {
                    let other = match &seen.wrapper {
                        Some(wrapper) => Some(NotThisLogin::OtherHome { wrapper: wrapper.clone() }),
                        None => self.another_login(&session, look, tried.login, deadline)?,
                    };
                    (Diagnosis::Works, other.map(|why| why.to_string()))
                }
                Verification::AnsweredWithoutThisLogin { why: NotThisLogin::NoSession } if !has_stderr => {
                    (Diagnosis::Works, Some(NotThisLogin::NoStandardError.to_string()))
                }
                Verification::AnsweredWithoutThisLogin { why } => {
                    (Diagnosis::Works, Some(why.with_place(settings)))
                }
                Verification::Failed(diagnosis) => (diagnosis.of_login(tried.form), None),
            };
        let cannot_start = seen.cannot_start(&outcome, codex);
        let (diagnosis, not_this_login) = match &cannot_start {
            Some(file) => (Diagnosis::of_lesson(file.lesson()), None),
            None => (diagnosis, not_this_login),
        };
        let reasons = match diagnosis {
            Diagnosis::Works => Vec::new(),
            _ if cannot_start.is_some() => cannot_start.iter().map(Reason::of_file).collect(),
            _ => {
                let found = reasons(&outcome, &look.environment(), seen.unreadable, seen.wrapper.as_ref());
                let address = other_address(&outcome, settings);
                let profile = selected_profile(diagnosis, settings);
                let certain = not_tried(&outcome, settings, tried.form).into_iter().chain(profile);
                certain.chain(address).chain(found).collect()
            }
        };
        Ok((ProofOutcome::Ran { outcome, diagnosis, not_this_login, reasons }, release))
    }

    /// Why codex may have used another login than this one: it has left no record of this session in the Codex home, or
    /// auth.json is another file now. This is the last order: it takes no further round trip, since the end of the script
    /// is waited for anyway.
    fn another_login(
        &mut self,
        session: &str,
        look: &Look,
        login: Option<&AuthFile>,
        deadline: Deadline,
    ) -> Result<Option<NotThisLogin>, ConversationProblem> {
        self.last_order(&format!("record {}", quote(session)));
        self.wait_for("recorded", deadline)?;
        if self.said().fact("recorded-in").is_none() {
            return Ok(Some(NotThisLogin::NoRecord { home: look.codex_home.clone() }));
        }
        let Some(login) = login else { return Ok(None) };
        let goes_on = self.file_now("now").bytes().is_some_and(|bytes| login.goes_on_in(bytes.expose()));
        Ok((!goes_on).then(|| NotThisLogin::Replaced { path: look.auth_path() }))
    }

    /// Follows a call that asks codex for its release. `None` if codex does not print it in time.
    pub(crate) fn release(&mut self, deadline: Deadline) -> Result<Option<String>, ConversationProblem> {
        let call = self.follow_call(deadline, deadline.or_within(VERSION), |_, _| false)?;
        let outcome = self.end_call(&call)?.outcome;
        Ok(release_in(&String::from_utf8_lossy(&outcome.stdout)))
    }
}
