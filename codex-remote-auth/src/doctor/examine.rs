//! Runs one examination, from the open session to the findings.

use std::time::{Duration, SystemTime};

use super::environment::needed_key;
use super::facts::{Facts, More, Report};
use super::look::look;
use super::{Finding, program};
use crate::auth_json::{AuthFile, Existing, Form};
use crate::codex::{FoundCodex, quote, release_in};
use crate::remote::{
    Conversation, ConversationProblem, FileFacts, Look, Proof, ProofOutcome, Refusal, RemoteError,
    RemoteState, Reply, Script,
};
use crate::ssh::{Deadline, End, Session};

/// The part of the script that only an examination uses.
const EXAMINE: &str = include_str!("examine.sh");

/// How long codex may take to answer a question about itself.
const CALL: Duration = Duration::from_secs(25);

/// Options of an examination.
#[derive(Debug, Clone)]
pub struct DoctorOptions {
    /// The caller's own login. The one on the host is compared with it.
    pub ours: Option<AuthFile>,
    /// Also call `codex exec` on the host. Only this can change something: every such call may renew the login.
    pub live: Option<Proof>,
}

/// Looks at everything that a lesson knows about, over one channel. Nothing on the host is changed, except by
/// [`live`](DoctorOptions::live).
///
/// # Errors
/// A [`RemoteError`] if the account cannot be looked at. Any other problem is a finding.
pub fn examine(
    session: &Session,
    options: &DoctorOptions,
    deadline: Deadline,
) -> Result<Vec<Finding>, RemoteError> {
    let lost = |problem| RemoteError::of(problem, RemoteState::Untouched);
    let script = Script::default().with(EXAMINE);
    let asked_at = SystemTime::now();
    let (mut talk, look_at) =
        Conversation::start(session, &script, "the examination", deadline).map_err(lost)?;
    if look_at.home.is_empty() || look_at.home_is.is_empty() {
        return Err(Refusal::NoHome { home: look_at.home }.into());
    }
    let named = options.live.as_ref().and_then(|proof| proof.program.as_deref());
    let mut codex = look_at.codex_to_call(named);
    talk.order(&order(&look_at, codex.as_ref()));
    talk.wait_for("examined", deadline).map_err(lost)?;
    let heard_at = SystemTime::now();
    let mut more = more(talk.said());
    if let Some(codex) = &codex {
        (more.wrapper, more.unreadable) = talk.looked_at(&look_at, codex);
    }
    if let Some(codex) = codex.as_mut().filter(|codex| look_at.may_run(codex)) {
        more.report = match ask(&mut talk, &look_at, codex, deadline) {
            // Without a temporary directory codex is not asked, since it would write into its own home.
            Err(ConversationProblem::Stopped { code, .. }) if code == "no-scratch" => Report::NotAsked,
            asked => asked.map_err(lost)?,
        };
    }
    let facts = Facts {
        existing: look_at.auth.bytes().map(|bytes| Existing::read(bytes.expose())),
        settings: look_at.settings(),
        look: look_at,
        codex,
        more,
    };
    let mut findings = look(&facts, options.ours.as_ref(), asked_at, heard_at);
    if let Some(proof) = &options.live {
        findings.push(program::live(&live(&mut talk, &facts, proof, deadline).map_err(lost)?));
    }
    talk.stop();
    findings.insert(
        0,
        Finding::ok(
            "connection",
            format!("connected to {}; host key known, authenticated", session.endpoint()),
        ),
    );
    Ok(findings)
}

/// The order that looks at everything else.
fn order(look: &Look, codex: Option<&FoundCodex>) -> String {
    let mut order = match look.login_path {
        Some(_) => String::new(),
        None => "search_shell -l login-path; ".to_owned(),
    };
    order.push_str("search_shell -i terminal-path; ");
    order.extend(codex.map(|codex| look.look_order(codex)));
    if let Some((name, _)) = needed_key(&look.settings()) {
        order.push_str(&format!("[ -z \"${name}\" ] || say key-is-set yes; "));
    }
    order.push_str("examine");
    order
}

/// The answer to that order.
fn more(said: &Reply) -> More {
    let text = |key: &str| said.fact(key).unwrap_or_default().trim_end().to_owned();
    let asked = |name: &str| {
        said.all("path")
            .any(|path| path.split_once(' ').is_some_and(|(by, path)| by == name && !path.is_empty()))
    };
    let found =
        |by: &str| said.all("codex").any(|codex| codex.split_once(' ').is_some_and(|(found, _)| found == by));
    More {
        clock: said.fact("clock").and_then(|clock| clock.trim().parse().ok()),
        writable: said.fact("writable").is_some(),
        nearest: text("nearest"),
        space: text("space"),
        quota: text("quota"),
        leads_to: text("leads-to"),
        mount: text("mount"),
        inodes: text("inodes"),
        foreign: said.all("foreign").map(str::to_owned).collect(),
        listed: said.fact("listed").and_then(FileFacts::parse),
        unreadable: false,
        key_is_set: said.fact("key-is-set").is_some(),
        wrapper: None,
        strays: said.all("stray").map(str::to_owned).collect(),
        rests: said.all("rest").map(str::to_owned).collect(),
        git: said.fact("git").map(str::to_owned),
        login_shell: asked("login-path").then(|| found("login-path")),
        terminal: asked("terminal-path").then(|| found("terminal-path")),
        programs: said.all("has").map(str::to_owned).collect(),
        report: Report::NotAsked,
    }
}

/// Asks an executable codex for its release and for the report of its own doctor.
fn ask(
    talk: &mut Conversation<'_>,
    look: &Look,
    codex: &mut FoundCodex,
    deadline: Deadline,
) -> Result<Report, ConversationProblem> {
    talk.order(&format!("{}ask_codex {}", look.path_order(codex), quote(&codex.path)));
    let mut report = Report::NotAsked;
    for question in ["--version", "doctor"] {
        let call = talk.follow_call(deadline, deadline.or_within(CALL), |_, _| false)?;
        let outcome = talk.end_call(&call)?.outcome;
        let End::Exit(status) = outcome.end else { return Ok(Report::NotInTime) };
        let output = String::from_utf8_lossy(&outcome.stdout).into_owned();
        match question {
            "--version" => codex.release = release_in(&output),
            _ => report = Report::Ended(output, status),
        }
    }
    Ok(report)
}

fn live(
    talk: &mut Conversation<'_>,
    facts: &Facts,
    proof: &Proof,
    deadline: Deadline,
) -> Result<ProofOutcome, ConversationProblem> {
    let Some(codex) = &facts.codex else { return Ok(ProofOutcome::NoCodex) };
    talk.order(&facts.look.proof_order(codex, Some(proof), deadline));
    let form = facts.login().map_or(Form::ChatGpt, AuthFile::form);
    talk.prove(proof, (&facts.look, codex), &facts.settings, form, deadline).map(|(outcome, _)| outcome)
}
