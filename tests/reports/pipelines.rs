//! The workflows, the action and the pipelines of docs/pipelines.md: they are YAML, and call commands that exist.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tests::started;

use crate::called::{junit, xtask};

const ACTION: &str = ".github/actions/smoke/action.yml";

fn yaml(name: &str, text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn action() -> Value {
    yaml(ACTION, &fs::read_to_string(tests::root().join(ACTION)).unwrap())
}

/// Every file of a pipeline, and every pipeline in the documents, each with its name.
fn pipelines() -> Vec<(String, Value)> {
    let workflows = fs::read_dir(tests::root().join(".github/workflows")).unwrap();
    let files = workflows.map(|entry| entry.unwrap().path()).chain([tests::root().join(ACTION)]);
    let read = |path: PathBuf| {
        (path.display().to_string(), yaml(&path.display().to_string(), &fs::read_to_string(&path).unwrap()))
    };
    let mut all: Vec<(String, Value)> = files.map(read).collect();
    let page = fs::read_to_string(tests::root().join("docs/pipelines.md")).unwrap();
    for block in page.split("```yaml\n").skip(1) {
        let name = format!("docs/pipelines.md, block {}", all.len());
        all.push((name.clone(), yaml(&name, block.split("```").next().unwrap())));
    }
    assert!(all.len() >= 6, "{}", all.len());
    all
}

/// Every value of these keys.
fn values<'v>(of: &'v Value, keys: &[&str], found: &mut Vec<&'v Value>) {
    match of {
        Value::Object(fields) => {
            for (key, value) in fields {
                if keys.contains(&key.as_str()) {
                    found.push(value);
                }
                values(value, keys, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| values(item, keys, found)),
        _ => {}
    }
}

/// The lines of every script in a pipeline.
fn scripts(pipeline: &Value) -> Vec<String> {
    let mut found = Vec::new();
    values(pipeline, &["run", "script"], &mut found);
    let lines = found.into_iter().flat_map(|script| match script {
        Value::Array(lines) => lines.iter().map(|line| line.as_str().unwrap().to_owned()).collect(),
        script => script.as_str().unwrap().lines().map(str::to_owned).collect::<Vec<_>>(),
    });
    lines.collect()
}

#[test]
fn every_command_of_a_pipeline_exists_with_its_options() {
    let mut checked = 0;
    for (name, pipeline) in pipelines() {
        for line in scripts(&pipeline) {
            if line == ".ci/run --packages" {
                // The script's own option: it ends before cargo is called.
                let script = fs::read_to_string(tests::root().join(".ci/run")).unwrap();
                assert!(script.contains("--packages \"* ]] || exit 0\nexec cargo"), "{script}");
                continue;
            }
            let arguments = match (line.strip_prefix(".ci/run"), line.strip_prefix("cargo xtask ")) {
                (Some(arguments), _) => format!("ci {arguments}"),
                (_, Some(arguments)) => arguments.to_owned(),
                _ => continue,
            };
            let arguments = arguments.replace("${{ matrix.part }}", "0");
            let words: Vec<&str> = arguments.split_whitespace().collect();
            // With --help, clap checks the arguments before it, and nothing runs.
            let output = xtask(&words).arg("--help").output().unwrap();
            assert!(output.status.success(), "{name}: {line}\n{}", String::from_utf8_lossy(&output.stderr));
            checked += 1;
        }
    }
    assert!(checked >= 6, "{checked} commands");
}

#[test]
fn what_uses_the_action_gives_it_inputs_that_it_has() {
    let action = action();
    let inputs = action["inputs"].as_object().unwrap();
    let mut uses = 0;
    for (name, pipeline) in pipelines() {
        let mut all = Vec::new();
        values(&pipeline, &["steps"], &mut all);
        for step in all.into_iter().flat_map(|steps| steps.as_array().unwrap()) {
            if step["uses"].as_str().is_some_and(|uses| uses.contains("/.github/actions/smoke@")) {
                uses += 1;
                for input in step["with"].as_object().unwrap().keys() {
                    assert!(inputs.contains_key(input), "{name}: {input}");
                }
            }
        }
    }
    assert_eq!(uses, 1);
}

/// Runs the script of the action, with this checkout's program in place of `cargo run`.
fn runs(folder: &Path, inputs: [(&str, &str); 3]) -> std::process::Output {
    let action = action();
    let step = &action["runs"]["steps"][1];
    let variables = step["env"].as_object().unwrap();
    let cargo = folder.join("bin/cargo");
    fs::create_dir_all(folder.join("bin")).unwrap();
    // All arguments before `--` are cargo's.
    let program = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >'{}'\nwhile [ \"$1\" != -- ]; do shift; done\nshift\nexec '{}' \"$@\"\n",
        folder.join("arguments").display(),
        env!("CARGO_BIN_EXE_xtask")
    );
    fs::write(&cargo, program).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(folder.join("workspace")).unwrap();
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").unwrap());
    let mut command: Command = started::command("bash");
    command.args(["-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()]);
    command.current_dir(folder.join("workspace")).env("PATH", path).env_remove("DOCKER_HOST");
    command.env("GITHUB_ACTION_PATH", tests::root().join(".github/actions/smoke"));
    for (input, value) in inputs {
        let wanted = format!("${{{{ inputs.{input} }}}}");
        let (variable, _) = variables.iter().find(|(_, text)| **text == *wanted).unwrap();
        command.env(variable, value);
    }
    started::output(&mut command)
}

#[test]
fn the_script_of_the_action_runs_the_checks_and_writes_the_reports() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = [("codex", "stub:0.133"), ("checks", "path-*\n smoke-1"), ("reports", "one.xml two.html")];
    // The pattern is the harness's, not the shell's.
    fs::create_dir_all(folder.path().join("workspace")).unwrap();
    fs::write(folder.path().join("workspace/path-x"), "").unwrap();
    let output = runs(folder.path(), inputs);
    assert!(output.status.success(), "{output:?}");
    let report = junit(&folder.path().join("workspace/one.xml"));
    assert_eq!((report.test_suites[0].name.as_str(), report.tests), ("the stub of Codex 0.133.0", 4));
    assert!(folder.path().join("workspace/two.html").is_file());
    let arguments = fs::read_to_string(folder.path().join("arguments")).unwrap();
    let manifest = arguments.lines().skip_while(|word| *word != "--manifest-path").nth(1).unwrap();
    let of_workspace = tests::root().join("Cargo.toml");
    assert_eq!(Path::new(manifest).canonicalize().unwrap(), of_workspace.canonicalize().unwrap());
}

#[test]
fn an_input_of_the_action_is_never_part_of_its_script() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "$(touch taken) `touch taken` ; touch taken; --keep";
    let output = runs(folder.path(), [("codex", "stub"), ("checks", evil), ("reports", "")]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let output = runs(folder.path(), [("codex", "--keep"), ("checks", ""), ("reports", evil)]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!folder.path().join("workspace/taken").exists());
    let action = action();
    let script = action["runs"]["steps"][1]["run"].as_str().unwrap();
    assert!(!script.contains("${{"), "{script}");
    let file = folder.path().join("script");
    fs::write(&file, script).unwrap();
    let output = started::output(started::command("shellcheck").args(["--shell", "bash"]).arg(&file));
    assert!(output.status.success(), "{output:?}");
}
