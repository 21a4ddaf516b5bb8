//! The lesson files as they were when this program was built.

use std::path::Path;

use super::catalogue::parse;
use super::{Catalogue, CatalogueProblem};

/// Each lesson file, by its path and with its text, in the order of the names.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

impl Catalogue {
    /// The lessons that this program carries. What [`read`](Self::read) checks of a file before a run is not checked
    /// again.
    ///
    /// # Errors
    /// [`CatalogueProblem::Malformed`] where a file is no lesson, which the tests of this project rule out.
    pub fn embedded() -> Result<Self, CatalogueProblem> {
        FILES.iter().map(|(path, text)| parse(Path::new(path), text)).collect()
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
        assert_eq!(catalogue.lessons().len(), files);
        assert!(catalogue.lessons().is_sorted_by_key(|lesson| &lesson.id));
    }
}
