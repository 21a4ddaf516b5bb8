//! A person's SSH folder: a configuration, known hosts, keys.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::ssh::{Ask, Destination, Session, SshOptions, SshProblem, connect, resolve};
use tests::started;

use crate::rig::{LONG, Rig};

pub(crate) struct Home<'r> {
    pub(crate) rig: &'r Rig,
    folder: tempfile::TempDir,
}

impl<'r> Home<'r> {
    /// A folder with the key that every account lets in, as `id`, and known_hosts that are empty.
    pub(crate) fn new(rig: &'r Rig) -> Self {
        let home = Self { rig, folder: tempfile::tempdir().unwrap() };
        home.write("id", rig.container().client_key().private.expose());
        home.write("known_hosts", b"");
        home.configure("");
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file for its owner alone.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Writes the configuration, in which DIR stands for the folder. What it does not say is such that nothing of the
    /// caller's own is in reach.
    pub(crate) fn configure(&self, text: &str) {
        let rest = "Host *\n  UserKnownHostsFile DIR/known_hosts\n  GlobalKnownHostsFile /dev/null\n  \
                    IdentityFile DIR/id\n  IdentityAgent none\n  HashKnownHosts no\n";
        let text = format!("{text}{rest}").replace("DIR", &self.folder.path().display().to_string());
        self.write("config", text);
    }

    pub(crate) fn know(&self, lines: &str) {
        self.write("known_hosts", lines);
    }

    /// What the command line says beside a host's name.
    pub(crate) fn options(&self) -> SshOptions {
        SshOptions { config: Some(self.path("config")), ..SshOptions::default() }
    }

    pub(crate) fn resolve(&self, host: &str) -> Destination {
        resolve(host, &self.options()).unwrap()
    }

    pub(crate) fn connect(&self, host: &str, ask: &dyn Ask) -> Result<Session, SshProblem> {
        self.connect_within(host, ask, LONG)
    }

    pub(crate) fn connect_within(
        &self,
        host: &str,
        ask: &dyn Ask,
        prompt_time: Duration,
    ) -> Result<Session, SshProblem> {
        connect(&self.resolve(host), ask, prompt_time)
    }

    /// A new key pair of a type that `ssh-keygen` makes, and its public half.
    pub(crate) fn key(&self, name: &str, kind: &[&str]) -> String {
        self.new_key(name, kind, None)
    }

    /// The same, encrypted.
    pub(crate) fn encrypted_key(&self, name: &str, kind: &[&str], passphrase: &Secret) -> String {
        self.new_key(name, kind, Some(passphrase))
    }

    fn new_key(&self, name: &str, kind: &[&str], passphrase: Option<&Secret>) -> String {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-C", name, "-f"]).arg(self.path(name)).arg("-t").args(kind);
        match passphrase {
            None => {
                keygen.args(["-N", ""]);
            }
            // It would be in the command line otherwise.
            Some(passphrase) => {
                let said = self.write("said", passphrase.expose());
                let says = self.write("says", format!("#!/bin/sh\ncat '{}'\n", said.display()));
                fs::set_permissions(&says, fs::Permissions::from_mode(0o700)).unwrap();
                keygen.env("SSH_ASKPASS", says).env("SSH_ASKPASS_REQUIRE", "force");
            }
        }
        succeeds(&mut keygen);
        self.read(&format!("{name}.pub")).trim().to_owned()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Runs a program that has to succeed, and gives its standard output.
pub(crate) fn succeeds(command: &mut Command) -> String {
    let output = started::output(command.stdin(std::process::Stdio::null()));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
