//! Runs one login, from the open session to the receipt.

use std::time::Duration;

use super::codex_output::{BrowserLink, DeviceCode, last_line};
use super::{LoginError, LoginFlow, LoginOptions, LoginReceipt, Tell, trust};
use crate::auth_json::Form;
use crate::codex::{FoundCodex, LoginMethod, Settings, Store, Wrapper, quote, release_in};
use crate::remote::{
    CallOnItsWay, Called, Conversation, FileFacts, Force, Kind, Look, ProofOutcome, Refusal, Script, Tried,
};
use crate::ssh::{Deadline, End, Forward, Session, SshProblem};

/// How long codex may take to answer a question about itself.
const ASKED: Duration = Duration::from_secs(10);
/// How long the last page may take to reach the browser after codex has ended. The wait ends earlier if the page has
/// arrived.
const LAST_PAGE: Duration = Duration::from_secs(15);

/// Lets codex on the host log in the session's account, and verifies the login if the options ask for it. `tell` shows
/// what the person has to do. If the connection ends meanwhile, nothing keeps running on the host.
///
/// # Errors
/// Any [`LoginError`]. A failed verification is not an error: the login exists, and the receipt has the output of
/// codex.
pub fn log_in(
    session: &Session,
    options: &LoginOptions,
    tell: &dyn Tell,
) -> Result<LoginReceipt, LoginError> {
    let start = Deadline::after(options.start);
    let (talk, look) = Conversation::start(session, &Script::default(), "the look at its codex", start)
        .map_err(LoginError::before)?;
    let settings = check(&look, options)?;
    let codex = look.codex_to_call(options.proof.as_ref().and_then(|proof| proof.program.as_deref()));
    let codex = codex.ok_or_else(|| LoginError::NoCodex { near_miss: look.near_miss.clone() })?;
    let mut run = Run { session, talk, look, codex, tell, settings };
    let way = run.prepare(options, start)?;
    if run.replaces() {
        run.set_apart(options)?;
    }
    run.log_in(way, options)?;
    run.take(way, options)
}

/// What has to be true before codex is called.
fn check(look: &Look, options: &LoginOptions) -> Result<Settings, LoginError> {
    look.check_home(&Force::default())?;
    let path = look.auth_path();
    match look.auth_kind()? {
        None => {}
        Some(Kind::Link) => return Err(LoginError::AuthIsALink { path }),
        Some(Kind::File) if options.force => {}
        Some(Kind::File) => return Err(LoginError::LoginThere { path }),
        Some(Kind::Directory | Kind::Other) => return Err(LoginError::AuthNotAFile { path }),
    }
    let settings = look.settings();
    if let Some(problem) = settings.problems.first() {
        return Err(Refusal::UnknownSettings { why: problem.to_string() }.into());
    }
    if let Some(store) =
        settings.store.as_ref().filter(|store| matches!(store.value, Store::Keyring | Store::Ephemeral))
    {
        return Err(LoginError::StoreIsNotTheFile { store: store.value.as_str().to_owned() });
    }
    if settings.forced_login_method.as_ref().is_some_and(|forced| forced.value == LoginMethod::Api) {
        return Err(LoginError::LoginFormIsForced { forced: "api".to_owned() });
    }
    Ok(settings)
}

/// A login in progress.
struct Run<'s> {
    session: &'s Session,
    talk: Conversation<'s>,
    look: Look,
    codex: FoundCodex,
    tell: &'s dyn Tell,
    settings: Settings,
}

impl<'s> Run<'s> {
    /// Prepares the Codex home, and asks codex which kinds of login it supports.
    fn prepare(&mut self, options: &LoginOptions, start: Deadline) -> Result<LoginFlow, LoginError> {
        self.talk.close_home(&mut self.look, start)?;
        // Codex does not create a home that CODEX_HOME names, and creates `~/.codex` with a mode of its choice. So the
        // script makes it.
        let path = self.look.path_order(&self.codex);
        let codex = quote(&self.codex.path);
        let look = self.look.look_order(&self.codex);
        self.talk.order(&format!("{look}{path}make_home; call 15 {codex} --version"));
        self.codex.release = release_in(&self.asked(start)?);
        let script = self.talk.take_file("program");
        let wrapper =
            script.and_then(|bytes| self.look.wrapper(&self.codex.path, bytes.expose(), self.replaces()));
        if let Some(wrapper) = wrapper.filter(Wrapper::moves_home) {
            return Err(LoginError::AnotherHome { wrapper });
        }
        if options.browser {
            return Ok(LoginFlow::Browser);
        }
        // Its help decides, not its version.
        self.talk.order(&format!("call 15 {codex} login --help"));
        let device = self.asked(start)?.contains("--device-auth");
        Ok(if device { LoginFlow::Device } else { LoginFlow::Browser })
    }

    /// Whether there is a login that the new one is to replace.
    fn replaces(&self) -> bool {
        self.look.auth.is_there()
    }

    /// Gives codex a Codex home of its own. In one with a login, codex from 0.144 on would revoke and delete that login
    /// before it has a new one.
    fn set_apart(&mut self, options: &LoginOptions) -> Result<(), LoginError> {
        self.talk.order("apart");
        self.talk.wait_for("apart", Deadline::after(options.start)).map_err(LoginError::before)
    }

    /// The standard output of the call that was ordered.
    fn asked(&mut self, start: Deadline) -> Result<String, LoginError> {
        let limit = start.or_within(ASKED);
        let call = self.talk.follow_call(start, limit, |_, _| false).map_err(LoginError::before)?;
        let asked = self.talk.end_call(&call).map_err(LoginError::before)?.outcome;
        if asked.end == End::Deadline {
            return Err(LoginError::before(self.talk.timed_out(limit.span()).into()));
        }
        Ok(String::from_utf8_lossy(&asked.stdout).into_owned())
    }

    /// Calls codex to log in, and shows the person what to do, until codex has ended.
    fn log_in(&mut self, way: LoginFlow, options: &LoginOptions) -> Result<(), LoginError> {
        let mut arguments = vec!["login"];
        if way == LoginFlow::Device {
            arguments.push("--device-auth");
        }
        if let Some(issuer) = &options.issuer {
            arguments.extend(["--experimental_issuer", issuer]);
        }
        self.talk.order(&self.look.call_order(&self.codex, &arguments, options.deadline));
        let tell = self.tell;
        let issuer = options.issuer.as_deref();
        let mut device = None;
        let mut browser = None;
        let mut refused = None;
        let begins = Deadline::after(options.start);
        let mut call = self
            .talk
            .follow_call(begins, Deadline::after(options.deadline), |stdout, stderr| {
                match way {
                    LoginFlow::Device if device.is_none() => {
                        device = DeviceCode::find(stdout);
                        if let Some(DeviceCode { link, code }) = &device {
                            match trust::page(link, issuer, tell) {
                                Ok(()) => tell.device(link, code),
                                Err(error) => refused = Some(error),
                            }
                        }
                    }
                    LoginFlow::Browser => {
                        browser = BrowserLink::find(stdout).or_else(|| BrowserLink::find(stderr));
                    }
                    LoginFlow::Device => {}
                }
                browser.is_some() || refused.is_some()
            })
            .map_err(LoginError::during)?;
        if let Some(error) = refused {
            self.talk.stop();
            return Err(error);
        }
        if let Some(BrowserLink(link)) = browser.filter(|_| !self.talk.is_over(&call)) {
            let port = trust::browser(&link, issuer, tell).inspect_err(|_| self.talk.stop())?;
            self.serve_browser(&mut call, &link, port)?;
        }
        if !self.talk.is_over(&call) && !self.talk.has_ended() {
            self.talk.stop();
            return Err(LoginError::TimedOut { waited: options.deadline });
        }
        let Called { outcome, .. } = self.talk.end_call(&call).map_err(LoginError::during)?;
        match outcome.end {
            End::Exit(0) => Ok(()),
            End::Exit(status) => {
                let said =
                    [&outcome.stderr, &outcome.stdout].into_iter().find_map(|stream| last_line(stream));
                Err(LoginError::of_codex(status, said))
            }
            End::Signal(_) | End::Deadline => Err(LoginError::TimedOut { waited: options.deadline }),
        }
    }

    /// Forwards the port on this machine to the same port on the host, while the person uses the browser.
    fn serve_browser(&mut self, call: &mut CallOnItsWay, link: &str, port: u16) -> Result<(), LoginError> {
        let mut forward = match Forward::open(self.session, port) {
            Ok(forward) => forward,
            Err(problem) => {
                self.talk.stop();
                return Err(match problem {
                    SshProblem::PortTaken { port, reason } => LoginError::PortTaken { port, reason },
                    SshProblem::NoWayOn { reason, .. } => LoginError::NotForwarded { port, reason },
                    problem => LoginError::during(problem.into()),
                });
            }
        };
        self.tell.browser(link, port);
        self.talk.go_on(call, Some(&mut forward), |_, _| false).map_err(LoginError::during)?;
        // Codex ends as soon as it has written its last page, but the browser still has to receive it.
        forward.finish(Deadline::after(LAST_PAGE)).map_err(|problem| LoginError::during(problem.into()))?;
        Ok(())
    }

    /// Looks at the new login, makes it private, puts it in the place of an old one, and verifies it.
    fn take(mut self, way: LoginFlow, options: &LoginOptions) -> Result<LoginReceipt, LoginError> {
        let after = LoginError::during;
        let deadline = Deadline::after(options.start);
        let path = self.look.auth_path();
        self.talk.order("arrived");
        self.talk.wait_for("looked", deadline).map_err(after)?;
        let fact = |talk: &Conversation<'_>, key: &str| talk.said().fact(key).and_then(FileFacts::parse);
        let Some(arrived) = fact(&self.talk, "arrived").filter(|file| file.kind == Kind::File) else {
            return Err(LoginError::NothingArrived);
        };
        let mut mode = arrived.mode;
        if mode != 0o600 {
            self.talk.order("private || exit 1");
            let apart = self.replaces();
            let failed = |problem| if apart { LoginError::before(problem) } else { after(problem) };
            self.talk.wait_for("done", deadline).map_err(failed)?;
            mode = fact(&self.talk, "file").map_or(0, |file| file.mode);
        }
        if self.replaces() {
            self.talk.order("take");
            self.talk.wait_for("taken", deadline).map_err(after)?;
        }
        let directory = fact(&self.talk, "directory");
        self.look.directory.is_now(directory);
        let open = directory.filter(FileFacts::is_open).map(|directory| directory.mode);
        self.talk.close_home(&mut self.look, deadline)?;
        let proof = match &options.proof {
            None => ProofOutcome::NotAsked,
            Some(proof) => {
                self.tell.proving();
                let deadline = Deadline::after(proof.time_limit);
                // What codex has just written was not read.
                let tried = Tried { form: Form::ChatGpt, login: None };
                self.talk.order(&self.look.proof_order(&self.codex, Some(proof), deadline));
                self.talk
                    .prove(proof, (&self.look, &self.codex), &self.settings, tried, deadline)
                    .map_err(after)?
                    .0
            }
        };
        self.talk.stop();
        Ok(LoginReceipt {
            path,
            mode,
            mode_was: Some(arrived.mode).filter(|was| *was != mode),
            directory_was: open,
            replaced: self.replaces(),
            codex: self.codex,
            way,
            proof,
            elapsed: self.talk.elapsed(),
        })
    }
}
