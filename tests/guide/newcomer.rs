//! Somebody who has a login on this machine and a host on which Codex has never run, and who types the quick start and then the smoke
//! tests. The installed program, `ssh` and `scp` are real; only the cloud is not.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use codex_remote_auth::lessons::Way;
use harness::run::newest_release;
use tests::Rig;
use tests::guide_page::{Command, blocks, guide};
use tests::home::Home;
use tests::started;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![the_quick_start_and_the_smoke_tests_end_with_a_working_login]
}

/// The smoke tests that need more than this machine and a fresh host. The blocks are followed on accounts that have it.
const NOT_HERE: [(&str, &str); 2] = [
    ("smoke-2", "codex on this machine would need the cloud"),
    ("smoke-6", "a host with zsh, and codex not on its PATH"),
];

/// The login's owner, on this machine.
struct Newcomer<'r> {
    home: Home<'r>,
    /// The name of the account on the host.
    user: String,
}

impl Newcomer<'_> {
    /// Types a command at a terminal that stays open, and compares what comes with what the guide says.
    fn types(&self, command: &Command) {
        let mut path = vec![self.home.path("bin")];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let line = command.text.replace("user@host", &format!("{}@host", self.user));
        let mut shell = started::command("sh");
        shell.args(["-c", &line]).current_dir(self.home.folder()).env("HOME", self.home.folder());
        shell.env("PATH", std::env::join_paths(path).unwrap()).env("COLUMNS", "200");
        for name in ["CODEX_HOME", "SSH_AUTH_SOCK", "NO_COLOR"] {
            shell.env_remove(name);
        }
        let output = started::output_within(shell.stdin(Stdio::piped()), Duration::from_secs(60));
        let (status, stdout, stderr) = self.home.said(output);
        let expect = command.on(&newest_release()).unwrap();
        let at = format!("docs/SKILL.md:{}: {line}\nexit {status}\n{stdout}{stderr}", command.line);
        assert_eq!(expect.exit, Some(status), "{at}");
        for (texts, output) in [(&expect.stdout, &stdout), (&expect.stderr, &stderr)] {
            for text in texts {
                assert!(output.contains(text), "`{text}` is missing\n{at}");
            }
        }
    }

    /// Puts a program on the PATH. `ssh` and `scp` do not read their configuration from `$HOME`, so it is given.
    fn installs(&self, name: &str, program: &Path, first: &str) {
        self.home.program(&format!("bin/{name}"), &format!("exec '{}' {first} \"$@\"", program.display()));
    }
}

fn the_quick_start_and_the_smoke_tests_end_with_a_working_login(rig: &Rig) {
    let login = rig.login(Duration::from_secs(3_600));
    let account = rig.account().accepts(&login).make();
    let newcomer = Newcomer { home: rig.home(), user: account.name.clone() };
    let home = &newcomer.home;
    home.write(".codex/auth.json", login.bytes().expose());
    let (address, port) = rig.container().address();
    let key = rig.container().host_key_line();
    home.know(&format!("[{address}]:{port} {key}\n[127.0.0.2]:22222 {key}\n"));
    // sshd listens on port 22222 only within the container.
    home.configure(&format!(
        "Host remote\n  HostName {address}\n  Port {port}\n  User {0}\n  IdentitiesOnly yes\n\
         Host host\n  HostName 127.0.0.2\n  IdentitiesOnly yes\n  ProxyCommand ssh -W %h:%p remote\n",
        account.name
    ));
    let config = "-F \"$HOME/config\"";
    newcomer.installs("ssh", &started::on_path("ssh"), config);
    newcomer.installs("scp", &started::on_path("scp"), config);
    newcomer.installs("codex-remote-auth", Path::new(tests::program()), "");
    assert_eq!(account.auth(), "", "the host begins without a login");

    let mut typed = 0;
    for block in blocks(&guide()) {
        let is_here = !NOT_HERE.iter().any(|(id, _)| block.source == *id);
        if block.section == "Quick Start" || block.section == "Smoke Test Strategy" && is_here {
            for command in &block.commands {
                assert_eq!(command.way, Way::Right, "line {}", command.line);
                newcomer.types(command);
                typed += 1;
            }
        }
    }
    assert!(typed >= 9, "{typed} commands were typed");
    account.has(&login, ".codex");
    assert!(
        !account.asked().is_empty() && account.asked().iter().all(|answer| answer == "answered"),
        "{:?}",
        account.asked()
    );
}
