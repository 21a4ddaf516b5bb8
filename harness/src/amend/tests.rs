use proptest::prelude::*;

use super::*;
use codex_remote_auth::lessons::Expect;

const HEAD: &str = r#"# About nothing.
id = "one"
title = "t"
guide = "beyond"
verdict = "silent"
symptom = "s"
cause = "c"
fix = "f" # well
mutants = [{ id = "stub:profile-is-prompt", step = "wrong", field = "exit" }]

"#;

const INLINE: &str = r#"[[wrong]]
run   =  "codex" # odd spaces
expect = [{ exit = 0, stdout = ["OK"], diagnosis = "works", files = [{ path = "a", is = "file" }] }] # why

[[right]]
run = "codex exec"
expect = [
  # before
  { codex = "<0.134", exit = 1 }, # then
  { codex = ">=0.134", exit = 0, never = ["x"] },
]
"#;

const TABLES: &str = r#"[[wrong]]
run = "codex"
# of old ones
[[wrong.expect]]
codex = "<0.134" # as measured
exit = 1
stderr = ["old"]
[[wrong.expect]]
codex = ">=0.134"
exit = 0
# not the name
never = ["name"]
[wrong.expect.cloud]
asked = 1

# The right way.
[[right]]
run = "codex exec"
expect = [{ exit = 0 }]
"#;

fn stretch(first: &str, open_below: bool, until: Option<&str>) -> Stretch {
    let version = |text: &str| Version::parse(text).unwrap();
    Stretch { first: version(first), open_below, until: until.map(version) }
}

fn refused() -> NewExpect {
    NewExpect { exit: Some(2), stderr: vec!["Error: no".to_owned()], ..NewExpect::default() }
}

fn changed(body: &str, way: Way, stretch: &Stretch) -> (String, String) {
    let text = format!("{HEAD}{body}");
    let amended = amend(&text, way, 0, stretch, &refused()).unwrap();
    let rest = amended.text.strip_prefix(HEAD).expect("the head stays").to_owned();
    (rest, amended.codex.to_string())
}

#[test]
fn an_inline_expectation_becomes_several_one_a_line() {
    let (text, range) = changed(INLINE, Way::Wrong, &stretch("0.144.4", false, Some("0.163.0")));
    assert_eq!(range, ">=0.144.4, <0.163");
    let wanted = r#"expect = [
  { codex = "<0.144.4", exit = 0, stdout = ["OK"], diagnosis = "works", files = [{ path = "a", is = "file" }] },
  { codex = ">=0.144.4, <0.163", exit = 2, stderr = ["Error: no"], files = [{ path = "a", is = "file" }] },
  { codex = ">=0.163", exit = 0, stdout = ["OK"], diagnosis = "works", files = [{ path = "a", is = "file" }] },
] # why
"#;
    let old = INLINE.lines().nth(2).unwrap();
    assert_eq!(text, INLINE.replace(&format!("{old}\n"), wanted));
}

#[test]
fn an_array_of_one_a_line_stays_one_with_its_comments() {
    let (text, range) = changed(INLINE, Way::Right, &stretch("0.163.0", false, None));
    assert_eq!(range, ">=0.163");
    let wanted = r#"  { codex = ">=0.134, <0.163", exit = 0, never = ["x"] },
  { codex = ">=0.163", exit = 2, stderr = ["Error: no"], never = ["x"] },
"#;
    assert_eq!(text, INLINE.replace("  { codex = \">=0.134\", exit = 0, never = [\"x\"] },\n", wanted));
}

#[test]
fn a_table_becomes_several_with_what_belongs_to_it() {
    let (text, range) = changed(TABLES, Way::Wrong, &stretch("0.147.0", false, Some("0.163.0")));
    assert_eq!(range, ">=0.147, <0.163");
    let old = &TABLES[TABLES.find("codex = \">=0.134\"").unwrap()..TABLES.find("\n# The right way").unwrap()];
    let wanted = r#"codex = ">=0.134, <0.147"
exit = 0
# not the name
never = ["name"]
[wrong.expect.cloud]
asked = 1
[[wrong.expect]]
codex = ">=0.147, <0.163"
exit = 2
stderr = ["Error: no"]
never = ["name"]
[wrong.expect.cloud]
asked = 1
[[wrong.expect]]
codex = ">=0.163"
exit = 0
never = ["name"]
[wrong.expect.cloud]
asked = 1
"#;
    assert_eq!(text, TABLES.replace(old, wanted));
}

#[test]
fn a_stretch_with_nothing_older_begins_where_the_expectation_began() {
    let (text, range) = changed(TABLES, Way::Wrong, &stretch("0.144.4", true, Some("0.163.0")));
    assert_eq!(range, ">=0.134, <0.163");
    assert!(text.contains("codex = \">=0.163\"\nexit = 0\n# not the name\n"), "{text}");
    let (text, range) = changed(INLINE, Way::Wrong, &stretch("0.133.0", true, Some("0.134.0")));
    assert_eq!(range, "<0.134");
    assert!(text.contains("  { codex = \">=0.134\", exit = 0, stdout = [\"OK\"]"), "{text}");
}

#[test]
fn a_stretch_that_is_all_of_an_expectation_takes_its_place() {
    let (text, range) = changed(TABLES, Way::Wrong, &stretch("0.134.0", false, None));
    assert_eq!(range, ">=0.134");
    assert_eq!(text.matches("[[wrong.expect]]").count(), 2, "{text}");
    let (text, _) = changed(INLINE, Way::Right, &stretch("0.133.0", false, None));
    assert!(text.contains("  # before\n  { codex = \"<0.133\", exit = 1 },"), "{text}");
}

#[test]
fn a_second_stretch_finds_what_the_first_one_left() {
    let text = format!("{HEAD}{INLINE}");
    let first = amend(&text, Way::Wrong, 0, &stretch("0.140.0", false, Some("0.141.0")), &refused()).unwrap();
    let hangs = NewExpect { hangs: true, ..NewExpect::default() };
    let second = amend(&first.text, Way::Wrong, 0, &stretch("0.150.0", false, None), &hangs).unwrap();
    let ranges: Vec<String> =
        parse(&second.text).unwrap().wrong[0].expect.iter().map(|expect| expect.codex.to_string()).collect();
    assert_eq!(ranges, ["<0.140", ">=0.140, <0.141", ">=0.141, <0.150", ">=0.150"]);
    assert!(parse(&second.text).unwrap().wrong[0].expect[3].hangs);
}

#[test]
fn steps_that_are_inline_themselves_are_amended_too() {
    let body = "wrong = [{ run = \"a\", expect = [{ exit = 0 }] }]\nright = [{ run = \"b\", expect = [{ exit = 0 }] }]\n";
    let (text, _) = changed(body, Way::Wrong, &stretch("0.163.0", false, None));
    let unchanged = body.lines().nth(1).unwrap();
    assert!(text.ends_with(&format!("{unchanged}\n")), "{text}");
}

#[test]
fn quotes_and_backslashes_survive() {
    let said = NewExpect {
        exit: Some(1),
        stderr: vec![r#"Error: "a" \ 'b' `c` … "#.to_owned()],
        ..NewExpect::default()
    };
    let text = format!("{HEAD}{INLINE}");
    let amended = amend(&text, Way::Wrong, 0, &stretch("0.163.0", false, None), &said).unwrap();
    assert_eq!(parse(&amended.text).unwrap().wrong[0].expect[1].stderr, said.stderr);
}

#[test]
fn what_cannot_be_amended_is_named() {
    let text = format!("{HEAD}{INLINE}");
    let of = |text: &str, step: usize, first: &str| {
        amend(text, Way::Right, step, &stretch(first, false, None), &refused()).unwrap_err()
    };
    assert_eq!(of(&text, 7, "0.163.0"), AmendProblem::NoStep { way: Way::Right, step: 7 });
    assert!(matches!(of("id = 1", 0, "0.163.0"), AmendProblem::NoLesson(_)));
    assert_eq!(of(&text.replace('\n', "\r\n"), 0, "0.163.0"), AmendProblem::NotKept);
    let gap = text.replace("\">=0.134\"", "\">=0.150\"");
    assert!(matches!(of(&gap, 0, "0.144.4"), AmendProblem::NotOne { count: 0, .. }));
    let twice = text.replace("\">=0.134\"", "\"*\"");
    assert!(matches!(of(&twice, 0, "0.133.0"), AmendProblem::NotOne { count: 2, .. }));
    let caret = text.replace("\">=0.134\"", "\"0.163\"");
    assert!(matches!(of(&caret, 0, "0.163.1"), AmendProblem::Range(_)));
}

fn version() -> impl Strategy<Value = Version> {
    (130_u64..170, 0_u64..3).prop_map(|(minor, patch)| Version::new(0, minor, patch))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn only_the_expectations_of_the_step_change_and_only_on_the_stretch(
        lesson in 0_usize..64,
        pick in 0_usize..8,
        first in version(),
        further in 1_u64..30,
        closed: bool,
        others in prop::collection::vec(version(), 8),
        said in "\\PC{0,20}",
    ) {
        let (text, old) = real_lesson(lesson);
        let steps: Vec<(Way, usize)> = (0..old.wrong.len())
            .map(|at| (Way::Wrong, at))
            .chain((0..old.right.len()).map(|at| (Way::Right, at)))
            .collect();
        let (way, step) = steps[pick % steps.len()];
        let until = closed.then(|| Version::new(0, first.minor + further, 0));
        let stretch = Stretch { first: first.clone(), open_below: false, until };
        let content = NewExpect { exit: Some(77), stdout: vec![said], ..NewExpect::default() };
        let amended = match amend(&text, way, step, &stretch, &content) {
            Ok(amended) => amended,
            Err(AmendProblem::NotOne { count: 0, .. }) => return Ok(()),
            Err(problem) => return Err(TestCaseError::fail(problem.to_string())),
        };
        let new = parse(&amended.text).unwrap();

        for release in others.iter().chain([&first]) {
            for (at, ((_, before), (_, after))) in old.steps().zip(new.steps()).enumerate() {
                let is_amended = steps[at] == (way, step) && amended.codex.contains(release);
                let of = |expects: &[Expect]| -> Vec<Expect> {
                    let here = expects.iter().filter(|expect| expect.codex.contains(release));
                    here.map(|expect| Expect { codex: Releases::all(), ..expect.clone() }).collect()
                };
                let mut wanted = of(&before.expect);
                if is_amended {
                    wanted[0].exit = content.exit;
                    wanted[0].hangs = false;
                    wanted[0].stdout.clone_from(&content.stdout);
                    wanted[0].stderr.clear();
                    wanted[0].diagnosis = None;
                }
                prop_assert_eq!(of(&after.expect), wanted);
            }
        }
        let (before, after) = around(&text, way, step);
        prop_assert!(amended.text.starts_with(before), "{}", amended.text);
        prop_assert!(amended.text.ends_with(after), "{}", amended.text);
    }
}

/// One of the lessons that come with the project.
fn real_lesson(number: usize) -> (String, Lesson) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/lessons");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let text = std::fs::read_to_string(&paths[number % paths.len()]).unwrap();
    let lesson = parse(&text).unwrap();
    (text, lesson)
}

/// What stands before the first expectation of a step, and from the next step on, found in the bare text.
fn around(text: &str, way: Way, step: usize) -> (&str, &str) {
    let header = format!("[[{}]]", way.as_str());
    let begin = text.match_indices(&header).nth(step).unwrap().0;
    let end = ["\n[[wrong]]", "\n[[right]]"]
        .iter()
        .filter_map(|next| text[begin..].find(next).map(|at| begin + at + 1))
        .min()
        .unwrap_or(text.len());
    let inline = text[begin..end].find("\nexpect = [").map(|at| at + "\nexpect = [".len());
    let table = text[begin..end].find(".expect]]").map(|at| at + ".expect]]".len());
    (&text[..begin + inline.or(table).unwrap()], &text[end..])
}
