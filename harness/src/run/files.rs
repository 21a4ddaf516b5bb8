//! The state of an account's files, asked over the account's own session.

use std::time::Duration;

use super::interruption::Interruption;
use codex_remote_auth::codex::quote;
use codex_remote_auth::ssh::{Deadline, End, Session, SshProblem, Stdin};

/// The state of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileFacts {
    /// `absent`, `file`, `directory`, `link` or `other`.
    pub(super) kind: String,
    /// Permission bits in octal. Empty if the file is absent.
    pub(super) mode: String,
    /// SHA-256 of a readable file. Otherwise empty.
    pub(super) sha256: String,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// The record of each call of the stub so far, as the JSON that the stub wrote.
pub(super) type Witness = Vec<serde_json::Value>;

const ASK: &str = r#"
cd "$HOME" || exit 1
for path do
  if [ -L "$path" ]; then kind=link
  elif [ -d "$path" ]; then kind=directory
  elif [ -f "$path" ]; then kind=file
  elif [ -e "$path" ]; then kind=other
  else echo "absent - - 0"; continue; fi
  digest=-
  [ $kind = file ] && [ -r "$path" ] && digest=$(sha256sum <"$path") && digest=${digest%% *}
  echo "$kind $(stat -c "%a $digest %s" "$path")"
done
for file in .codex-stub/witness/*.json; do [ -f "$file" ] && cat "$file" && echo; done
:
"#;

const CALL: Duration = Duration::from_secs(20);

/// Asks for the state of the files at `paths`, and for the stub's records.
///
/// # Errors
/// [`Interruption`] if the account does not answer, or not for every path: a file that nobody looked at must not
/// count as one that is as expected.
pub(super) fn ask(session: &Session, paths: &[&str]) -> Result<(Vec<FileFacts>, Witness), Interruption> {
    let arguments: Vec<String> = paths.iter().map(|path| quote(path)).collect();
    let command = format!("sh -s -- {}", arguments.join(" "));
    let deadline = Deadline::after(CALL);
    let output = session.run(&command, Stdin::Bytes(ASK.as_bytes()), deadline)?;
    if output.end == End::Deadline {
        let (endpoint, waited) = (session.endpoint().clone(), deadline.span());
        let problem = SshProblem::TimedOut { endpoint, doing: "a look at the account's files", waited };
        return Err(problem.into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    let facts: Vec<FileFacts> = lines.by_ref().take(paths.len()).map(fact).collect();
    if output.end != End::Exit(0) || facts.len() != paths.len() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Interruption::Files { reason: format!("{:?}: {said}", output.end) });
    }
    let lines = lines.filter(|line| !line.is_empty());
    let witness: Result<Witness, _> = lines.map(serde_json::from_str).collect();
    let unreadable = |error| Interruption::Files { reason: format!("a call's witness is no JSON: {error}") };
    Ok((facts, witness.map_err(unreadable)?))
}

fn fact(line: &str) -> FileFacts {
    let mut words = line.split(' ');
    let mut word = || match words.next() {
        None | Some("-") => String::new(),
        Some(word) => word.to_owned(),
    };
    let (kind, mode, sha256) = (word(), word(), word());
    FileFacts { kind, mode, sha256, size: word().parse().unwrap_or_default() }
}
