//! Which folder the login goes to, and what may already be in it. What is refused is in `deploy_failures`.

use std::time::Duration;

use tests::Rig;
use tests::home::has;
use tests::person::Person;

use crate::Case;

pub(crate) fn cases() -> Vec<Case> {
    tests::cases![
        a_folder_elsewhere_is_made_private_on_the_way_too,
        a_folder_with_special_characters_in_its_name,
        a_relative_folder_is_made_where_codex_looks,
        a_directory_that_is_there_keeps_its_mode,
        a_link_to_a_directory_of_the_account,
        a_folder_on_another_file_system,
        the_largest_login_arrives_whole_and_works,
        a_link_in_place_of_the_file_is_replaced_if_asked,
    ]
}

/// Deploys two logins, and checks that both work and are in this folder.
fn works_in(rig: &Rig, codex_home: &str, folder: &str) {
    let newer = rig.login(Duration::from_secs(60));
    let rc = format!("export CODEX_HOME={codex_home}\n");
    let person = rig.account().file(".bashrc", &rc).accepts(&newer).person();
    for login in [&person.login, &newer] {
        person.write(".codex/auth.json", login.bytes().expose());
        let host = person.json(&["deploy", "box0"], 0);
        assert_eq!(host["proof"], "works", "{host}");
        assert_eq!(host["path"], format!("{}/{folder}/auth.json", person.account().home));
        person.account().has(login, folder);
    }
    let made = folder.split('/').next().unwrap();
    assert_eq!(
        person.account().root(&format!("stat -c %a -- '{}'; ls -d .codex || :", made.replace('\'', "'\\''"))),
        "700\n"
    );
}

fn a_folder_elsewhere_is_made_private_on_the_way_too(rig: &Rig) {
    works_in(rig, "$HOME/deep/down/here", "deep/down/here");
}

fn a_folder_with_special_characters_in_its_name(rig: &Rig) {
    works_in(rig, r#""$HOME/it's a \"home\" \$(false) ;*""#, r#"it's a "home" $(false) ;*"#);
    // The name looks like an option.
    works_in(rig, "-rf", "-rf");
}

fn a_relative_folder_is_made_where_codex_looks(rig: &Rig) {
    works_in(rig, "'own codex'", "own codex");
    let person = rig.account().file(".bashrc", "export CODEX_HOME='own codex'\n").person();
    let (stdout, _) = person.ends(&["deploy", "--dry-run", "box0"], 0);
    has(
        &stdout,
        &["CODEX_HOME is `own codex` on the host, which is another folder wherever codex is called"],
    );
}

fn deploys(person: &Person<'_>, more: &[&str]) -> String {
    person.ends(&[&["deploy", "box0"], more].concat(), 0).0
}

fn a_directory_that_is_there_keeps_its_mode(rig: &Rig) {
    let person = rig.account().directory(".codex", 0o750).person();
    deploys(&person, &["--no-proof"]);
    assert_eq!(
        person.account().root("stat -c %a .codex .codex/auth.json; find . -name '.auth.json.*'"),
        "750\n600\n"
    );
}

fn a_link_to_a_directory_of_the_account(rig: &Rig) {
    let person = rig.account().directory("real home", 0o700).link(".codex", "real home").person();
    has(&deploys(&person, &[]), &["verified: "]);
    person.account().has(&person.login, "real home");
    assert_eq!(person.account().root("readlink .codex"), "real home\n");
}

fn a_folder_on_another_file_system(rig: &Rig) {
    let newer = rig.login(Duration::from_secs(60));
    let person = rig.account().accepts(&newer).person();
    let account = person.account();
    let elsewhere = format!("/dev/shm/{}-else", account.name);
    account.root(&format!("install -d -m 700 -o {} {elsewhere}; ln -s {elsewhere} .codex", account.uid));
    assert_ne!(account.root("stat -c %d ."), account.root(&format!("stat -c %d {elsewhere}")));
    for login in [&person.login, &newer] {
        person.write(".codex/auth.json", login.bytes().expose());
        has(&deploys(&person, &[]), &["verified: "]);
        account.has(login, &elsewhere);
    }
    rig.root(&format!("rm -rf {elsewhere}"));
}

fn the_largest_login_arrives_whole_and_works(rig: &Rig) {
    let person = rig.person(1);
    let text = String::from_utf8(person.login.bytes().expose().to_vec()).unwrap();
    let most = usize::try_from(codex_remote_auth::auth_json::MAX_BYTES).unwrap() - text.len() - 100;
    let large = text.replacen('{', &format!("{{\n  \"made_up\": \"{}\",", "x".repeat(most)), 1);
    person.write(".codex/auth.json", &large);
    has(&deploys(&person, &[]), &[format!("{} bytes", large.len()), "verified: ".to_owned()]);
    assert_eq!(person.account().digest(), codex_remote_auth::auth_json::Secret::new(large).sha256());
}

fn a_link_in_place_of_the_file_is_replaced_if_asked(rig: &Rig) {
    for target in ["file", "directory"] {
        let account = rig.account().file("file", "kept\n").directory("directory", 0o755);
        let person = account.link(".codex/auth.json", &format!("../{target}")).person();
        let account = person.account();
        let look = "chmod 700 .codex; stat -c '%i %a %U' file directory; cat file";
        let before = account.root(look);
        let words = ["symbolic link", "nothing was changed", "--replace-link"];
        person.fails(&["deploy", "--no-proof", "box0"], "auth-is-a-link", &words);
        let dry = deploys(&person, &["--no-proof", "--replace-link", "--dry-run"]);
        has(&dry, &["would be copied to ", "replaces what is there, "]);
        assert_eq!(account.root("readlink .codex/auth.json"), format!("../{target}\n"));
        has(&deploys(&person, &["--no-proof", "--replace-link"]), &["replaced a link"]);
        account.has(&person.login, ".codex");
        assert_eq!(account.root(look), before, "what the link named was touched");
    }
}
