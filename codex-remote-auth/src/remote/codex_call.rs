//! Chooses which codex on the host to call, and writes the order that calls it.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Candidate, Look};
use crate::codex::{FoundBy, FoundCodex, quote, variables_that_replace_the_login};

/// How much longer the host lets codex run than our own limit, so that our limit is the one that is reported.
const HOST_GRACE: Duration = Duration::from_secs(5);

impl Look {
    /// The codex to call. If the caller named one, that one. Otherwise the first that is executable: on the PATH of a
    /// plain command, then on that of a login shell or of a terminal, then in a usual place. Otherwise the first that is not executable,
    /// since the error of calling it says more than "not found".
    pub fn codex_to_call(&self, named: Option<&str>) -> Option<FoundCodex> {
        let found = |by, path: String| FoundCodex { path, by, release: None, shell: self.shell.clone() };
        if let Some(named) = named {
            let path = match named.strip_prefix("~/") {
                Some(rest) => format!("{}/{rest}", self.home),
                None => named.to_owned(),
            };
            return Some(found(FoundBy::Given, path));
        }
        let first = |runnable| self.codex.iter().find(|candidate| candidate.runnable == runnable);
        first(true).or_else(|| first(false)).map(|candidate| found(candidate.by, candidate.path.clone()))
    }

    /// The order to call codex with these arguments, without the variables that would replace the login. `limit` is our
    /// own limit. The host stops codex a little later, even if nobody listens any more.
    pub(crate) fn call_order(&self, codex: &FoundCodex, arguments: &[&str], limit: Duration) -> String {
        let mut order = self.path_order(codex);
        let seconds = limit.saturating_add(HOST_GRACE).as_secs();
        let _ = write!(
            order,
            "unset {}; call {seconds} {}",
            variables_that_replace_the_login().join(" "),
            quote(&codex.path)
        );
        for argument in arguments {
            let _ = write!(order, " {}", quote(argument));
        }
        order
    }

    /// Sets the PATH with which codex was found.
    pub(crate) fn path_order(&self, codex: &FoundCodex) -> String {
        let set =
            |path: Option<&str>| path.map_or_else(String::new, |path| format!("PATH={}; ", quote(path)));
        match codex.by {
            FoundBy::Given | FoundBy::Path => String::new(),
            FoundBy::LoginPath => set(self.login_path.as_deref()),
            FoundBy::TerminalPath => set(self.terminal_path.as_deref()),
            // A program that runs on Node finds `node` in its own directory.
            FoundBy::TildePath | FoundBy::Alias | FoundBy::Place => {
                let folder = codex.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("PATH={}:$PATH; ", quote(folder))
            }
        }
    }

    /// Whether the account may execute it. True for one that the caller named, since the script did not look at it.
    pub fn may_run(&self, codex: &FoundCodex) -> bool {
        let same = |candidate: &&Candidate| candidate.path == codex.path;
        self.codex.iter().find(same).is_none_or(|candidate| candidate.runnable)
    }

    /// The variables set on the host that make codex use another credential than auth.json.
    pub fn replacing_variables(&self) -> Vec<String> {
        let replaces = |name: &&String| variables_that_replace_the_login().contains(&name.as_str());
        self.variables.iter().filter(replaces).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::guards_tests::look;
    use super::*;

    const CODEX: &[&str] =
        &["codex path /usr/bin/codex", "denied login-path /opt/codex", "codex place /home/me/.n/bin/codex"];

    /// The codex at that place in the list.
    fn found(at: usize, more: &[&str]) -> (Look, FoundCodex) {
        let look = look(&[], more);
        let Candidate { by, path, .. } = look.codex[at].clone();
        (look, FoundCodex { path, by, release: None, shell: String::new() })
    }

    #[test]
    fn the_first_that_can_run_is_called_unless_one_is_named() {
        let called = |more: &[&str], named| look(&[], more).codex_to_call(named).map(|codex| codex.path);
        assert_eq!(called(&[], None), None);
        assert_eq!(called(CODEX, None).unwrap(), "/usr/bin/codex");
        assert_eq!(called(&CODEX[1..], None).unwrap(), "/home/me/.n/bin/codex");
        assert_eq!(called(&CODEX[1..2], None).unwrap(), "/opt/codex");
        assert_eq!(called(CODEX, Some("~/mine")).unwrap(), "/home/me/mine");
        assert_eq!(called(CODEX, Some("/mine")).unwrap(), "/mine");
    }

    #[test]
    fn what_the_account_cannot_execute_may_not_run() {
        for (at, expected) in [(0, true), (1, false), (2, true)] {
            let (look, codex) = found(at, CODEX);
            assert_eq!(look.may_run(&codex), expected, "{}", codex.path);
        }
        // The script did not look at one that the caller named.
        let look = look(&[], CODEX);
        assert!(look.may_run(&look.codex_to_call(Some("/mine")).unwrap()));
    }

    #[test]
    fn codex_is_called_with_the_path_by_which_it_was_found_and_without_other_credentials() {
        let order = |at, more: &[&str]| {
            let (look, codex) = found(at, more);
            look.call_order(&codex, &["exec", "it's"], Duration::from_secs(10))
        };
        let call = |path: &str, codex: &str| {
            format!("{path}unset CODEX_API_KEY CODEX_ACCESS_TOKEN; call 15 {codex} exec 'it'\\''s'")
        };
        assert_eq!(order(0, CODEX), call("", "/usr/bin/codex"));
        assert_eq!(order(2, CODEX), call("PATH=/home/me/.n/bin:$PATH; ", "/home/me/.n/bin/codex"));
        let with_login_path = [CODEX, &["path login-path /opt:/bin"]].concat();
        assert_eq!(order(1, &with_login_path), call("PATH=/opt:/bin; ", "/opt/codex"));
        assert_eq!(order(1, CODEX), call("", "/opt/codex"));
    }

    #[test]
    fn only_variables_that_replace_the_login_are_named() {
        let set = ["variable CODEX_API_KEY", "variable OPENAI_API_KEY", "variable CODEX_ACCESS_TOKEN"];
        assert_eq!(look(&[], &set).replacing_variables(), ["CODEX_API_KEY", "CODEX_ACCESS_TOKEN"]);
        assert!(look(&[], &set[1..2]).replacing_variables().is_empty());
    }
}
