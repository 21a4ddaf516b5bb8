//! Somebody who reads a document and types what it says, in a fresh home, with the hosts that the documents name.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tests::Rig;
use tests::claims::of_a_stranger;
use tests::home::Home;
use tests::{account::RemoteAccount, started};

use crate::blocks::{Step, steps};
use crate::elsewhere;
use crate::shown::same;

/// The hosts that the documents name.
const HOSTS: [&str; 2] = ["build1", "build2"];

/// How long one command may take. Some compile.
const PATIENCE: Duration = Duration::from_secs(280);

/// A reader. Both hosts accept the reader's login. The first has none yet, and the second has an older one of another account.
pub(crate) struct Reader<'r> {
    home: Home<'r>,
    accounts: Vec<RemoteAccount<'r>>,
}

impl<'r> Reader<'r> {
    pub(crate) fn new(rig: &'r Rig) -> Self {
        let login = rig.login(Duration::from_secs(3_600));
        let accounts = rig.account().accepts(&login).make_many(HOSTS.len());
        let mut other =
            serde_json::from_slice(rig.login(Duration::from_secs(7 * 86_400)).bytes().expose()).unwrap();
        of_a_stranger(&mut other);
        accounts[1].put(".codex/auth.json", other.to_string().as_bytes());
        let home = rig.home();
        home.write(".codex/auth.json", login.bytes().expose());
        home.write("hosts.txt", HOSTS.join("\n") + "\n");
        let (host, port) = rig.container().address();
        home.know(&format!("[{host}]:{port} {}\n", rig.container().host_key_line()));
        let named = HOSTS.iter().zip(&accounts).map(|(name, account)| {
            format!(
                "Host {name}\n  HostName {host}\n  Port {port}\n  User {}\n  IdentitiesOnly yes\n",
                account.name
            )
        });
        home.configure(&named.collect::<String>());
        let reader = Self { home, accounts };
        reader.installs("ssh", &started::on_path("ssh"), "-F \"$HOME/config\"");
        reader.installs("codex-remote-auth", Path::new(tests::program()), "");
        reader
    }

    /// Puts a program on the reader's PATH. `ssh` does not read its configuration from `$HOME`, so it is given.
    fn installs(&self, name: &str, program: &Path, first: &str) {
        self.home.program(&format!("bin/{name}"), &format!("exec '{}' {first} \"$@\"", program.display()));
    }

    /// Runs a document's commands in order, and compares what they print.
    pub(crate) fn follows(&self, document: &str) {
        for Step { line, command, shown } in steps(&crate::text(document)) {
            if elsewhere::runs(&command) {
                continue;
            }
            let (status, printed) = self.types(&command);
            let at = format!("{document}:{line}: {command}");
            assert!(elsewhere::statuses(&command).contains(&status), "{at}\nexit status {status}\n{printed}");
            if let Some(shown) = shown
                && let Err(why) = same(&shown, &printed)
            {
                panic!("{at}\n{why}\n\nall that it printed:\n{printed}");
            }
        }
    }

    /// Runs a line as a person types it. Returns its exit status, and what both outputs showed.
    pub(crate) fn types(&self, line: &str) -> (i32, String) {
        let path = std::env::join_paths(
            [self.home.path("bin")]
                .into_iter()
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        );
        let mut shell = started::command("sh");
        shell.args(["-c", &format!("{{ {line}\n}} 2>&1")]);
        shell.current_dir(self.folder_for(line)).env("HOME", self.home.folder()).env("PATH", path.unwrap());
        // Cargo and rustup keep their files in the home.
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if let (None, Some(home)) = (std::env::var_os(name), std::env::var_os("HOME")) {
                shell.env(name, Path::new(&home).join(folder));
            }
        }
        for name in ["CODEX_HOME", "SSH_AUTH_SOCK", "NO_COLOR"] {
            shell.env_remove(name);
        }
        let output = started::output_within(shell.stdin(Stdio::null()), PATIENCE);
        let (status, stdout, stderr) = self.home.said(output);
        (status, stdout + &stderr)
    }

    /// `cargo` works on the checkout. Everything else runs in the home.
    fn folder_for(&self, line: &str) -> PathBuf {
        if line.starts_with("cargo ") { tests::root() } else { self.home.folder().to_owned() }
    }

    /// The accounts behind the hosts.
    pub(crate) fn accounts(&self) -> &[RemoteAccount<'r>] {
        &self.accounts
    }
}
