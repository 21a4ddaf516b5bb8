//! A person who has a login on this machine, and accounts on hosts.

use std::ops::Deref;
use std::time::Duration;

use codex_remote_auth::auth_json::AuthFile;

use crate::account::RemoteAccount;
use crate::home::Home;
use crate::rig::Rig;

/// Their home has the login as `.codex/auth.json`, and an SSH configuration that names the accounts `box0`, `box1` and so on.
#[derive(Debug)]
pub struct Person<'r> {
    /// The person's home on this machine.
    pub home: Home<'r>,
    /// The person's login.
    pub login: AuthFile,
    /// The person's accounts.
    pub accounts: Vec<RemoteAccount<'r>>,
}

impl<'r> Deref for Person<'r> {
    type Target = Home<'r>;

    fn deref(&self) -> &Home<'r> {
        &self.home
    }
}

impl<'r> Person<'r> {
    pub(crate) fn new(rig: &'r Rig, login: AuthFile, accounts: Vec<RemoteAccount<'r>>) -> Self {
        let home = rig.home();
        home.write(".codex/auth.json", login.bytes().expose());
        let (host, port) = rig.container().address();
        let person = Self { home, login, accounts };
        person.reaches(host, port);
        person
    }

    /// Writes the configuration and known hosts for reaching the accounts at this address.
    pub fn reaches(&self, host: &str, port: u16) {
        self.know(&format!("[{host}]:{port} {}\n", self.rig.container().host_key_line()));
        let users = self.accounts.iter().enumerate();
        let users: String =
            users.map(|(number, account)| format!("Host box{number}\n  User {}\n", account.name)).collect();
        self.configure(&format!(
            "{users}Host box*\n  HostName {host}\n  Port {port}\n  IdentitiesOnly yes\n"
        ));
    }

    /// The only account, or the first.
    pub fn account(&self) -> &RemoteAccount<'r> {
        &self.accounts[0]
    }

    /// Whether the first account has the login.
    pub fn has_it(&self) -> bool {
        self.account().digest() == self.login.bytes().sha256()
    }

    /// Replaces the login on this machine by one that was refreshed this long ago.
    pub fn renews(&self, ago: Duration) -> AuthFile {
        let login = self.rig.login(ago);
        self.write(".codex/auth.json", login.bytes().expose());
        login
    }

    /// As [`RemoteAccount::there`], on the first account.
    pub fn there(&self, script: &str) -> String {
        self.account().there(script)
    }

    /// As [`RemoteAccount::plants`], on the first account.
    pub fn plants(&self, name: &str, script: &str) {
        self.account().plants(name, script);
    }

    /// As [`RemoteAccount::tools_without`], on the first account.
    pub fn tools_without(&self, missing: &[&str]) {
        self.account().tools_without(missing);
    }

    /// As [`RemoteAccount::tree`], of the first account.
    pub fn tree(&self) -> String {
        self.account().tree()
    }

    /// SHA-256 of the auth.json on a host, or empty if there is none.
    pub fn remote_digest(&self, number: usize) -> String {
        self.accounts[number].digest()
    }
}
