//! Another account of the host can write to the Codex home. It plants something under the name of the temporary file while a
//! deploy runs, or earlier, to receive the login. It must receive nothing, and the login must survive.

use std::time::Duration;

use harness::auth::AuthFile;

use crate::Case;
use crate::planter::Planter;
use crate::rig::{Person, Rig};
use crate::witness::Witness;

/// What is planted, and how often a deploy runs against it.
const KINDS: &[(&str, usize)] = &[
    ("fifo", 5),
    ("device", 2),
    ("link-to-file", 2),
    ("link-to-directory", 2),
    ("link-to-nothing", 2),
    ("hard-link", 2),
    ("directory", 3),
];

/// Login shells, each with what `sh` is for the account; empty where it is the system's.
const SHELLS: &[(&str, &str, &str)] = &[
    ("bash", "/bin/bash", ""),
    ("dash", "/bin/dash", ""),
    ("zsh", "/bin/zsh", ""),
    ("mksh", "/bin/mksh", ""),
    ("busybox", "/run/ash", ""),
    ("sh_is_bash", "/bin/bash", "/bin/bash"),
    ("sh_is_zsh", "/bin/bash", "/bin/zsh"),
    ("sh_is_mksh", "/bin/bash", "/bin/mksh"),
    ("sh_is_busybox", "/bin/bash", "/bin/busybox"),
];

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = tests::cases![
        in_a_home_that_the_group_can_write_to,
        in_a_home_that_an_access_list_opens,
        through_the_rights_that_a_home_gives_to_new_files,
        in_a_folder_above_the_home,
        in_a_home_of_somebody_else,
        under_names_that_are_known_before,
    ];
    for (name, shell, sh) in SHELLS {
        let case = move |rig: &Rig| {
            for (kind, rounds) in KINDS {
                during_a_deploy(rig, shell, sh, kind, *rounds);
            }
        };
        cases.push((format!("while_it_is_written::{name}"), Box::new(case)));
    }
    cases
}

/// A person with a login on the host, whose home there everybody can write to, and a second account. The person has a newer
/// login here.
fn exposed(rig: &Rig) -> (Person<'_>, AuthFile) {
    let person = rig.person(2);
    person.ends(&["deploy", "--no-proof", "box0"], 0);
    let newer = rig.login(Duration::from_secs(60));
    person.write(".codex/auth.json", newer.bytes().expose());
    person.there("chmod 777 .codex");
    (person, newer)
}

/// Deploys the newer login while the attacker is at work, and holds that nothing went wrong. `open` makes the home writable.
fn attacked(person: &Person<'_>, newer: &AuthFile, planter: &Planter<'_>, open: &str, what: &str) {
    let (old, new) = (person.login.bytes().sha256(), newer.bytes().sha256());
    person.there(open);
    let (status, stdout, stderr) = person.says(&["deploy", "--no-proof", "--timeout", "20", "box0"]);
    planter.settles();
    let what = format!("{what}: {stdout}{stderr}");
    Witness::of(person.rig, &[&person.login, newer]).sees_nothing(&["/.codex/auth.json"], &what);
    assert_eq!(person.remote_digest(0), if status == 0 { new } else { old.clone() }, "{what}");
    let rights = person.rig.root(&format!("stat -c '%a %U' {}/.codex/auth.json", person.accounts[0].home));
    assert_eq!(rights, format!("600 {}\n", person.accounts[0].name), "{what}");
    nothing_is_left(person, &what);
    // The next deploy finds the older login again.
    person.there("rm -rf .codex/*cra-* .codex/.*cra-*");
    person.write("older.json", person.login.bytes().expose());
    let older = person.path("older.json");
    let again = ["deploy", "--no-proof", "--force", "--auth", older.to_str().unwrap(), "box0"];
    person.ends(&again, 0);
    assert_eq!(person.remote_digest(0), old);
}

/// Holds that the account has nothing in its Codex home but what belongs there.
fn nothing_is_left(person: &Person<'_>, what: &str) {
    let owner = person.accounts[0].uid;
    let left = person.rig.root(&format!(
        "cd {}/.codex && find . -mindepth 1 -uid {owner} ! -name auth.json ! -name auth.json.before ! -path './tmp*' -print",
        person.accounts[0].home
    ));
    assert_eq!(left, "", "left in the Codex home: {left}{what}");
}

fn during_a_deploy(rig: &Rig, shell: &str, sh: &str, kind: &str, rounds: usize) {
    let (person, newer) = exposed(rig);
    rig.root(&format!(
        "ln -sf /bin/busybox /run/ash; usermod -s {shell} {} 2>/dev/null",
        person.accounts[0].name
    ));
    if !sh.is_empty() {
        person.there(&format!("mkdir first; ln -s {sh} first/sh; echo 'PATH=$HOME/first:$PATH' >.bashrc"));
    }
    let planter = Planter::starts(&person, kind);
    planter.is_able();
    for round in 1..=rounds {
        attacked(&person, &newer, &planter, "chmod 777 .codex", &format!("{kind}, round {round}"));
    }
}

fn in_a_home_that_the_group_can_write_to(rig: &Rig) {
    for mode in ["775", "2770", "1777"] {
        let (person, newer) = exposed(rig);
        let open = format!("chmod {mode} .codex");
        person.there(&open);
        let planter = Planter::starts(&person, "fifo");
        planter.is_able();
        for round in 1..=3 {
            attacked(&person, &newer, &planter, &open, &format!("mode {mode}, round {round}"));
        }
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

/// A default access list gives a new file its rights, and the umask then counts for nothing.
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
            person.accounts[1].uid, person.accounts[0].home
        ));
        assert_eq!(can_read, "no\n");
    }
}

/// Who can write to the folder above can put another directory in place of the Codex home at any moment.
fn in_a_folder_above_the_home(rig: &Rig) {
    for owner in [0, 1] {
        let person = rig.person(2);
        let (victim, attacker) = (&person.accounts[0], &person.accounts[1]);
        let owner = &person.accounts[owner].name;
        let shared = format!("/srv/{}", victim.name);
        rig.root(&format!(
            "mkdir -p {shared}; chown {owner} {shared}; chmod 777 {shared}; install -d -m 700 -o {} {shared}/codex",
            victim.name
        ));
        person.there(&format!("echo 'export CODEX_HOME={shared}/codex' >.bashrc"));
        let before = person.below(&shared);
        for more in [["--dry-run"].as_slice(), &[]] {
            let call = [&["deploy", "--no-proof", "box0"], more].concat();
            let (status, stdout, stderr) = person.says(&call);
            assert_eq!(status, 1, "{} can replace it: {stdout}{stderr}", attacker.name);
            crate::rig::has(&stdout, &[&shared, "othing was sent"]);
            assert_eq!(person.below(&shared), before);
        }
        rig.root(&format!("rm -rf {shared}"));
    }
}

/// A home that is not the account's cannot be closed by it.
fn in_a_home_of_somebody_else(rig: &Rig) {
    let (person, newer) = exposed(rig);
    let attacker = person.accounts[1].name.clone();
    let witness = Witness::of(rig, &[&person.login, &newer]);
    for open in [
        format!("MINE=.codex; chown {attacker} .codex; chmod 777 .codex"),
        format!("MINE=.codex; chown {attacker} .codex; chmod 1777 .codex"),
        "MINE=.codex; chown root:codex-on-path .codex; chmod 2770 .codex".to_owned(),
        format!(
            "MINE=.codex; chown root .codex; chmod 700 .codex; setfacl -m u:{}:rwx .codex",
            person.accounts[0].name
        ),
    ] {
        person.there(&open);
        let before = person.tree();
        for more in [["--dry-run"].as_slice(), &["--force"], &[]] {
            let host = person.json(&[&["deploy", "--no-proof", "box0"], more].concat(), 1);
            assert_eq!(host["error"]["code"], "home-not-ours", "{open}: {host}");
            assert_eq!(person.tree(), before, "{open}");
            witness.sees_nothing(&["/.codex/auth.json"], &open);
        }
    }
}

/// Some names are the same in every deploy. Whatever stands under them is not opened for writing, and nothing waits for it.
fn under_names_that_are_known_before(rig: &Rig) {
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
        ("a huge file", "head -c 50000000 /dev/zero >$path"),
    ] {
        let (person, newer) = exposed(rig);
        let attacker = person.accounts[1].clone();
        person.there(&format!(
            "loot={0}\n: >$loot/file; chmod 666 $loot/file; chown {1} $loot/file\n\
             for name in {NAMES}; do path=.codex/$name; {command}; chown -h {1} $path; done\nMINE=.codex/*",
            attacker.home, attacker.name
        ));
        let witness = Witness::of(rig, &[&person.login, &newer]);
        let before = person.below(&attacker.home);
        let began = std::time::Instant::now();
        let (status, stdout, stderr) =
            person.says(&["deploy", "--no-proof", "--backup", "--timeout", "20", "box0"]);
        let what = format!("{kind}: {stdout}{stderr}");
        assert!(began.elapsed() < Duration::from_secs(20), "it waited: {what}");
        witness.sees_nothing(&["/.codex/auth.json", "/.codex/auth.json.before"], &what);
        assert_eq!(person.below(&attacker.home), before, "{what}");
        let expected = if status == 0 { newer.bytes().sha256() } else { person.login.bytes().sha256() };
        assert_eq!(person.remote_digest(0), expected, "{what}");
        let kept = format!("{}/.codex/auth.json.before", person.accounts[0].home);
        let kept = rig.root(&format!("stat -c '%F %a %U' {kept} 2>/dev/null || :"));
        if status == 0 {
            assert_eq!(kept, format!("regular file 600 {}\n", person.accounts[0].name), "{what}");
        }
        nothing_is_left(&person, &what);
        tests::running::nothing(rig.container(), &person.accounts[0], false);
    }
}
