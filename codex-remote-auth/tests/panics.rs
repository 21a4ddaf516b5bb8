//! A panic of the program reports its place only. A test program of its own, because the panic hook belongs to the process.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::mpsc;

#[test]
fn a_panic_of_any_thread_is_reported_by_its_place() {
    let (tell, told) = mpsc::channel();
    codex_remote_auth::hosts::panics_tell_their_place(move |place| {
        let _ = tell.send(place.to_owned());
    });
    std::thread::spawn(|| panic!("the token of somebody")).join().unwrap_err();
    let place = told.recv().unwrap();
    assert!(place.contains("tests/panics.rs:") && !place.contains("token"), "{place}");
}
