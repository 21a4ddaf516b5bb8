//! Which login is copied: a file, the standard input, or an API key.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::auth_json::{AuthFile, AuthProblem, MAX_BYTES, Secret};
use crate::codex::{ConfigFile, Found, Layer, Setting, Settings, Store};
use clap::Args;
use zeroize::Zeroizing;

use super::caller::Own;
use crate::cli::exit::Unusable;
use crate::cli::help;
use crate::message::plain_words;

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// Copy this file instead of your own auth.json
    ///
    /// Your own is in $CODEX_HOME or ~/.codex. `-` is the standard input. The file may be a pipe, and it may hold the login as base64
    /// or as a JSON string.
    #[arg(long, help_heading = help::LOGIN_FILE, value_name = "FILE")]
    auth: Option<PathBuf>,
    /// Copy an API key, read from the standard input
    #[arg(long, help_heading = help::LOGIN_FILE, conflicts_with = "auth")]
    api_key: bool,
    /// Copy the file even if Codex cannot read it
    ///
    /// It is sent unchanged. Because nothing is known about such a login, any login on the host is kept unless --force says otherwise.
    #[arg(long, help_heading = help::LOGIN_FILE, hide_short_help = true, conflicts_with = "api_key")]
    unchecked: bool,
}

impl LoginArgs {
    /// Whether it reads the standard input.
    pub(crate) fn takes_stdin(&self) -> bool {
        const NAMES: [&str; 4] = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
        self.api_key
            || self.auth.as_deref().is_some_and(|auth| NAMES.iter().any(|name| auth == Path::new(name)))
    }

    /// The same as words of a command line.
    pub(super) fn own(&self) -> Own {
        Own::default()
            .file("--auth", self.auth.as_deref())
            .flag("--api-key", self.api_key)
            .flag("--unchecked", self.unchecked)
    }

    /// What to say if codex on this machine does not use the auth.json that is sent: it may be an old login.
    pub(crate) fn note(&self) -> Option<String> {
        if self.api_key || self.auth.is_some() {
            return None;
        }
        let path = own().ok()?;
        let Setting { value, file, line } = other_store(&path)?;
        let uses = if value == Store::Auto { "may not use" } else { "does not use" };
        Some(format!(
            "codex on this machine {uses} {}, because {file}:{line} sets cli_auth_credentials_store = {:?}: it may be an old \
             login",
            path.display(),
            value.as_str()
        ))
    }

    pub(crate) fn read(&self) -> anyhow::Result<AuthFile> {
        if self.api_key {
            let key = stdin("the API key")?;
            return Ok(AuthFile::of_api_key(&key).map_err(|problem| Unusable::of(&problem))?);
        }
        let bytes = match &self.auth {
            Some(file) if file == Path::new("-") => Ok(stdin("the login")?),
            Some(file) => AuthFile::bytes_at(file),
            None => {
                let path = own()?;
                let bytes = AuthFile::bytes_at(&path);
                if matches!(bytes, Err(AuthProblem::Missing { .. }))
                    && let Some(why) = kept_elsewhere(&path)
                {
                    return Err(why.into());
                }
                bytes
            }
        };
        let given = if self.unchecked { AuthFile::given_unchecked } else { AuthFile::given };
        let auth = bytes.and_then(|bytes| given(bytes.expose().to_vec()));
        Ok(auth.map_err(|problem| Unusable::of(&problem))?)
    }
}

/// The path of the caller's own login: in `CODEX_HOME`, or in `~/.codex`.
pub(crate) fn own() -> Result<PathBuf, Unusable> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("CODEX_HOME")
        .or_else(|| Some(named("HOME")?.join(".codex")))
        .map(|home| home.join("auth.json"))
        .ok_or_else(|| {
            Unusable::new("neither CODEX_HOME nor HOME is set", &["name the login with --auth FILE"])
        })
}

/// Why there is no auth.json at this path, if the configuration on this machine keeps the login in another store.
/// `codex login` then creates no auth.json.
fn kept_elsewhere(auth: &Path) -> Option<Unusable> {
    let store = other_store(auth)?;
    let what = format!(
        "{} does not exist: {}:{} sets cli_auth_credentials_store = {:?}, so codex keeps the login of this machine elsewhere",
        auth.display(),
        store.file,
        store.line,
        store.value.as_str(),
    );
    let hints = [
        "to copy a login, set it to \"file\" and run `codex login` again",
        "to give the host a login of its own, use the command `login`",
    ];
    Some(Unusable::unsent(what, &hints))
}

/// The setting that makes codex on this machine use another store than auth.json.
fn other_store(auth: &Path) -> Option<Setting<Store>> {
    let layers = [
        (Layer::System, PathBuf::from("/etc/codex/config.toml")),
        (Layer::Account, auth.with_file_name("config.toml")),
        (Layer::Managed, PathBuf::from("/etc/codex/managed_config.toml")),
    ];
    let read = layers.map(|(layer, path)| {
        let bytes = std::fs::read(&path).map(Zeroizing::new);
        (layer, path.display().to_string(), bytes)
    });
    let files: Vec<ConfigFile<'_>> = read
        .iter()
        .map(|(layer, path, bytes)| {
            let found = bytes.as_ref().map_or(Found::Absent, |bytes| Found::Bytes(bytes));
            ConfigFile { layer: *layer, path, found }
        })
        .collect();
    Settings::read(&files).store.filter(|store| store.value != Store::File)
}

/// How to give something by the standard input.
const BY_STDIN: &str = "give it through a pipe or from a file: … < FILE";

fn stdin(what: &str) -> anyhow::Result<Secret> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Err(Unusable::unsent(format!("{what} is read from the standard input"), &[BY_STDIN]).into());
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(8 * 1024));
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| {
        let why = plain_words(&error);
        Unusable::unsent(format!("{what} cannot be read from the standard input: {why}"), &[BY_STDIN])
    })?;
    Ok(Secret::new(&bytes[..]))
}
