//! Which login is copied: a file, the standard input, or an API key.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use crate::auth_json::{AuthFile, AuthProblem, MAX_BYTES, Secret};
use crate::codex::{ConfigFile, Found, Layer, Settings, Store};
use clap::Args;
use zeroize::Zeroizing;

use crate::cli::exit::WrongCall;

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// File with the login, instead of auth.json in $CODEX_HOME or ~/.codex; `-` is the standard input
    #[arg(long, value_name = "FILE")]
    auth: Option<PathBuf>,
    /// Copy an API key, read from the standard input
    #[arg(long, conflicts_with = "auth")]
    api_key: bool,
}

impl LoginArgs {
    /// Whether it reads the standard input.
    pub(crate) fn takes_stdin(&self) -> bool {
        self.api_key || self.auth.as_deref() == Some(Path::new("-"))
    }

    pub(crate) fn read(&self) -> anyhow::Result<AuthFile> {
        let problem = |problem: AuthProblem| WrongCall(format!("{problem}; nothing was sent"));
        let auth = match &self.auth {
            _ if self.api_key => AuthFile::of_api_key(&stdin("the API key")?),
            Some(file) if file == Path::new("-") => AuthFile::from_bytes(stdin("the login")?.expose()),
            Some(file) => AuthFile::read(file),
            None => {
                let path = own()?;
                let read = AuthFile::read(&path);
                if matches!(read, Err(AuthProblem::Missing { .. }))
                    && let Some(why) = kept_elsewhere(&path)
                {
                    return Err(WrongCall(format!("{why}; nothing was sent")).into());
                }
                read
            }
        };
        Ok(auth.map_err(problem)?)
    }
}

/// The path of the caller's own login: in `CODEX_HOME`, or in `~/.codex`.
pub(crate) fn own() -> Result<PathBuf, WrongCall> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("CODEX_HOME")
        .or_else(|| Some(named("HOME")?.join(".codex")))
        .map(|home| home.join("auth.json"))
        .ok_or_else(|| {
            WrongCall("neither CODEX_HOME nor HOME is set; name the login: --auth FILE".to_owned())
        })
}

/// Why there is no auth.json at this path, if the configuration on this machine keeps the login in another store.
/// `codex login` then creates no auth.json.
fn kept_elsewhere(auth: &Path) -> Option<String> {
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
    let store = Settings::read(&files).store.filter(|store| store.value != Store::File)?;
    Some(format!(
        "{} does not exist: {}:{} sets cli_auth_credentials_store = {:?}, so codex keeps the login of this machine in \
         another place. Set it to \"file\" and run `codex login` again, or give the host a login of its own with the \
         command `login`",
        auth.display(),
        store.file,
        store.line,
        store.value.as_str(),
    ))
}

fn stdin(what: &str) -> anyhow::Result<Secret> {
    let input = std::io::stdin();
    if input.is_terminal() {
        let how = format!("{what} is read from the standard input; give it by a pipe or a file: … < FILE");
        return Err(WrongCall(how).into());
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(8 * 1024));
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| {
        WrongCall(format!(
            "{what} cannot be read from the standard input: {error}; nothing was sent. Give it by a pipe or a file: … < FILE"
        ))
    })?;
    Ok(Secret::new(&bytes[..]))
}
