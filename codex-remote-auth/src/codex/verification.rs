//! Decides whether a call of codex verifies a login.
//!
//! An exit code of 0 and a word on stdout are not enough: `--help` also exits with 0, a wrapper can print the prompt,
//! and a provider with its own key answers without the login.

use std::fmt;

use semver::Version;

use super::login_use::LoginUse;
use super::setting::{Setting, SettingsFault};
use super::settings::{Settings, Store};
use super::{Diagnosis, Outcome, Wrapper};
use crate::auth_json::Form;
use crate::ssh::End;

/// What a call of codex shows about a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// Codex gave the requested answer, with the login of the Codex home that it read. The record of the session shows
    /// which home that is.
    Verified {
        /// The provider that answered.
        provider: String,
        /// The release that codex printed.
        release: Version,
        /// The id of the session. Codex keeps a record of each session in its home, and the id is part of the file's name.
        session: String,
    },
    /// Codex exited with 0, but it is not known that it used the login.
    AnsweredWithoutThisLogin {
        /// Why not.
        why: NotThisLogin,
    },
    /// The call failed, or the answer was not the requested one.
    Failed(Diagnosis),
}

/// Why an answer shows nothing about the login.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotThisLogin {
    /// Codex did not begin a session: the session header is missing on stderr.
    NoSession,
    /// The standard error of codex, with the header of a session, did not arrive.
    NoStandardError,
    /// The provider that answered does not use auth.json.
    Provider {
        /// Its name.
        provider: String,
    },
    /// It is not known whether the provider that answered uses auth.json.
    UnknownProvider {
        /// Its name.
        provider: String,
    },
    /// Codex does not take its login from auth.json but from another store.
    OtherStore,
    /// Codex may have taken its login from the keyring.
    PerhapsTheKeyring,
    /// Codex is a script that gives it another Codex home.
    OtherHome {
        /// The script, and what it sets.
        wrapper: Wrapper,
    },
    /// Codex left no record of its session in this Codex home, so it may have had another one.
    NoRecord {
        /// The Codex home to which the login was copied.
        home: String,
    },
    /// After the call, auth.json is not this login any more.
    Replaced {
        /// The path of the file.
        path: String,
    },
    /// A configuration file could not be read, so it is not known which login Codex used.
    UnknownSettings,
}

impl fmt::Display for NotThisLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSession => f.write_str("codex did not print the header of a session"),
            Self::NoStandardError => f.write_str(
                "an rc file of the account sends standard error elsewhere (`exec 2>`), and codex shows there how it worked",
            ),
            Self::Provider { provider } => write!(f, "the provider {provider:?} does not use auth.json"),
            Self::UnknownProvider { provider } => {
                write!(f, "it is not known whether the provider {provider:?} uses auth.json")
            }
            Self::OtherStore => f.write_str(
                "cli_auth_credentials_store makes codex take its login from another place than auth.json",
            ),
            Self::PerhapsTheKeyring => f.write_str(
                "with cli_auth_credentials_store = \"auto\", codex may have used a login of the keyring",
            ),
            Self::OtherHome { wrapper } => write!(f, "{wrapper}"),
            Self::NoRecord { home } => {
                write!(
                    f,
                    "codex left no record of its session in {home}/sessions, so it may have had another Codex home, such as one that a script named codex sets"
                )
            }
            Self::Replaced { path } => write!(
                f,
                "after the call, {path} is not this login: a script named codex, or another program, has put something else in its place"
            ),
            Self::UnknownSettings => f.write_str(
                "a configuration file could not be read, so it is not known which login codex used",
            ),
        }
    }
}

impl Verification {
    /// What this outcome of `codex exec` shows about a login of this form, in a home with these settings. `answer` is
    /// the answer that codex was asked to give; if it is empty, any answer counts.
    ///
    /// This is only valid for a call without the variables that replace a login; see
    /// [`variables_that_replace_the_login`](super::variables_that_replace_the_login).
    pub fn of(outcome: &Outcome, answer: &str, settings: &Settings, form: Form) -> Self {
        if outcome.end != End::Exit(0) {
            return Self::Failed(Diagnosis::of(outcome, Some(answer)));
        }
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        let Some(Session { release, provider, id }) = Session::find(&stderr) else {
            return Self::AnsweredWithoutThisLogin { why: NotThisLogin::NoSession };
        };
        if let Some(why) = not_this_login(settings, &provider, &release, form) {
            return Self::AnsweredWithoutThisLogin { why };
        }
        match is_answer(&String::from_utf8_lossy(&outcome.stdout), answer) {
            true => Self::Verified { provider, release, session: id },
            false => Self::Failed(Diagnosis::OtherAnswer),
        }
    }
}

impl NotThisLogin {
    /// The reason, with the file and the line of the setting that is the reason.
    pub fn with_place(&self, settings: &Settings) -> String {
        let place = match self {
            Self::Provider { provider } | Self::UnknownProvider { provider } => {
                settings.provider.as_ref().filter(|set| set.value == *provider).map(Setting::place)
            }
            Self::OtherStore | Self::PerhapsTheKeyring => settings.store.as_ref().map(Setting::place),
            Self::NoSession
            | Self::NoStandardError
            | Self::OtherHome { .. }
            | Self::NoRecord { .. }
            | Self::Replaced { .. }
            | Self::UnknownSettings => None,
        };
        place.map_or_else(|| self.to_string(), |place| format!("{self} ({place})"))
    }

    /// Why a failed call did not even try a login of this form. `None` if it began no session, or if it is not certain.
    pub fn of_a_failure(outcome: &Outcome, settings: &Settings, form: Form) -> Option<Self> {
        let Session { release, provider, .. } = Session::find(&String::from_utf8_lossy(&outcome.stderr))?;
        let why = not_this_login(settings, &provider, &release, form)?;
        matches!(why, Self::Provider { .. } | Self::OtherStore).then_some(why)
    }
}

fn not_this_login(
    settings: &Settings,
    provider: &str,
    release: &Version,
    form: Form,
) -> Option<NotThisLogin> {
    let unread = |fault: &SettingsFault| {
        matches!(fault, SettingsFault::Unreadable(_) | SettingsFault::NotUtf8 | SettingsFault::NotToml)
    };
    let name = || provider.to_owned();
    match settings.store.as_ref().map(|store| store.value) {
        Some(Store::Keyring | Store::Ephemeral) => return Some(NotThisLogin::OtherStore),
        Some(Store::Auto) => return Some(NotThisLogin::PerhapsTheKeyring),
        Some(Store::File) | None => {}
    }
    match settings.login_use(provider, form, Some(release)) {
        LoginUse::NotUsed => Some(NotThisLogin::Provider { provider: name() }),
        LoginUse::Unknown => Some(NotThisLogin::UnknownProvider { provider: name() }),
        LoginUse::Used if settings.problems.iter().any(|problem| unread(&problem.fault)) => {
            Some(NotThisLogin::UnknownSettings)
        }
        LoginUse::Used => None,
    }
}

/// Codex's ids are UUIDs. A shorter text would be in the names of many files, and another could lead out of the folder.
fn is_id(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The session header that codex prints before it sends the prompt: its release, a line of dashes, one fact per line,
/// and dashes again.
struct Session {
    release: Version,
    provider: String,
    id: String,
}

impl Session {
    const DASHES: &str = "--------";

    /// The first header in this text. The output of an rc file may come before it.
    fn find(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(named) = line.strip_prefix("OpenAI Codex v") else { continue };
            let Ok(release) = Version::parse(named.split(' ').next().unwrap_or_default()) else { continue };
            let mut facts = lines.clone();
            if facts.next() != Some(Self::DASHES) {
                continue;
            }
            let facts: Vec<&str> = facts.collect();
            let end = facts.iter().position(|line| *line == Self::DASHES)?;
            let named = |name| {
                let mut values = facts[..end].iter().filter_map(|line| line.strip_prefix(name));
                values.next().map(|value| value.trim().to_owned())
            };
            let id = named("session id: ").filter(|id| is_id(id))?;
            return Some(Self { release, provider: named("provider: ")?, id });
        }
        None
    }
}

/// Whether a line of the last message is this answer. Punctuation around the answer is allowed, because models add it.
/// Other words are not allowed: a line that repeats the prompt also contains the answer.
fn is_answer(stdout: &str, answer: &str) -> bool {
    let bare = |text: &str| text.trim_matches(|char: char| !char.is_alphanumeric()).to_owned();
    match answer.trim() {
        "" => !stdout.trim().is_empty(),
        answer => stdout
            .lines()
            .any(|line| line.trim() == answer || bare(line) == bare(answer) && !bare(answer).is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codex::{ConfigFile, Found, Layer};

    /// The session header, as every release up to 0.169 prints it.
    fn header(release: &str, provider: &str) -> String {
        format!(
            "OpenAI Codex v{release}\n--------\nworkdir: /home/me\nmodel: gpt-5.5\nprovider: {provider}\napproval: never\n\
             sandbox: read-only\nreasoning effort: none\nreasoning summaries: none\n\
             session id: 0198c0de-0000-7000-8000-000000000000\n--------\nuser\nRespond: auth OK\n"
        )
    }

    fn settings(text: &str) -> Settings {
        let found = Found::Bytes(text.as_bytes());
        Settings::read(&[ConfigFile { layer: Layer::Account, path: "config.toml", found }])
    }

    fn ended(stdout: &str, stderr: &str, end: End) -> Outcome {
        Outcome { stdout: stdout.into(), stderr: stderr.into(), end }
    }

    fn of(stdout: &str, stderr: &str, config: &str) -> Verification {
        Verification::of(&ended(stdout, stderr, End::Exit(0)), "auth OK", &settings(config), Form::ChatGpt)
    }

    fn verified(provider: &str, release: &str) -> Verification {
        let (provider, session) = (provider.to_owned(), "0198c0de-0000-7000-8000-000000000000".to_owned());
        Verification::Verified { provider, release: Version::parse(release).unwrap(), session }
    }

    fn without(why: NotThisLogin) -> Verification {
        Verification::AnsweredWithoutThisLogin { why }
    }

    const RELAY: &str = "model_provider = \"relay\"\n[model_providers.relay]\nrequires_openai_auth = true\n";

    #[test]
    fn the_header_of_each_era_and_the_answer_verify_a_login() {
        for release in ["0.80.0", "0.89.0", "0.120.0", "0.133.0", "0.134.0", "0.147.0", "0.163.0", "0.169.0"]
        {
            let stderr = header(release, "openai") + "codex\nauth OK\ntokens used\n1,234\n";
            assert_eq!(of("auth OK\n", &stderr, ""), verified("openai", release));
        }
        let preview = header("0.42.0 (research preview)", "openai");
        assert_eq!(of("auth OK\n", &preview, ""), verified("openai", "0.42.0"));
        let noise =
            format!("welcome\nReading additional input from stdin...\n{}", header("0.163.0", "relay"));
        assert_eq!(of("auth OK\n", &noise.replace('\n', "\r\n"), RELAY), verified("relay", "0.163.0"));
    }

    #[test]
    fn without_the_header_of_a_session_nothing_is_verified() {
        let whole = header("0.163.0", "openai");
        for stderr in [
            "",
            "auth OK\n",
            "Usage: codex exec [OPTIONS] [PROMPT]\n",
            "OpenAI Codex v0.163.0\nprovider: openai\n",
            &whole.replace("provider: ", "supplier: "),
            &whole.replace("session id: ", "session: "),
            &whole.replace("-0000-7000-8000-000000000000", ""),
            &whole.replace("0198c0de-", "../../../../"),
            &whole.replace("--------", ""),
            &whole.replacen("--------", "========", 1),
            &whole.replace("OpenAI Codex v0.163.0", "OpenAI Codex vNEXT"),
            // The provider appears only in the header.
            &(whole.replace("provider: openai\n", "") + "provider: openai\n--------\n"),
        ] {
            assert_eq!(of("auth OK\n", stderr, ""), without(NotThisLogin::NoSession), "{stderr}");
        }
    }

    #[test]
    fn the_answer_has_to_be_a_complete_line() {
        let with = |stdout: &str| of(stdout, &header("0.163.0", "openai"), "");
        for stdout in
            ["auth OK", "auth OK\n", "welcome\nauth OK\n", "  auth OK.\r\n", "**auth OK**\n", "\"auth OK\"\n"]
        {
            assert_eq!(with(stdout), verified("openai", "0.163.0"), "{stdout}");
        }
        for stdout in
            ["", "OK\n", "Respond: auth OK\n", "auth OKAY\n", "no auth OK\n", "auth\nOK\n", "not: auth OK?\n"]
        {
            assert_eq!(with(stdout), Verification::Failed(Diagnosis::OtherAnswer), "{stdout}");
        }
        let any = |stdout: &str| {
            let outcome = ended(stdout, &header("0.163.0", "openai"), End::Exit(0));
            Verification::of(&outcome, "", &Settings::default(), Form::ChatGpt)
        };
        assert_eq!(any("hello\n"), verified("openai", "0.163.0"));
        assert_eq!(any("\n"), Verification::Failed(Diagnosis::OtherAnswer));
    }

    #[test]
    fn a_provider_that_ignores_the_login_does_not_verify_it() {
        let asked = |provider: &str, config: &str| of("auth OK\n", &header("0.163.0", provider), config);
        let ignores = |provider: &str| without(NotThisLogin::Provider { provider: provider.to_owned() });
        assert_eq!(asked("relay", "[model_providers.relay]\nbase_url = \"u\"\n"), ignores("relay"));
        assert_eq!(asked("relay", &format!("{RELAY}env_key = \"K\"\n")), ignores("relay"));
        assert_eq!(asked("ollama", ""), ignores("ollama"));
        let unknown = NotThisLogin::UnknownProvider { provider: "relay".to_owned() };
        assert_eq!(asked("relay", ""), without(unknown), "a provider that no file describes");
        // The provider that codex itself names counts, not the one that the settings select.
        assert_eq!(asked("openai", "model_provider = \"ollama\"\n"), verified("openai", "0.163.0"));
        let older =
            of("auth OK\n", &header("0.144.4", "relay"), "[model_providers.relay]\nbase_url = \"u\"\n");
        assert_eq!(older, verified("relay", "0.144.4"));
    }

    #[test]
    fn another_store_or_unread_settings_do_not_verify_a_login() {
        let with = |config: &str| of("auth OK\n", &header("0.163.0", "openai"), config);
        let store = |store: &str| with(&format!("cli_auth_credentials_store = \"{store}\""));
        assert_eq!(store("file"), verified("openai", "0.163.0"));
        assert_eq!(store("keyring"), without(NotThisLogin::OtherStore));
        assert_eq!(store("ephemeral"), without(NotThisLogin::OtherStore));
        assert_eq!(store("auto"), without(NotThisLogin::PerhapsTheKeyring));
        assert_eq!(with("a = "), without(NotThisLogin::UnknownSettings));
    }

    #[test]
    fn a_failed_call_is_diagnosed() {
        let of = |stderr: &str, end| {
            let outcome = ended("auth OK\n", &(header("0.163.0", "openai") + stderr), end);
            Verification::of(&outcome, "auth OK", &Settings::default(), Form::ChatGpt)
        };
        let failed = Verification::Failed;
        assert_eq!(of("", End::Deadline), failed(Diagnosis::TimedOut));
        assert_eq!(of("", End::Exit(127)), failed(Diagnosis::CommandNotFound));
        assert_eq!(
            of("ERROR: unexpected status 401 Unauthorized: no\n", End::Exit(1)),
            failed(Diagnosis::Unauthorized)
        );
    }

    #[test]
    fn a_failure_names_what_ignores_the_login_only_if_that_is_certain() {
        let of = |provider: &str, config: &str| {
            let refused = header("0.163.0", provider) + "ERROR: 401 Unauthorized: Missing bearer\n";
            let outcome = ended("", &refused, End::Exit(1));
            NotThisLogin::of_a_failure(&outcome, &settings(config), Form::ChatGpt)
        };
        let keyed = format!("{RELAY}env_key = \"K\"\n");
        assert_eq!(of("relay", &keyed), Some(NotThisLogin::Provider { provider: "relay".to_owned() }));
        assert_eq!(of("openai", "cli_auth_credentials_store = \"keyring\""), Some(NotThisLogin::OtherStore));
        for (provider, config) in [
            ("relay", RELAY),
            ("relay", ""),
            ("openai", "cli_auth_credentials_store = \"auto\""),
            ("openai", "a = "),
            ("openai", ""),
        ] {
            assert_eq!(of(provider, config), None, "{provider}: {config}");
        }
        let no_session = ended("", "ERROR: 401 Unauthorized\n", End::Exit(1));
        assert_eq!(NotThisLogin::of_a_failure(&no_session, &settings(&keyed), Form::ChatGpt), None);
    }

    proptest! {
        #[test]
        fn no_output_panics_and_none_verifies_without_a_header(
            stdout in proptest::collection::vec(any::<u8>(), 0..60),
            stderr in proptest::collection::vec(any::<u8>(), 0..60),
            answer in "\\PC{0,12}",
        ) {
            let outcome = Outcome { stdout, stderr, end: End::Exit(0) };
            let verification = Verification::of(&outcome, &answer, &Settings::default(), Form::ApiKey);
            prop_assert_eq!(verification, without(NotThisLogin::NoSession));
        }
    }
}
