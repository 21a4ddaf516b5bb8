//! The image that containers start from, built where it is not there yet.

use super::{Engine, Lacks};

/// An image on the engine: `name:tag`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef(String);

impl ImageRef {
    /// Its name and its tag.
    pub fn name_and_tag(&self) -> (&str, &str) {
        self.0.rsplit_once(':').unwrap_or((&self.0, "latest"))
    }
}

/// How an image may be had.
#[derive(Debug, Clone, Default)]
pub struct ImageOptions {
    /// Base image to build on.
    pub base: Option<String>,
}

/// Stub.
pub fn ensure(_engine: &Engine, _options: &ImageOptions, _say: &dyn Fn(&str)) -> Result<ImageRef, Lacks> {
    Ok(ImageRef("codex-remote-auth/openssh-bookworm:hand".into()))
}

impl std::fmt::Display for ImageRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
