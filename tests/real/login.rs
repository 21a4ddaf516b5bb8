//! Real releases log in by themselves: with a device code completely, with a browser as far as the closed network allows.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::login::{LoginError, LoginFlow, LoginOptions, LoginReceipt, log_in};
use harness::cloud::Knowledge;
use harness::run::{LeakScanner, TestEnvironment};
use harness::target::{Account, AccountSpec, CodexUnderTest, Container, RealCodex};
use libtest_mimic::Failed;
use tests::browser::{field, get, turn};
use tests::recording_prompt::RecordingPrompt;
use tests::running;

const PATIENCE: Duration = Duration::from_secs(30);

/// A release in a container, with its own account, and a leak scanner that knows what the cloud in the container issues.
struct Machine<'l> {
    container: Container<'l>,
    account: Account,
    leak_scanner: LeakScanner,
}

fn machine<'l>(test_environment: &'l TestEnvironment, codex: RealCodex) -> Result<Machine<'l>, Failed> {
    let container = test_environment.container_with(&CodexUnderTest::Real(codex))?;
    let leak_scanner = LeakScanner::default();
    let canary = format!("reallogin{}{}", std::process::id(), "0123456789abcdefghijklmnopqrst");
    leak_scanner.plant_canary(Secret::new(canary.as_bytes()));
    let account = container.reserve();
    let spec = AccountSpec { shell: "/bin/bash".to_owned(), codex_on_path: true, files: Vec::new() };
    let knowledge = Knowledge { canary: Some(canary), ..Knowledge::default() };
    container.create(&[(account.clone(), spec)], &knowledge)?;
    Ok(Machine { container, account, leak_scanner })
}

impl Machine<'_> {
    fn log_in(&self, options: &LoginOptions, told: &RecordingPrompt) -> Result<LoginReceipt, LoginError> {
        let session = self.container.session(&self.account, PATIENCE).map_err(|problem| LoginError::Ssh {
            problem,
            state: codex_remote_auth::login::LoginState::Untouched,
        })?;
        log_in(&session, options, told)
    }

    /// Checks that nothing keeps running, that no secret was seen, and that the container is removed.
    fn end(self) -> Result<(), Failed> {
        running::nothing(&self.container, &self.account, false);
        self.leak_scanner.pass("a command line or an environment", &self.container.process_log()?);
        self.leak_scanner.pass("the container's log", &self.container.log()?);
        let leaks = self.leak_scanner.leaks();
        self.container.stop()?;
        if leaks.is_empty() { Ok(()) } else { Err(format!("a secret was seen: {leaks:?}").into()) }
    }
}

/// From the code to an answer with the resulting login.
pub(crate) fn by_device(test_environment: &TestEnvironment, codex: RealCodex) -> Result<(), Failed> {
    let release = codex.release.to_string();
    let machine = machine(test_environment, codex)?;
    let told = RecordingPrompt::default();
    let options = LoginOptions {
        issuer: Some("http://127.0.0.1:8790".to_owned()),
        deadline: PATIENCE,
        ..LoginOptions::default()
    };
    let receipt = machine.log_in(&options, &told)?;
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    assert_eq!((receipt.way, receipt.mode), (LoginFlow::Device, 0o600));
    assert_eq!(receipt.codex.release, Some(release));
    assert_eq!(told.devices().len(), 1);
    told.is_in_none_of(&format!("{receipt:?}"));
    // A login that fails leaves that one, and one that succeeds replaces it. Neither revokes it.
    let digest =
        || machine.container.as_root(&format!("sha256sum {}", receipt.path), b"").map(|said| said.stdout);
    let old = digest()?;
    let refuses = Some("http://127.0.0.1:8790/device-codes-off".to_owned());
    let refused = LoginOptions { force: true, issuer: refuses, ..options.clone() };
    let Err(error) = machine.log_in(&refused, &RecordingPrompt::default()) else {
        return Err("it went well without a code".into());
    };
    assert_eq!((error.code(), digest()?), ("no-device-login", old.clone()), "{error}");
    let again = machine.log_in(&LoginOptions { force: true, ..options }, &RecordingPrompt::default())?;
    assert!(again.proof.holds() && again.replaced && again.mode == 0o600, "{again:?}");
    assert_ne!(digest()?, old);
    let records = machine.container.cloud_records(&[machine.account.uid])?;
    let taken_back = records.iter().filter(|record| record.outcome == "taken-back").count();
    assert_eq!(taken_back, 0);
    machine.end()
}

/// From the link to the release's own server, through the port on this machine. For this login, a real release asks only one
/// service, whatever issuer is set, and a closed network does not reach it. So one person refuses, and one agrees in vain.
pub(crate) fn by_browser(test_environment: &TestEnvironment, codex: RealCodex) -> Result<(), Failed> {
    let _turn = turn();
    let machine = machine(test_environment, codex)?;
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    for (says, code) in
        [("error=access_denied&error_description=no", "refused"), ("code=made-up", "no-network")]
    {
        let told = RecordingPrompt::default();
        let options = LoginOptions { browser: true, deadline: PATIENCE, ..LoginOptions::default() };
        let result = std::thread::scope(|scope| {
            let logging_in = scope.spawn(|| machine.log_in(&options, &told));
            running::within(PATIENCE, || !told.browsers().is_empty() || logging_in.is_finished());
            if let Some((link, _)) = told.browsers().first() {
                assert!(
                    link.starts_with("https://auth.openai.com/oauth/authorize?"),
                    "another link is shown"
                );
                let state = field(link, "state").unwrap_or_default();
                let (_, page) = get(here, "/auth/callback?code=x&state=y")?;
                assert_eq!(page, b"State mismatch");
                let (head, page) = get(here, &format!("/auth/callback?{says}&state={state}"))?;
                assert!(head.starts_with("HTTP/1.1 200") && page.len() > 1_000, "{head}");
            }
            logging_in.join().map_err(|_| std::io::Error::other("the login panicked"))
        })?;
        let Err(error) = result else { return Err("it went well, with nobody who could agree".into()) };
        assert_eq!(error.code(), code, "{error}");
        told.is_in_none_of(&format!("{error}\n{error:?}"));
        running::nothing(&machine.container, &machine.account, false);
    }
    machine.end()
}
