//! What the configuration restricts is obeyed, or the connection is refused with the setting's name before anything is sent.
//! The result is compared with `ssh` on the same sshd of this machine.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use codex_remote_auth::message::Failure as _;
use codex_remote_auth::ssh::{Deadline, Session, SshOptions, SshProblem, connect, resolve};

use crate::Case;
use crate::answers::Answers;
use crate::loopback::Loopback;
use crate::support::{LONG, Rig};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        algorithms_are_those_of_the_configuration,
        what_is_not_supported_is_refused_before_connecting,
        the_usual_lists_give_no_warning,
        a_short_host_key_is_refused,
        a_short_key_of_a_person_is_not_used,
        a_key_whose_signatures_are_not_allowed_is_not_used,
        ways_to_log_in_that_are_left_out_are_not_tried,
        warnings_come_before_the_connection,
        what_a_proxy_command_prints_is_shown_as_it_comes,
    ]
}

/// A known server with these options, and the settings to reach it.
struct Bench {
    loopback: Loopback,
    way: String,
}

impl Bench {
    /// `keys` are the server's host keys: `ed25519`, or a name and the arguments of `ssh-keygen -t`.
    fn new(keys: &[(&str, &[&str])], options: &[&str]) -> Self {
        let loopback = Loopback::new();
        let lines: Vec<String> =
            keys.iter().map(|(name, kind)| format!("box {}\n", loopback.key(name, kind))).collect();
        loopback.write("known", lines.concat());
        let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
        let way = format!("ProxyCommand {}", loopback.server("sshd", &names, options));
        Self { loopback, way }
    }

    fn usual(options: &[&str]) -> Self {
        Self::new(&[("ed25519", &["ed25519"])], options)
    }

    fn configure(&self, settings: &str) {
        self.loopback.write(
            "config",
            format!(
                "Host box\n{settings}\n{1}\nUserKnownHostsFile {0}/known\nGlobalKnownHostsFile /dev/null\n\
                 IdentityFile {0}/id\nIdentitiesOnly yes\nIdentityAgent none\nStrictHostKeyChecking yes\n\
                 UpdateHostKeys no\nBatchMode yes\n",
                self.loopback.folder().display(),
                self.way
            ),
        );
    }

    fn connect(&self, options: &[&str]) -> Result<Session, SshProblem> {
        let options = SshOptions {
            config: Some(self.loopback.path("config")),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            ..SshOptions::default()
        };
        connect(&resolve("box", &options)?, &Answers::default(), Deadline::after(LONG))
    }

    /// Whether `ssh` gets in, and what it prints.
    fn ssh(&self, options: &[&str]) -> (bool, String) {
        let mut ssh = Command::new("timeout");
        ssh.args(["40", "ssh", "-v", "-T", "-F"]).arg(self.loopback.path("config"));
        for option in options {
            ssh.args(["-o", option]);
        }
        let output = ssh.args(["box", "true"]).stdin(Stdio::null()).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Checks that the connection fails with this code and these words.
fn fails(problem: Result<Session, SshProblem>, code: &str, words: &[&str]) {
    let Err(problem) = problem else { panic!("it went well, and {code} was expected") };
    assert_eq!(problem.code(), code, "{problem}");
    for word in words {
        assert!(problem.in_full().contains(word), "`{word}` is missing: {problem}");
    }
}

fn algorithms_are_those_of_the_configuration(_rig: &Rig) {
    // The server accepts only one algorithm of each kind, so a connection shows what was agreed on.
    for (server, allowed, forbidden) in [
        (
            "KexAlgorithms ecdh-sha2-nistp384",
            "KexAlgorithms=ecdh-sha2-nistp384",
            "KexAlgorithms=curve25519-sha256",
        ),
        ("Ciphers aes128-ctr", "Ciphers=aes256-ctr,aes128-ctr", "Ciphers=aes256-ctr"),
        ("MACs hmac-sha2-512\nCiphers aes128-ctr", "MACs=hmac-sha2-512", "MACs=hmac-sha2-256"),
        ("HostKeyAlgorithms ssh-ed25519", "HostKeyAlgorithms=ssh-ed25519", "HostKeyAlgorithms=rsa-sha2-512"),
    ] {
        let bench = Bench::usual(&[server]);
        bench.configure("");
        for options in [&[allowed][..], &[]] {
            assert!(bench.ssh(options).0, "{server}: ssh {options:?}");
            bench.connect(options).unwrap_or_else(|problem| panic!("{server} {options:?}: {problem}"));
        }
        assert!(!bench.ssh(&[forbidden]).0, "{server}: ssh {forbidden}");
        let offered = forbidden.replacen('=', " ", 1);
        let words =
            ["supports none of the offered algorithms of one kind", &offered, "nothing was sent", "ssh -vv"];
        fails(bench.connect(&[forbidden]), "ssh-no-common-algorithm", &words);
        // The configuration file sets the same as the command line, which comes first.
        bench.configure(&offered);
        fails(bench.connect(&[]), "ssh-no-common-algorithm", &words);
        bench.connect(&[allowed]).unwrap_or_else(|problem| panic!("{server} {allowed}: {problem}"));
    }
}

fn what_is_not_supported_is_refused_before_connecting(_rig: &Rig) {
    let mut bench = Bench::usual(&[]);
    bench.way = format!("ProxyCommand touch {}; false", bench.loopback.path("ran").display());
    for (setting, hint) in [
        ("KexAlgorithms sntrup761x25519-sha512@openssh.com", "curve25519-sha256"),
        ("HostKeyAlgorithms sk-ssh-ed25519@openssh.com", "ssh-ed25519"),
        ("MACs umac-128@openssh.com", "hmac-sha2-256"),
    ] {
        bench.configure(setting);
        let (option, list) = setting.split_once(' ').unwrap();
        let both = format!("{option} allows {list}, and this program supports ");
        let hint = format!("-o {option}={hint}");
        fails(bench.connect(&[]), "ssh-forbidden", &[&both, hint.rsplit('=').next().unwrap(), &hint]);
        assert!(!bench.loopback.path("ran").exists(), "{setting}: it connected");
    }
    // Following the hint solves the problem.
    let bench = Bench::usual(&[]);
    bench.configure("KexAlgorithms sntrup761x25519-sha512@openssh.com\nMACs umac-128@openssh.com");
    bench.connect(&["KexAlgorithms=curve25519-sha256", "MACs=hmac-sha2-256"]).unwrap();
}

fn the_usual_lists_give_no_warning(_rig: &Rig) {
    let bench = Bench::new(&[("ed25519", &["ed25519"]), ("rsa", &["rsa"])], &[]);
    bench.configure("");
    let options = SshOptions { config: Some(bench.loopback.path("config")), ..SshOptions::default() };
    let answers = Answers::default();
    connect(&resolve("box", &options).unwrap(), &answers, Deadline::after(LONG)).unwrap();
    assert_eq!(*answers.told.lock().unwrap(), [""; 0]);
}

fn a_short_host_key_is_refused(_rig: &Rig) {
    let bench = Bench::new(&[("rsa", &["rsa", "-b", "2048"])], &[]);
    for (bits, gets_in) in [("3072", false), ("2048", true)] {
        bench.configure(&format!("RequiredRSASize {bits}"));
        assert_eq!(bench.ssh(&[]).0, gets_in, "ssh, {bits}");
        match gets_in {
            true => drop(bench.connect(&[]).unwrap()),
            false => fails(
                bench.connect(&[]),
                "ssh-forbidden",
                &["RSA key of 2048 bits, and RequiredRSASize is 3072", "-o RequiredRSASize=2048"],
            ),
        }
    }
    bench.configure("RequiredRSASize 3072");
    bench.connect(&["RequiredRSASize=2048"]).unwrap();
}

/// Replaces the person's usual key by this one.
fn with_key(bench: &Bench, kind: &[&str]) {
    for file in ["id", "id.pub"] {
        std::fs::remove_file(bench.loopback.path(file)).unwrap();
    }
    let public = bench.loopback.key("id", kind);
    bench.loopback.write("authorized", public);
}

fn a_short_key_of_a_person_is_not_used(_rig: &Rig) {
    // The PEM form does not show the public half, so that is read from a file beside the key.
    for form in ["RFC4716", "PEM"] {
        let bench = Bench::usual(&[]);
        with_key(&bench, &["rsa", "-b", "2048", "-m", form]);
        bench.configure("RequiredRSASize 3072");
        assert!(!bench.ssh(&[]).0, "ssh, {form}");
        fails(bench.connect(&[]), "ssh-login-refused", &["it has 2048 bits, and RequiredRSASize is 3072"]);
        assert!(bench.ssh(&["RequiredRSASize=2048"]).0, "ssh, {form}");
        bench.connect(&["RequiredRSASize=2048"]).unwrap_or_else(|problem| panic!("{form}: {problem}"));
        if form == "PEM" {
            // What cannot be checked is not used, unless there are no restrictions.
            std::fs::remove_file(bench.loopback.path("id.pub")).unwrap();
            fails(
                bench.connect(&[]),
                "ssh-login-refused",
                &["write the public half of the key beside it", "ssh-keygen -y -f "],
            );
            bench.configure("");
            bench.connect(&[]).unwrap_or_else(|problem| panic!("{form} alone: {problem}"));
        }
    }
}

fn a_key_whose_signatures_are_not_allowed_is_not_used(_rig: &Rig) {
    let bench = Bench::usual(&[]);
    bench.configure("PubkeyAcceptedAlgorithms rsa-sha2-512,ecdsa-sha2-nistp256");
    assert!(!bench.ssh(&[]).0);
    fails(bench.connect(&[]), "ssh-login-refused", &["PubkeyAcceptedAlgorithms does not allow ssh-ed25519"]);
    bench.connect(&["PubkeyAcceptedAlgorithms=ssh-ed25519"]).unwrap();
    // An RSA key can make several kinds of signatures, of which the server accepts one.
    let bench = Bench::usual(&["PubkeyAcceptedAlgorithms rsa-sha2-256"]);
    with_key(&bench, &["rsa", "-b", "2048"]);
    for (list, gets_in) in [("rsa-sha2-512", false), ("rsa-sha2-256", true)] {
        bench.configure(&format!("PubkeyAcceptedAlgorithms {list}"));
        assert_eq!(bench.ssh(&[]).0, gets_in, "ssh, {list}");
        assert_eq!(bench.connect(&[]).is_ok(), gets_in, "ours, {list}");
    }
}

fn ways_to_log_in_that_are_left_out_are_not_tried(_rig: &Rig) {
    let bench = Bench::usual(&[]);
    bench.configure("PreferredAuthentications keyboard-interactive,password");
    assert!(!bench.ssh(&[]).0);
    let Err(problem) = bench.connect(&[]) else { panic!("the key was tried") };
    assert!(!problem.to_string().contains("the key "), "{problem}");
    bench.connect(&["PreferredAuthentications=publickey"]).unwrap();
}

fn warnings_come_before_the_connection(_rig: &Rig) {
    let bench = Bench::usual(&[]);
    bench.configure("PKCS11Provider /x\nStrictHostKeyChecking no\nVerifyHostKeyDNS yes");
    let options = SshOptions { config: Some(bench.loopback.path("config")), ..SshOptions::default() };
    let answers = Answers::default();
    connect(&resolve("box", &options).unwrap(), &answers, Deadline::after(LONG)).unwrap();
    let told = answers.told.lock().unwrap().clone();
    for word in ["pkcs11provider", "VerifyHostKeyDNS", "StrictHostKeyChecking"] {
        assert!(
            told.iter().any(|line| line.starts_with("box: warning: ") && line.contains(word)),
            "{word}: {told:?}"
        );
    }
}

fn what_a_proxy_command_prints_is_shown_as_it_comes(_rig: &Rig) {
    let mut bench = Bench::usual(&[]);
    let go = bench.loopback.path("go");
    // Like programs that authenticate with a browser: it prints a link and a question without a line break, and then waits.
    bench.way = format!(
        "PKCS11Provider /x\nProxyCommand sh -c 'printf \"open https://gate.example/x\\033[2Jy\\r\\nCode: \" >&2; \
         until [ -e {} ]; do sleep 0.05; done; exec {}'",
        go.display(),
        bench.way.trim_start_matches("ProxyCommand ")
    );
    bench.configure("");
    let mut program = std::process::Command::new(tests::program())
        .args(["doctor", "--timeout", "60", "-F"])
        .arg(bench.loopback.path("config"))
        .arg("box")
        .env("HOME", bench.loopback.folder())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (lines, seen) = channel();
    let stderr = BufReader::new(program.stderr.take().unwrap());
    let reading = std::thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            let _ = lines.send(line);
        }
    });
    let next = || match seen.recv_timeout(Duration::from_secs(30)) {
        Ok(line) => line,
        Err(error) => panic!("no line was shown within 30 s: {error}"),
    };
    // The warning comes first, before the command starts. What the command prints cannot control the terminal.
    assert!(next().starts_with("box: warning: the SSH configuration sets pkcs11provider"));
    assert_eq!(next(), "box: ProxyCommand: open https://gate.example/x [2Jy");
    assert_eq!(next(), "box: ProxyCommand: Code:");
    std::fs::write(&go, "").unwrap();
    let ended = tests::running::within(Duration::from_secs(70), || program.try_wait().unwrap().is_some());
    if !ended {
        program.kill().unwrap();
    }
    program.wait().unwrap();
    assert!(ended, "the program did not end within 70 s");
    reading.join().unwrap();
}
