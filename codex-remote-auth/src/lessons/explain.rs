//! Finds the lessons that an output belongs to.

use regex::bytes::{Regex, RegexSet};

use super::normalized_output::normalized;
use super::{Catalogue, Lesson};

/// How similar a wrong name has to be to a lesson's name to suggest that lesson.
const CLOSE: f64 = 0.85;

/// How many bytes of an output a text may take up: a whole prompt can be taken for a profile's name.
const LONGEST: usize = 4_000;

impl Catalogue {
    /// The lessons that an output belongs to, each once, in the order in which their texts appear.
    ///
    /// `status` is the exit status of the command, if it is known. A sign with another exit status is then ignored.
    pub fn explain(&self, output: &str, status: Option<i32>) -> Vec<&Lesson> {
        let signs =
            || self.lessons().iter().flat_map(|lesson| lesson.signs.iter().map(move |sign| (lesson, sign)));
        // The limits on the size of a pattern are far above what a lesson file can need.
        let compile = || RegexSet::new(signs().flat_map(|(_, sign)| sign.patterns())).ok();
        let Some(texts) = self.texts.get_or_init(compile) else { return Vec::new() };
        let output = normalized(output);
        let found = texts.matches(output.as_bytes());
        let place =
            |text: usize| found.matched(text).then(|| place(&texts.patterns()[text], &output)).flatten();
        let mut at = 0;
        let mut shown: Vec<(usize, &Lesson)> = Vec::new();
        for (lesson, sign) in signs() {
            let says = at..at + sign.says.len();
            at = says.end + sign.unless.len();
            if sign.exit.is_some() && status.is_some() && sign.exit != status {
                continue;
            }
            let Some(places) = says.clone().map(place).collect::<Option<Vec<usize>>>() else { continue };
            if (says.end..at).all(|text| place(text).is_none()) {
                shown.extend(places.into_iter().min().map(|place| (place, lesson)));
            }
        }
        shown.sort_by_key(|(start, _)| *start);
        let mut lessons: Vec<&Lesson> = Vec::new();
        for (_, lesson) in shown {
            if !lessons.contains(&lesson) {
                lessons.push(lesson);
            }
        }
        lessons
    }

    /// The other lessons whose wrong way has the output of this one.
    pub fn with_the_output_of(&self, id: &str) -> impl Iterator<Item = &Lesson> {
        self.lessons().iter().filter(move |lesson| lesson.same_output_as.iter().any(|main| main == id))
    }

    /// The lesson about a diagnosis, by its code.
    pub fn lesson_of_diagnosis(&self, code: &str) -> Option<&Lesson> {
        self.lessons().iter().find(|lesson| lesson.diagnoses.iter().any(|diagnosis| diagnosis == code))
    }

    /// The lesson that is probably meant by a wrong name.
    pub fn closest(&self, name: &str) -> Option<&Lesson> {
        let likeness = |lesson: &Lesson| strsim::jaro_winkler(&lesson.id, name);
        let closest = self.lessons().iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
        closest.filter(|lesson| likeness(lesson) > CLOSE)
    }
}

/// Where a text first appears within the longest length.
fn place(pattern: &str, output: &str) -> Option<usize> {
    let pattern = Regex::new(pattern).ok()?;
    let mut from = 0;
    loop {
        let found = pattern.find_at(output.as_bytes(), from)?;
        if found.len() <= LONGEST {
            return Some(found.start());
        }
        // No later match ends before this one, so a match that begins before the new place would be too long as well.
        from = found.end() - LONGEST;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().unwrap());

    fn ids(output: &str, status: Option<i32>) -> Vec<String> {
        CATALOGUE.explain(output, status).iter().map(|lesson| lesson.id.clone()).collect()
    }

    #[test]
    fn several_failures_of_a_log_are_each_named_once_in_their_order() {
        let log = "Error: stdin is not a terminal\nError: config profile `x` not found\n\
            Error: stdin is not a terminal\nzsh:1: command not found: codex\n";
        assert_eq!(ids(log, None), ["exec-for-scripts", "profile-flag", "path-zsh"]);
    }

    #[test]
    fn a_status_that_does_not_go_with_a_sign_rules_it_out() {
        let said = "bash: line 1: codex: command not found";
        for status in [None, Some(127)] {
            assert_eq!(ids(said, status), ["path-bash"]);
        }
        assert_eq!(ids(said, Some(1)), [""; 0]);
    }

    #[test]
    fn a_gap_has_an_end() {
        let said = |length| format!("config profile `{}` not found", "x".repeat(length));
        assert_eq!(ids(&said(3_900), None), ["profile-flag"]);
        assert_eq!(ids(&said(4_100), None), [""; 0]);
        let later = format!("config profile `x`\n{}\n{}", "y ".repeat(4_000), said(10));
        assert_eq!(ids(&later, None), ["profile-flag"]);
    }

    #[test]
    fn a_mistyped_name_finds_the_one_that_is_meant() {
        let meant = |name| CATALOGUE.closest(name).map(|lesson| lesson.id.as_str());
        assert_eq!(meant("profile-flags"), Some("profile-flag"));
        assert_eq!(meant("leadingdot"), Some("leading-dot"));
        assert_eq!(meant("xyzzy"), None);
    }

    proptest! {
        #[test]
        fn nothing_that_is_pasted_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            ids(&String::from_utf8_lossy(&bytes), None);
        }

        #[test]
        fn pieces_of_messages_do_not_either(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("config profile `"), Just("` not found"), Just("\x1b["), Just("\x1b]"), Just("…"), Just("\r\n"),
                    Just("EOF while parsing"), Just("ERROR "), Just("“"), Just("é"), Just("scp: dest open \""),
                ],
                0..60,
            ),
            status in proptest::option::of(any::<i32>()),
        ) {
            ids(&pieces.concat(), status);
        }
    }
}
