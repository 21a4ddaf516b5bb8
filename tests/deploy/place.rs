//! Where the login goes, and everything that may stand in its place already.

use codex_remote_auth::deploy::{DeployOptions, OnSymlink, Was, deploy};
use codex_remote_auth::remote::{Force, Guard};

use crate::Case;
use crate::rig::{Remote, Rig, plain};
use crate::tree::Tree;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_codex_home_elsewhere_is_made_private_on_the_way_too,
        a_codex_home_with_a_space_and_quotes_in_its_name_works,
        a_codex_home_that_is_relative_is_made_where_codex_looks,
        a_codex_home_with_a_tilde_that_nothing_expands_is_refused,
        a_home_that_is_not_the_accounts_is_refused,
        a_codex_home_that_looks_like_an_option_works,
        a_directory_that_is_there_keeps_its_mode,
        a_codex_home_that_is_a_link_to_our_own_directory_works,
        a_codex_home_on_another_file_system_works,
        a_home_that_may_only_be_read_is_said,
        a_codex_home_that_is_a_dangling_link_is_refused,
        a_codex_home_that_is_a_file_is_refused,
        a_codex_home_of_another_account_is_refused,
        a_codex_home_that_cannot_be_made_is_said,
        an_auth_file_that_is_a_link_is_refused,
        an_auth_file_that_is_a_link_is_replaced_where_asked,
        an_auth_file_that_is_a_link_to_a_directory_is_replaced_where_asked,
        an_auth_file_that_is_a_directory_is_refused,
        an_auth_file_that_is_a_pipe_is_refused_without_opening_it,
        an_auth_file_that_cannot_be_read_is_kept_unless_that_is_forced_by_name,
        a_home_that_does_not_exist_is_said,
        no_home_at_all_is_said,
    ]
}

/// A bash account with this `CODEX_HOME`.
fn with_codex_home<'r>(rig: &'r Rig, quoted: &str) -> Remote<'r> {
    rig.account().file(".bashrc", &format!("export CODEX_HOME={quoted}\n")).make()
}

fn answers_from(remote: &Remote<'_>, folder: &str) {
    let receipt = remote.prove(&remote.one).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    assert!(receipt.directory_made);
    assert_eq!(receipt.path, format!("{}/{folder}/auth.json", remote.account.home));
    remote.has(&remote.one, folder);
    let receipt = remote.prove(&remote.two).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    remote.has(&remote.two, folder);
}

fn a_codex_home_elsewhere_is_made_private_on_the_way_too(rig: &Rig) {
    let remote = with_codex_home(rig, "$HOME/deep/down/here");
    answers_from(&remote, "deep/down/here");
    assert_eq!(remote.tree().at("deep").unwrap().mode, "700");
    assert_eq!(remote.tree().at(".codex"), None);
}

fn a_codex_home_with_a_space_and_quotes_in_its_name_works(rig: &Rig) {
    let remote = with_codex_home(rig, r#""$HOME/it's a \"home\" \$(false) ;*""#);
    answers_from(&remote, r#"it's a "home" $(false) ;*"#);
}

fn a_codex_home_that_is_relative_is_made_where_codex_looks(rig: &Rig) {
    answers_from(&with_codex_home(rig, "'own codex'"), "own codex");
}

fn a_codex_home_with_a_tilde_that_nothing_expands_is_refused(rig: &Rig) {
    let said = refused(&with_codex_home(rig, "'~/own codex'"), "tilde-in-codex-home");
    assert!(said.contains("`~/own codex`"), "{said}");
}

fn a_home_that_is_not_the_accounts_is_refused(rig: &Rig) {
    let remote = rig.account().file(".bashrc", "export HOME=$HOME/other; mkdir -p $HOME\n").make();
    remote.root("install -d -o \"$(stat -c %u .)\" other");
    let said = refused(&remote, "other-home");
    assert!(said.contains(&format!("own is `{}`", remote.account.home)), "{said}");
}

fn a_codex_home_that_looks_like_an_option_works(rig: &Rig) {
    answers_from(&with_codex_home(rig, "-rf"), "-rf");
}

fn a_directory_that_is_there_keeps_its_mode(rig: &Rig) {
    let remote = rig.account().directory(".codex", 0o750).make();
    let receipt = remote.deploy(&remote.one).unwrap();
    assert!(!receipt.directory_made);
    assert_eq!((receipt.mode, receipt.directory_mode), (0o600, 0o750));
    let tree = remote.tree();
    assert_eq!(tree.at(".codex").unwrap().mode, "750");
    assert_eq!(tree.at(".codex/auth.json").unwrap().mode, "600");
    tree.has_no_rest();
}

fn a_codex_home_that_is_a_link_to_our_own_directory_works(rig: &Rig) {
    let remote = rig.account().directory("real home", 0o700).link(".codex", "real home").make();
    let receipt = remote.prove(&remote.one).unwrap();
    assert!(receipt.proof.holds(), "{:?}", receipt.proof);
    assert!(!receipt.directory_made);
    assert_eq!(receipt.directory_mode, 0o700);
    remote.has(&remote.one, "real home");
    assert_eq!(remote.tree().at(".codex").unwrap().to, "real home");
}

fn a_codex_home_on_another_file_system_works(rig: &Rig) {
    let remote = rig.account().make();
    let elsewhere = format!("/dev/shm/{}-else", remote.account.name);
    remote
        .root(&format!("install -d -m 700 -o {} {elsewhere}; ln -s {elsewhere} .codex", remote.account.uid));
    assert_ne!(remote.root("stat -c %d ."), remote.root(&format!("stat -c %d {elsewhere}")));
    for auth in [&remote.one, &remote.two] {
        assert!(remote.prove(auth).unwrap().proof.holds());
        Tree::below(rig, &elsewhere).has_login(auth, "", remote.account.uid);
    }
    rig.root(&format!("rm -rf {elsewhere}"));
}

/// Holds that a deploy ends with this error, and that nothing in the home is another than before.
fn refused(remote: &Remote<'_>, code: &str) -> String {
    let before = remote.tree();
    let error = remote.rig.error(remote.deploy(&remote.one), code);
    assert_eq!(remote.tree(), before);
    error.to_string()
}

fn a_codex_home_that_is_a_dangling_link_is_refused(rig: &Rig) {
    let remote = rig.account().link(".codex", "nowhere").make();
    refused(&remote, "home-not-a-directory");
    assert_eq!(remote.tree().at("nowhere"), None);
}

fn a_codex_home_that_is_a_file_is_refused(rig: &Rig) {
    let said = refused(&rig.account().file(".codex", "a file\n").make(), "home-not-a-directory");
    assert!(said.contains("/.codex"), "{said}");
}

fn a_codex_home_of_another_account_is_refused(rig: &Rig) {
    // Both could be written to, and read by the owner afterwards.
    for owner in ["root", "nobody"] {
        let remote = rig.account().make();
        remote.root(&format!("mkdir -m 777 .codex; chown {owner} .codex"));
        refused(&remote, "home-not-ours");
    }
}

fn a_codex_home_that_cannot_be_made_is_said(rig: &Rig) {
    let remote = with_codex_home(rig, "/proc/codex");
    let said = refused(&remote, "cannot-make-directory");
    assert!(said.contains("/proc/codex"), "{said}");
}

fn a_home_that_may_only_be_read_is_said(rig: &Rig) {
    // Mounted to be read alone, as every container has it.
    let said = refused(&with_codex_home(rig, "/sys/codex"), "cannot-make-directory");
    assert!(said.contains("Read-only file system"), "{said}");
    let remote = rig.account().make();
    remote.root("chmod 555 .");
    let said = refused(&remote, "cannot-make-directory");
    assert!(said.to_lowercase().contains("permission denied"), "{said}");
}

fn an_auth_file_that_is_a_link_is_refused(rig: &Rig) {
    let text = "kept\n";
    refused(
        &rig.account().file("elsewhere", text).link(".codex/auth.json", "../elsewhere").make(),
        "auth-is-a-link",
    );
    refused(&rig.account().link(".codex/auth.json", "../nowhere").make(), "auth-is-a-link");
}

/// Deploys over a link, and gives what is there then.
fn replaces_link(remote: &Remote<'_>) -> Tree {
    let options = DeployOptions { on_symlink: OnSymlink::Replace, ..plain() };
    let receipt = deploy(&remote.session(), &remote.one, &options).unwrap();
    assert_eq!(receipt.was, Was::Link);
    let tree = remote.tree();
    let file = tree.at(".codex/auth.json").unwrap();
    assert_eq!((file.kind.as_str(), file.mode.as_str()), ("f", "600"), "{tree:#?}");
    assert_eq!(file.sha256, remote.one.bytes().sha256());
    tree.has_no_rest();
    tree
}

fn an_auth_file_that_is_a_link_is_replaced_where_asked(rig: &Rig) {
    let remote = rig.account().file("elsewhere", "kept\n").link(".codex/auth.json", "../elsewhere").make();
    let before = remote.tree();
    assert_eq!(replaces_link(&remote).at("elsewhere"), before.at("elsewhere"));
}

fn an_auth_file_that_is_a_link_to_a_directory_is_replaced_where_asked(rig: &Rig) {
    let remote = rig.account().directory("elsewhere", 0o755).link(".codex/auth.json", "../elsewhere").make();
    replaces_link(&remote);
}

fn an_auth_file_that_is_a_directory_is_refused(rig: &Rig) {
    refused(&rig.account().directory(".codex/auth.json", 0o700).make(), "auth-not-a-file-there");
}

fn an_auth_file_that_is_a_pipe_is_refused_without_opening_it(rig: &Rig) {
    let remote = rig.account().directory(".codex", 0o700).make();
    remote.root(&format!("mkfifo -m 600 .codex/auth.json; chown {} .codex/auth.json", remote.account.uid));
    refused(&remote, "auth-not-a-file-there");
}

fn an_auth_file_that_cannot_be_read_is_kept_unless_that_is_forced_by_name(rig: &Rig) {
    let remote = rig.account().directory(".codex", 0o700).make();
    remote.root("echo old >.codex/auth.json; chmod 600 .codex/auth.json");
    refused(&remote, "unknown-login");
    let options = DeployOptions { force: Force::default().with(Guard::UnknownLogin), ..plain() };
    let receipt = deploy(&remote.session(), &remote.one, &options).unwrap();
    assert_eq!(receipt.was, Was::Unreadable);
    remote.has(&remote.one, ".codex");
}

fn a_home_that_does_not_exist_is_said(rig: &Rig) {
    let said = refused(&rig.account().file(".bashrc", "export HOME=/no/such/home\n").make(), "no-home");
    assert!(said.contains("/no/such/home"), "{said}");
}

fn no_home_at_all_is_said(rig: &Rig) {
    refused(&rig.account().file(".bashrc", "unset HOME\n").make(), "no-home");
}
