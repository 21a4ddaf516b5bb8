//! Reduces a panic to its place in the source. A panic message may contain text from a host or a login file.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs some work. If it panics, nothing is printed, and the error is the place in the source, such as `file.rs:12:3`.
///
/// # Errors
/// If the work panics.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    listen();
    let before = WATCHED.replace(true);
    // Everything that the work shares with others is behind locks that can be read even if they are poisoned.
    let done = catch_unwind(AssertUnwindSafe(work));
    WATCHED.set(before);
    done.map_err(|_| PLACE.take().unwrap_or_else(|| UNKNOWN.to_owned()))
}

/// From now on, a panic of any thread only passes its place to `tell`.
pub fn panics_tell_their_place(tell: impl Fn(&str) + Send + Sync + 'static) {
    set_hook(Box::new(move |panic| tell(&place(panic))));
}

const UNKNOWN: &str = "at an unknown place";

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map_or_else(|| UNKNOWN.to_owned(), ToString::to_string)
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |panic| {
            if WATCHED.get() {
                PLACE.set(Some(place(panic)));
            } else {
                others(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_reported_by_its_place_without_its_message() {
        let place = caught(|| -> () { panic!("the token of somebody") }).unwrap_err();
        assert!(place.contains("hosts/panics.rs:") && !place.contains("token"), "{place}");
        assert_eq!(caught(|| 7), Ok(7));
    }
}
