//! The leak scanner fails a run in which a secret was seen where none is allowed.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::redactor::Redactor;
use crate::cloud::Minted;
use codex_remote_auth::auth_json::Secret;

/// A place where a secret was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// The place, such as `stdout of lesson leading-dot`.
    pub place: String,
    /// The form: `as it is`, `in base64` or `URL-encoded`.
    pub form: &'static str,
    /// The check whose login it was, or whose output showed it. `None` if that is not known.
    pub check: Option<String>,
}

/// A canary, and the check whose login has it, if it belongs to one.
type Canary = (Secret, Option<Arc<str>>);

/// Knows the canaries of a run, and looks for them in all output of the run.
///
/// It keeps the canaries and searchers for them. A leak names its place, never the secret.
#[derive(Default)]
pub struct LeakScanner {
    canaries: Mutex<Vec<Canary>>,
    /// Each searches for the canaries that follow those of the one before. Canaries are learned and looked for in turns, and one
    /// searcher for all of them would be built again each time.
    searchers: Mutex<Vec<Arc<Searcher>>>,
    leaks: Mutex<Vec<Leak>>,
}

/// Finds every form of some of the canaries, and which form it is.
struct Searcher {
    /// The places of its canaries.
    canaries: Range<usize>,
    automaton: AhoCorasick,
    /// For each pattern, the form that it is, and the check that it belongs to.
    forms: Vec<(&'static str, Option<Arc<str>>)>,
}

impl std::fmt::Debug for LeakScanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LeakScanner({} canaries)", lock(&self.canaries).len())
    }
}

impl LeakScanner {
    /// A leak scanner without canaries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns the canaries of a login that belongs to no check.
    pub fn plant(&self, minted: &Minted) {
        self.learn(minted.canaries.iter().map(|canary| (canary.clone(), None)));
    }

    /// Learns the canaries of a check's login.
    pub fn plant_for(&self, check: &str, minted: &Minted) {
        let check: Arc<str> = check.into();
        self.learn(minted.canaries.iter().map(|canary| (canary.clone(), Some(Arc::clone(&check)))));
    }

    /// Learns one canary.
    pub fn plant_canary(&self, canary: Secret) {
        self.learn([(canary, None)]);
    }

    /// Learns every canary that another leak scanner knows.
    pub fn plant_all_of(&self, other: &LeakScanner) {
        let theirs = lock(&other.canaries).clone();
        self.learn(theirs);
    }

    fn learn(&self, canaries: impl IntoIterator<Item = Canary>) {
        lock(&self.canaries).extend(canaries);
    }

    /// Whether `bytes` contain a canary, and in which form.
    pub fn look(&self, bytes: &[u8]) -> Option<&'static str> {
        self.find(bytes).map(|(form, _)| form)
    }

    fn find(&self, bytes: &[u8]) -> Option<(&'static str, Option<Arc<str>>)> {
        self.searchers().iter().find_map(|searcher| {
            let found = searcher.automaton.find(bytes)?;
            Some(searcher.forms[found.pattern().as_usize()].clone())
        })
    }

    /// Searchers that know every canary. A small one is built again together with the new canaries, and a large one stays: so each
    /// canary is built in only a few times, and there are only a few searchers.
    fn searchers(&self) -> Vec<Arc<Searcher>> {
        let canaries = lock(&self.canaries);
        let mut searchers = lock(&self.searchers);
        let known = searchers.last().map_or(0, |last| last.canaries.end);
        if known < canaries.len() {
            let mut new = known..canaries.len();
            while let Some(last) = searchers.pop_if(|last| last.canaries.len() <= new.len()) {
                new.start = last.canaries.start;
            }
            searchers.push(Arc::new(Searcher::of(&canaries, new)));
        }
        searchers.clone()
    }

    /// Looks for a canary, and records a leak if there is one. Returns whether there is one.
    pub fn pass(&self, place: impl Into<String>, bytes: &[u8]) -> bool {
        let Some((form, check)) = self.find(bytes) else { return false };
        let check = check.map(|check| check.as_ref().to_owned());
        lock(&self.leaks).push(Leak { place: place.into(), form, check });
        true
    }

    /// The text as a report may show it: redacted, and left out completely if it shows a secret, which can be encoded in more ways
    /// than a redactor knows.
    pub(super) fn shown(&self, text: &str, redactor: &Redactor) -> String {
        match self.look(text.as_bytes()) {
            Some(form) => format!("(left out: it shows a secret, {form})"),
            None => redactor.redact(text.as_bytes()),
        }
    }

    /// Records a leak that was seen elsewhere, in what this check showed, if it was one.
    pub fn note(&self, place: impl Into<String>, check: Option<&str>) {
        let (form, check) = ("as it is or encoded", check.map(str::to_owned));
        lock(&self.leaks).push(Leak { place: place.into(), form, check });
    }

    /// All leaks so far, sorted by their places.
    pub fn leaks(&self) -> Vec<Leak> {
        let mut leaks = lock(&self.leaks).clone();
        leaks.sort();
        leaks.dedup();
        leaks
    }
}

impl Searcher {
    /// Searches for the canaries at these places.
    fn of(all: &[Canary], canaries: Range<usize>) -> Self {
        let mut patterns = Vec::new();
        let mut forms = Vec::new();
        for (canary, check) in &all[canaries.clone()] {
            for (form, pattern) in disguises(canary.expose()) {
                patterns.push(pattern);
                forms.push((form, check.clone()));
            }
        }
        // Building fails only if there are too many patterns. An empty searcher would find nothing, so panic.
        match AhoCorasick::new(&patterns) {
            Ok(automaton) => Self { canaries, automaton, forms },
            Err(error) => panic!("the leak scanner cannot be built: {error}"),
        }
    }
}

/// The forms of a canary: as it is, in base64 at each of the three offsets that it can have in a longer text, and
/// with every character URL-encoded (no character of a canary must be).
fn disguises(canary: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("as it is", canary.to_vec())];
    for offset in 0..3 {
        let mut shifted = vec![0; offset];
        shifted.extend_from_slice(canary);
        for alphabet in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = alphabet.encode(&shifted);
            // The first and the last group also encode what is before and after the canary.
            let pure = &encoded.as_bytes()[if offset == 0 { 0 } else { 4 }..shifted.len() / 3 * 4];
            all.push(("in base64", pure.to_vec()));
        }
    }
    for lower in [true, false] {
        let encoded: String = canary
            .iter()
            .map(|byte| if lower { format!("%{byte:02x}") } else { format!("%{byte:02X}") })
            .collect();
        all.push(("URL-encoded", encoded.into_bytes()));
    }
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all.dedup_by(|one, other| one.1 == other.1);
    all
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;
    use crate::cloud::api_key;

    fn leak_scanner() -> (LeakScanner, String) {
        let minted = api_key();
        let leak_scanner = LeakScanner::new();
        leak_scanner.plant(&minted);
        let canary = String::from_utf8(minted.canaries[0].expose().to_vec()).unwrap();
        (leak_scanner, canary)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_canary_is_seen_in_every_form_wherever_it_stands(before in "[ -~]{0,20}", after in "[ -~]{0,20}") {
            let (leak_scanner, canary) = leak_scanner();
            let text = format!("{before}{canary}{after}");
            prop_assert_eq!(leak_scanner.look(text.as_bytes()), Some("as it is"));
            prop_assert_eq!(leak_scanner.look(STANDARD.encode(&text).as_bytes()), Some("in base64"));
            prop_assert_eq!(leak_scanner.look(URL_SAFE_NO_PAD.encode(&text).as_bytes()), Some("in base64"));
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(leak_scanner.look(encoded.as_bytes()), Some("URL-encoded"));
        }

        #[test]
        fn nothing_else_is_taken_for_a_canary(text in "[ -~]{0,200}") {
            prop_assert_eq!(leak_scanner().0.look(text.as_bytes()), None);
        }
    }

    #[test]
    fn a_leak_names_its_place_and_not_the_secret() {
        let (leak_scanner, canary) = leak_scanner();
        assert!(leak_scanner.pass("the log", canary.as_bytes()));
        assert!(!leak_scanner.pass("the report", b"all well"));
        let leak = Leak { place: "the log".to_owned(), form: "as it is", check: None };
        assert_eq!(leak_scanner.leaks(), [leak]);
        let shown = format!("{leak_scanner:?}");
        assert!(!format!("{:?}", leak_scanner.leaks()).contains(&canary));
        assert!(!shown.contains(&canary));
    }

    #[test]
    fn canaries_that_are_learned_after_a_look_are_found_too() {
        let leak_scanner = LeakScanner::new();
        let minted: Vec<Minted> = (0..40).map(|_| api_key()).collect();
        for (at, new) in minted.iter().enumerate() {
            assert_eq!(leak_scanner.look(new.canaries[0].expose()), None);
            leak_scanner.plant(new);
            for known in &minted[..=at] {
                assert_eq!(leak_scanner.look(known.canaries[0].expose()), Some("as it is"));
            }
        }
        assert!(lock(&leak_scanner.searchers).len() <= 6, "few searchers");
    }

    #[test]
    fn a_text_that_shows_a_secret_is_left_out_in_every_form() {
        let (leak_scanner, canary) = leak_scanner();
        let redactor = Redactor::new();
        for text in [format!("it is {canary}"), STANDARD.encode(format!("it is {canary}"))] {
            let shown = leak_scanner.shown(&text, &redactor);
            assert!(shown.starts_with("(left out: it shows a secret, "), "{shown}");
        }
        assert_eq!(leak_scanner.shown("all well", &redactor), "all well");
    }

    #[test]
    fn a_leak_names_the_check_whose_login_it_is() {
        let leak_scanner = LeakScanner::new();
        let minted = [api_key(), api_key()];
        for (check, minted) in ["one", "two"].into_iter().zip(&minted) {
            leak_scanner.plant_for(check, minted);
        }
        leak_scanner.pass("the log", minted[1].canaries[0].expose());
        assert_eq!(leak_scanner.leaks()[0].check.as_deref(), Some("two"));
    }
}
