//! The lessons of a folder, checked against what they may refer to.

use std::path::Path;

use crate::release::{Pins, Tool};
use crate::target::{ERAS, Flavour};
use codex_remote_auth::lessons::{Catalogue, CatalogueProblem, Known};

/// Reads all lessons below `folder`, and checks them against the existing mutants and eras.
///
/// # Errors
/// The first [`CatalogueProblem`].
pub fn catalogue(folder: &Path) -> Result<Catalogue, CatalogueProblem> {
    Catalogue::read(folder, &known()?)
}

/// What lessons may refer to: the existing mutants, and the releases that a run can be about.
fn known() -> Result<Known, CatalogueProblem> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/codex-releases.toml");
    let pins = Pins::read(&path).map_err(|problem| CatalogueProblem::Unreadable {
        path: path.clone(),
        reason: problem.to_string(),
    })?;
    let of =
        |tool: Tool| pins.all().iter().filter(move |pin| pin.tool == tool).map(|pin| pin.version.clone());
    Ok(Known {
        mutants: super::mutants::all().into_iter().map(|(name, _)| name).collect(),
        codex: ERAS.into_iter().chain(of(Tool::Codex)).collect(),
        claude: of(Tool::Claude).collect(),
        flavours: Flavour::ALL.map(|flavour| flavour.name().to_owned()).to_vec(),
    })
}
