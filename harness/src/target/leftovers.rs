//! stub, to be replaced
use std::collections::BTreeMap;
use super::{Engine, Lacks};

/// run
#[derive(Debug, Clone)]
pub struct RunId(pub String);

/// lock
#[derive(Debug)]
pub struct RunLock { id: RunId, folder: tempfile::TempDir }
impl RunLock {
    /// x
    pub fn acquire() -> Result<Self, Lacks> {
        let folder = tempfile::tempdir().map_err(|e| Lacks::new(e.to_string()))?;
        Ok(Self { id: RunId(format!("{:012x}", std::process::id())), folder })
    }
    /// x
    pub fn id(&self) -> &RunId { &self.id }
    /// x
    pub fn folder(&self) -> &std::path::Path { self.folder.path() }
}
/// x
pub fn sweep(_engine: &Engine) -> Result<(), Lacks> { Ok(()) }

/// labels
pub fn labels(run: &RunId, keep: bool) -> BTreeMap<String, String> {
    BTreeMap::from([("codex-remote-auth.run".into(), run.0.clone()), ("codex-remote-auth.keep".into(), keep.to_string())])
}
