//! Finds the lessons that an output belongs to.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexSet, SetMatches};
use wildmatch::WildMatch;

use super::normalized_output::readings;
use super::{Catalogue, Lesson, Sign, SignText, Tool};
use crate::message::closest;

/// A known message in an output.
#[derive(Debug, Clone)]
pub struct Message<'c> {
    /// What the lesson says the message is, with `…` for what differs. Nothing of the output itself is in it.
    pub text: String,
    /// The lessons whose wrong way prints it, at least one. The first is the one that has the message as its sign.
    pub causes: Vec<&'c Lesson>,
}

/// A lesson that an output belongs to.
struct Found<'c> {
    lesson: &'c Lesson,
    /// The first of its signs that the output has.
    sign: &'c Sign,
    /// All signs that the output has, each with the place of its first text among all texts.
    signs: Vec<(usize, &'c Sign)>,
}

impl Catalogue {
    /// The lessons that an output belongs to, each once: first that of the last error, then the others in the order in which their
    /// texts appear.
    ///
    /// `status` is the exit status of the command, if it is known. A sign with another exit status is then ignored.
    pub fn explain(&self, output: &str, status: Option<i32>) -> Vec<&Lesson> {
        self.last_error_first(output, status).into_iter().map(|known| known.lesson).collect()
    }

    /// The known messages in an output, each with all its causes. `status` is as for [`explain`](Self::explain).
    pub fn messages(&self, output: &str, status: Option<i32>) -> Vec<Message<'_>> {
        let known = self.last_error_first(output, status).into_iter();
        let messages = known.map(|known| {
            let texts: Vec<&str> = known.sign.says.iter().map(SignText::shown).collect();
            let causes =
                std::iter::once(known.lesson).chain(self.with_the_output_of(&known.lesson.id)).collect();
            Message { text: texts.join(" … "), causes }
        });
        messages.collect()
    }

    /// What is known in an output, as [`explain`](Self::explain) orders it.
    fn last_error_first(&self, output: &str, status: Option<i32>) -> Vec<Found<'_>> {
        let mut known = self.known(output, status);
        if let Some(first) = self.of_the_last_error(&known, output) {
            known[..=first].rotate_right(1);
        }
        known
    }

    /// The place of what is known in the last error, among all that is known. `None` if nothing is.
    fn of_the_last_error(&self, known: &[Found<'_>], output: &str) -> Option<usize> {
        let texts = self.texts.get().and_then(Option::as_ref).filter(|_| known.len() > 1)?;
        let readings = readings(output);
        let ends: Vec<&str> = readings.iter().filter_map(|reading| from_the_last_error(reading)).collect();
        let place = |(at, sign): &(usize, &Sign)| ends.iter().find_map(|end| texts.part_of(*at, sign, end));
        let places = known.iter().map(|known| known.signs.iter().filter_map(place).min());
        let after = places.enumerate().filter_map(|(at, place)| Some((place?, at)));
        after.min().map(|(_, first)| first)
    }

    /// The lessons that an output belongs to, each once, in the order in which their texts appear.
    fn known(&self, output: &str, status: Option<i32>) -> Vec<Found<'_>> {
        let signs = || self.all().flat_map(|lesson| lesson.signs.iter().map(move |sign| (lesson, sign)));
        let Some(texts) = self.texts.get_or_init(|| Texts::of(signs().map(|(_, sign)| sign))) else {
            return Vec::new();
        };
        let readings: Vec<_> = readings(output)
            .into_iter()
            .map(|reading| (texts.literals.matches(without_blanks(&reading).as_bytes()), reading))
            .collect();
        let mut next = 0;
        let mut shown: Vec<(u64, Found<'_>)> = Vec::new();
        for (lesson, sign) in signs() {
            let first = next;
            next += sign.count();
            let may_say = |(found, _): &(SetMatches, String)| {
                (first..first + sign.says.len()).all(|text| texts.may_be_in(found, text))
            };
            if sign.exit.is_some() && status.is_some() && sign.exit != status || !readings.iter().any(may_say)
            {
                continue;
            }
            // Readings have other lengths, so a place is counted in millionths.
            let place_in = |text: usize, (found, output): &(SetMatches, String)| {
                let there = || texts.place(first + text, sign, text, output);
                let start = texts.may_be_in(found, first + text).then(there).flatten()?;
                Some(start as u64 * 1_000_000 / output.len().max(1) as u64)
            };
            let whole = |reading: &(SetMatches, String)| {
                (0..sign.says.len()).map(|text| place_in(text, reading)).collect::<Option<Vec<u64>>>()
            };
            let Some(places) = readings.iter().find_map(whole) else { continue };
            let is_seen = |text| readings.iter().any(|reading| place_in(text, reading).is_some());
            let (unless, one_of) = (sign.says.len(), sign.says.len() + sign.unless.len());
            let is_one_there = sign.one_of.is_empty() || (one_of..sign.count()).any(is_seen);
            if is_one_there && !(unless..one_of).any(is_seen) {
                let known = Found { lesson, sign, signs: vec![(first, sign)] };
                shown.extend(places.into_iter().min().map(|place| (place, known)));
            }
        }
        // Next to an error, a warning that harms nothing only distracts.
        if shown.iter().any(|(_, known)| !known.sign.harmless) {
            shown.retain(|(_, known)| !known.sign.harmless);
        }
        shown.sort_by_key(|(start, _)| *start);
        let mut all: Vec<Found<'_>> = Vec::new();
        for (_, known) in shown {
            match all.iter_mut().find(|other| other.lesson.id == known.lesson.id) {
                Some(other) => other.signs.extend(known.signs),
                None => all.push(known),
            }
        }
        all
    }

    /// The other lessons whose wrong way has the output of this one.
    pub fn with_the_output_of(&self, id: &str) -> impl Iterator<Item = &Lesson> {
        self.all().filter(move |lesson| lesson.same_output_as.iter().any(|main| main == id))
    }

    /// The code of the diagnosis that a failed output of Codex belongs to: that of the last message that a lesson knows. If the
    /// lesson has no code for it, the lesson's name.
    pub fn diagnosis(&self, output: &str, status: Option<i32>) -> Option<&str> {
        let Found { lesson, sign, .. } = self.told_last(output, status)?;
        Some(match (&sign.diagnosis, lesson.diagnoses.as_slice()) {
            (Some(code), _) => code,
            (None, [code]) => code,
            (None, _) => &lesson.id,
        })
    }

    /// The lesson of the last message that is known and is more than a warning.
    pub fn lesson_told_last(&self, output: &str) -> Option<&Lesson> {
        Some(self.told_last(output, None)?.lesson)
    }

    fn told_last(&self, output: &str, status: Option<i32>) -> Option<Found<'_>> {
        let mut known = self.known(output, status);
        let counts = |known: &Found<'_>| known.lesson.tool == Tool::Codex && !known.sign.harmless;
        // The message of the last error may have come before, and another one after that.
        match self.of_the_last_error(&known, output).filter(|at| counts(&known[*at])) {
            Some(at) => Some(known.swap_remove(at)),
            None => known.into_iter().rfind(counts),
        }
    }

    /// The lesson about a diagnosis, by its code.
    pub fn lesson_of_diagnosis(&self, code: &str) -> Option<&Lesson> {
        self.all().find(|lesson| lesson.diagnoses.iter().any(|diagnosis| diagnosis == code))
    }

    /// The lessons whose names match a pattern, in which `*` stands for any characters and `?` for one.
    pub fn named_like(&self, pattern: &str) -> Vec<&Lesson> {
        let pattern = WildMatch::new(pattern);
        self.all().filter(|lesson| pattern.matches(&lesson.id)).collect()
    }

    /// The lesson that is probably meant by a wrong name.
    pub fn closest(&self, name: &str) -> Option<&Lesson> {
        self.get(closest(name, self.all().map(|lesson| lesson.id.as_str()))?)
    }
}

/// The end of a reading, from the last mark with which codex begins the error that a call ended with.
fn from_the_last_error(reading: &str) -> Option<&str> {
    static MARK: LazyLock<Option<regex::Regex>> =
        LazyLock::new(|| regex::Regex::new(r"[\n\t ](?:ERROR|Error):|[\n\t ]■|turn\.failed").ok());
    Some(&reading[MARK.as_ref()?.find_iter(reading).last()?.start()..])
}

/// A reading without the blanks and line breaks that may be anywhere.
fn without_blanks(reading: &str) -> String {
    reading.replace([' ', '\t', '\n'], "")
}

/// The texts of all signs, in their order.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    /// The literals of the texts, each once: many signs are ruled out by the same text.
    literals: RegexSet,
    /// Which literal is that of each text.
    literal_of: Vec<usize>,
    /// The pattern of each text, compiled when its literal is first seen.
    patterns: Vec<OnceLock<Option<Regex>>>,
}

impl Texts {
    /// `None` if they are too many for the engine, which a lesson file cannot bring about.
    fn of<'s>(signs: impl Iterator<Item = &'s Sign>) -> Option<Self> {
        let mut literals: Vec<&str> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut literal_of = Vec::new();
        for literal in signs.flat_map(Sign::literals) {
            literal_of.push(*known.entry(literal).or_insert_with(|| {
                literals.push(literal);
                literals.len() - 1
            }));
        }
        let patterns = vec![OnceLock::new(); literal_of.len()];
        Some(Self { literals: RegexSet::new(literals).ok()?, literal_of, patterns })
    }

    /// Whether the literal of a text, by its place among all texts, is among those that were found.
    fn may_be_in(&self, found: &SetMatches, at: usize) -> bool {
        self.literal_of.get(at).is_some_and(|literal| found.matched(*literal))
    }

    /// Where the texts of a sign begin in an output, if all are there, in millionths of its length. `first` is the place of its first
    /// text among all texts.
    fn part_of(&self, first: usize, sign: &Sign, output: &str) -> Option<u64> {
        let place = |text| self.place(first + text, sign, text, output);
        let places = (0..sign.says.len()).map(place).collect::<Option<Vec<usize>>>()?;
        Some(places.into_iter().min()? as u64 * 1_000_000 / output.len().max(1) as u64)
    }

    /// Where a text first appears in at most as many bytes as its sign says. `at` is its place among all texts, and `nth` that in
    /// its sign.
    fn place(&self, at: usize, sign: &Sign, nth: usize, output: &str) -> Option<usize> {
        let compile = || Regex::new(&sign.patterns().nth(nth)?).ok();
        let pattern = self.patterns.get(at)?.get_or_init(compile).as_ref()?;
        let mut from = 0;
        loop {
            let found = pattern.find_at(output.as_bytes(), from)?;
            if found.len() <= sign.within {
                return Some(found.start());
            }
            // No later match ends before this one, so a match that begins before the new place would be too long as well.
            from = found.end() - sign.within;
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn a_message_has_all_its_causes_and_the_words_of_its_sign() {
        let pasted =
            "ERROR: unexpected status 401 Unauthorized: Missing bearer or basic authentication in header";
        let messages = CATALOGUE.messages(pasted, None);
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        assert_eq!(message.text, "401 Unauthorized: Missing bearer");
        assert_eq!(message.causes[0].id, "leading-dot");
        let others = CATALOGUE
            .lessons()
            .iter()
            .filter(|lesson| lesson.same_output_as.iter().any(|main| main == "leading-dot"));
        assert_eq!(message.causes[1..], others.collect::<Vec<_>>());
        assert!(message.causes.len() > 5);
        let messages = CATALOGUE.messages("config profile `my own` not found", None);
        assert_eq!(messages[0].text, "config profile `…` not found");
    }

    #[test]
    fn a_pattern_finds_names() {
        let like =
            |pattern| CATALOGUE.named_like(pattern).iter().map(|lesson| &*lesson.id).collect::<Vec<_>>();
        assert_eq!(like("path-*"), ["path-bash", "path-sh", "path-zsh"]);
        assert_eq!(like("path-?sh"), ["path-zsh"]);
        assert_eq!(like("xyzzy*"), [""; 0]);
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
