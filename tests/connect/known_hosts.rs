//! Which servers are known, which are added, and which are refused.

use codex_remote_auth::message::Failure as _;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tests::account::RemoteAccount;
use tests::home::{Home, has, succeeds};

use crate::Case;
use crate::answers::Answers;
use crate::server::Server;
use crate::support::{Connects, Rig, says};

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        an_unknown_server_is_told_nothing,
        a_server_with_another_key_is_told_nothing,
        a_hashed_entry_is_recognised_and_a_new_one_is_hashed,
        an_unknown_key_is_refused_without_a_yes,
        an_agreed_key_is_appended_and_the_rest_stays,
        accept_new_asks_nobody,
        checking_turned_off_still_refuses_a_changed_key,
        a_changed_key_is_refused_and_the_command_mends_it,
        a_changed_key_in_two_files_names_both,
        a_pattern_of_other_keys_is_not_mended_by_a_command,
        the_known_type_is_asked_for_though_the_server_prefers_another,
        another_type_alone_is_a_changed_key,
        an_alias_stands_for_host_and_port,
        the_global_file_and_the_second_file_count,
        host_key_algorithms_choose_the_type,
        no_such_algorithm_is_said,
    ]
}

fn to<'r>(rig: &'r Rig, options: &[&str], settings: &str) -> (Home<'r>, Server, RemoteAccount<'r>) {
    let (home, server, account) = (rig.home(), rig.server(options), rig.account().make());
    home.configure(&format!("Host box\n{}{settings}", server.settings(&account)));
    (home, server, account)
}

/// Checks that a server is refused in this way, and that its log mentions the account only after a connection succeeds.
fn is_told_nothing(rig: &Rig, known: impl FnOnce(&Server) -> String, code: &str) {
    let (home, server, account) = to(rig, &[], "");
    home.know(&known(&server));
    let problem =
        rig.problem(home.connect("box", &Answers::default()), code, &[&account.name, "nothing was sent"]);
    let lines = || rig.root(&format!("grep -cw {} /run/sshd.log || :", account.name)).trim().to_owned();
    assert_eq!(lines(), "0", "the server knows of the account");
    home.know(&server.lines());
    home.connect("box", &Answers::default()).unwrap();
    assert_ne!(lines(), "0", "the log shows nothing");
    let fingerprint = rig.root(&format!("ssh-keygen -lf /run/connect/{}/ed25519.pub", server.port));
    has(&problem.to_string(), &[fingerprint.split(' ').nth(1).unwrap()]);
}

fn an_unknown_server_is_told_nothing(rig: &Rig) {
    is_told_nothing(rig, |_| String::new(), "ssh-host-key-unknown");
}

fn a_server_with_another_key_is_told_nothing(rig: &Rig) {
    is_told_nothing(rig, |server| rig.server(&[]).lines_as(&server.name()), "ssh-host-key-changed");
}

fn a_hashed_entry_is_recognised_and_a_new_one_is_hashed(rig: &Rig) {
    let (home, server, _) = to(rig, &[], "  HashKnownHosts yes\n");
    home.know(&server.lines());
    succeeds(Command::new("ssh-keygen").args(["-q", "-H", "-f"]).arg(home.path("known_hosts")));
    assert!(home.read("known_hosts").starts_with("|1|"));
    home.connect("box", &Answers::default()).unwrap();

    home.know("");
    home.connect("box", &Answers::trusting()).unwrap();
    let known = home.read("known_hosts");
    assert!(known.starts_with("|1|") && !known.contains(&server.host), "{known}");
    // OpenSSH's own tool finds the entry under the name.
    let found =
        succeeds(Command::new("ssh-keygen").args(["-F", &server.name(), "-f"]).arg(home.path("known_hosts")));
    assert!(found.contains("line 1"), "{found}");
    home.connect("box", &Answers::default()).unwrap();
}

fn an_unknown_key_is_refused_without_a_yes(rig: &Rig) {
    let (home, server, account) = to(rig, &[], "");
    let endpoint = format!("{}@{}:{}", account.name, server.host, server.port);
    let words = [&endpoint, "SHA256:", "nothing was sent", "ssh-keygen -lf"];
    let no = Answers::default();
    let problem = rig.problem(home.connect("box", &no), "ssh-host-key-unknown", &words);
    has(&problem.in_full(), &["and you did not accept it", "if it is the same, confirm the key"]);
    assert!(
        !problem.in_full().contains("accept-new"),
        "a person who answered no is not told to skip the question"
    );
    assert_eq!(no.asked_of(), [format!("{} ssh-ed25519", server.name())]);
    for settings in ["  BatchMode yes\n", "  StrictHostKeyChecking yes\n"] {
        home.configure(&format!("Host box\n{}{settings}", server.settings(&account)));
        let yes = Answers::trusting();
        let problem = rig.problem(home.connect("box", &yes), "ssh-host-key-unknown", &words);
        has(&problem.in_full(), &["without BatchMode and StrictHostKeyChecking", "accept-new"]);
        assert_eq!(yes.asked_of(), [""; 0], "{settings}");
    }
    assert_eq!(home.read("known_hosts"), "");
}

fn an_agreed_key_is_appended_and_the_rest_stays(rig: &Rig) {
    let (home, server, account) = to(rig, &[], "");
    let before = "# mine\nnot an entry at all\nother ssh-ed25519 AAAA";
    home.know(before);
    home.connect("box", &Answers::trusting()).unwrap();
    let line = |key: &String| key.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let new = format!("{} {}\n", server.name(), line(&server.keys[0]));
    assert_eq!(home.read("known_hosts"), format!("{before}\n{new}"));

    home.configure(&format!(
        "Host box\n{}  UserKnownHostsFile DIR/new/deeper/known_hosts\n",
        server.settings(&account)
    ));
    home.connect("box", &Answers::trusting()).unwrap();
    assert_eq!(home.read("new/deeper/known_hosts"), new);
    let mode = |name| std::fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("new/deeper/known_hosts"), mode("new/deeper"), mode("new")), (0o600, 0o700, 0o700));
}

fn accept_new_asks_nobody(rig: &Rig) {
    let (home, server, _) = to(rig, &[], "  StrictHostKeyChecking accept-new\n  BatchMode yes\n");
    let ask = Answers::default();
    home.connect("box", &ask).unwrap();
    assert_eq!(ask.asked_of(), [""; 0]);
    assert!(home.read("known_hosts").starts_with(&server.name()));
    home.know(&rig.server(&[]).lines_as(&server.name()));
    rig.problem(home.connect("box", &ask), "ssh-host-key-changed", &["known_hosts:1"]);
}

fn checking_turned_off_still_refuses_a_changed_key(rig: &Rig) {
    let (home, server, account) =
        to(rig, &["PasswordAuthentication=yes", "PubkeyAuthentication=no"], "  StrictHostKeyChecking no\n");
    let password = rig.password(&account);
    let ask = Answers::with(&[&password, &password]);
    home.connect("box", &ask).unwrap();
    assert!(home.read("known_hosts").starts_with(&server.name()));
    let asked = ask.asked().len();
    home.know(&rig.server(&[]).lines_as(&server.name()));
    rig.problem(home.connect("box", &ask), "ssh-host-key-changed", &["nothing was sent"]);
    assert_eq!(ask.asked().len(), asked, "no password is asked for on the way to another server");
    assert!(home.resolve("box").warnings.iter().any(|warning| warning.contains("StrictHostKeyChecking")));
}

/// The commands that an error suggests as a fix.
fn mend(text: &str) -> Vec<&str> {
    let commands = text.split("if you trust the new key, remove the old one: ").nth(1).unwrap();
    commands.lines().next().unwrap().split(" && ").collect()
}

fn a_changed_key_is_refused_and_the_command_mends_it(rig: &Rig) {
    let (home, server, account) = to(rig, &[], "  UserKnownHostsFile \"DIR/my hosts\"\n");
    let others = rig.server(&[]).lines_as(&server.name());
    home.write("my hosts", format!("# first\n{}{others}", rig.server(&[]).lines()));
    let endpoint = format!("{}@{}:{}", account.name, server.host, server.port);
    let problem = rig.problem(
        home.connect("box", &Answers::trusting()),
        "ssh-host-key-changed",
        &[&endpoint, "my hosts:3", "ssh-ed25519 SHA256:", "ssh-keygen -R", "nothing was sent"],
    );
    for command in mend(&problem.in_full()) {
        succeeds(Command::new("sh").arg("-c").arg(command));
    }
    home.connect("box", &Answers::trusting()).unwrap();
    home.connect("box", &Answers::default()).unwrap();
}

fn a_changed_key_in_two_files_names_both(rig: &Rig) {
    let (home, server, _) = to(rig, &[], "  UserKnownHostsFile DIR/one DIR/two\n");
    let others = rig.server(&[]).lines_as(&server.name());
    home.write("one", &others);
    home.write("two", format!("\n{others}"));
    let problem =
        rig.problem(home.connect("box", &Answers::default()), "ssh-host-key-changed", &["one:1", "two:2"]);
    for command in mend(&problem.in_full()) {
        succeeds(Command::new("sh").arg("-c").arg(command));
    }
    home.connect("box", &Answers::trusting()).unwrap();
}

fn a_pattern_of_other_keys_is_not_mended_by_a_command(rig: &Rig) {
    let (home, server, _) = to(rig, &[], "");
    home.know(&rig.server(&[]).lines_as("[*]:*"));
    let problem = rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-host-key-changed",
        &["known_hosts:1", "edit that line"],
    );
    assert!(!problem.to_string().contains("ssh-keygen -R"), "{problem}");
    drop(server);
}

fn the_known_type_is_asked_for_though_the_server_prefers_another(rig: &Rig) {
    let (home, server, account) = to(rig, &["Keys=rsa,ecdsa,ed25519"], "");
    for kind in ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"] {
        let key = server.keys.iter().find(|key| key.starts_with(kind)).unwrap();
        home.know(&format!("{} {key}\n", server.name()));
        let session = home.connect("box", &Answers::default()).unwrap();
        assert_eq!(says(&session, "id -un"), account.name, "{kind}");
    }
}

fn another_type_alone_is_a_changed_key(rig: &Rig) {
    let (home, server, _) = to(rig, &["Keys=ecdsa"], "");
    home.know(&rig.server(&[]).lines_as(&server.name()));
    rig.problem(
        home.connect("box", &Answers::trusting()),
        "ssh-host-key-changed",
        &["it shows ecdsa-sha2-nistp256 SHA256:"],
    );
}

fn an_alias_stands_for_host_and_port(rig: &Rig) {
    let (home, server, _) = to(rig, &[], "  HostKeyAlias the-box\n");
    home.know(&server.lines_as("the-box"));
    home.connect("box", &Answers::default()).unwrap();
    home.know(&rig.server(&[]).lines_as("the-box"));
    rig.problem(
        home.connect("box", &Answers::default()),
        "ssh-host-key-changed",
        &["ssh-keygen -R 'the-box'"],
    );
}

fn the_global_file_and_the_second_file_count(rig: &Rig) {
    for settings in [
        "  GlobalKnownHostsFile DIR/absent DIR/other\n",
        "  UserKnownHostsFile DIR/known_hosts DIR/other\n  CheckHostIP yes\n",
    ] {
        let (home, server, _) = to(rig, &[], settings);
        home.write("other", server.lines());
        home.connect("box", &Answers::default()).unwrap();
        assert_eq!(home.read("known_hosts"), "");
    }
}

fn host_key_algorithms_choose_the_type(rig: &Rig) {
    let (home, server, _) = to(rig, &["Keys=rsa,ed25519"], "  HostKeyAlgorithms rsa-sha2-512\n");
    let ask = Answers::trusting();
    home.connect("box", &ask).unwrap();
    assert_eq!(ask.asked_of(), [format!("{} ssh-rsa", server.name())]);
    home.connect("box", &Answers::default()).unwrap();
}

fn no_such_algorithm_is_said(rig: &Rig) {
    let (home, server, _) = to(rig, &[], "  HostKeyAlgorithms sk-ssh-ed25519@openssh.com\n");
    rig.problem(
        home.connect("box", &Answers::trusting()),
        "ssh-forbidden",
        &[
            &server.host,
            "HostKeyAlgorithms",
            "sk-ssh-ed25519@openssh.com",
            "-o HostKeyAlgorithms=ssh-ed25519",
        ],
    );
}
