use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::message::Failure as _;
use crate::ssh::{AddressFamily, Agent, Strictness};

/// A folder with this configuration in it, in which DIR stands for the folder.
fn configured(text: &str) -> (TempDir, SshOptions) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, text.replace("DIR", &folder.path().display().to_string())).unwrap();
    (folder, SshOptions { config: Some(file), ..SshOptions::default() })
}

/// A machine without OpenSSH.
const NOWHERE: &str = "/nowhere/ssh";

fn without_openssh(name: &str, options: &SshOptions) -> Result<Destination, SshProblem> {
    resolve_with(name, options, &OpenSsh::at(NOWHERE))
}

#[test]
fn what_the_configuration_says_is_in_the_destination() {
    let (folder, options) = configured(
        "Host box\n  HostName box.example\n  Port 2222\n  User me\n  IdentityFile DIR/id_%r\n  IdentitiesOnly yes\n  \
         IdentityAgent DIR/agent\n  UserKnownHostsFile DIR/a DIR/b\n  GlobalKnownHostsFile none\n  HashKnownHosts yes\n  \
         StrictHostKeyChecking accept-new\n  HostKeyAlias other\n  ConnectTimeout 7\n  AddressFamily inet\n  \
         BindAddress 127.0.0.9\n  PasswordAuthentication no\n  BatchMode yes\n",
    );
    std::fs::write(folder.path().join("id_me"), "").unwrap();
    let found = resolve("box", &options).unwrap();
    assert_eq!(found.endpoint.to_string(), "me@box.example:2222");
    assert_eq!(found.credentials.identities, [folder.path().join("id_me")]);
    assert!(found.credentials.identities_only && found.credentials.no_password && found.credentials.batch);
    assert_eq!(found.credentials.agent, Agent::At(folder.path().join("agent")));
    assert_eq!(found.host_keys.user_files, [folder.path().join("a"), folder.path().join("b")]);
    assert!(found.host_keys.global_files.is_empty() && found.host_keys.hash);
    assert_eq!(found.host_keys.strictness, Strictness::AcceptNew);
    assert_eq!(found.host_keys.alias.as_deref(), Some("other"));
    assert_eq!(found.connect_timeout, Some(Duration::from_secs(7)));
    assert_eq!(found.family, AddressFamily::V4);
    assert_eq!(found.bind_address.as_deref(), Some("127.0.0.9"));
    assert_eq!(found.warnings, [""; 0]);
}

#[test]
fn the_command_line_counts_before_the_file_and_the_host_before_both() {
    let (_folder, mut options) = configured("Host *\n  User filed\n  Port 1\n  ConnectTimeout 1\n");
    options.user = Some("lined".to_owned());
    options.port = Some(2);
    options.options = vec!["ConnectTimeout=9".to_owned()];
    let alone = SshOptions { config: None, ..options.clone() };
    for (program, options) in [("ssh", &options), (NOWHERE, &alone)] {
        let by = |name: &str| resolve_with(name, options, &OpenSsh::at(program)).unwrap();
        assert_eq!(by("box").endpoint.to_string(), "lined@box:2", "{program}");
        assert_eq!(by("box").connect_timeout, Some(Duration::from_secs(9)));
        assert_eq!(by("named@box:3").endpoint.to_string(), "named@box:3");
        assert_eq!(by("ssh://named@[::1]:3").endpoint.to_string(), "named@[::1]:3");
    }
}

#[test]
fn jumps_are_resolved_by_their_own_settings_nearest_first() {
    let (_folder, mut options) = configured(
        "Host far\n  User f\n  ProxyJump near,a@middle:2200\nHost near\n  HostName near.example\n  User n\n  Port 2022\n\
         Host middle\n  HostName middle.example\n  ProxyJump never\nHost round square\n  User r\nHost round\n  ProxyJump square\nHost square\n  ProxyJump round\n",
    );
    options.port = Some(7);
    let Via::Jumps(jumps) = resolve("far", &options).unwrap().via else { panic!("no jumps") };
    let jumps: Vec<String> = jumps.iter().map(|jump| jump.endpoint.to_string()).collect();
    assert_eq!(jumps, ["n@near.example:2022", "a@middle.example:2200"]);
    let problem = resolve("round", &options).unwrap_err();
    assert!(problem.to_string().contains("more than 8"), "{problem}");
}

#[test]
fn include_match_and_tokens_mean_what_they_mean_to_openssh() {
    let (folder, options) = configured(
        "Include DIR/more\nMatch host box.example user me\n  Port 99\nHost *\n  ProxyCommand relay %h:%p %r 100%%\n",
    );
    std::fs::write(folder.path().join("more"), "Host box\n  HostName %h.example\n  User me\n").unwrap();
    let found = resolve("box", &options).unwrap();
    assert_eq!(found.endpoint.to_string(), "me@box.example:99");
    assert_eq!(found.via, Via::Command("relay box.example:99 me 100%".to_owned()));
}

#[test]
fn what_is_set_and_not_done_is_named() {
    let (_folder, options) = configured(
        "Host box\n  KnownHostsCommand /x\n  PKCS11Provider /x\n  ForwardAgent yes\n  CertificateFile /nowhere\n  \
         PermitLocalCommand yes\n  LocalCommand date\n  CheckHostIP yes\n",
    );
    let found = resolve("me@box", &options).unwrap();
    assert_eq!(found.credentials.certificates, [Path::new("/nowhere")]);
    let [others] = found.warnings.as_slice() else { panic!("{:?}", found.warnings) };
    assert!(
        others.contains("sets checkhostip, knownhostscommand, localcommand, pkcs11provider, which")
            && !others.contains("forwardagent"),
        "{others}"
    );
    let (_folder, options) = configured("Host box\n  StrictHostKeyChecking no\n  VerifyHostKeyDNS ask\n");
    let found = resolve("me@box", &options).unwrap();
    assert_eq!(found.host_keys.strictness, Strictness::AcceptNew);
    assert!(found.warnings[0].contains("VerifyHostKeyDNS is not supported"), "{:?}", found.warnings);
    assert!(found.warnings[1].contains("a changed one is still refused"), "{:?}", found.warnings);
    let without = SshOptions { config: Some("none".into()), ..options };
    assert_eq!(resolve("me@box", &without).unwrap().warnings, [""; 0]);
    // The warnings of a hop name it.
    let (_folder, options) = configured("Host far\n  ProxyJump near\nHost near\n  PKCS11Provider /x\n");
    let warnings = resolve("me@far", &options).unwrap().warnings;
    assert!(warnings.len() == 1 && warnings[0].starts_with("near: "), "{warnings:?}");
}

#[test]
fn what_the_configuration_allows_is_in_the_destination() {
    let (_folder, options) = configured(
        "Host box\n  Ciphers aes256-ctr,aes128-ctr\n  MACs -hmac-sha1*\n  KexAlgorithms ^ecdh-sha2-nistp384\n  \
         HostKeyAlgorithms ssh-ed25519\n  PubkeyAcceptedAlgorithms rsa-sha2-512\n  RequiredRSASize 3072\n  \
         PreferredAuthentications password,publickey\n  RevokedHostKeys /etc/revoked\n",
    );
    let found = resolve("me@box", &options).unwrap();
    assert_eq!(found.warnings, [""; 0]);
    assert_eq!(found.algorithms.ciphers, ["aes256-ctr", "aes128-ctr"]);
    assert_eq!(found.algorithms.host_keys, ["ssh-ed25519"]);
    assert_eq!(found.algorithms.key_exchange[0], "ecdh-sha2-nistp384");
    let macs = &found.algorithms.macs;
    assert!(
        macs.iter().any(|mac| mac == "hmac-sha2-256") && !macs.iter().any(|mac| mac.contains("sha1")),
        "{macs:?}"
    );
    assert_eq!(found.algorithms.required_rsa_bits, 3072);
    let credentials = &found.credentials;
    assert_eq!(
        (&*credentials.key_rule.algorithms, credentials.key_rule.required_rsa_bits),
        (&["rsa-sha2-512".to_owned()][..], 3072)
    );
    assert!(
        credentials.no_questions
            && !credentials.no_password
            && !credentials.no_keys
            && !credentials.key_rule.is_usual
    );
    assert_eq!(found.host_keys.revoked.as_deref(), Some(Path::new("/etc/revoked")));
    let overridden = SshOptions {
        options: ["Ciphers=aes128-ctr", "RevokedHostKeys=none", "RequiredRSASize=1024"]
            .map(str::to_owned)
            .into(),
        ..options
    };
    let found = resolve("me@box", &overridden).unwrap();
    assert_eq!((&*found.algorithms.ciphers, found.host_keys.revoked), (&["aes128-ctr".to_owned()][..], None));
    assert_eq!(found.algorithms.required_rsa_bits, 1024);
    let (_folder, options) = configured("");
    assert!(resolve("me@box", &options).unwrap().credentials.key_rule.is_usual);
    let (_folder, options) = configured("Host *\n  ProxyCommand nc %h %p\n  ProxyUseFdpass yes\n");
    let problem = resolve("me@box", &options).unwrap_err().in_full();
    assert!(
        problem.contains("ProxyUseFdpass is not supported") && problem.contains("-o ProxyUseFdpass=no"),
        "{problem}"
    );
}

#[test]
fn what_distributions_set_for_everybody_is_no_warning() {
    let (_folder, options) =
        configured("Host *\n  SendEnv LANG LC_*\n  HashKnownHosts yes\n  GSSAPIAuthentication yes\n");
    assert_eq!(resolve("me@box", &options).unwrap().warnings, [""; 0]);
}

/// An `ssh` that writes down how it is called, one argument a line, and is otherwise the real one.
fn witnessed(folder: &Path) -> (OpenSsh, impl Fn() -> String) {
    let (program, calls) = (folder.join("ssh"), folder.join("calls"));
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >>{}\nexec ssh \"$@\"\n", calls.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (OpenSsh::at(program), move || std::fs::read_to_string(&calls).unwrap_or_default())
}

#[test]
fn ssh_is_asked_about_each_host_by_itself() {
    let (folder, options) = configured("Host box*\n  User me\n");
    let (ssh, calls) = witnessed(folder.path());
    for name in ["box1", "box2", "box1"] {
        assert_eq!(resolve_with(name, &options, &ssh).unwrap().endpoint.host, name);
    }
    let calls = calls();
    let hosts: Vec<&str> = calls.lines().filter(|line| line.starts_with("box")).collect();
    assert_eq!(hosts, ["box1", "box2", "box1"]);
}

/// What no name may hold, from wherever it comes.
const BAD: &str = "$(touch${IFS}pwn)";

#[test]
fn nothing_is_run_for_a_name_that_is_not_valid() {
    let (folder, options) = configured("Host *\n  ProxyCommand ssh -W %h:%p -l %r gate\n");
    let (ssh, calls) = witnessed(folder.path());
    let with = |change: fn(&mut SshOptions, String)| {
        let mut options = options.clone();
        change(&mut options, BAD.to_owned());
        options
    };
    for (name, options, code) in [
        (format!("{BAD}@box"), options.clone(), "ssh-host-name"),
        (BAD.to_owned(), options.clone(), "ssh-host-name"),
        ("box".to_owned(), with(|options, bad| options.user = Some(bad)), "ssh-user-name"),
        (
            "box".to_owned(),
            with(|options, bad| options.jump = Some(format!("gate,{bad}@b"))),
            "ssh-host-name",
        ),
        ("box".to_owned(), with(|options, bad| options.jump = Some(bad)), "ssh-host-name"),
        ("box".to_owned(), with(|options, bad| options.options.push(format!("User={bad}"))), "ssh-user-name"),
        (
            "box".to_owned(),
            with(|options, bad| options.options.push(format!("hostname {bad}"))),
            "ssh-host-name",
        ),
        (
            "box".to_owned(),
            with(|options, bad| options.options.push(format!("HostKeyAlias={bad}"))),
            "ssh-host-name",
        ),
        (
            "box".to_owned(),
            with(|options, bad| options.options.push(format!("ProxyJump = \"{bad}\""))),
            "ssh-host-name",
        ),
    ] {
        let problem = resolve_with(&name, &options, &ssh).unwrap_err();
        assert_eq!(problem.code(), code, "{name} {options:?}: {problem}");
        assert!(problem.is_of_the_call(), "{problem}");
        assert_eq!(calls(), "", "{name} {options:?}");
    }
}

#[test]
fn names_of_the_configuration_are_checked_before_they_are_put_into_a_command() {
    for (settings, word) in [
        (format!("User {BAD}"), "user name"),
        (format!("HostName x;{BAD}"), "HostName"),
        (format!("HostKeyAlias {BAD}"), "HostKeyAlias"),
    ] {
        let (_folder, options) =
            configured(&format!("Host box\n  {settings}\n  ProxyCommand nc %h %p # %r %k\n"));
        let problem = resolve("box", &options).unwrap_err();
        assert_eq!(problem.code(), "ssh-config", "{settings}: {problem}");
        assert!(problem.to_string().contains(word), "{problem}");
    }
    let (_folder, options) = configured(&format!("Host box\n  ProxyJump gate,{BAD}@far\n"));
    assert_eq!(resolve("box", &options).unwrap_err().code(), "ssh-host-name");
    // Where no command is made of it, a name with a space is the server's business.
    let (_folder, options) = configured("Host box\n  User \"first last\"\n");
    assert_eq!(resolve("box", &options).unwrap().endpoint.user, "first last");
}

#[test]
fn a_remote_command_of_the_configuration_is_refused() {
    let (_folder, options) = configured(
        "Host box\n  RemoteCommand sudo -iu other\nHost far\n  ProxyJump box\nHost none\n  RemoteCommand none\n",
    );
    let problem = resolve("me@box", &options).unwrap_err();
    assert_eq!(problem.code(), "ssh-remote-command");
    for word in ["on me@box", "sets RemoteCommand", "-o RemoteCommand=none"] {
        assert!(problem.in_full().contains(word), "{problem}");
    }
    let none = SshOptions { options: vec!["RemoteCommand=none".to_owned()], ..options.clone() };
    assert_eq!(resolve("me@box", &none).unwrap().warnings, [""; 0]);
    // A hop only passes the connection on.
    assert_eq!(resolve("me@far", &options).unwrap().warnings, [""; 0]);
    assert_eq!(resolve("me@none", &options).unwrap().warnings, [""; 0]);
    let alone = SshOptions { options: vec!["RemoteCommand=id".to_owned()], ..SshOptions::default() };
    assert_eq!(without_openssh("me@box", &alone).unwrap_err().code(), "ssh-remote-command");
}

#[test]
fn a_configuration_that_cannot_be_read_is_said_with_its_line() {
    let (_folder, options) = configured("Host box\n  Bogus 1\n");
    let problem = resolve("box", &options).unwrap_err();
    assert_eq!(problem.code(), "ssh-config");
    assert!(problem.to_string().contains("line 2") && problem.to_string().contains("box"), "{problem}");
    let missing = SshOptions { config: Some("/nowhere/config".into()), ..SshOptions::default() };
    let problem = resolve("box", &missing).unwrap_err();
    assert!(problem.to_string().contains("/nowhere/config"), "{problem}");
}

#[test]
fn without_openssh_the_command_line_alone_counts() {
    let options = SshOptions {
        user: Some("me".to_owned()),
        jump: Some("a@near:2200,b@far".to_owned()),
        options: ["StrictHostKeyChecking=accept-new", "UserKnownHostsFile=/k1 /k2", "User=other"]
            .map(str::to_owned)
            .into(),
        config: Some("none".into()),
        ..SshOptions::default()
    };
    let found = without_openssh("box:2222", &options).unwrap();
    assert_eq!(found.endpoint.to_string(), "me@box:2222");
    assert_eq!(found.host_keys.strictness, Strictness::AcceptNew);
    assert_eq!(found.host_keys.user_files, [Path::new("/k1"), Path::new("/k2")]);
    let Via::Jumps(jumps) = &found.via else { panic!("no jumps") };
    assert_eq!((jumps.len(), jumps[0].endpoint.to_string()), (2, "a@near:2200".to_owned()));
    assert_eq!(found.warnings, [without_openssh::WARNING]);
}

#[test]
fn without_openssh_what_needs_it_is_an_error() {
    let with = |options: &[&str]| SshOptions {
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        ..SshOptions::default()
    };
    let (_folder, configured) = configured("");
    for (options, words) in [
        (configured, "-F "),
        (with(&["Ciphers=+aes128-cbc"]), "-o ciphers"),
        (with(&["Bogus=1"]), "-o bogus"),
        (with(&["CanonicalizeHostname=yes"]), "-o canonicalizehostname"),
        (with(&["BatchMode=maybe"]), "must be one of yes, no"),
        (with(&["Port=many"]), "Port must be a number"),
    ] {
        let problem = without_openssh("me@box", &options).unwrap_err();
        assert_eq!(problem.code(), "ssh-config", "{problem}");
        assert!(problem.to_string().contains(words), "{problem}");
    }
    let problem = without_openssh("me@box", &with(&["BatchMode"])).unwrap_err();
    assert!(problem.is_of_the_call() && problem.to_string().contains("NAME=VALUE"), "{problem}");
}

#[test]
fn an_option_that_ssh_does_not_know_is_said_without_a_place() {
    let check = |option: &str| {
        let options = SshOptions { options: vec![option.to_owned()], ..SshOptions::default() };
        options.check().unwrap_err().to_string()
    };
    for option in ["Bogus=1", "Port=many"] {
        let told = check(option);
        let rest =
            told.strip_prefix(&format!("-o {option}: ssh says: Bad ")).unwrap_or_else(|| panic!("{told}"));
        assert!(!rest.contains("line 0"), "{told}");
    }
}

#[test]
fn a_remote_forward_is_said_not_to_be_made() {
    let (_folder, options) = configured(
        "Host far\n  ProxyJump near\nHost near\n  RemoteForward 1 a:2\n\
         Host none\n  RemoteForward 1 a:2\n  ClearAllForwardings yes\n",
    );
    let warned = |name: &str| resolve(name, &options).unwrap().warnings;
    let [warning] = &warned("near")[..] else { panic!("{:?}", warned("near")) };
    assert!(warning.starts_with("RemoteForward of the SSH configuration is not set up here"), "{warning}");
    // OpenSSH makes none for a host on the way either.
    assert_eq!((warned("far"), warned("none")), (Vec::new(), Vec::new()));
}
