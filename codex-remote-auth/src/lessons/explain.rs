//! Which lessons an output belongs to.

use aho_corasick::AhoCorasick;

use super::normalized_output::{NormalizedOutput, Position};
use super::{Catalogue, Lesson, Sign, SignText};

/// How like a name has to be to another one for that one to be meant.
const CLOSE: f64 = 0.85;

impl Catalogue {
    /// The lessons that an output belongs to, each once, in the order in which it shows them.
    ///
    /// `status` is the exit status, where it is known: a sign that goes with another one then does not count.
    pub fn explain(&self, output: &str, status: Option<i32>) -> Vec<&Lesson> {
        let signs: Vec<(&Lesson, &Sign)> = self
            .lessons()
            .iter()
            .flat_map(|lesson| lesson.signs.iter().map(move |sign| (lesson, sign)))
            .filter(|(_, sign)| sign.exit.is_none() || status.is_none() || sign.exit == status)
            .collect();
        let texts: Vec<&SignText> =
            signs.iter().flat_map(|(_, sign)| sign.says.iter().chain(&sign.unless)).collect();
        let pasted = NormalizedOutput::new(output);
        let mut found = places(&pasted, &texts).into_iter();
        let mut shown: Vec<(usize, &Lesson)> = Vec::new();
        for (lesson, sign) in signs {
            let says: Vec<Option<Found>> = found.by_ref().take(sign.says.len()).collect();
            let unless = found.by_ref().take(sign.unless.len()).filter(Option::is_some).count();
            let Some(says) = says.into_iter().collect::<Option<Vec<Found>>>() else { continue };
            let is_last = !sign.last || says.iter().any(|found| pasted.is_last(found.last));
            if unless == 0 && is_last {
                shown.extend(says.iter().map(|found| found.first.start).min().map(|start| (start, lesson)));
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

    /// The other lessons whose wrong way shows the output of this one.
    pub fn with_the_output_of(&self, id: &str) -> impl Iterator<Item = &Lesson> {
        self.lessons().iter().filter(move |lesson| lesson.same_output_as.iter().any(|main| main == id))
    }

    /// The lesson on what a diagnosis, by its code, found.
    pub fn lesson_of_diagnosis(&self, code: &str) -> Option<&Lesson> {
        self.lessons().iter().find(|lesson| lesson.diagnoses.iter().any(|diagnosis| diagnosis == code))
    }

    /// The lesson that is probably meant by a name that no lesson has.
    pub fn closest(&self, name: &str) -> Option<&Lesson> {
        let likeness = |lesson: &Lesson| strsim::jaro_winkler(&lesson.id, name);
        let closest = self.lessons().iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
        closest.filter(|lesson| likeness(lesson) > CLOSE)
    }
}

/// Where an output says a text.
#[derive(Debug, Clone, Copy)]
struct Found {
    first: Position,
    last: Position,
}

/// Where each text is, found in one pass however many there are.
fn places(pasted: &NormalizedOutput, texts: &[&SignText]) -> Vec<Option<Found>> {
    let mut found: Vec<Option<Found>> = vec![None; texts.len()];
    // It refuses patterns by the gigabyte alone.
    let Ok(search) = AhoCorasick::new(texts.iter().map(|text| text.lead())) else { return found };
    for lead in search.find_overlapping_iter(pasted.as_str()) {
        let at = lead.pattern().as_usize();
        if let Some(place) = pasted.place(texts[at], lead.start()) {
            found[at] = Some(Found { first: found[at].map_or(place, |found| found.first), last: place });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids(output: &str, status: Option<i32>) -> Vec<String> {
        let catalogue = Catalogue::embedded().unwrap();
        catalogue.explain(output, status).iter().map(|lesson| lesson.id.clone()).collect()
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
    fn a_mistyped_name_finds_the_one_that_is_meant() {
        let catalogue = Catalogue::embedded().unwrap();
        let meant = |name| catalogue.closest(name).map(|lesson| lesson.id.as_str());
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
