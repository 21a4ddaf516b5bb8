//! The lesson files that are built into this program.

use std::path::Path;
use std::sync::LazyLock;

use super::catalogue::parse;
use super::{Catalogue, CatalogueProblem};

/// The path and text of each lesson file, in the order of the names.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

impl Catalogue {
    /// The lessons that are built into this program. The checks that [`read`](Self::read) makes before a run are not repeated.
    ///
    /// # Errors
    /// [`CatalogueProblem::Malformed`] if a file is not a valid lesson, which the tests of this project rule out.
    pub fn embedded() -> Result<Self, CatalogueProblem> {
        FILES.iter().map(|(path, text)| parse(Path::new(path), text)).collect()
    }

    /// The same, parsed once. `None` if a file is not a valid lesson.
    pub fn built_in() -> Option<&'static Self> {
        static BUILT_IN: LazyLock<Option<Catalogue>> = LazyLock::new(|| Catalogue::embedded().ok());
        BUILT_IN.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_carries_every_lesson_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/lessons");
        let files = std::fs::read_dir(folder).unwrap().count();
        let catalogue = Catalogue::embedded().unwrap();
        assert_eq!(catalogue.all().count(), files);
        assert!(catalogue.lessons().is_sorted_by_key(|lesson| &lesson.id));
        assert!(catalogue.reported().is_sorted_by_key(|lesson| &lesson.id));
    }
}
