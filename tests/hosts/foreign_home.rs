//! A Codex home that others can write to: another account owns it or the folder above, or has put files into it that Codex
//! or the deploy will read. Nothing is sent to such a home.

use std::time::{Duration, Instant};

use harness::target::Account;
use tests::Rig;
use tests::home::has;

use crate::Case;
use crate::planting::{ALLOWED, exposed, nothing_is_left};
use crate::witness::Witness;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_folder_above_that_others_can_write_to,
        a_home_of_somebody_else,
        names_that_are_known_before,
        a_configuration_of_another_account,
        a_private_group_is_nobody_else,
    ]
}

/// Whoever can write to the folder above can replace the Codex home by another directory at any moment.
fn a_folder_above_that_others_can_write_to(rig: &Rig) {
    for (owner, is_link) in [(0, false), (1, false), (0, true), (1, true)] {
        let person = rig.person(2);
        let (victim, attacker) = (person.account(), &person.accounts[1]);
        let owner = &person.accounts[owner].name;
        let shared = format!("/srv/{}", victim.name);
        rig.root(&format!(
            "mkdir -p {shared}; chown {owner} {shared}; chmod 777 {shared}; install -d -m 700 -o {} {shared}/codex",
            victim.name
        ));
        person.there(&match is_link {
            true => format!("ln -s {shared}/codex .codex"),
            false => format!("echo 'export CODEX_HOME={shared}/codex' >.bashrc"),
        });
        let before = person.account().tree_of(&shared);
        for more in [["--dry-run"].as_slice(), &[]] {
            let call = [&["deploy", "--no-proof", "box0"], more].concat();
            let (status, stdout, stderr) = person.says(&call);
            assert_eq!(status, 1, "{} can replace it: {stdout}{stderr}", attacker.name);
            has(&stdout, &[&shared, "othing was sent"]);
            assert_eq!(person.account().tree_of(&shared), before);
        }
        rig.root(&format!("rm -rf {shared}"));
    }
}

/// Ubuntu and Fedora give every account its own group with write permission. This gives nobody else access.
fn a_private_group_is_nobody_else(rig: &Rig) {
    for (group, expected) in [("", 0), ("codex-on-path", 1)] {
        for prepare in [
            "mkdir -m 775 .codex; echo 'model = \"one\"' >.codex/config.toml; chmod 664 .codex/config.toml; open=.codex/config.toml",
            "mkdir -m 775 work; install -d -m 700 work/codex; echo 'export CODEX_HOME=$HOME/work/codex' >.bashrc; open=work",
        ] {
            // Without codex on its PATH, an account is only in its own group.
            let person = rig.account().without_codex().person();
            let Account { home, name, .. } = &**person.account();
            person.rig.root(&format!(
                "cd {home}; {prepare}; chown -R {name}:{name} .codex work .bashrc 2>/dev/null; group={group}; \
                 chgrp ${{group:-{name}}} $open"
            ));
            let (status, stdout, stderr) = person.says(&["deploy", "--no-proof", "box0"]);
            assert_eq!(status, expected, "group `{group}`, {prepare}: {stdout}{stderr}");
        }
    }
}

/// An account cannot close a home that it does not own.
fn a_home_of_somebody_else(rig: &Rig) {
    let (person, newer) = exposed(rig);
    let attacker = person.accounts[1].name.clone();
    let witness = Witness::of(rig, &[&person.login, &newer]);
    for open in [
        format!("MINE=.codex; chown {attacker} .codex; chmod 777 .codex"),
        format!("MINE=.codex; chown {attacker} .codex; chmod 1777 .codex"),
        "MINE=.codex; chown root:codex-on-path .codex; chmod 2770 .codex".to_owned(),
        format!(
            "MINE=.codex; chown root .codex; chmod 700 .codex; setfacl -m u:{}:rwx .codex",
            person.account().name
        ),
    ] {
        person.there(&open);
        let before = person.tree();
        for more in [["--dry-run"].as_slice(), &["--force"], &[]] {
            let host = person.json(&[&["deploy", "--no-proof", "box0"], more].concat(), 1);
            assert_eq!(host["error"]["code"], "home-not-ours", "{open}: {host}");
            assert_eq!(person.tree(), before, "{open}");
            witness.sees_nothing(ALLOWED, &open);
        }
    }
}

/// Some file names are the same in every deploy. Whatever has such a name is not opened for writing, and nothing waits for it.
fn names_that_are_known_before(rig: &Rig) {
    const NAMES: &str = "auth.json.before .auth.json auth.json.new auth.json.tmp .auth.json.tmp auth.json.lock config.toml .env";
    for (kind, command) in [
        ("a FIFO", "mkfifo -m 666 $path"),
        ("a device", "mknod -m 666 $path c 1 3"),
        ("an endless device", "mknod -m 666 $path c 1 5"),
        ("a link to a file", "ln -s $loot/file $path"),
        ("a link to a directory", "ln -s $loot $path"),
        ("a link to nothing", "ln -s $loot/nothing $path"),
        ("a link to an endless device", "ln -s /dev/zero $path"),
        ("a hard link", "ln $loot/file $path"),
        ("a directory", "mkdir -m 777 $path"),
        ("a huge file", "truncate -s 1G $path"),
    ] {
        let (person, newer) = exposed(rig);
        let attacker = person.accounts[1].clone();
        person.there(&format!(
            "loot={0}\n: >$loot/file; chmod 666 $loot/file; chown {1} $loot/file\n\
             for name in {NAMES}; do path=.codex/$name; {command}; chown -h {1} $path; done\nMINE=.codex/*",
            attacker.home, attacker.name
        ));
        let witness = Witness::of(rig, &[&person.login, &newer]);
        let before = person.account().tree_of(&attacker.home);
        let began = Instant::now();
        let (status, stdout, stderr) =
            person.says(&["deploy", "--no-proof", "--backup", "--timeout", "20", "box0"]);
        let what = format!("{kind}: {stdout}{stderr}");
        assert!(began.elapsed() < Duration::from_secs(20), "it waited: {what}");
        witness.sees_nothing(ALLOWED, &what);
        assert_eq!(person.account().tree_of(&attacker.home), before, "{what}");
        let expected = if status == 0 { newer.bytes().sha256() } else { person.login.bytes().sha256() };
        assert_eq!(person.remote_digest(0), expected, "{what}");
        let kept = format!("{}/.codex/auth.json.before", person.account().home);
        let kept = rig.root(&format!("stat -c '%F %a %U' {kept} 2>/dev/null || :"));
        if status == 0 {
            assert_eq!(kept, format!("regular file 600 {}\n", person.account().name), "{what}");
        }
        nothing_is_left(&person, &what);
        person.account().nothing_runs();
    }
}

/// Codex obeys config.toml: it sends the login to any server that the file names, and runs any program. What another
/// account has written or can change must not decide that.
fn a_configuration_of_another_account(rig: &Rig) {
    for (file, text) in [
        ("config.toml", "[mcp_servers.evil]\ncommand = \"/bin/true\"\n"),
        ("config.toml", "chatgpt_base_url = \"http://127.0.0.1:9/\"\n"),
        (".env", "HTTPS_PROXY=http://127.0.0.1:9\n"),
    ] {
        for (owner, mode) in [(1, "644"), (0, "666"), (0, "664")] {
            let person = rig.person(2);
            let owner = person.accounts[owner].name.clone();
            person.there(&format!(
                "mkdir -m 755 .codex\ncat >.codex/{file} <<'END'\n{text}END\nchmod {mode} .codex/{file}\n\
                 chown {owner} .codex/{file}; MINE=.codex/{file}"
            ));
            let before = person.tree();
            let witness = Witness::of(rig, &[&person.login]);
            for more in [["--dry-run"].as_slice(), &["--no-proof"], &[]] {
                let (status, stdout, stderr) = person.says(&[&["deploy", "box0"], more].concat());
                let what = format!("{file} of {owner}, mode {mode}, {more:?}: {stdout}{stderr}");
                assert_eq!(person.tree(), before, "{what}");
                assert_eq!(status, 1, "{what}");
                has(&stdout, &[file, "othing was sent"]);
                witness.sees_nothing(&[], &what);
            }
        }
    }
}
