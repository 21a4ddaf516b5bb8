//! What on a host may be the reason why a call of codex failed.

use std::fmt;

use super::Look;
use crate::auth_json::Form;
use crate::codex::{
    CannotStart, Diagnosis, Environment, NotThisLogin, Outcome, Sets, Settings, Variable, Wrapper,
};
use crate::ssh::End;

/// Something on the host that may be the reason for a failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What it is, and where.
    pub what: String,
    /// The lesson about it.
    pub lesson: Option<&'static str>,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        self.lesson.map_or(Ok(()), |lesson| write!(f, " (lesson {lesson})"))
    }
}

impl Reason {
    /// A file named codex that cannot start.
    pub(super) fn of_file(file: &CannotStart) -> Self {
        Self { what: file.to_string(), lesson: None, fix: file.fix() }
    }
}

/// Words that codex or its libraries print if they do not reach the service.
const NETWORK: [&str; 12] = [
    "error sending request",
    "stream disconnected",
    "waiting for network",
    "reconnecting",
    "certificate",
    "proxy",
    "tunnel",
    "dns error",
    "failed to lookup address",
    "connection refused",
    "connection reset",
    "timed out",
];

impl Look {
    /// The variables that change how codex works there.
    pub(crate) fn environment(&self) -> Environment {
        let path = format!("{}/.env", self.codex_home);
        let bytes = self.dotenv.bytes().map_or(&[][..], |bytes| bytes.expose());
        Environment::read(&self.variables, &path, bytes)
    }

    /// Reads the beginning of a codex that is a script. `apart` says whether codex is called with a home of its own, which
    /// every home that the script sets would replace, also the account's.
    pub(crate) fn wrapper(&self, script: &str, bytes: &[u8], apart: bool) -> Option<Wrapper> {
        let (home, is_set) = match apart {
            true => ("", true),
            false => (&*self.codex_home, !self.codex_home_variable.is_empty()),
        };
        Wrapper::read(script, bytes, &self.home, home, is_set)
    }
}

/// What may be the reason, the most certain first. `unreadable` says whether the account cannot read the file of
/// certificates.
pub(super) fn reasons(
    outcome: &Outcome,
    environment: &Environment,
    unreadable: bool,
    wrapper: Option<&Wrapper>,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if let Some(wrapper) = wrapper {
        let lesson = wrapper.moves_home().then_some("wrapper-moves-home");
        reasons.push(Reason { what: wrapper.to_string(), lesson, fix: another_home(wrapper) });
    }
    if let Some(named) = environment.certificates.as_ref().filter(|_| unreadable) {
        let what = no_certificates(&named.variable);
        reasons.push(Reason { what, lesson: Some("certificate-file"), fix: correct(&named.variable) });
    }
    if is_about_the_network(outcome)
        && let Some(proxy) = environment.proxy()
    {
        let fix = format!("check that this proxy answers, or change {} in {}", proxy.name, proxy.file());
        reasons.push(Reason {
            what: format!("{proxy} sets a proxy for codex"),
            lesson: Some("no-network"),
            fix,
        });
    }
    reasons
}

/// The setting that sends codex to an address that may not answer.
pub(super) fn other_address(outcome: &Outcome, settings: &Settings) -> Option<Reason> {
    let place = settings.address.as_ref().filter(|_| is_about_the_network(outcome))?.place();
    let what = format!("openai_base_url ({place}) sends codex to another address than OpenAI's");
    let fix = format!("check that this address answers, or remove openai_base_url in {place}");
    Some(Reason { what, lesson: None, fix })
}

/// The setting that made codex try another credential than this login, which the failure is then not about.
pub(super) fn not_tried(outcome: &Outcome, settings: &Settings, form: Form) -> Option<Reason> {
    let why = NotThisLogin::of_a_failure(outcome, settings, form)?;
    let (lesson, fix) = match &why {
        NotThisLogin::Provider { provider } => {
            let key = settings.providers.get(provider).and_then(|own| own.env_key.as_ref());
            let key = key.map(|key| format!(", or give {} the right key", key.value)).unwrap_or_default();
            ("provider-missing-key", format!("choose a provider that uses auth.json{key}"))
        }
        _ => ("keyring-store", "set it to \"file\" on the host".to_owned()),
    };
    let what = format!("this login was not tried: {}", why.with_place(settings));
    Some(Reason { what, lesson: Some(lesson), fix })
}

/// The line that selects a profile, with which codex ends at every call.
pub(super) fn selected_profile(diagnosis: Diagnosis, settings: &Settings) -> Option<Reason> {
    let profile = settings.profile.as_ref().filter(|_| diagnosis == Diagnosis::ProfileLegacy)?;
    let place = profile.place();
    let what = format!("{place} selects a profile, which codex 0.134 and later refuse");
    let fix = format!("remove the line {place}; if you need the profile, make it a file and give --profile");
    Some(Reason { what, lesson: Some("profile-legacy"), fix })
}

/// What is wrong with a file of certificates that cannot be read.
pub(crate) fn no_certificates(variable: &Variable) -> String {
    format!(
        "{variable} names a file of certificates that the account cannot read, so codex cannot connect over https"
    )
}

pub(crate) fn correct(variable: &Variable) -> String {
    format!("correct {} in {}, or remove it there", variable.name, variable.file())
}

/// What to do about a script that gives codex another home.
pub(crate) fn another_home(wrapper: &Wrapper) -> String {
    match &wrapper.sets {
        Sets::Home { .. } => {}
        Sets::Elsewhere(_) => {
            return "put codex itself before the script on the PATH, or deploy to the account or machine where the script runs it".to_owned();
        }
        Sets::Credential(_) | Sets::Setting(_) => {
            return "remove that line if codex is to use the login of auth.json".to_owned();
        }
    }
    match wrapper.home() {
        Some(home) => {
            format!("remove that line, or set CODEX_HOME to {home} in the account's rc file and deploy again")
        }
        None => "remove that line, or set the same CODEX_HOME in the account's rc file and deploy again"
            .to_owned(),
    }
}

fn is_about_the_network(outcome: &Outcome) -> bool {
    let said = String::from_utf8_lossy(&outcome.stderr).to_lowercase();
    outcome.end == End::Deadline || NETWORK.iter().any(|sign| said.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codex::{ConfigFile, Found, Layer};

    fn environment(dotenv: &str) -> Environment {
        Environment::read(&[], "/h/.env", dotenv.as_bytes())
    }

    fn outcome(stderr: &str, end: End) -> Outcome {
        Outcome { stdout: Vec::new(), stderr: stderr.into(), end }
    }

    #[test]
    fn a_proxy_is_named_only_if_the_network_may_have_failed() {
        let proxy = environment("HTTPS_PROXY=http://me:secret@proxy:1\n");
        let of = |stderr: &str, end| reasons(&outcome(stderr, end), &proxy, false, None);
        for (stderr, end) in [
            ("", End::Deadline),
            ("ERROR: stream disconnected before completion: error sending request for url", End::Exit(1)),
            ("ERROR: Reconnecting... waiting for network", End::Exit(1)),
        ] {
            let [reason] = &of(stderr, end)[..] else { panic!("{stderr}") };
            assert_eq!(
                reason.to_string(),
                "HTTPS_PROXY (/h/.env:1) sets a proxy for codex (lesson no-network)"
            );
            assert_eq!(reason.fix, "check that this proxy answers, or change HTTPS_PROXY in /h/.env");
        }
        assert_eq!(of("ERROR: unexpected status 401 Unauthorized", End::Exit(1)), []);
    }

    #[test]
    fn an_address_of_the_configuration_is_named_if_the_network_may_have_failed() {
        let bytes = b"model = \"x\"\nopenai_base_url = \"http://me:made-up@127.0.0.1:9/v1\"\n";
        let file = ConfigFile { layer: Layer::Account, path: "/h/config.toml", found: Found::Bytes(bytes) };
        let settings = Settings::read(&[file]);
        let reason = other_address(&outcome("", End::Deadline), &settings).unwrap();
        assert_eq!(
            reason.to_string(),
            "openai_base_url (/h/config.toml:2) sends codex to another address than OpenAI's"
        );
        assert!(!reason.fix.contains("made-up"));
        assert_eq!(other_address(&outcome("ERROR: 401", End::Exit(1)), &settings), None);
    }

    #[test]
    fn certificates_that_cannot_be_read_and_a_script_are_always_reasons() {
        let sets = Sets::Home { variable: "CODEX_HOME", home: Some("/srv".to_owned()) };
        let wrapper = Wrapper { script: "/b/codex".to_owned(), line: 2, sets };
        let certificates = environment("SSL_CERT_FILE=/no\n");
        let all = reasons(&outcome("", End::Exit(1)), &certificates, true, Some(&wrapper));
        let whats: Vec<&str> = all.iter().map(|reason| reason.what.as_str()).collect();
        assert!(
            whats[0].starts_with("/b/codex:2 is a script")
                && whats[1].starts_with("SSL_CERT_FILE (/h/.env:1)")
        );
        assert!(all[0].fix.contains("set CODEX_HOME to /srv"), "{all:?}");
        assert_eq!(reasons(&outcome("", End::Exit(1)), &certificates, false, None), []);
    }
}
