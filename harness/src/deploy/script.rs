//! Writes the one remote command so that every login shell hands it to `sh` unchanged.

use std::fmt::Write as _;

use super::{DeployOptions, OnSymlink};
use crate::auth::{Account, AuthFile};
use crate::codex::quote;

/// What every script begins with: how a fact is said, how a failure, and where the login is.
pub(crate) const BEGIN: &str = include_str!("remote/begin.sh");
/// How SHA-256 is computed.
pub(crate) const DIGEST: &str = include_str!("remote/digest.sh");
/// What the account's configuration does to the login.
pub(crate) const CONFIG: &str = include_str!("remote/config.sh");
/// Whose login a file holds.
pub(crate) const ACCOUNT: &str = include_str!("remote/account.sh");
/// Where codex is.
pub(crate) const FIND_CODEX: &str = include_str!("remote/find_codex.sh");
/// How codex is called so that it ends with the connection.
pub(crate) const RUN_CODEX: &str = include_str!("remote/run_codex.sh");
/// That the work is done, and the proof.
pub(crate) const PROVE: &str = include_str!("remote/prove.sh");

/// The script of a deploy, of the parts in `remote/`.
pub const REMOTE_SCRIPT: &str = concat!(
    include_str!("remote/begin.sh"),
    include_str!("remote/digest.sh"),
    include_str!("remote/config.sh"),
    include_str!("remote/account.sh"),
    include_str!("remote/install.sh"),
    include_str!("remote/close_home.sh"),
    include_str!("remote/find_codex.sh"),
    include_str!("remote/tell.sh"),
    include_str!("remote/run_codex.sh"),
    include_str!("remote/prove.sh"),
);

/// The whole remote command for one deploy.
pub(super) fn command(script: &str, mark: &str, auth: &AuthFile, options: &DeployOptions) -> String {
    let proof = options.proof.as_ref();
    let assignments = [
        ("mark", mark.to_owned()),
        ("size", auth.bytes().len().to_string()),
        ("sha256", auth.bytes().sha256()),
        ("last_refresh", auth.last_refresh().map(|at| at.as_str().to_owned()).unwrap_or_default()),
        ("account", auth.account().map(|account| account.as_str().to_owned()).unwrap_or_default()),
        ("person", auth.account().and_then(Account::person).unwrap_or_default().to_owned()),
        ("force", yes_or_no(options.force)),
        ("symlink", if options.on_symlink == OnSymlink::Replace { "replace" } else { "refuse" }.to_owned()),
        ("backup", yes_or_no(options.backup)),
        ("dry", yes_or_no(options.dry_run)),
        ("prove", yes_or_no(proof.is_some())),
        ("program", proof.and_then(|proof| proof.program.clone()).unwrap_or_default()),
        ("prompt", proof.map(|proof| proof.prompt.clone()).unwrap_or_default()),
    ];
    wrapped(script, &assignments)
}

/// A script as one command, with these variables set before it.
pub(crate) fn wrapped(script: &str, assignments: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in assignments {
        let _ = writeln!(text, "{name}={}", quote(value));
    }
    for line in script.lines().map(str::trim_start).filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        text.push_str(line);
        text.push('\n');
    }
    for_any_login_shell(&text)
}

pub(crate) fn yes_or_no(choice: bool) -> String {
    if choice { "yes" } else { "no" }.to_owned()
}

/// One line in single quotes that holds no character which any login shell treats as special there: csh knows no
/// newline in quotes and expands `!`, fish knows backslash escapes. `printf` over there undoes it.
fn for_any_login_shell(script: &str) -> String {
    let mut line = String::with_capacity(script.len() * 5 / 4);
    line.push_str("sh -c 'eval \"$(printf \"$1\")\"' sh '");
    for byte in script.bytes() {
        match byte {
            b'\n' => line.push_str("\\n"),
            b' '..=b'~' if !b"\\'%!".contains(&byte) => line.push(char::from(byte)),
            other => {
                line.push('\\');
                line.extend([other >> 6, other >> 3 & 7, other & 7].map(|digit| char::from(b'0' + digit)));
            }
        }
    }
    line.push('\'');
    line
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_command_is_one_line_without_what_shells_treat_as_special() {
        let auth = AuthFile::from_bytes(r#"{"OPENAI_API_KEY":"not-shown"}"#).unwrap();
        let command = command(REMOTE_SCRIPT, "mark", &auth, &DeployOptions::default());
        let words: Vec<&str> = command.split('\'').collect();
        let ["sh -c ", decode, " sh ", script, ""] = words[..] else { panic!("{command}") };
        for quoted in [decode, script] {
            assert!(!quoted.contains(['\n', '!']) && !quoted.contains("\\\\"), "{quoted}");
        }
        assert!(!command.contains("not-shown"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_text_reaches_sh_unchanged(text in "[ -~\n\u{e9}\u{4e16}]{0,60}") {
            let script = format!("printf %s {}", quote(&text));
            let output = Command::new("sh").arg("-c").arg(for_any_login_shell(&script)).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }

    /// The container has the other login shells, and deploys in each; fish would make its image a third larger.
    #[test]
    fn fish_hands_every_character_over_unchanged() {
        let text: String = (' '..='~').chain("\n\\\\ \\' \u{e9}\u{4e16}".chars()).collect();
        let command = for_any_login_shell(&format!("printf %s {}", quote(&text)));
        match Command::new("fish").args(["--no-config", "-c"]).arg(command).output() {
            Ok(output) => assert_eq!(String::from_utf8(output.stdout).unwrap(), text),
            Err(_) if std::env::var_os("CI").is_none() => eprintln!("not shown: fish is not on this machine"),
            Err(error) => panic!("fish: {error}"),
        }
    }
}
