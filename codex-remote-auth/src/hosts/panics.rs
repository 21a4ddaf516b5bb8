//! What a panic may say: where in the source it happened. Its own words may repeat what a host or a login file holds.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does some work. If it panics, nothing is printed, and the error is the place in the source, as `file.rs:12:3`.
///
/// # Errors
/// Where the work panics.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    listen();
    let before = WATCHED.replace(true);
    // What the work shares with others is behind locks that are read even where they are poisoned.
    let done = catch_unwind(AssertUnwindSafe(work));
    WATCHED.set(before);
    done.map_err(|_| PLACE.take().unwrap_or_else(|| UNKNOWN.to_owned()))
}

/// From now on a panic of any thread tells its place by `tell`, and nothing else.
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
    fn a_panic_is_its_place_and_not_its_words() {
        let place = caught(|| -> () { panic!("the token of somebody") }).unwrap_err();
        assert!(place.contains("hosts/panics.rs:") && !place.contains("token"), "{place}");
        assert_eq!(caught(|| 7), Ok(7));
    }
}
