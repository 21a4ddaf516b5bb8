//! Host keys are judged as by OpenSSH: with the same files and the same sshd, the verdict is the same as that of `ssh`.

use std::process::{Command, Stdio};

use codex_remote_auth::ssh::{Deadline, Nobody, SshOptions, connect, resolve};

use crate::Case;
use crate::loopback::Loopback;
use crate::support::{LONG, Rig};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_key_is_judged_as_by_ssh,
        a_listening_server_is_judged_as_by_ssh,
        a_server_with_a_certificate_is_known_by_its_plain_key,
    ]
}

/// The verdict on a server's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Accepted,
    Unknown,
    Changed,
    Revoked,
    /// The key cannot be checked.
    Unchecked,
}
use Seen::{Accepted, Changed, Revoked, Unchecked, Unknown};

/// A row of the table. In all texts, KEY, RSA and ECDSA are the server's keys, OTHER and OTHER_RSA foreign keys, DIR the folder.
struct Row {
    what: &'static str,
    /// Settings in addition to the usual ones. The host's name is `box` and its port 22, unless they are set differently.
    settings: &'static str,
    known: &'static str,
    seen: Seen,
}

const fn row(what: &'static str, settings: &'static str, known: &'static str, seen: Seen) -> Row {
    Row { what, settings, known, seen }
}

const PORT: &str = "Port 2222";
const RSA_ALONE: &str = "HostKeyAlgorithms rsa-sha2-512";

/// The rows for a server with keys of all three types.
const ROWS: &[Row] = &[
    row("plain", "", "box KEY", Accepted),
    row("nothing known", "", "", Unknown),
    row("another host", "", "other KEY", Unknown),
    row("another key", "", "box OTHER", Changed),
    row("upper case in the file", "", "BOX KEY", Accepted),
    row("upper case in HostName", "HostName BOX", "box KEY", Accepted),
    row("several names", "", "a,box,b KEY", Accepted),
    row("a comment behind it", "", "box KEY me@there and more", Accepted),
    row("a remark", "", "# box OTHER\nbox KEY", Accepted),
    row("white space before it and tabs", "", " \tbox\tKEY", Accepted),
    row("CRLF", "", "box KEY\r\nother OTHER\r\n", Accepted),
    row("CRLF and changed", "", "box OTHER\r\n", Changed),
    row("a byte order mark", "", "\u{feff}box KEY\n", Unknown),
    row("no newline at the end", "", "other OTHER\nbox KEY", Accepted),
    row("several keys, one right", "", "box OTHER\nbox KEY", Accepted),
    row("several keys, the right one first", "", "box KEY\nbox OTHER", Accepted),
    row("a broken line before it", "", "box ssh-ed25519 AAAA\nbox %%%\nbox KEY", Accepted),
    row("a key under a wrong type", "", "box ssh-rsa ED25519_BLOB", Unknown),
    row("with the port", PORT, "[box]:2222 KEY", Accepted),
    row("with the port, changed", PORT, "[box]:2222 OTHER", Changed),
    row("with another port", PORT, "[box]:2223 KEY", Unknown),
    row("without the port", PORT, "box KEY", Accepted),
    row("without the port, changed", PORT, "box OTHER", Unknown),
    row("with the port another key, without it this one", PORT, "[box]:2222 OTHER\nbox KEY", Changed),
    row("with the port this key, without it another one", PORT, "[box]:2222 KEY\nbox OTHER", Accepted),
    row(
        "with the port a CA, without it this key",
        PORT,
        "@cert-authority [box]:2222 OTHER\nbox KEY",
        Accepted,
    ),
    row("with the port another type", PORT, "[box]:2222 OTHER_RSA\nbox KEY", Changed),
    row("the port in the entry of port 22", "", "[box]:22 KEY", Unknown),
    row("the pattern of a port", PORT, "[box]:* KEY", Accepted),
    row("a star", "HostName a.example", "*.example KEY", Accepted),
    row("a star that does not match", "HostName example", "*.example KEY", Unknown),
    row("a question mark", "", "b?x KEY", Accepted),
    row("negation", "HostName bad.example", "*.example,!bad.example KEY", Unknown),
    row("negation before it", "HostName bad.example", "!bad.example,*.example KEY", Unknown),
    row("negation of another", "HostName a.example", "*.example,!bad.example KEY", Accepted),
    row("negation alone", "", "!other KEY", Unknown),
    row("negation of one key, another entry", "", "*,!box OTHER\nbox KEY", Accepted),
    row("a star takes ports too", PORT, "* KEY", Accepted),
    row("hashed", "", "|HASH(box)| KEY", Accepted),
    row("hashed, changed", "", "|HASH(box)| OTHER", Changed),
    row("hashed, another host", "", "|HASH(other)| KEY", Unknown),
    row("hashed with the port", PORT, "|HASH([box]:2222)| KEY", Accepted),
    row("hashed without the port", PORT, "|HASH(box)| KEY", Accepted),
    row("hashed with a short salt", "", "|1|YQ==|YQ== KEY", Unknown),
    row("revoked", "", "box KEY\n@revoked box KEY", Revoked),
    row("revoked before it", "", "@revoked box KEY\nbox KEY", Revoked),
    row("revoked alone", "", "@revoked box KEY", Revoked),
    row("revoked for all", "", "box KEY\n@revoked * KEY", Revoked),
    row("revoked for another host", "", "box KEY\n@revoked other KEY", Accepted),
    row("revoked, another key", "", "box KEY\n@revoked * OTHER", Accepted),
    row("revoked, and another key known", "", "box OTHER\n@revoked * KEY", Revoked),
    row("revoked without the port", PORT, "[box]:2222 KEY\n@revoked box KEY", Accepted),
    row("revoked for a hashed name", "", "box KEY\n@revoked |HASH(box)| KEY", Revoked),
    row("a certificate authority is no key", "", "@cert-authority box KEY", Unknown),
    row("a certificate authority and the key", "", "@cert-authority * OTHER\nbox KEY", Accepted),
    row("an unknown marker", "", "@trusted box KEY", Unknown),
    row("two markers", "", "@cert-authority @revoked box KEY\nbox KEY", Accepted),
    row("alias", "HostKeyAlias the-box", "the-box KEY", Accepted),
    row("alias, the host's own name", "HostKeyAlias the-box", "box KEY", Unknown),
    row("alias, changed", "HostKeyAlias the-box", "the-box OTHER\nbox KEY", Changed),
    row("alias with a port", "HostKeyAlias the-box\nPort 2222", "the-box KEY", Accepted),
    row("alias with a port in the entry", "HostKeyAlias the-box\nPort 2222", "[the-box]:2222 KEY", Unknown),
    row("alias in upper case", "HostKeyAlias THE-BOX", "the-box KEY", Accepted),
    row("alias in upper case, hashed", "HostKeyAlias THE-BOX", "|HASH(the-box)| KEY", Accepted),
    row("IPv6", "HostName 2001:db8::1", "2001:db8::1 KEY", Accepted),
    row("IPv6 with the port", "HostName 2001:db8::1\nPort 2222", "[2001:db8::1]:2222 KEY", Accepted),
    row("IPv6 in another form", "HostName 2001:db8::1", "2001:DB8:0::1 KEY", Unknown),
    row("IPv6, the port left out", "HostName 2001:db8::1\nPort 2222", "2001:db8::1 KEY", Accepted),
    row("the known type is asked for", "", "box RSA", Accepted),
    row("the known type of a curve is asked for", "", "box ECDSA", Accepted),
    row("the known type of the entry with the port", PORT, "[box]:2222 RSA\nbox KEY", Accepted),
    row("the known type without the port is not asked for", PORT, "box RSA", Unknown),
    row("another type is known", RSA_ALONE, "box KEY", Changed),
    row("another type is known as well", RSA_ALONE, "box KEY\nbox RSA", Accepted),
    row("an RSA key under the name of its signature", RSA_ALONE, "box rsa-sha2-512 RSA_BLOB", Accepted),
    row("the global file", "GlobalKnownHostsFile DIR/more", "MORE box KEY", Accepted),
    row(
        "the global file takes it back",
        "GlobalKnownHostsFile DIR/more",
        "box KEY\nMORE @revoked * KEY",
        Revoked,
    ),
    row(
        "the global file knows another",
        "GlobalKnownHostsFile DIR/more",
        "box KEY\nMORE box OTHER",
        Accepted,
    ),
    row("the second file", "UserKnownHostsFile DIR/known DIR/more", "MORE box KEY", Accepted),
    row("the second file is missing", "UserKnownHostsFile DIR/known DIR/absent", "box KEY", Accepted),
    row("no file", "UserKnownHostsFile none", "box KEY", Unknown),
    row("RevokedHostKeys", "RevokedHostKeys DIR/more", "box KEY\nMORE KEY", Revoked),
    row(
        "RevokedHostKeys, another key",
        "RevokedHostKeys DIR/more",
        "box KEY\nMORE # x\n\nOTHER me",
        Accepted,
    ),
    row("RevokedHostKeys, the key unknown", "RevokedHostKeys DIR/more", "MORE OTHER\nKEY", Revoked),
    row("RevokedHostKeys with CRLF", "RevokedHostKeys DIR/more", "box KEY\nMORE OTHER\r\nKEY\r\n", Revoked),
    row("RevokedHostKeys is missing", "RevokedHostKeys DIR/absent", "box KEY", Unchecked),
    row("RevokedHostKeys is a folder", "RevokedHostKeys DIR", "box KEY", Unchecked),
    row("RevokedHostKeys has a strange line", "RevokedHostKeys DIR/more", "box KEY\nMORE box KEY", Unchecked),
    row("RevokedHostKeys none", "RevokedHostKeys none", "box KEY", Accepted),
    row("a revocation list", "RevokedHostKeys DIR/krl", "box KEY", Revoked),
    row("a revocation list of other keys", "RevokedHostKeys DIR/other-krl", "box KEY", Accepted),
    row("a broken revocation list", "RevokedHostKeys DIR/broken-krl", "box KEY", Unchecked),
    row("a new key is taken", "StrictHostKeyChecking accept-new", "other OTHER", Accepted),
    row("a changed key is not", "StrictHostKeyChecking accept-new", "box OTHER", Changed),
    row("a revoked key is not", "StrictHostKeyChecking accept-new", "@revoked box KEY", Revoked),
];

/// The servers, keys and files of the trials.
struct Bench {
    loopback: Loopback,
    words: Vec<(&'static str, String)>,
}

impl Bench {
    fn new() -> Self {
        let loopback = Loopback::new();
        let blob = |key: &str| key.split(' ').nth(1).unwrap_or_default().to_owned();
        let [key, rsa, ecdsa, other, other_rsa] = [
            ("ed25519", "ed25519"),
            ("rsa", "rsa"),
            ("ecdsa", "ecdsa"),
            ("other", "ed25519"),
            ("other-rsa", "rsa"),
        ]
        .map(|(name, kind)| loopback.key(name, &[kind]));
        for (list, key) in [("krl", "ed25519.pub"), ("other-krl", "other.pub")] {
            let mut keygen = Command::new("ssh-keygen");
            tests::home::succeeds(
                keygen.args(["-q", "-k", "-f"]).arg(loopback.path(list)).arg(loopback.path(key)),
            );
        }
        loopback.write("broken-krl", b"SSHKRL\n\0and nothing else");
        let words = vec![
            ("ED25519_BLOB", blob(&key)),
            ("RSA_BLOB", blob(&rsa)),
            ("OTHER_RSA", other_rsa),
            ("OTHER", other),
            ("ECDSA", ecdsa),
            ("RSA", rsa),
            ("KEY", key),
        ];
        Self { loopback, words }
    }

    /// Writes a row's files. `way` is the setting that leads to the server.
    fn set(&self, row: &Row, way: &str) {
        let (known, more) = row.known.split_once("MORE ").unwrap_or((row.known, ""));
        let settings = row.settings.replace("DIR", &self.loopback.folder().display().to_string());
        self.loopback.write(
            "config",
            format!(
                "Host box\n{settings}\n{way}\nUserKnownHostsFile {0}/known\nGlobalKnownHostsFile /dev/null\n\
                 IdentityFile {0}/id\nIdentitiesOnly yes\nIdentityAgent none\nStrictHostKeyChecking yes\n\
                 UpdateHostKeys no\nHashKnownHosts no\nBatchMode yes\n",
                self.loopback.folder().display()
            ),
        );
        self.loopback.write("known", self.hashed(&self.filled(known)));
        self.loopback.write("more", self.filled(more));
    }

    /// Replaces the words for keys by the keys.
    fn filled(&self, text: &str) -> String {
        let word = |word: &str| {
            let found = self.words.iter().find(|(name, _)| *name == word);
            found.map_or_else(|| word.to_owned(), |(_, value)| value.clone())
        };
        let parts = text.split_inclusive(|found: char| found.is_whitespace());
        let filled = parts.map(|part| {
            let end = part.trim_end();
            format!("{}{}", word(end), &part[end.len()..])
        });
        filled.collect()
    }

    /// Replaces `|HASH(name)|` by `|1|salt|hash`, as `ssh-keygen -H` writes it.
    fn hashed(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once("|HASH(") else { return text.to_owned() };
        let (name, after) = rest.split_once(")|").unwrap();
        self.loopback.write("hashing", format!("{name} {}\n", self.filled("KEY")));
        let file = self.loopback.path("hashing");
        tests::home::succeeds(Command::new("ssh-keygen").args(["-q", "-H", "-f"]).arg(&file));
        let line = std::fs::read_to_string(&file).unwrap();
        format!("{before}{}{after}", line.split(' ').next().unwrap())
    }

    fn by_ssh(&self, row: &Row) -> Seen {
        let mut ssh = Command::new("timeout");
        ssh.args(["40", "ssh", "-T", "-F"]).arg(self.loopback.path("config")).args(["box", "true"]);
        let output = ssh.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let says = |words: &str| said.contains(words);
        match () {
            () if output.status.success() || says("Permission denied (") => Accepted,
            () if says("REVOKED HOST KEY") || says("revoked by file") => Revoked,
            () if says("Error checking host key") => Unchecked,
            () if says("IDENTIFICATION HAS CHANGED") => Changed,
            // Without any known_hosts file, it gives no reason.
            () if says("host key is known for") || said.trim() == "Host key verification failed." => Unknown,
            () => panic!("{}: ssh said something else: {said}", row.what),
        }
    }

    fn by_us(&self) -> Seen {
        let options = SshOptions { config: Some(self.loopback.path("config")), ..SshOptions::default() };
        match connect(&resolve("box", &options).unwrap(), &Nobody, Deadline::after(LONG))
            .map_err(|problem| (problem.code(), problem))
        {
            Ok(_) | Err(("ssh-login-refused", _)) => Accepted,
            Err(("ssh-host-key-revoked", _)) => Revoked,
            Err(("ssh-revoked-host-keys", _)) => Unchecked,
            Err(("ssh-host-key-changed", _)) => Changed,
            Err(("ssh-host-key-unknown", _)) => Unknown,
            Err((_, problem)) => panic!("another problem: {problem}"),
        }
    }

    /// Compares both verdicts, and returns how they differ.
    fn compare(&self, row: &Row, way: &str) -> Option<String> {
        self.set(row, way);
        let ours = self.by_us();
        self.set(row, way);
        let theirs = self.by_ssh(row);
        let same = ours == theirs && theirs == row.seen;
        (!same).then(|| format!("{}: ssh {theirs:?}, ours {ours:?}, expected {:?}", row.what, row.seen))
    }
}

fn a_key_is_judged_as_by_ssh(_rig: &Rig) {
    assert!(ROWS.len() >= 40, "{}", ROWS.len());
    let compare = |rows: &[Row]| {
        let bench = Bench::new();
        let serve = bench.loopback.server("all", &["ed25519", "rsa", "ecdsa"], &[]);
        let way = format!("ProxyCommand {serve}");
        rows.iter().filter_map(|row| bench.compare(row, &way)).collect::<Vec<_>>()
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let parts = ROWS.chunks(ROWS.len().div_ceil(4)).map(|rows| scope.spawn(move || compare(rows)));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
}

/// In these rows, ADDRESS is an address without brackets, and NUMBER the port that sshd listens on.
const LISTENING: &[Row] = &[
    row("the address and the port", "", "[ADDRESS]:NUMBER KEY", Accepted),
    row("the address alone", "", "ADDRESS KEY", Accepted),
    row("the address alone, beside another key", "", "[ADDRESS]:NUMBER OTHER\nADDRESS KEY", Changed),
    row("another port", "", "[ADDRESS]:1 KEY", Unknown),
    row("another key", "", "[ADDRESS]:NUMBER OTHER", Changed),
    row("taken back", "", "[ADDRESS]:NUMBER KEY\n@revoked * KEY", Revoked),
];

fn a_listening_server_is_judged_as_by_ssh(_rig: &Rig) {
    let bench = Bench::new();
    bench.loopback.server("all", &["ed25519"], &[]);
    let mut listened = 0;
    for address in ["127.0.0.1", "::1"] {
        // A machine without IPv6 cannot show this. The names of such hosts are in the other table.
        let Some(server) = bench.loopback.listen("all", address) else { continue };
        listened += 1;
        let way = format!("HostName {address}\nPort {}", server.port);
        for row in LISTENING {
            let known = row.known.replace("ADDRESS", address).replace("NUMBER", &server.port.to_string());
            let row = Row { known: known.leak(), ..*row };
            assert_eq!(bench.compare(&row, &way), None, "{address}");
        }
    }
    assert!(listened >= 1);
}

fn a_server_with_a_certificate_is_known_by_its_plain_key(_rig: &Rig) {
    let bench = Bench::new();
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-h", "-I", "box", "-n", "box", "-s"]).arg(bench.loopback.path("other"));
    tests::home::succeeds(keygen.arg(bench.loopback.path("ed25519.pub")));
    let certificate = bench.loopback.path("ed25519-cert.pub");
    let option = format!("HostCertificate {}", certificate.display());
    let way = format!("ProxyCommand {}", bench.loopback.server("all", &["ed25519"], &[&option]));
    for row in [
        row("the plain key is known", "", "box KEY", Accepted),
        row("another one is", "", "box ED25519_BLOB\nbox OTHER", Changed),
        row("nothing is", "", "", Unknown),
        row("a new one is taken", "StrictHostKeyChecking accept-new", "", Accepted),
    ] {
        assert_eq!(bench.compare(&row, &way), None);
    }
    // The plain key was added.
    bench.set(&row("", "StrictHostKeyChecking accept-new", "", Accepted), &way);
    assert_eq!(bench.by_us(), Accepted);
    assert_eq!(std::fs::read_to_string(bench.loopback.path("known")).unwrap(), bench.filled("box KEY\n"));
    // ssh trusts the certificate. We cannot check it, so the server counts as unknown.
    let certified = row("an authority is known", "", "@cert-authority box OTHER", Unknown);
    bench.set(&certified, &way);
    assert_eq!((bench.by_ssh(&certified), bench.by_us()), (Accepted, Unknown));
}
