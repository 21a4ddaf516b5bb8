//! Another account on the host can write to the Codex home. It plants something under the name of the temporary file, during a
//! deploy or before, to receive the login. It must receive nothing, and the login must survive.

use std::time::Duration;

use codex_remote_auth::auth_json::AuthFile;
use tests::Rig;
use tests::person::Person;

use crate::Case;
use crate::planter::Planter;
use crate::witness::Witness;

/// What is planted, and how many deploys run against it.
const KINDS: &[(&str, usize)] = &[
    ("fifo", 3),
    ("device", 1),
    ("link-to-file", 1),
    ("link-to-directory", 1),
    ("link-to-nothing", 1),
    ("hard-link", 1),
    ("directory", 2),
];

/// The kinds that are planted on every change whatever `sh` is: each takes what is written to the name elsewhere.
const ON_EVERY_CHANGE: &[&str] = &["fifo", "link-to-file"];

/// What `sh` is for the account. Its login shell only starts it; `login_shells` tests those.
const SHELLS: &[(&str, &str)] = &[
    ("bash", "/bin/bash"),
    ("dash", "/bin/dash"),
    ("zsh", "/bin/zsh"),
    ("mksh", "/bin/mksh"),
    ("busybox", "/bin/busybox"),
];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = tests::cases![
        in_a_home_that_an_access_list_opens,
        through_the_rights_that_a_home_gives_to_new_files,
    ];
    for (name, sh) in SHELLS {
        for (kind, rounds) in KINDS {
            let case = move |rig: &Rig| during_a_deploy(rig, sh, kind, *rounds);
            let is_on_every_change = *name == "bash" || ON_EVERY_CHANGE.contains(kind);
            let case = Case::new(format!("while_it_is_written::{name}::{kind}"), case);
            cases.push(case.weekly_if(!is_on_every_change));
        }
    }
    for mode in ["775", "2770", "1777"] {
        let case = move |rig: &Rig| in_a_home_that_the_group_can_write_to(rig, mode);
        cases.push(Case::new(format!("in_a_home_that_the_group_can_write_to::mode_{mode}"), case));
    }
    for kind in ["fifo", "directory", "link-to-directory"] {
        let case = move |rig: &Rig| during_a_rollback(rig, kind);
        cases.push(Case::new(format!("while_a_rollback_swaps_two_logins::{kind}"), case));
    }
    cases
}

/// A person with a login on the host, in a home that everybody can write to, and a second account. The person has a newer
/// login on this machine.
pub(crate) fn exposed(rig: &Rig) -> (Person<'_>, AuthFile) {
    let person = rig.person(2);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    let newer = person.renews(Duration::from_secs(60));
    person.there("mkdir -m 700 .kept; cp -p .codex/auth.json .kept/; chmod 777 .codex");
    (person, newer)
}

/// The places where a login may be.
pub(crate) const ALLOWED: &[&str] = &["/.codex/auth.json", "/.codex/auth.json.before", "/.kept/auth.json"];

/// Deploys the newer login during the attack, and checks that nothing went wrong. `open` makes the home writable.
fn attacked(person: &Person<'_>, newer: &AuthFile, planter: &Planter<'_>, open: &str, what: &str) {
    let old = person.login.bytes().sha256();
    let new = newer.bytes().sha256();
    person.there(open);
    let witness = Witness::of(person.rig, &[&person.login, newer]);
    let (status, stdout, stderr) = person.says(&["deploy", "--no-proof", "--timeout", "20", "box0"]);
    planter.settles();
    let what = format!("{what}: {stdout}{stderr}");
    witness.sees_nothing(ALLOWED, &what);
    assert_eq!(person.remote_digest(0), *if status == 0 { &new } else { &old }, "{what}");
    let rights = person.rig.root(&format!("stat -c '%a %U' {}/.codex/auth.json", person.account().home));
    assert_eq!(rights, format!("600 {}\n", person.account().name), "{what}");
    nothing_is_left(person, &what);
    // The next deploy finds the older login again.
    person.there("rm -rf .codex/*cra-* .codex/.*cra-*; cp -p .kept/auth.json .codex/auth.json");
    assert_eq!(person.remote_digest(0), old);
}

/// Checks that the account's Codex home contains only what belongs there.
pub(crate) fn nothing_is_left(person: &Person<'_>, what: &str) {
    let owner = person.account().uid;
    let left = person.rig.root(&format!(
        "cd {}/.codex && find . -mindepth 1 -uid {owner} ! -name auth.json ! -name auth.json.before ! -path './tmp*' -print",
        person.account().home
    ));
    assert_eq!(left, "", "left in the Codex home: {left}{what}");
}

fn during_a_deploy(rig: &Rig, sh: &str, kind: &str, rounds: usize) {
    let (person, newer) = exposed(rig);
    person.there(&format!("mkdir first; ln -s {sh} first/sh; echo 'PATH=$HOME/first:$PATH' >.bashrc"));
    let planter = Planter::starts(&person, kind);
    planter.is_able();
    for round in 1..=rounds {
        attacked(&person, &newer, &planter, "chmod 777 .codex", &format!("{kind}, round {round}"));
    }
}

fn in_a_home_that_the_group_can_write_to(rig: &Rig, mode: &str) {
    let (person, newer) = exposed(rig);
    let open = format!("chmod {mode} .codex");
    person.there(&open);
    let planter = Planter::starts(&person, "fifo");
    planter.is_able();
    for round in 1..=3 {
        attacked(&person, &newer, &planter, &open, &format!("mode {mode}, round {round}"));
    }
}

fn in_a_home_that_an_access_list_opens(rig: &Rig) {
    let (person, newer) = exposed(rig);
    let open = format!("chmod 700 .codex; setfacl -m u:{}:rwx .codex", person.accounts[1].name);
    person.there(&open);
    let planter = Planter::starts(&person, "fifo");
    planter.is_able();
    for round in 1..=5 {
        attacked(&person, &newer, &planter, &open, &format!("access list, round {round}"));
    }
}

/// A default ACL sets the permissions of new files, and then the umask has no effect.
fn through_the_rights_that_a_home_gives_to_new_files(rig: &Rig) {
    let (person, newer) = exposed(rig);
    let attacker = &person.accounts[1].name;
    let open = format!("chmod 755 .codex; setfacl -d -m u:{attacker}:rwx,o::rwx .codex");
    person.there(&open);
    let planter = Planter::starts(&person, "reader");
    for round in 1..=10 {
        attacked(&person, &newer, &planter, &open, &format!("default access list, round {round}"));
        let can_read = rig.root(&format!(
            "setpriv --reuid {} --regid codex-on-path --clear-groups cat {}/.codex/auth.json >/dev/null 2>&1 && echo yes || echo no",
            person.accounts[1].uid, person.account().home
        ));
        assert_eq!(can_read, "no\n");
    }
}

/// A rollback writes too. It must not show or lose either of the two logins.
fn during_a_rollback(rig: &Rig, kind: &str) {
    let (person, newer) = exposed(rig);
    person.there("chmod 700 .codex");
    person.ends(&["deploy", "--no-proof", "--backup", "box0"], 0);
    person.there("chmod 777 .codex");
    let planter = Planter::starts(&person, kind);
    planter.is_able();
    let mut logins = [newer.bytes().sha256(), person.login.bytes().sha256()];
    for round in 1..=3 {
        person.there("chmod 777 .codex");
        let witness = Witness::of(rig, &[&person.login, &newer]);
        let (status, stdout, stderr) = person.says(&["rollback", "--timeout", "20", "box0"]);
        planter.settles();
        let what = format!("{kind}, round {round}: {stdout}{stderr}");
        witness.sees_nothing(ALLOWED, &what);
        if status == 0 {
            logins.reverse();
        }
        let digests = rig.root(&format!(
            "cd {}/.codex; sha256sum auth.json auth.json.before; stat -c '%a %u' auth.json auth.json.before",
            person.account().home
        ));
        let (mode, [in_use, kept]) = (format!("600 {}\n", person.account().uid), &logins);
        let expected = format!("{in_use}  auth.json\n{kept}  auth.json.before\n{mode}{mode}");
        assert_eq!(digests, expected, "{what}");
        nothing_is_left(&person, &what);
        person.there("rm -rf .codex/*cra-* .codex/.*cra-*");
    }
}
