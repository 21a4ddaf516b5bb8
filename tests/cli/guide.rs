//! `cargo xtask guide`.

use std::fs;

use predicates::prelude::*;
use predicates::str::contains;

use crate::xtask;

#[test]
fn the_guides_statements_are_marked() {
    let said =
        contains("holds").and(contains("wrong")).and(contains("cargo xtask drift --lesson leading-dot"));
    xtask(&["lessons", "--guide"]).assert().success().stdout(said);
}

#[test]
fn the_guide_is_what_its_sources_say() {
    xtask(&["guide", "--check"]).assert().success().stdout("");
}

#[test]
fn a_guide_that_is_out_of_date_fails_with_the_command_that_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's.md");
    let guide = |arguments: &[&str]| {
        let mut command = xtask(&["guide", "--file"]);
        command.arg(&file).args(arguments);
        command
    };
    let command = format!("hint: cargo xtask guide --file '{}/it'\\''s.md'\n", folder.path().display());
    let missing = contains("say: no such file or directory").and(contains(command.clone()));
    guide(&["--check"]).assert().code(1).stderr(missing);

    guide(&[]).assert().success().stderr(contains("wrote "));
    let good = fs::read_to_string(&file).unwrap();
    assert_eq!(good, fs::read_to_string(tests::root().join("docs/SKILL.md")).unwrap());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "a temporary file is left");
    guide(&["--check"]).assert().success();

    fs::write(&file, good.replacen("# exit 1", "# exit 2", 1)).unwrap();
    let told = contains("docs/compatibility.json say: line ")
        .and(contains("has:     # exit 2"))
        .and(contains("must be: # exit 1"));
    guide(&["--check"]).assert().code(1).stdout("").stderr(told.and(contains(command)));
    assert!(fs::read_to_string(&file).unwrap().contains("# exit 2"), "--check has written");
}

#[test]
fn a_wrong_template_of_the_guide_is_told_with_its_line_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, template) = (folder.path().join("guide.md"), folder.path().join("template.md"));
    fs::write(&file, "as it was").unwrap();
    fs::write(&template, "# Title\n\n{{step git-chek: right}}\n").unwrap();
    let told = contains("template.md:3: unknown lesson or smoke test `git-chek`; did you mean `git-check`?")
        .and(contains("\n  hint: cargo xtask smoke --list"));
    let run = || {
        let mut command = xtask(&["guide", "--file"]);
        command.arg(&file).arg("--template").arg(&template);
        command
    };
    run().assert().code(2).stdout("").stderr(told);
    fs::remove_file(&template).unwrap();
    let told = contains("template.md").and(contains("hint: ")).and(contains("os error").not());
    run().assert().code(2).stderr(told);
    assert_eq!(fs::read_to_string(&file).unwrap(), "as it was");

    let nowhere = folder.path().join("no-such-folder/guide.md");
    let mut command = xtask(&["guide", "--file"]);
    let told = contains("no-such-folder").and(contains("hint: "));
    command.arg(nowhere).assert().code(2).stderr(told);
}
