//! Dropbear, the SSH server of small machines. It rejects commands of more than 9,000 bytes, and has a small window.

use std::time::Duration;

use tests::Rig;
use tests::home::has;
use tests::person::Person;
use tests::running::within;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = tests::cases![every_command_is_short, a_forced_command_gets_nothing];
    for key in ["ed25519", "ecdsa", "rsa"] {
        let case = move |rig: &Rig| every_verb_works(rig, key);
        cases.push(Case::new(format!("every_verb_works::with_keys_of_type_{key}"), case));
    }
    cases
}

/// A dropbear in the container. Dropping this ends it.
struct Dropbear<'r> {
    rig: &'r Rig,
    folder: String,
}

impl<'r> Dropbear<'r> {
    /// Starts a dropbear, and makes a person's `box0` lead to it.
    fn starts(person: &Person<'r>, host_key: &str, more: &str) -> Self {
        let rig = person.rig;
        let port = rig.port();
        let folder = format!("/run/dropbear-{port}");
        // It reads authorized_keys with the account's number but its own supplementary groups, and `/` shuts out root's group.
        let public = rig.root(&format!(
            "set -e\nmkdir -m 700 {folder}\ndropbearkey -t {host_key} -f {folder}/key >/dev/null 2>&1\n\
             export CODEX_REFRESH_TOKEN_URL_OVERRIDE=http://127.0.0.1:8790/oauth/token\n\
             setsid setpriv --clear-groups dropbear -F -E -e -s -p {port} -P {folder}/pid -r {folder}/key {more} >{folder}/log 2>&1 </dev/null &\n\
             dropbearkey -y -f {folder}/key | grep -E '^(ssh|ecdsa)-'"
        ));
        let dropbear = Self { rig, folder };
        let (host, _) = rig.container().address();
        let key: Vec<&str> = public.split_whitespace().take(2).collect();
        person.know(&format!("[{host}]:{port} {}\n", key.join(" ")));
        person.configure_first(&format!("Host box0\n  Port {port}\n"));
        let address = (host, port);
        let listens = within(Duration::from_secs(20), || std::net::TcpStream::connect(address).is_ok());
        assert!(listens, "dropbear does not listen: {}", dropbear.log());
        dropbear
    }

    fn log(&self) -> String {
        self.rig.root(&format!("cat {}/log 2>/dev/null || :", self.folder))
    }
}

impl Drop for Dropbear<'_> {
    fn drop(&mut self) {
        let _ = self.rig.container().as_root(&format!("sh -c 'kill $(cat {}/pid)'", self.folder), b"");
    }
}

/// `key` is the type of the host key and of the person's.
fn every_verb_works(rig: &Rig, key: &str) {
    let person = rig.person(1);
    // The only key that the person has, and that the account accepts.
    std::fs::remove_file(person.path("id")).unwrap();
    let public = person.key("id", &[key]);
    person.there(&format!("echo '{}' >.ssh/authorized_keys", public.trim()));
    // It gives every command its own PATH.
    person.there("mkdir bin; ln -s /opt/codex-under-test/codex bin/codex");
    let dropbear = Dropbear::starts(&person, key, "");
    let ends = |arguments: &[&str], expected: i32| {
        let (status, stdout, stderr) = person.says(arguments);
        assert_eq!(status, expected, "{arguments:?}: {stdout}{stderr}\ndropbear says: {}", dropbear.log());
        stdout
    };
    let older = person.login.bytes().sha256();
    has(&ends(&["deploy", "--dry-run", "box0"], 0), &["would be copied to "]);
    has(&ends(&["deploy", "box0"], 0), &["copied to ", "verified: "]);
    assert_eq!(person.remote_digest(0), older);
    let newer = person.renews(Duration::from_secs(60));
    ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    assert_eq!(person.remote_digest(0), newer.bytes().sha256());
    has(&ends(&["deploy", "--no-proof", "box0"], 0), &["already up to date: "]);
    // Only the PATH is wrong.
    let said = ends(&["doctor", "box0"], 1);
    has(&said, &["1 problem", "problem  path", "ok       login"]);
    ends(&["rollback", "box0"], 0);
    assert_eq!(person.remote_digest(0), older);
    has(&ends(&["login", "box0"], 1), &["--force"]);
    let said = ends(&["login", "--force", "--issuer", "http://127.0.0.1:8790", "box0"], 0);
    has(&said, &["logged in separately: ", "verified: "]);
    assert_ne!(person.remote_digest(0), older);
    ends(&["deploy", "--force", "--no-proof", "box0"], 0);
    // This is more than one window of dropbear.
    let long = String::from_utf8(newer.bytes().expose().to_vec()).unwrap();
    let long = long.replacen('{', &format!("{{\"made_up\": \"{}\",", "x".repeat(200_000)), 1);
    person.write(".codex/auth.json", long.as_bytes());
    ends(&["deploy", "--no-proof", "box0"], 0);
    assert_eq!(person.there("stat -c %s .codex/auth.json"), format!("{}\n", long.len()));
    assert!(!dropbear.log().contains("too long"), "{}", dropbear.log());
}

/// A forced command, set with `dropbear -c`.
fn a_forced_command_gets_nothing(rig: &Rig) {
    let person = rig.person(1);
    let witness = crate::witness::Witness::of(rig, &[&person.login]);
    let dropbear = Dropbear::starts(&person, "ed25519", "-c 'cat >>got'");
    for verb in [["deploy"].as_slice(), &["deploy", "--dry-run"]] {
        let (status, stdout, stderr) = person.says(&[verb, &["--timeout", "5", "box0"]].concat());
        let what = format!("{verb:?}: {stdout}{stderr}{}", dropbear.log());
        witness.sees_nothing(&[], &what);
        assert_eq!(status, 1, "{what}");
        has(&stdout.to_lowercase(), &["nothing was sent"]);
    }
}

/// The length of the longest command that the program may send.
const LIMIT: usize = 6_000;

/// Uses the longest options that a person may give. A forced command on the host measures each command, and runs it.
fn every_command_is_short(rig: &Rig) {
    let person = rig.person(1);
    person.there(
        "cat >count <<'END'\n#!/bin/bash\nLC_ALL=C\necho ${#SSH_ORIGINAL_COMMAND} >>~/counts\n\
         exec bash -c \"$SSH_ORIGINAL_COMMAND\"\nEND\nchmod 755 count\n\
         sed -i 's/^/command=\"~\\/count\" /' .ssh/authorized_keys",
    );
    let prompt = "it's \"all\" $HOME `here` \\n !! \u{e9}\u{4e16} ".repeat(60);
    let issuer = format!("http://127.0.0.1:8790/{}", "a".repeat(300));
    let calls: &[&[&str]] = &[
        &["deploy", "--dry-run", "--backup", "--force", "--replace-link"],
        &["deploy", "--backup", "--force", "--replace-link"],
        &["deploy", "--prompt", &prompt, "--backup", "--force", "--replace-link"],
        &["rollback"],
        &["doctor"],
        &["login", "--force", "--issuer", &issuer, "--timeout", "5"],
        &["login", "--force", "--browser", "--issuer", &issuer, "--timeout", "5"],
    ];
    for call in calls {
        person.there(": >counts");
        person.says(&[call, ["box0"].as_slice()].concat());
        let counts = person.there("cat counts");
        let counts: Vec<usize> = counts.lines().map(|line| line.parse().unwrap()).collect();
        let verb = &call[..call.len().min(2)];
        assert!(!counts.is_empty(), "{verb:?} has sent no command");
        assert!(counts.iter().all(|count| *count < LIMIT), "{verb:?} sends commands of {counts:?} bytes");
    }
}
