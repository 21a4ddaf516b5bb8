use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::ssh::{AddressFamily, Agent, Strictness};

/// A folder with this configuration in it, in which DIR stands for the folder.
fn configured(text: &str) -> (TempDir, SshOptions) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, text.replace("DIR", &folder.path().display().to_string())).unwrap();
    (folder, SshOptions { config: Some(file), ..SshOptions::default() })
}

/// OpenSSH, and a machine without it.
const READERS: [&str; 2] = ["ssh", "/nowhere/ssh"];

fn by(reader: &str, name: &str, options: &SshOptions) -> Destination {
    resolve_with(name, options, &OpenSsh::at(reader), MOST_JUMPS).unwrap()
}

#[test]
fn what_both_readers_know_means_the_same_to_both() {
    let (folder, options) = configured(
        "Host box\n  HostName box.example\n  Port 2222\n  User me\n  IdentityFile DIR/id_%r\n  IdentitiesOnly yes\n  \
         IdentityAgent DIR/agent\n  UserKnownHostsFile DIR/a DIR/b\n  GlobalKnownHostsFile none\n  HashKnownHosts yes\n  \
         StrictHostKeyChecking accept-new\n  HostKeyAlias other\n  ConnectTimeout 7\n  AddressFamily inet\n  \
         BindAddress 127.0.0.9\n  PasswordAuthentication no\n  BatchMode yes\n",
    );
    std::fs::write(folder.path().join("id_me"), "").unwrap();
    for reader in READERS {
        let found = by(reader, "box", &options);
        assert_eq!(found.endpoint.to_string(), "me@box.example:2222", "{reader}");
        assert_eq!(found.credentials.identities, [folder.path().join("id_me")]);
        assert!(
            found.credentials.identities_only && found.credentials.no_password && found.credentials.batch
        );
        assert_eq!(found.credentials.agent, Agent::At(folder.path().join("agent")));
        assert_eq!(found.host_keys.user_files, [folder.path().join("a"), folder.path().join("b")]);
        assert!(found.host_keys.global_files.is_empty() && found.host_keys.hash);
        assert_eq!(found.host_keys.strictness, Strictness::AcceptNew);
        assert_eq!(found.host_keys.alias.as_deref(), Some("other"));
        assert_eq!(found.connect_timeout, Some(Duration::from_secs(7)));
        assert_eq!(found.family, AddressFamily::V4);
        assert_eq!(found.bind_address.as_deref(), Some("127.0.0.9"));
        assert_eq!(found.warnings.len(), usize::from(reader != "ssh"), "{:?}", found.warnings);
    }
}

#[test]
fn the_command_line_counts_before_the_file_and_the_host_before_both() {
    let (_folder, mut options) = configured("Host *\n  User filed\n  Port 1\n  ConnectTimeout 1\n");
    options.user = Some("lined".to_owned());
    options.port = Some(2);
    options.options = vec!["ConnectTimeout=9".to_owned()];
    for reader in READERS {
        let found = by(reader, "box", &options);
        assert_eq!(found.endpoint.to_string(), "lined@box:2", "{reader}");
        assert_eq!(found.connect_timeout, Some(Duration::from_secs(9)));
        assert_eq!(by(reader, "named@box:3", &options).endpoint.to_string(), "named@box:3");
        assert_eq!(by(reader, "ssh://named@[::1]:3", &options).endpoint.to_string(), "named@[::1]:3");
    }
}

#[test]
fn jumps_are_resolved_by_their_own_settings_nearest_first() {
    let (_folder, mut options) = configured(
        "Host far\n  User f\n  ProxyJump near,a@middle:2200\nHost near\n  HostName near.example\n  User n\n  Port 2022\n\
         Host middle\n  HostName middle.example\n  ProxyJump never\nHost round square\n  User r\nHost round\n  ProxyJump square\nHost square\n  ProxyJump round\n",
    );
    options.port = Some(7);
    for reader in READERS {
        let Via::Jumps(jumps) = by(reader, "far", &options).via else { panic!("no jumps: {reader}") };
        let jumps: Vec<String> = jumps.iter().map(|jump| jump.endpoint.to_string()).collect();
        assert_eq!(jumps, ["n@near.example:2022", "a@middle.example:2200"], "{reader}");
        let problem = resolve_with("round", &options, &OpenSsh::at(reader), MOST_JUMPS).unwrap_err();
        assert!(problem.to_string().contains("more than 8"), "{problem}");
    }
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
        "Host box\n  Ciphers aes128-ctr\n  PKCS11Provider /x\n  ForwardAgent yes\n  CertificateFile /nowhere\n  \
         SendEnv CODEX_HOME\n",
    );
    let found = resolve("box", &options).unwrap();
    assert_eq!(found.credentials.certificates, [Path::new("/nowhere")]);
    let [others] = found.warnings.as_slice() else { panic!("{:?}", found.warnings) };
    assert!(
        others.contains("sets ciphers, pkcs11provider, sendenv, which") && !others.contains("forwardagent"),
        "{others}"
    );
    let (_folder, options) = configured("Host box\n  StrictHostKeyChecking no\n");
    let found = resolve("box", &options).unwrap();
    assert_eq!(found.host_keys.strictness, Strictness::AcceptNew);
    assert!(found.warnings[0].contains("has changed is refused"), "{:?}", found.warnings);
    assert!(
        resolve("box", &SshOptions { config: Some("none".into()), ..options }).unwrap().warnings.is_empty()
    );
}

#[test]
fn what_distributions_set_for_everybody_is_no_warning() {
    let (_folder, options) =
        configured("Host *\n  SendEnv LANG LC_*\n  HashKnownHosts yes\n  GSSAPIAuthentication yes\n");
    assert_eq!(resolve("box", &options).unwrap().warnings, [""; 0]);
}

/// `ssh`, and a file that grows by a byte each time it is called.
fn counted(folder: &Path) -> (OpenSsh, impl Fn() -> usize) {
    let (program, calls) = (folder.join("ssh"), folder.join("calls"));
    let script = format!("#!/bin/sh\nprintf x >>{}\nexec ssh \"$@\"\n", calls.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (OpenSsh::at(program), move || std::fs::read(&calls).unwrap_or_default().len())
}

#[test]
fn a_fleet_that_is_configured_alike_is_asked_for_once() {
    let (folder, options) = configured("Host web*\n  User me\n  ProxyJump gate\nHost gate\n  Port 2022\n");
    let (ssh, calls) = counted(folder.path());
    std::thread::scope(|scope| {
        for number in 0..20 {
            let (ssh, options) = (&ssh, &options);
            scope.spawn(move || {
                let name = format!("web{number}");
                assert_eq!(
                    resolve_with(&name, options, ssh, MOST_JUMPS).unwrap(),
                    by("ssh", &name, options),
                    "{name}"
                );
            });
        }
    });
    // One for the web hosts, one for what is so where nothing is configured, one for the gate.
    assert_eq!(calls(), 3);
}

#[test]
fn a_host_of_which_ssh_says_nothing_for_long_holds_up_no_other() {
    let (folder, options) = configured("");
    let program = folder.path().join("ssh");
    std::fs::write(&program, "#!/bin/sh\ncase $* in *slow) exec sleep 30 ;; esac\nexec ssh \"$@\"\n")
        .unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (ssh, began) = (Arc::new(OpenSsh::at(program)), Instant::now());
    let (first, its) = (Arc::clone(&ssh), options.clone());
    std::thread::spawn(move || resolve_with("slow", &its, &first, MOST_JUMPS));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(resolve_with("other", &options, &ssh, MOST_JUMPS).unwrap().endpoint.host, "other");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[test]
fn an_answer_serves_no_host_of_which_ssh_would_say_something_else() {
    let (folder, options) = configured(
        "Include DIR/more\nHost a* !ab\n  User x\n  Port 1\nHost *.example\n  User y\n  IdentityFile DIR/%h-%r\n\
         Host b ab\n  HostName fixed\n  ConnectTimeout 3\nHost *\n  HashKnownHosts yes\n",
    );
    std::fs::write(folder.path().join("more"), "Host c*\n  BindAddress 127.0.0.3\n").unwrap();
    let (ssh, calls) = counted(folder.path());
    let names = [
        "alpha0",
        "alpha1",
        "alpha2",
        "ab",
        "abc",
        "b",
        "fixed",
        "cello1",
        "cello2",
        "cello.example",
        "alpha.example",
        "ALPHA1",
        "you@delta1",
        "me@delta2",
        "delta1:7",
        "delta2:8",
        "::1",
        "delta1",
        "delta2",
        "you@10.0.0.1",
        "10.0.0.2",
        "foo.EXAMPLE",
        "foo1.example",
        "foo2.example",
        "d",
    ];
    for name in names.iter().chain(&names) {
        let remembered = resolve_with(name, &options, &ssh, MOST_JUMPS).unwrap();
        assert_eq!(remembered, by("ssh", name, &options), "{name}");
    }
    assert!(calls() < names.len() - 3, "{} of {}", calls(), names.len());
}

#[test]
fn a_configuration_that_cannot_be_read_is_said_with_its_line() {
    let (_folder, options) = configured("Host box\n  Bogus 1\n");
    let problem = resolve("box", &options).unwrap_err();
    assert_eq!(problem.code(), "ssh-config");
    assert!(problem.to_string().contains("line 2") && problem.to_string().contains("box"), "{problem}");
    let missing = SshOptions { config: Some("/nowhere/config".into()), ..SshOptions::default() };
    for reader in READERS {
        let problem = resolve_with("box", &missing, &OpenSsh::at(reader), MOST_JUMPS).unwrap_err();
        assert!(problem.to_string().contains("/nowhere/config"), "{problem}");
    }
}

#[test]
fn a_machine_without_openssh_is_said() {
    let (_folder, options) = configured("Host box\n  User me\n");
    let found = by("/nowhere/ssh", "box", &options);
    assert_eq!(found.endpoint.user, "me");
    assert!(found.warnings[0].contains("`ssh` is not here"), "{:?}", found.warnings);
}
