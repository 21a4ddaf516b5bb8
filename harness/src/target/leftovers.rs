//! stub
use std::collections::BTreeMap;

/// run
#[derive(Debug, Clone)]
pub struct RunId(pub String);

/// labels
pub fn labels(run: &RunId, keep: bool) -> BTreeMap<String, String> {
    BTreeMap::from([("codex-remote-auth.run".into(), run.0.clone()), ("codex-remote-auth.keep".into(), keep.to_string())])
}
