//! A home on this machine to run the program from: keys, known hosts, an SSH configuration.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use codex_remote_auth::auth_json::Secret;
use codex_remote_auth::ssh::{Ask, Deadline, Destination, Session, SshOptions, SshProblem, connect, resolve};
use serde_json::Value;

use crate::rig::Rig;
use crate::started;
use crate::terminal::Terminal;

/// How long a connection may take on a busy machine.
const LONG: Duration = Duration::from_secs(40);

/// The home's folder. It contains the key that every account accepts, as `id`, and empty known hosts.
#[derive(Debug)]
pub struct Home<'r> {
    /// The rig whose leak scanner checks what the program prints.
    pub rig: &'r Rig,
    folder: tempfile::TempDir,
}

/// Checks that a text contains all these parts. The case of letters and the breaks of lines do not count.
pub fn has(text: &str, parts: &[impl AsRef<str>]) {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let said = plain(text);
    for part in parts.iter().map(AsRef::as_ref) {
        assert!(said.contains(&plain(part)), "`{part}` is missing in:\n{text}");
    }
}

/// Everything that an error in JSON says: what failed, the state of things, and the next steps with their commands.
pub fn in_full(error: &Value) -> String {
    let hints = error["hints"].as_array().into_iter().flatten();
    let hints = hints.flat_map(|hint| [&hint["text"], &hint["command"]]);
    let texts = [&error["message"], &error["state"]].into_iter().chain(hints);
    texts.filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

/// The indented lines, such as a link and a code.
pub fn set_off(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("    ")).collect()
}

impl<'r> Home<'r> {
    pub(crate) fn new(rig: &'r Rig) -> Self {
        let home = Self { rig, folder: tempfile::tempdir().unwrap() };
        home.write("id", rig.container().client_key().private.expose());
        home.know("");
        home.configure("");
        home
    }

    /// The folder of the home.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that only its owner can read.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Writes an executable shell script.
    pub fn program(&self, name: &str, script: &str) -> PathBuf {
        let path = self.write(name, format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    /// The content of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// A folder with OpenSSH's `ssh` and no other program, to use as the complete PATH.
    pub fn ssh_alone(&self) -> PathBuf {
        let folder = self.path("programs");
        fs::create_dir_all(&folder).unwrap();
        std::os::unix::fs::symlink(started::on_path("ssh"), folder.join("ssh")).unwrap();
        folder
    }

    /// Writes the SSH configuration, with DIR replaced by the folder. The rest of it keeps the caller's own files out of reach.
    pub fn configure(&self, text: &str) {
        let rest = "Host *\n  UserKnownHostsFile DIR/known_hosts\n  GlobalKnownHostsFile /dev/null\n  \
                    IdentityFile DIR/id\n  IdentityAgent none\n  HashKnownHosts no\n";
        let text = format!("{text}{rest}").replace("DIR", &self.folder().display().to_string());
        self.write("config", text);
    }

    /// Puts lines before the existing configuration, since the first value of a setting counts.
    pub fn configure_first(&self, text: &str) {
        self.write("config", text.to_owned() + &self.read("config"));
    }

    /// Writes known_hosts.
    pub fn know(&self, lines: &str) {
        self.write("known_hosts", lines);
    }

    /// The options for the command line that go with a host's name.
    pub fn options(&self) -> SshOptions {
        SshOptions { config: Some(self.path("config")), ..SshOptions::default() }
    }

    /// What a host's name resolves to in this home.
    pub fn resolve(&self, host: &str) -> Destination {
        resolve(host, &self.options()).unwrap()
    }

    /// Connects to a host through the library.
    ///
    /// # Errors
    /// Whatever prevents the connection.
    pub fn connect(&self, host: &str, ask: &dyn Ask) -> Result<Session, SshProblem> {
        self.connect_within(host, ask, LONG)
    }

    /// The same with a time limit.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn connect_within(&self, host: &str, ask: &dyn Ask, within: Duration) -> Result<Session, SshProblem> {
        connect(&self.resolve(host), ask, Deadline::after(within))
    }

    /// Creates a key pair of a type that `ssh-keygen` supports, and returns its public half.
    pub fn key(&self, name: &str, kind: &[&str]) -> String {
        self.new_key(name, kind, None)
    }

    /// The same, encrypted.
    pub fn encrypted_key(&self, name: &str, kind: &[&str], passphrase: &Secret) -> String {
        self.new_key(name, kind, Some(passphrase))
    }

    fn new_key(&self, name: &str, kind: &[&str], passphrase: Option<&Secret>) -> String {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-C", name, "-f"]).arg(self.path(name)).arg("-t").args(kind);
        match passphrase {
            None => {
                keygen.args(["-N", ""]);
            }
            // The passphrase would be in the command line otherwise.
            Some(passphrase) => {
                let said = self.write("said", passphrase.expose());
                let says = self.program("says", &format!("cat '{}'", said.display()));
                keygen.env("SSH_ASKPASS", says).env("SSH_ASKPASS_REQUIRE", "force");
            }
        }
        succeeds(&mut keygen);
        self.read(&format!("{name}.pub")).trim().to_owned()
    }

    /// The program with a command, its arguments, and this SSH configuration.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let config = self.path("config");
        self.command_without_configuration(
            &[&[arguments[0], "-F", config.to_str().unwrap()], &arguments[1..]].concat(),
        )
    }

    /// The program without access to the caller's own files, and without input.
    pub fn command_without_configuration(&self, arguments: &[&str]) -> Command {
        let mut command = started::command(crate::program());
        command.args(arguments).env("HOME", self.folder()).stdin(Stdio::null());
        for name in ["CODEX_HOME", "SSH_AUTH_SOCK", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"] {
            command.env_remove(name);
        }
        command
    }

    /// As [`command`](Self::command), but with support for an input and a time limit.
    pub fn runs(&self, arguments: &[&str]) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::from_std(self.command(arguments));
        command.timeout(started::PATIENCE);
        command
    }

    /// Runs the program. Returns its exit status, standard output and standard error, after checking them for secrets.
    pub fn says(&self, arguments: &[&str]) -> (i32, String, String) {
        self.said(started::output(&mut self.command(arguments)))
    }

    /// The same for a program that has already run.
    pub fn said(&self, output: Output) -> (i32, String, String) {
        for stream in [&output.stdout, &output.stderr] {
            assert_eq!(self.rig.leak_scanner().look(stream), None, "the program shows a secret");
        }
        let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap_or(-1), stdout, stderr)
    }

    /// The same with this standard input.
    pub fn says_to(&self, input: impl Into<Vec<u8>>, arguments: &[&str]) -> (i32, String, String) {
        self.said(self.runs(arguments).write_stdin(input).output().unwrap())
    }

    /// Runs the program and checks its exit status. Returns standard output and standard error.
    pub fn ends(&self, arguments: &[&str], expected: i32) -> (String, String) {
        let (status, stdout, stderr) = self.says(arguments);
        assert_eq!(status, expected, "{arguments:?}\n{stdout}{stderr}");
        (stdout, stderr)
    }

    /// The same with a JSON report. Returns its part on the first host.
    pub fn json(&self, arguments: &[&str], expected: i32) -> Value {
        let (stdout, _) = self.ends(&[arguments, &["--format", "json"]].concat(), expected);
        of_first_host(&stdout)
    }

    /// Runs the program with text and with JSON output, and checks that it fails on the host with this code and these words. Returns
    /// the text.
    pub fn fails(&self, arguments: &[&str], code: &str, words: &[impl AsRef<str>]) -> String {
        let (stdout, stderr) = self.ends(arguments, 1);
        let (json, more) = self.ends(&[arguments, &["--format", "json"]].concat(), 1);
        let told = of_first_host(&json);
        let host = told["host"].as_str().unwrap();
        assert!(!stdout.contains("(os error "), "{stdout}");
        assert!(arguments.contains(&host) && stdout.starts_with(&format!("FAILED    {host}  ")), "{stdout}");
        assert_eq!((&told["result"], &told["error"]["code"]), (&"failed".into(), &code.into()), "{told}");
        assert!(told.get("proof").is_none_or(|proof| proof == "not-reached"), "{told}");
        has(&stdout, words);
        has(&in_full(&told["error"]), words);
        for shown in set_off(&stderr).into_iter().chain(set_off(&more)) {
            assert!(!stdout.contains(shown) && !json.contains(shown), "{stdout}{json}");
        }
        stdout
    }

    /// Runs the program at a terminal, with this SSH configuration, and with another PATH if one is given.
    pub fn at_terminal(&self, words: &str, path: Option<&Path>) -> Terminal {
        let (verb, rest) = words.split_once(' ').unwrap();
        let path = path.map_or_else(|| std::env::var_os("PATH").unwrap_or_default(), OsString::from);
        let line = format!("PATH=$PROGRAMS \"$PROGRAM\" {verb} -F \"$HOME/config\" {rest}");
        let program: &OsStr = crate::program().as_ref();
        Terminal::runs(
            &line,
            &[("PROGRAM", program), ("PROGRAMS", &path), ("HOME", self.folder().as_os_str())],
        )
    }
}

/// A JSON report's part on its first host.
pub fn of_first_host(report: &str) -> Value {
    let mut value: Value = serde_json::from_str(report).unwrap();
    assert_eq!(value["version"], 2);
    value["hosts"][0].take()
}

/// Runs a program that has to succeed, and returns its standard output.
pub fn succeeds(command: &mut Command) -> String {
    let output = started::output(command.stdin(Stdio::null()));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
