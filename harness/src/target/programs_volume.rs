//! The image's programs on a volume, for engines whose storage runs in user space.
//!
//! There, every start of a program asks a daemon for each of its files again, which is a quarter of a run's CPU. A
//! named volume is a plain folder of the engine's; the engine fills it from the image when it is used first.

use super::Engine;
use super::image::ImageRef;

/// Where the programs are, and their libraries.
const FOLDER: &str = "/usr";

/// The name of an image's volume.
pub(super) fn name(image: &str) -> String {
    format!("{}-programs", image.replace(['/', ':'], "-"))
}

/// The mount of an image's programs, where the engine's storage runs in user space.
pub(super) fn mount(engine: &Engine, image: &ImageRef) -> Option<String> {
    let info = engine.block_on(engine.docker().info()).ok()?;
    let in_user_space = info.driver.is_some_and(|driver| driver.starts_with("fuse"));
    in_user_space.then(|| format!("{}:{FOLDER}:ro", name(&image.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_images_volume_has_a_name_that_engines_take() {
        assert_eq!(name("a/b-c:0f1"), "a-b-c-0f1-programs");
    }
}
