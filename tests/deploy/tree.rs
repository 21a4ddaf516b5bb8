//! What stands below a folder on the host: enough of it to see that nothing was touched.

use std::collections::BTreeMap;

use codex_remote_auth::auth_json::AuthFile;
use codex_remote_auth::codex::quote;

use crate::rig::Rig;

/// Everything below a folder, by its path from there; the folder itself is "". The stub's own notes are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tree(BTreeMap<String, Node>);

/// A file, directory, link or pipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// `f`, `d`, `l`, `p` as find has it.
    pub(crate) kind: String,
    pub(crate) mode: String,
    pub(crate) uid: u32,
    /// The same file, and not another with the same content.
    inode: String,
    /// Where a link points to.
    pub(crate) to: String,
    /// Of a regular file.
    pub(crate) sha256: String,
}

impl Tree {
    pub(crate) fn below(rig: &Rig, folder: &str) -> Self {
        let said = rig.root(&format!(
            "cd -- {} 2>/dev/null || exit 0\n\
             find . -path ./.codex-stub -prune -o -printf '%P\\t%y\\t%m\\t%U\\t%i\\t%l\\n'\n\
             echo\n\
             find . -path ./.codex-stub -prune -o -type f -exec sha256sum -- {{}} +",
            quote(folder)
        ));
        let mut nodes = BTreeMap::new();
        let mut lines = said.lines();
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [path, kind, mode, uid, inode, to] = fields[..] else { panic!("{line}") };
            let [kind, mode, inode, to] = [kind, mode, inode, to].map(str::to_owned);
            let node = Node { kind, mode, uid: uid.parse().unwrap(), inode, to, sha256: String::new() };
            nodes.insert(path.to_owned(), node);
        }
        for line in lines {
            let (sha256, path) = line.split_once("  ./").unwrap();
            nodes.get_mut(path).unwrap().sha256 = sha256.to_owned();
        }
        Self(nodes)
    }

    /// What stands at a path, if anything does.
    pub(crate) fn at(&self, path: &str) -> Option<&Node> {
        self.0.get(path)
    }

    /// Holds that a folder has this login in it, 0600 in 0700, and no trace of how it came there.
    pub(crate) fn has_login(&self, auth: &AuthFile, folder: &str, uid: u32) {
        let Some(directory) = self.at(folder) else { panic!("there is no {folder}: {self:#?}") };
        assert_eq!((directory.kind.as_str(), directory.mode.as_str(), directory.uid), ("d", "700", uid));
        let path = if folder.is_empty() { "auth.json".to_owned() } else { format!("{folder}/auth.json") };
        let Some(file) = self.at(&path) else { panic!("there is no {path}: {self:#?}") };
        assert_eq!((file.kind.as_str(), file.mode.as_str(), file.uid), ("f", "600", uid));
        assert_eq!(file.sha256, auth.bytes().sha256());
        self.has_no_rest();
    }

    /// Holds that no temporary file of a deploy is left anywhere.
    pub(crate) fn has_no_rest(&self) {
        let rest: Vec<_> = self.0.keys().filter(|path| path.contains(".auth.json.")).collect();
        assert!(rest.is_empty(), "{rest:?}");
    }
}
