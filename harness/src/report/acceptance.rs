//! What was accepted into the lesson files, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::run::{Acceptance, Accepted};
use codex_remote_auth::lessons::Expect;
use codex_remote_auth::output::Colours;

/// What was written into the lesson files, what was not, and what to do next.
pub fn acceptance(acceptance: &Acceptance, colours: Colours) -> String {
    let mut text = String::new();
    for Accepted { lesson, step, expect } in &acceptance.accepted {
        let _ =
            writeln!(text, "\n{} {lesson} on {}\n  step      {step}", colours.good("ACCEPTED"), expect.codex);
        let _ = writeln!(text, "  shows     {}", in_words(expect));
    }
    for by_hand in &acceptance.by_hand {
        let (lesson, reason) = (&by_hand.lesson, by_hand.reason.trim().replace('\n', " "));
        let _ = writeln!(
            text,
            "\n{} {lesson} was not changed; change it by hand: {reason}",
            colours.bad("BY HAND")
        );
    }
    if acceptance.files.is_empty() {
        text.push_str("\nno lesson file was changed\n");
        return text;
    }
    text.push_str("\nchanged\n");
    for file in &acceptance.files {
        let _ = writeln!(text, "  {}", file.display());
    }
    text.push_str(
        "review it with git diff; the snapshots in tests/snapshots may change too (cargo xtask lessons --accept ID). A range \
         also covers releases that nobody has run. This run still fails; the next one says whether the lessons hold\n",
    );
    text
}

fn in_words(expect: &Expect) -> String {
    let end = match (expect.hangs, expect.exit) {
        (true, _) => "hangs".to_owned(),
        (false, Some(status)) => format!("exit {status}"),
        (false, None) => "ends as before".to_owned(),
    };
    let mut text = end;
    for (output, lines) in [("stdout", &expect.stdout), ("stderr", &expect.stderr)] {
        for line in lines {
            let _ = write!(text, ", {output} “{line}”");
        }
    }
    if let Some(diagnosis) = &expect.diagnosis {
        let _ = write!(text, ", diagnosis {diagnosis}");
    }
    text
}

/// The same for programs.
pub fn acceptance_json(acceptance: &Acceptance) -> Value {
    let accepted = acceptance.accepted.iter().map(|Accepted { lesson, step, expect }| {
        json!({"lesson": lesson, "step": step, "codex": expect.codex.to_string(), "shows": in_words(expect)})
    });
    let by_hand = acceptance.by_hand.iter().map(|one| json!({"lesson": one.lesson, "reason": one.reason}));
    json!({
        "accepted": accepted.collect::<Vec<_>>(),
        "files": acceptance.files,
        "by_hand": by_hand.collect::<Vec<_>>(),
    })
}
