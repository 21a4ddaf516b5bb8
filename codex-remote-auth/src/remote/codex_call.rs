//! Chooses which codex on the host to call, and writes the order that calls it.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Candidate, Look};
use crate::codex::{FoundBy, FoundCodex, quote, variables_that_replace_the_login};

/// How much longer the host lets codex run than our own limit, so that our limit is the one that is reported.
const HOST_GRACE: Duration = Duration::from_secs(5);

impl Look {
    /// The codex to call. If the caller named one, that one. Otherwise the first that is executable: on the PATH of a
    /// plain command, then on that of a login shell, then in a usual place. Otherwise the first that is not executable,
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
        match codex.by {
            FoundBy::Given | FoundBy::Path => String::new(),
            FoundBy::LoginPath => match &self.login_path {
                Some(path) => format!("PATH={}; ", quote(path)),
                None => String::new(),
            },
            // A program that runs on Node finds `node` in its own directory.
            FoundBy::Place => {
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
