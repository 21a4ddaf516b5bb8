//! The deliberate defects that exist, and what each changes.
//!
//! A table tests each of them: `fixtures/mutants/` has those of the accounts, client programs and the deploy, and the
//! stub's own tests have its mutants. A row says what the mutant changes. Everything else must stay unchanged.

mod account;
mod client;
mod deploy;

pub(super) use account::{FAILS_FROM_OUTSIDE, changes as changes_account};
pub(super) use client::{local_line, wrapper};
pub(super) use deploy::{deploy, skips_validation};

/// Every mutant's name and what it does, sorted by name.
pub fn all() -> Vec<(String, &'static str)> {
    let stub = codex_stub::MUTANTS.iter().map(|(name, what)| (format!("stub:{name}"), *what));
    let deploy = deploy::all().map(|(name, what)| (format!("deploy:{name}"), what));
    let account = account::ALL.iter().map(|(name, what)| (format!("account:{name}"), *what));
    let client = client::all().map(|(name, what)| (format!("client:{name}"), what));
    let mut all: Vec<_> = stub.chain(deploy).chain(account).chain(client).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_mutants_share_a_name() {
        let all = all();
        let mut names: Vec<_> = all.iter().map(|(name, _)| name).collect();
        names.dedup();
        assert_eq!(names.len(), all.len());
    }
}
