//! An account to deploy to: sshd on this machine, with its own Codex home.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";

/// A codex that has a login and answers its prompt.
pub(crate) const CODEX: &str = r#"#!/bin/sh
[ "$1" != doctor ] || exit 2
[ "$1" = exec ] || { echo "codex-cli 0.160.0"; exit 0; }
[ -f "$CODEX_HOME/auth.json" ] || { echo "ERROR: 401 Unauthorized: Missing bearer" >&2; exit 1; }
id=0198c0de-0000-7000-8000-000000000000
mkdir -p "$CODEX_HOME/sessions/2026/01/02"
: >"$CODEX_HOME/sessions/2026/01/02/rollout-2026-01-02T03-04-05-$id.jsonl"
printf 'OpenAI Codex v0.160.0\n--------\nworkdir: /\nmodel: m\nprovider: openai\nsession id: %s\n--------\n' $id >&2
echo "auth OK"
"#;

/// A remote account. Dropping it removes everything that was created for it.
pub(crate) struct Account {
    folder: TempDir,
    variables: Vec<(String, String)>,
    server: Vec<String>,
    local: Option<Value>,
    columns: Option<usize>,
}

/// The result of a call of the program.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    fn of(Output { status, stdout, stderr }: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { status: status.code().unwrap(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// The first host of its JSON.
    pub(crate) fn host(&self) -> Value {
        let mut all: Value =
            serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        all["hosts"][0].take()
    }

    /// The code of the first host's error in its JSON.
    pub(crate) fn code(&self) -> Value {
        self.host()["error"]["code"].clone()
    }
}

/// The keys of both sides, created once.
struct Keys {
    folder: TempDir,
    host: String,
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        assert!(Path::new(SSHD).exists(), "{SSHD} is missing: install openssh-server");
        // As root, sshd needs this folder, which the installed service creates.
        if rustix::process::geteuid().is_root() {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        for name in ["host", "id"] {
            let mut keygen = Command::new("ssh-keygen");
            let made = keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]);
            assert!(made.arg(folder.path().join(name)).status().unwrap().success());
        }
        fs::copy(folder.path().join("id.pub"), folder.path().join("authorized")).unwrap();
        let host = fs::read_to_string(folder.path().join("host.pub")).unwrap();
        Keys { folder, host }
    })
}

impl Account {
    /// An account whose Codex home does not exist yet, with a codex on its PATH.
    pub(crate) fn new() -> Self {
        let made = Self {
            // Its name has the same length everywhere, so that lines with it break at the same place.
            folder: tempfile::tempdir_in("/tmp").unwrap(),
            variables: Vec::new(),
            server: Vec::new(),
            local: Some(login("ann", 10)),
            columns: None,
        };
        fs::create_dir(made.path("bin")).unwrap();
        made.codex(CODEX)
    }

    /// Creates the Codex home.
    pub(crate) fn with_home() -> Self {
        let made = Self::new();
        fs::create_dir(made.home("")).unwrap();
        made.mode("", 0o700);
        made
    }

    /// Puts this login on the host.
    pub(crate) fn with_login(there: &Value) -> Self {
        Self::with_home().file("auth.json", there.to_string(), 0o600)
    }

    /// Writes a file in the Codex home.
    pub(crate) fn file(self, name: &str, bytes: impl AsRef<[u8]>, mode: u32) -> Self {
        fs::write(self.home(name), bytes).unwrap();
        self.mode(name, mode);
        self
    }

    /// Makes this script the first program of that name on the host's PATH.
    pub(crate) fn program(self, name: &str, script: &str) -> Self {
        let path = self.path("bin").join(name);
        fs::write(&path, script).unwrap();
        set_mode(&path, 0o755);
        self
    }

    /// Puts a program of this machine into the first folder of the host's PATH.
    pub(crate) fn link(self, name: &str) -> Self {
        let of_this_machine = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(name));
        let found = of_this_machine.iter().find(|path| path.exists()).unwrap();
        std::os::unix::fs::symlink(found, self.path("bin").join(name)).unwrap();
        self
    }

    /// Makes this script the codex on the host's PATH.
    pub(crate) fn codex(self, script: &str) -> Self {
        self.program("codex", script)
    }

    /// Gives the caller this login, or none.
    pub(crate) fn local(mut self, login: Option<Value>) -> Self {
        self.local = login;
        self
    }

    /// Sets a variable of the account.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a line to its sshd_config.
    pub(crate) fn server(mut self, line: &str) -> Self {
        self.server.push(line.to_owned());
        self
    }

    /// Changes the mode of a file in the Codex home.
    pub(crate) fn mode(&self, name: &str, mode: u32) {
        set_mode(&self.home(name), mode);
    }

    /// A path in the account's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path in the Codex home.
    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.path("home").join(name)
    }

    /// The login on the host.
    pub(crate) fn there(&self) -> Option<Value> {
        serde_json::from_slice(&fs::read(self.home("auth.json")).ok()?).ok()
    }

    /// Names, modes and contents of the Codex home; for links, their targets. Without codex's records of sessions.
    pub(crate) fn tree(&self) -> Vec<(String, u32, Vec<u8>)> {
        let Ok(entries) = fs::read_dir(self.home("")) else { return Vec::new() };
        let mut tree: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| !path.ends_with("sessions"))
            .map(|path| {
                let facts = path.symlink_metadata().unwrap();
                let bytes = match facts.is_symlink() {
                    true => fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
                    false => fs::read(&path).unwrap_or_default(),
                };
                (path.file_name().unwrap().to_string_lossy().into_owned(), facts.permissions().mode(), bytes)
            })
            .collect();
        tree.sort();
        tree
    }

    /// Checks that the login on the host is the caller's and private, and that nothing else is left.
    pub(crate) fn has_ours(&self) {
        assert_eq!(self.there(), self.local);
        let (auth, home) = (self.home("auth.json"), self.home(""));
        let mode = |path: &Path| path.symlink_metadata().unwrap().permissions().mode();
        assert_eq!(mode(&auth), 0o100_600, "{auth:?}");
        assert_eq!(mode(&home) & 0o077, 0, "{home:?}");
        assert!(!self.tree().iter().any(|(name, ..)| name.starts_with(".auth.json")), "{:?}", self.tree());
    }

    /// Writes the configurations of sshd and ssh.
    fn configure(&self) {
        let keys = keys();
        let key = |name: &str| keys.folder.path().join(name);
        let mut config = format!(
            "HostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPrintMotd no\n\
             PrintLastLog no\nPidFile none\n",
            key("host").display(),
            key("authorized").display(),
        );
        let given = |name: &str| self.variables.iter().any(|(given, _)| given == name);
        let mut variables = self.variables.clone();
        if !given("CODEX_HOME") {
            variables.push(("CODEX_HOME".to_owned(), self.path("home").display().to_string()));
        }
        if !given("PATH") {
            variables.push(("PATH".to_owned(), format!("{}:/usr/bin:/bin", self.path("bin").display())));
        }
        // bash then does not read the rc file of this machine's account, which is no part of a test and may take long.
        variables.push(("SHLVL".to_owned(), "2".to_owned()));
        let variables: String =
            variables.iter().fold(String::new(), |all, (name, value)| format!("{all} \"{name}={value}\""));
        writeln!(config, "SetEnv{variables}").unwrap();
        self.server.iter().for_each(|line| writeln!(config, "{line}").unwrap());
        fs::write(self.path("sshd_config"), config).unwrap();
        fs::write(self.path("known_hosts"), format!("box {}", keys.host)).unwrap();
        let ssh = format!(
            "Host box\n  ProxyCommand {SSHD} -i -f {}\n  IdentityFile {}\n  UserKnownHostsFile {}\n\
             Host dead\n  User me\n  HostName 127.0.0.1\n  Port 1\n\
             Host *\n  IdentitiesOnly yes\n  BatchMode yes\n  GlobalKnownHostsFile none\n",
            self.path("sshd_config").display(),
            key("id").display(),
            self.path("known_hosts").display(),
        );
        fs::write(self.path("ssh_config"), ssh).unwrap();
    }

    /// The program prints for a terminal of this width.
    pub(crate) fn columns(mut self, columns: usize) -> Self {
        self.columns = Some(columns);
        self
    }

    /// Runs the program with these arguments, and `-F` with the configuration that names the account `box`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, b"")
    }

    /// As [`run`](Self::run), with this on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Ran {
        self.configure();
        let mut command = Command::new(env!("CARGO_BIN_EXE_codex-remote-auth"));
        command.args(arguments).arg("-F").arg(self.path("ssh_config"));
        let caller = self.path("caller");
        fs::create_dir_all(&caller).unwrap();
        let _ = fs::remove_file(caller.join("auth.json"));
        if let Some(login) = &self.local {
            fs::write(caller.join("auth.json"), login.to_string()).unwrap();
            set_mode(&caller.join("auth.json"), 0o600);
        }
        command
            .env_remove("COLUMNS")
            .envs(self.columns.map(|columns| ("COLUMNS", columns.to_string())))
            .env("CODEX_HOME", &caller)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("SSH_AUTH_SOCK")
            .current_dir(self.folder.path());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A wrong call ends without reading it.
        let _ = child.stdin.take().unwrap().write_all(input);
        let ran = Ran::of(child.wait_with_output().unwrap());
        crate::json_docs::describe(arguments[0], &ran.stdout);
        ran
    }

    /// Runs a command as a person pastes it: in a shell on this machine, where the program is on the PATH, or in one of
    /// the account.
    pub(crate) fn shell(&self, command: &str, on_host: bool) -> Ran {
        let tools = self.path("tools");
        fs::create_dir_all(&tools).unwrap();
        let _ = symlink(env!("CARGO_BIN_EXE_codex-remote-auth"), tools.join("codex-remote-auth"));
        let home = if on_host { "home" } else { "caller" };
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(command).env("CODEX_HOME", self.path(home)).current_dir(self.folder.path());
        shell.env_remove("SSH_AUTH_SOCK").env("HOME", self.folder.path()).stdin(Stdio::null());
        shell.env("LC_ALL", "C.UTF-8").env("PATH", format!("{}:/usr/bin:/bin", tools.display()));
        Ran::of(shell.output().unwrap())
    }

    /// Runs a command for `box`, and returns its JSON on the host, however it ends.
    pub(crate) fn json_of_any(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["box", "--format", "json"]].concat()).host()
    }

    /// Runs a line as a person pastes it: `here` into a shell of the caller, else into one of the account on the host.
    /// Returns its status, and what it printed.
    pub(crate) fn pastes(&self, line: &str, here: bool) -> (i32, String) {
        let program = Path::new(env!("CARGO_BIN_EXE_codex-remote-auth")).parent().unwrap().display();
        let (home, first) = match here {
            true => (self.path("caller"), program.to_string()),
            false => (self.home(""), self.path("bin").display().to_string()),
        };
        let mut shell = Command::new("sh");
        shell
            .args(["-c", line])
            .env("CODEX_HOME", home)
            .env("PATH", format!("{first}:/usr/sbin:/usr/bin:/bin"));
        let output = shell
            .env_remove("SSH_AUTH_SOCK")
            .stdin(Stdio::null())
            .current_dir(self.path(""))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    /// Runs a command for `box` that has to end with this status. Returns its JSON on the host.
    pub(crate) fn json(&self, arguments: &[&str], status: i32) -> Value {
        let ran = self.run(&[arguments, &["box", "--format", "json"]].concat());
        assert_eq!(ran.status, status, "{ran:?}");
        ran.host()
    }

    /// A deploy that succeeds.
    pub(crate) fn deploys(&self, more: &[&str]) -> Value {
        self.json(&[&["deploy"], more].concat(), 0)
    }

    /// Checks that a command is refused with this code, and leaves the Codex home unchanged.
    pub(crate) fn refuses(&self, arguments: &[&str], code: &str) -> String {
        let before = self.tree();
        let host = self.json(arguments, 1);
        assert_eq!(host["error"]["code"], code, "{host}");
        assert_eq!(self.tree(), before, "{host}");
        in_full(&host["error"])
    }
}

/// Everything that an error says: what failed, the state of things, and the next steps with their commands.
pub(crate) fn in_full(error: &Value) -> String {
    let hints = error["hints"].as_array().unwrap().iter();
    let hints = hints.flat_map(|hint| [&hint["text"], &hint["command"]]);
    let texts = [&error["message"], &error["state"]].into_iter().chain(hints);
    texts.filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
}

/// Changes the mode of a file or folder.
pub(crate) fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A ChatGPT login of this person, last refreshed on this day of January 2026.
pub(crate) fn login(person: &str, day: u32) -> Value {
    let account = format!("account-of-{person}");
    let claims = json!({
        "email": format!("{person}@example.invalid"),
        "https://api.openai.com/auth": { "chatgpt_account_id": account, "chatgpt_user_id": person },
    });
    json!({
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": token(&claims),
            "access_token": token(&json!({ "exp": 4_102_444_800_i64 })),
            "refresh_token": token(&json!({})),
            "account_id": account,
        },
        "last_refresh": format!("2026-01-{day:02}T10:00:00Z"),
    })
}

/// A unique unsigned token with these claims.
pub(crate) fn token(claims: &Value) -> String {
    let signature: [u8; 8] = getrandom::u64().unwrap().to_be_bytes();
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{}.{}.{}", part(br#"{"alg":"none"}"#), part(claims.to_string().as_bytes()), part(&signature))
}

/// The codes of the notices, or their words.
pub(crate) fn notices(host: &Value) -> String {
    host["notices"]
        .as_array()
        .map(|all| all.iter().map(|one| format!("{one}\n")).collect())
        .unwrap_or_default()
}
