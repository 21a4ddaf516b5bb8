//! One login, from the open session to the receipt.

use std::time::Duration;

use super::shown::{BrowserLink, DeviceCode, last_line};
use super::{LoginError, LoginOptions, LoginReceipt, LoginState, Tell, Way, script, trust};
use crate::codex::{FoundBy, FoundCodex};
use crate::deploy::{ProofOutcome, Reply, Watch, mark, prove, proven, status_in_words};
use crate::ssh::{Deadline, Forward, Output, RemoteProcess, Session, SshProblem, Stdin};

/// How long a stopped codex has to go before we stop listening.
const GRACE: Duration = Duration::from_secs(3);

/// How long the last page may take to reach the browser once codex has ended: it ends earlier where all of it got through.
const LAST_PAGE: Duration = Duration::from_secs(15);

/// Has the session's account log in by its own codex, and proves that where the options ask for it. What a person has to do is
/// told to `tell`; whoever goes away meanwhile leaves nothing running over there.
///
/// # Errors
/// Any [`LoginError`]. A proof that fails is no error: the login is there, and the receipt says what codex said.
pub fn log_in(
    session: &Session,
    options: &LoginOptions,
    tell: &dyn Tell,
) -> Result<LoginReceipt, LoginError> {
    let mark = mark().map_err(|error| LoginError::Home(error.into()))?;
    let untouched = |problem| LoginError::Ssh { problem, state: LoginState::Untouched };
    let start = Deadline::after(options.start);
    let process = session.start(&script::command(&mark, options), start).map_err(untouched)?;
    let mut run = Run { session, mark, tell, process };
    run.begin(start)?;
    let way = run.way();
    run.wait_for_the_person(way, options)?;
    run.take(way, options)
}

/// A login under way.
struct Run<'s> {
    session: &'s Session,
    mark: String,
    tell: &'s dyn Tell,
    process: RemoteProcess<'s>,
}

impl<'s> Run<'s> {
    /// Until codex is asked to log in, or the script has said why not.
    fn begin(&mut self, deadline: Deadline) -> Result<(), LoginError> {
        let asked = format!("{} login\n", self.mark);
        let mut begun = Watch::new(asked);
        // Not closed: the end of our input is the order to stop codex.
        self.process.feed(Stdin::Open(b""));
        let ended = self.process.follow(deadline, |seen| begun.sees(seen.stdout())).map_err(lost)?;
        if ended || begun.sees(self.process.stdout()) {
            return Ok(());
        }
        self.stop();
        let problem = SshProblem::TimedOut {
            endpoint: self.session.endpoint().clone(),
            doing: "the look at its codex",
            waited: deadline.span(),
        };
        Err(LoginError::Ssh { problem, state: LoginState::Untouched })
    }

    fn way(&self) -> Way {
        let chosen = Watch::new(format!("{} way device\n", self.mark)).sees(self.process.stdout());
        if chosen { Way::Device } else { Way::Browser }
    }

    /// Shows what there is to show, until codex has ended.
    fn wait_for_the_person(&mut self, way: Way, options: &LoginOptions) -> Result<(), LoginError> {
        let deadline = Deadline::after(options.deadline);
        let mut over = Watch::new(format!("\n{} over ", self.mark));
        let (tell, mark) = (self.tell, self.mark.clone());
        let issuer = options.issuer.as_deref();
        let mut device = None;
        let mut browser = None;
        let mut refused = None;
        let mut ended = self
            .process
            .follow(deadline, |seen| {
                match way {
                    Way::Device if device.is_none() => {
                        device = DeviceCode::find(own(seen.stdout(), &mark));
                        if let Some(DeviceCode { link, code }) = &device {
                            match trust::page(link, issuer, tell) {
                                Ok(()) => tell.device(link, code),
                                Err(error) => refused = Some(error),
                            }
                        }
                    }
                    Way::Browser => {
                        browser = [seen.stdout(), seen.stderr()]
                            .into_iter()
                            .find_map(|stream| BrowserLink::find(own(stream, &mark)));
                    }
                    Way::Device => {}
                }
                browser.is_some() || refused.is_some() || over.sees(seen.stdout())
            })
            .map_err(lost)?;
        if let Some(error) = refused {
            self.stop();
            return Err(error);
        }
        if let Some(BrowserLink(link)) = browser.filter(|_| !ended) {
            let port = trust::browser(&link, issuer, tell).inspect_err(|_| self.stop())?;
            let mut forward = self.lead_there(port)?;
            tell.browser(&link, port);
            let seen = |process: &RemoteProcess<'_>| over.sees(process.stdout());
            ended = self.process.follow_beside(Some(&mut forward), deadline, seen).map_err(lost)?;
            // Codex ends as soon as it has written its last page, which the browser is still to get.
            forward.finish(Deadline::after(LAST_PAGE)).map_err(lost)?;
        }
        if ended || over.sees(self.process.stdout()) {
            return Ok(());
        }
        self.stop();
        Err(LoginError::TimedOut { waited: options.deadline })
    }

    /// Leads the port here to the same one over there.
    fn lead_there(&mut self, port: u16) -> Result<Forward<'s>, LoginError> {
        match Forward::open(self.session, port) {
            Ok(forward) => Ok(forward),
            Err(problem) => {
                self.stop();
                Err(match problem {
                    SshProblem::PortTaken { port, reason } => LoginError::PortTaken { port, reason },
                    SshProblem::NoWayOn { reason, .. } => LoginError::NotForwarded { port, reason },
                    problem => lost(problem),
                })
            }
        }
    }

    /// Looks at what has arrived, and proves it.
    fn take(mut self, way: Way, options: &LoginOptions) -> Result<LoginReceipt, LoginError> {
        let deadline = Deadline::after(options.start);
        let mut done = Watch::for_done(&self.mark);
        let ended = self.process.follow(deadline, |seen| done.sees(seen.stdout())).map_err(lost)?;
        let (output, timed_out) = match &options.proof {
            Some(proof) if !ended => {
                self.tell.proving();
                prove(self.process, proof, &self.mark).map_err(lost)?
            }
            _ => {
                self.process.feed(Stdin::Closed);
                self.process.follow(deadline, |_| false).map_err(lost)?;
                (self.process.finish(deadline).map_err(lost)?, false)
            }
        };
        receipt(&self.mark, &output, timed_out, way, options)
    }

    /// Has codex stopped over there, and hears whether it was. What comes of that is told by who asked for it.
    fn stop(&mut self) {
        self.process.feed(Stdin::Closed);
        let _ = self.process.follow(Deadline::after(GRACE), |_| false);
    }
}

fn lost(problem: SshProblem) -> LoginError {
    LoginError::Ssh { problem, state: LoginState::Stopped }
}

/// What codex itself printed of the login, out of what the account's shell and the script did.
fn own<'o>(stream: &'o [u8], mark: &str) -> &'o [u8] {
    let begin = format!("{mark} login\n");
    let Some(at) = position(stream, begin.as_bytes()) else { return &[] };
    let own = &stream[at + begin.len()..];
    let ends = [format!("\n{mark} over "), format!("{mark}\n")];
    let end = ends.iter().filter_map(|end| position(own, end.as_bytes())).min();
    &own[..end.unwrap_or(own.len())]
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The status with which codex ended the login.
fn status(stdout: &[u8], mark: &str) -> Option<i32> {
    let over = format!("\n{mark} over ");
    let at = position(stdout, over.as_bytes())?;
    let rest = String::from_utf8_lossy(&stdout[at + over.len()..]);
    rest.lines().next()?.trim().parse().ok()
}

fn receipt(
    mark: &str,
    output: &Output,
    timed_out: bool,
    way: Way,
    options: &LoginOptions,
) -> Result<LoginReceipt, LoginError> {
    let status = status(&output.stdout, mark);
    // What codex printed of the login is for nobody but the person who saw it: the reply is read out of the rest.
    let proof_begins = format!("{mark}\n");
    let stderr = match position(&output.stderr, proof_begins.as_bytes()) {
        Some(at) => output.stderr[at..].to_vec(),
        None => Vec::new(),
    };
    let reply = Reply::read(&Output { stderr, ..output.clone() }, mark);
    if let Some((code, detail)) = reply.error {
        return Err(LoginError::of_script(&code, detail));
    }
    if let Some(status) = status.filter(|status| *status != 0) {
        let said =
            [&output.stderr, &output.stdout].into_iter().find_map(|stream| last_line(own(stream, mark)));
        return Err(LoginError::of_codex(status, said));
    }
    let no_reply = || {
        let status = status_in_words(&output.end);
        match position(&output.stdout, format!("{mark} login\n").as_bytes()) {
            None => LoginError::NoReply { status },
            Some(_) => LoginError::EndedEarly { status },
        }
    };
    let (Some(home), Some(file), Some(path), true) = (&reply.home, &reply.file, reply.codex, reply.done)
    else {
        return Err(no_reply());
    };
    let codex = FoundCodex {
        path,
        by: reply.by.as_deref().and_then(FoundBy::parse).unwrap_or(FoundBy::Path),
        release: reply.release,
        shell: reply.shell,
    };
    let proof = match reply.proof {
        None if options.proof.is_some() => return Err(no_reply()),
        None => ProofOutcome::NotAsked,
        given => proven(options.proof.as_ref(), given, timed_out, output),
    };
    Ok(LoginReceipt {
        path: format!("{home}/auth.json"),
        mode: file.mode,
        mode_was: reply.old.map(|old| old.mode).filter(|mode| *mode != file.mode),
        directory_was: reply.opened.map(|opened| opened.mode),
        replaced: reply.was.is_some(),
        codex,
        way,
        proof,
        elapsed: output.elapsed,
    })
}
