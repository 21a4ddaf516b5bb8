//! Runs one examination, from the open session to the findings.

use std::time::{Duration, SystemTime};

use super::environment::needed_key;
use super::facts::{Facts, More, NoRelease, Report};
use super::look::look;
use super::{Finding, program};
use crate::auth_json::{AuthFile, Existing, Form};
use crate::codex::{FoundBy, FoundCodex, Outcome, quote, release_in};
use crate::message::without_secrets;
use crate::remote::{
    Conversation, ConversationProblem, FileFacts, Look, LookedAt, Proof, ProofOutcome, Refusal, RemoteError,
    RemoteState, Reply, Script, Tried,
};
use crate::ssh::{Deadline, End, Session, printable, shortened};

/// The part of the script that only an examination uses.
const EXAMINE: &str = include_str!("examine.sh");

/// How long codex may take to answer a question about itself.
const CALL: Duration = Duration::from_secs(25);

/// How many other codexes are asked for their release.
const MOST_OTHERS: usize = 4;

/// How much of a line of codex is quoted, in characters.
const MOST_QUOTED: usize = 200;

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
    let (mut talk, mut look_at) =
        Conversation::start(session, &script, "the examination", deadline).map_err(lost)?;
    if look_at.home.is_empty() || look_at.home_is.is_empty() {
        return Err(Refusal::NoHome { home: look_at.home }.into());
    }
    let named = options.live.as_ref().and_then(|proof| proof.program.as_deref());
    let mut codex = look_at.codex_to_call(named);
    talk.order(&order(&look_at, codex.as_ref()));
    talk.wait_for("examined", deadline).map_err(lost)?;
    let heard_at = SystemTime::now();
    look_at.read_codex(talk.said());
    if codex.is_none() {
        codex = look_at.codex_to_call(named);
    }
    let mut more = more(talk.said());
    let mut seen = LookedAt::default();
    more.other_homes = other_homes(talk.said(), &look_at);
    more.other_variables = other_variables(talk.said(), &look_at);
    if let Some(codex) = &codex {
        seen = talk.looked_at(&look_at, codex);
        (more.wrapper, more.unreadable) = (seen.wrapper.take(), seen.unreadable);
    }
    if let Some(codex) = codex.as_mut().filter(|codex| look_at.may_run(codex)) {
        match ask(&mut talk, &look_at, codex, &seen, deadline) {
            // Without a temporary directory codex is not asked, since it would write into its own home.
            Err(ConversationProblem::Stopped { code, .. }) if code == "no-scratch" => more.no_scratch = true,
            asked => {
                (more.report, more.no_release) = asked.map_err(lost)?;
                more.others = ask_others(&mut talk, &look_at, codex, deadline).map_err(lost)?;
            }
        }
    }
    let facts = Facts {
        existing: look_at.auth.bytes().map(|bytes| Existing::read(bytes.expose())),
        settings: look_at.settings(),
        look: look_at,
        codex,
        more,
    };
    let mut findings = look(&facts, options.ours.as_ref(), asked_at, heard_at);
    if let Some(proof) = options.live.as_ref().filter(|_| !facts.more.no_scratch) {
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
    // Without a codex on the PATH, all of this was already searched, except for a terminal's.
    let login = if look.login_path.is_none() { "search_shell -l login-path; " } else { "" };
    let terminal = if look.terminal_path.is_none() { "search_shell -i terminal-path; " } else { "" };
    let has_searched =
        look.codex.iter().all(|candidate| !matches!(candidate.by, FoundBy::Path | FoundBy::TildePath));
    let places = if has_searched { "" } else { "places; " };
    let mut order = format!("{login}{terminal}{places}");
    order.extend(codex.map(|codex| look.look_order(codex)));
    if let Some(codex) = codex.filter(|codex| !look.may_run(codex)) {
        order.push_str(&format!("say denied-is \"$(about {} -L)\"; ", quote(&codex.path)));
    }
    if let Some((name, _)) = needed_key(&look.settings()) {
        order.push_str(&format!("[ -n \"${name}\" ] && say key-is-set yes || setters {name}; "));
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
        key_lines: said.all("set-in").map(str::to_owned).collect(),
        wrapper: None,
        other_homes: Vec::new(),
        other_variables: Vec::new(),
        strays: said.all("stray").map(str::to_owned).collect(),
        rests: said.all("rest").map(str::to_owned).collect(),
        git: said.fact("git").map(str::to_owned),
        login_shell: asked("login-path").then(|| found("login-path")),
        terminal: asked("terminal-path").then(|| found("terminal-path")),
        programs: said.all("has").map(str::to_owned).collect(),
        others: Vec::new(),
        no_release: None,
        no_scratch: false,
        no_tmpdir: said.fact("no-tmpdir").map(str::to_owned),
        denied: said.fact("denied-is").and_then(FileFacts::parse),
        report: Report::NotAsked,
    }
}

/// `CODEX_HOME` in other shells than that of a plain command, if it is another one there: the shell, and the value.
fn other_homes(said: &Reply, look: &Look) -> Vec<(&'static str, String)> {
    let usual = format!("{}/.codex", look.home);
    let is_other = |set: &str| {
        // A relative one is another folder in each of them, which another finding says.
        if set == look.codex_home_variable {
            return false;
        }
        let home = if set.is_empty() { &usual } else { set };
        home.trim_end_matches('/') != look.codex_home.trim_end_matches('/')
    };
    // A shell that did not answer has no `=`.
    let homes = said.all("home-of").filter_map(|line| line.split_once(" ="));
    homes.filter(|(_, set)| is_other(set)).map(|(by, set)| (in_words(by), set.to_owned())).collect()
}

/// The variables with another credential that are set in another shell, and not for a plain command.
fn other_variables(said: &Reply, look: &Look) -> Vec<(&'static str, String)> {
    let set = said.all("set-of").filter_map(|line| line.split_once(' '));
    set.filter(|(_, name)| !look.variables.iter().any(|known| known == name))
        .map(|(by, name)| (in_words(by), name.to_owned()))
        .collect()
}

/// The shell that this word of the script is about.
fn in_words(by: &str) -> &'static str {
    if by == "login-path" { "in a login shell" } else { "at a terminal" }
}

/// Asks an executable codex for its release and for the report of its own doctor. If it does not print its release, the line
/// that says why is returned too.
fn ask(
    talk: &mut Conversation<'_>,
    look: &Look,
    codex: &mut FoundCodex,
    seen: &LookedAt,
    deadline: Deadline,
) -> Result<(Report, Option<NoRelease>), ConversationProblem> {
    talk.order(&format!("{}ask_codex {} doctor", look.path_order(codex), quote(&codex.path)));
    let mut no_release = None;
    let outcome = answer(talk, deadline)?;
    if !matches!(outcome.end, End::Exit(_)) {
        return Ok((Report::NotInTime, None));
    }
    codex.release = release_in(&String::from_utf8_lossy(&outcome.stdout));
    if codex.release.is_none() {
        no_release = match seen.cannot_start(&outcome, codex) {
            Some(file) => Some(NoRelease::CannotStart(file)),
            None => {
                telling_line(&outcome.stderr).or_else(|| telling_line(&outcome.stdout)).map(NoRelease::Said)
            }
        };
    }
    let outcome = answer(talk, deadline)?;
    let report = match outcome.end {
        End::Exit(status) => Report::Ended(String::from_utf8_lossy(&outcome.stdout).into_owned(), status),
        _ => Report::NotInTime,
    };
    Ok((report, no_release))
}

/// The other codexes that the account may execute, each with its release.
fn ask_others(
    talk: &mut Conversation<'_>,
    look: &Look,
    codex: &FoundCodex,
    deadline: Deadline,
) -> Result<Vec<FoundCodex>, ConversationProblem> {
    let mut others: Vec<FoundCodex> = Vec::new();
    for candidate in look.codex.iter().filter(|candidate| candidate.runnable) {
        let is_known = |known: &FoundCodex| known.path == candidate.path;
        if is_known(codex) || others.iter().any(is_known) || others.len() >= MOST_OTHERS {
            continue;
        }
        let mut other = FoundCodex { by: candidate.by, path: candidate.path.clone(), ..codex.clone() };
        let (path, program) = (look.path_order(&other), quote(&other.path));
        talk.order(&format!("was=$PATH; {path}ask_codex {program}; PATH=$was"));
        let outcome = answer(talk, deadline)?;
        other.release = release_in(&String::from_utf8_lossy(&outcome.stdout));
        let in_time = matches!(outcome.end, End::Exit(_));
        others.push(other);
        if !in_time {
            break;
        }
    }
    Ok(others)
}

fn answer(talk: &mut Conversation<'_>, deadline: Deadline) -> Result<Outcome, ConversationProblem> {
    let call = talk.follow_call(deadline, deadline.or_within(CALL), |_, _| false)?;
    Ok(talk.end_call(&call)?.outcome)
}

/// The line of an output that says why a program failed: one that names an error, and else the first.
fn telling_line(output: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(output);
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let names_it = |line: &&str| {
        let line = line.to_ascii_lowercase();
        // A stack and the place in a source say less.
        let says = ["error", "not found", "no such file", "cannot", "missing", "denied", "err_"];
        !line.starts_with("at ") && says.iter().any(|word| line.contains(word))
    };
    let line = lines().find(names_it).or_else(|| lines().next())?;
    Some(printable(shortened(&without_secrets(line), MOST_QUOTED).as_ref()))
}

fn live(
    talk: &mut Conversation<'_>,
    facts: &Facts,
    proof: &Proof,
    deadline: Deadline,
) -> Result<ProofOutcome, ConversationProblem> {
    let Some(codex) = &facts.codex else { return Ok(ProofOutcome::NoCodex { near_miss: None }) };
    talk.order(&facts.look.proof_order(codex, Some(proof), deadline));
    let login = facts.login();
    let tried = Tried { form: login.map_or(Form::ChatGpt, AuthFile::form), login };
    talk.prove(proof, (&facts.look, codex), &facts.settings, tried, deadline).map(|(outcome, _)| outcome)
}
