//! Writes the one remote command so that every login shell hands it to `sh` unchanged.

use std::fmt::Write as _;

use super::{DeployOptions, OnSymlink};
use crate::auth::{Account, AuthFile, LastRefresh};
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
        ("last_refresh", auth.last_refresh().map(LastRefresh::to_the_second).unwrap_or_default()),
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
        let _ = write!(text, "{name}={};", quote(value));
    }
    text.push_str(&one_line(script));
    for_any_login_shell(&text)
}

/// A script on one line: csh knows no other in quotes. It has no comment behind a command, no here-document and no
/// line's end in quotes, and a pattern of a `case` that stands alone has the only unpaired bracket.
fn one_line(script: &str) -> String {
    let mut line = String::with_capacity(script.len());
    for part in script.lines().map(str::trim).filter(|part| !part.starts_with('#') && !part.is_empty()) {
        if part.starts_with(";;") {
            line.push(' ');
        }
        match part.strip_suffix('\\') {
            Some(begun) => line.push_str(begun),
            None => {
                line.push_str(part);
                line.push(if goes_on(part) { ' ' } else { ';' });
            }
        }
    }
    line
}

/// Whether the shell's grammar has no `;` behind it.
fn goes_on(part: &str) -> bool {
    let is_pattern = part.ends_with(')') && part.matches(')').count() > part.matches('(').count();
    let last_word = part.rsplit(' ').next().unwrap_or(part);
    is_pattern
        || ["{", "(", "&", "|", ";;"].iter().any(|end| part.ends_with(end))
        || ["then", "do", "else", "in"].contains(&last_word)
}

pub(crate) fn yes_or_no(choice: bool) -> String {
    if choice { "yes" } else { "no" }.to_owned()
}

/// One word of one line that every login shell hands to `sh` as it is: csh expands `!` in quotes, fish knows backslash
/// escapes there.
fn for_any_login_shell(script: &str) -> String {
    if script.bytes().all(|byte| (b' '..=b'~').contains(&byte)) { quoted(script) } else { printed(script) }
}

fn quoted(script: &str) -> String {
    let mut line = String::with_capacity(script.len() * 5 / 4);
    line.push_str("sh -c '");
    for letter in script.chars() {
        match letter {
            '\\' | '\'' | '!' => line.extend(['\'', '\\', letter, '\'']),
            other => line.push(other),
        }
    }
    line.push('\'');
    line
}

/// `printf` over there undoes octal escapes, for what is not all plain text: that takes a process and longer.
fn printed(script: &str) -> String {
    let mut line = String::with_capacity(script.len() * 5 / 4);
    line.push_str("sh -c 'eval \"$(printf \"$1\")\"' sh '");
    for byte in script.bytes() {
        match byte {
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
        assert!(command.is_ascii() && !command.contains('\n'), "{command}");
        let rest = ["'\\''", "'\\!'", "'\\\\'"]
            .iter()
            .fold(command.clone(), |rest, escaped| rest.replace(escaped, ""));
        let words: Vec<&str> = rest.split('\'').collect();
        let ["sh -c ", script, ""] = words[..] else { panic!("{rest}") };
        assert!(!script.contains(['\\', '!']), "{script}");
        assert!(!command.contains("not-shown"));
    }

    #[test]
    fn the_script_on_one_line_says_what_it_says_on_many() {
        let many = "f() {\n  case $1 in\n    # Not a.\n    a | b)\n      printf \"%s\" \"$(printf a)\"\n      ;;\n    *) return 1 ;;\n  esac\n}\n\
             if f a &&\n  f b; then\n  for x in 1 \\\n    2; do\n    printf \"%s\" $x\n  done\nelse\n  (\n    false\n  ) || exit\nfi\nf c &\nwait $!\nprintf %s $?\n";
        let said = |script: &str| Command::new("sh").arg("-c").arg(script).output().unwrap();
        let line = one_line(many);
        assert!(!line.contains('\n'));
        assert_eq!(String::from_utf8_lossy(&said(&line).stdout), "aa121");
        assert_eq!(said(&line), said(many));
    }

    #[test]
    fn no_script_has_what_one_line_cannot() {
        for script in [
            REMOTE_SCRIPT,
            include_str!("remote/rollback.sh"),
            include_str!("../doctor/remote.sh"),
            include_str!("../login/remote.sh"),
            include_str!("../login/facts.sh"),
        ] {
            for part in script.lines().map(str::trim).filter(|part| !part.starts_with('#')) {
                assert!(!part.contains(" #"), "a comment behind a command: {part}");
                assert!(
                    part.replace("\\\"", "").matches('"').count().is_multiple_of(2),
                    "an open quote: {part}"
                );
                assert!(!part.contains("<<") || part.contains("eval "), "a here-document: {part}");
            }
            let checked = Command::new("sh").args(["-n", "-c"]).arg(one_line(script)).output().unwrap();
            assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_text_reaches_sh_unchanged(text in "[ -~]{0,60}|[ -~\n\u{e9}\u{4e16}]{0,60}") {
            let script = format!("printf %s {}", quote(&text));
            let output = Command::new("sh").arg("-c").arg(for_any_login_shell(&script)).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }

    /// The container has the other login shells, and deploys in each; fish would make its image a third larger.
    #[test]
    fn fish_hands_every_character_over_unchanged() {
        let plain: String = (' '..='~').chain("\\\\ \\' \\\\' \\! !!".chars()).collect();
        for text in [format!("{plain}\n\u{e9}\u{4e16}"), plain] {
            let command = for_any_login_shell(&format!("printf %s {}", quote(&text)));
            match Command::new("fish").args(["--no-config", "-c"]).arg(command).output() {
                Ok(output) => assert_eq!(String::from_utf8(output.stdout).unwrap(), text),
                Err(_) if std::env::var_os("CI").is_none() => {
                    eprintln!("not shown: fish is not on this machine");
                }
                Err(error) => panic!("fish: {error}"),
            }
        }
    }
}
