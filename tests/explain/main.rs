//! From an output to its lesson: each lesson's own transcripts lead to it, and to no other.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calls;
mod transcripts;
mod unknown_output;
mod width;

use std::collections::BTreeSet;

use codex_remote_auth::codex::{Diagnosis, Outcome};
use codex_remote_auth::lessons::{Catalogue, Lesson, Releases, Way};
use codex_remote_auth::ssh::End;
use transcripts::{Ending, Transcript};

fn embedded() -> Catalogue {
    Catalogue::embedded().unwrap()
}

fn explained<'c>(catalogue: &'c Catalogue, transcript: &Transcript) -> BTreeSet<&'c str> {
    let ids = |status| -> BTreeSet<&str> {
        let lessons = catalogue.explain(&transcript.output(), status);
        lessons.into_iter().map(|lesson| lesson.id.as_str()).collect()
    };
    let of_text_alone = ids(None);
    assert_eq!(of_text_alone, ids(transcript.status()), "{:?}", transcript.status());
    of_text_alone
}

/// The lessons that an output of this one may lead to.
fn its_own(lesson: &Lesson) -> BTreeSet<&str> {
    let own = (!lesson.signs.is_empty()).then_some(lesson.id.as_str());
    own.into_iter().chain(lesson.same_output_as.iter().map(String::as_str)).collect()
}

#[test]
fn the_lessons_that_the_program_carries_are_those_of_the_checkout() {
    assert_eq!(embedded().lessons(), tests::lessons().lessons());
}

#[test]
fn every_transcript_of_a_wrong_way_leads_to_its_lesson_and_to_no_other() {
    let catalogue = embedded();
    for lesson in catalogue.lessons() {
        for transcript in transcripts::of(lesson).iter().filter(|transcript| transcript.way == Way::Wrong) {
            let found = explained(&catalogue, transcript);
            let mut silent = transcript.releases.iter().map(|release| {
                lesson
                    .silent
                    .iter()
                    .any(|silent| silent.step == transcript.step && silent.codex.contains(release))
            });
            let is_silent = silent.next().unwrap();
            assert!(silent.all(|other| other == is_silent), "{}: {}", lesson.id, transcript.step);
            let said = format!("{}, “{}”: {}", lesson.id, transcript.step, transcript.output());
            assert_eq!(found.is_empty(), is_silent, "leads to {found:?}: {said}");
            assert!(found.is_subset(&its_own(lesson)), "leads to {found:?}: {said}");
        }
    }
}

#[test]
fn a_transcript_of_a_right_way_leads_nowhere_unless_its_lesson_says_so() {
    let catalogue = embedded();
    for lesson in catalogue.lessons() {
        for transcript in transcripts::of(lesson).iter().filter(|transcript| transcript.way == Way::Right) {
            let found = explained(&catalogue, transcript);
            let declared = lesson.same_output_as.iter().map(String::as_str).collect();
            assert!(found.is_subset(&declared), "{}, {}: {found:?}", lesson.id, transcript.step);
            assert!(found.is_empty() || transcript.end == Ending::Refused, "{}", lesson.id);
        }
    }
}

#[test]
fn what_the_lessons_say_of_their_outputs_is_whole_and_nothing_of_it_is_idle() {
    let catalogue = embedded();
    for lesson in catalogue.lessons() {
        let transcripts = transcripts::of(lesson);
        let found: BTreeSet<&str> =
            transcripts.iter().flat_map(|transcript| explained(&catalogue, transcript)).collect();
        for main in &lesson.same_output_as {
            assert!(found.contains(main.as_str()), "no output of {} leads to {main}", lesson.id);
            let main = catalogue.get(main).unwrap();
            assert!(!main.signs.is_empty() && main.id != lesson.id, "{}", lesson.id);
        }
        let wrong: Vec<&str> = lesson.wrong.iter().map(|step| step.name.as_str()).collect();
        let names: BTreeSet<&str> = wrong.iter().copied().collect();
        assert_eq!(names.len(), wrong.len(), "{}: steps of one name", lesson.id);
        for silent in &lesson.silent {
            assert!(names.contains(silent.step.as_str()), "{}: no step {}", lesson.id, silent.step);
            assert!(!silent.because.is_empty(), "{}", lesson.id);
        }
        let all_silent = lesson.silent.len() == wrong.len();
        assert!(!its_own(lesson).is_empty() || all_silent, "nothing says how {} is known", lesson.id);
    }
}

#[test]
fn every_sign_is_shown_by_a_transcript_on_its_own_releases_or_by_an_output_that_was_met() {
    let catalogue = embedded();
    let all: Vec<Transcript> = catalogue.lessons().iter().flat_map(transcripts::of).collect();
    for lesson in catalogue.all() {
        for sign in &lesson.signs {
            let mut alone = lesson.clone();
            alone.signs = vec![sign.clone()];
            let alone: Catalogue = [alone].into_iter().collect();
            let shows = |output: &str| !alone.explain(output, None).is_empty();
            let met = unknown_output::MET.iter().any(|(output, id)| *id == lesson.id && shows(output))
                || lesson.outputs.iter().any(|output| shows(output));
            // It was met, and no release could contradict it.
            if met && sign.codex == Releases::default() {
                continue;
            }
            let shown: Vec<&Transcript> =
                all.iter().filter(|transcript| shows(&transcript.output())).collect();
            assert!(met || !shown.is_empty(), "nothing shows {sign:?} of {}", lesson.id);
            for release in shown.iter().flat_map(|transcript| &transcript.releases) {
                assert!(sign.codex.contains(release), "{release} shows {sign:?} of {}", lesson.id);
            }
        }
    }
}

/// Diagnoses that are in no lesson's transcript, with codex's output, and the lesson on the same subject.
const UNSEEN: &[(Diagnosis, &str, Option<&str>)] = &[(
    Diagnosis::RefreshTokenExpired,
    "Your access token could not be refreshed because your refresh token has expired. Please log out and sign in again.",
    Some("unauthorized-expired"),
)];

/// Diagnoses that do not mean a failure of a known kind.
const NO_FAILURE: &[Diagnosis] = &[Diagnosis::Works, Diagnosis::OtherAnswer, Diagnosis::Unknown];

#[test]
fn every_diagnosis_leads_to_one_lesson_whose_output_shows_it() {
    let catalogue = embedded();
    let mut codes: Vec<&str> =
        catalogue.lessons().iter().flat_map(|lesson| &lesson.diagnoses).map(String::as_str).collect();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count, "two lessons on one diagnosis");

    let known: BTreeSet<&str> = Diagnosis::ALL.iter().map(|diagnosis| diagnosis.code()).collect();
    assert!(codes.iter().all(|code| known.contains(code)), "{codes:?}");
    let seen = |lesson: &Lesson, diagnosis: Diagnosis| {
        let same = catalogue.with_the_output_of(&lesson.id);
        let mut wrong = std::iter::once(lesson).chain(same).flat_map(transcripts::of);
        wrong.any(|transcript| transcript.way == Way::Wrong && transcript.diagnosis() == Some(diagnosis))
    };
    for diagnosis in Diagnosis::ALL {
        let lesson = catalogue.lesson_of_diagnosis(diagnosis.code());
        let unseen = UNSEEN.iter().find(|(unseen, ..)| unseen == diagnosis);
        match (lesson, unseen) {
            (None, None) => assert!(NO_FAILURE.contains(diagnosis), "{diagnosis:?} has no lesson"),
            (Some(lesson), None) => assert!(seen(lesson, *diagnosis), "{diagnosis:?}, {}", lesson.id),
            (lesson, Some((_, said, meant))) => {
                assert_eq!(lesson.map(|lesson| lesson.id.as_str()), *meant);
                let outcome = Outcome { stdout: Vec::new(), stderr: (*said).into(), end: End::Exit(1) };
                assert_eq!(Diagnosis::of(&outcome, None), *diagnosis);
                let explained = catalogue.explain(said, None);
                assert_eq!(explained.first().map(|lesson| lesson.id.as_str()), *meant, "{said}");
                let all = catalogue.lessons().iter();
                assert!(!all.clone().any(|lesson| seen(lesson, *diagnosis)), "{diagnosis:?} is seen");
            }
        }
    }
}

#[test]
fn what_a_lesson_expects_of_a_diagnosis_leads_to_a_lesson_that_its_output_leads_to() {
    let catalogue = embedded();
    for lesson in catalogue.lessons() {
        for transcript in transcripts::of(lesson) {
            let Some(of_code) =
                transcript.diagnosis().and_then(|found| catalogue.lesson_of_diagnosis(found.code()))
            else {
                continue;
            };
            let found = explained(&catalogue, &transcript);
            let same = |id: &&str| of_code.same_output_as.iter().any(|main| main == id);
            // Each shell has its own words for it, and codex's output is one of the forms.
            let any_shell =
                of_code.id == "trouble-command-not-found" && found.iter().all(|id| id.starts_with("path-"));
            assert!(
                found.contains(of_code.id.as_str()) || found.iter().any(same) || any_shell,
                "{}, {}: {} and {found:?}",
                lesson.id,
                transcript.step,
                of_code.id
            );
        }
    }
}
