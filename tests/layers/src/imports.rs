// SPDX-License-Identifier: GPL-2.0

//! All files of a crate, and which of them imports which.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path as FilePath,
};

use crate::source::{Path, Source};

/// For each file, the files that it imports, with some of the names. A file is known by its path
/// without `.rs`.
pub type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The files of a crate.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, Source>,
    /// The file in which each `macro_rules!` is defined.
    macros: BTreeMap<String, String>,
}

impl Tree {
    /// Reads all files below a directory. Files that are tests are left out.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or contains no Rust.
    pub fn read(root: &FilePath) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.read_directory(root, root)?;
        for (file, source) in &tree.files {
            for name in &source.macros {
                tree.macros.insert(name.clone(), file.clone());
            }
        }
        Ok(tree)
    }

    fn read_directory(&mut self, root: &FilePath, directory: &FilePath) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                self.read_directory(root, &path)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(root).map_err(io::Error::other)?;
                let name = relative.with_extension("").to_string_lossy().into_owned();
                if is_test(&name) {
                    continue;
                }
                let source = Source::parse(&fs::read_to_string(&path)?)
                    .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
                self.files.insert(name, source);
            }
        }
        Ok(())
    }

    /// Returns the names of the files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Returns which file imports which.
    pub fn imports(&self) -> Imports {
        let mut imports = Imports::new();
        for (file, source) in &self.files {
            let mut found = BTreeMap::<String, BTreeSet<String>>::new();
            let mut add = |target: Option<String>, name: &str| {
                if let Some(target) = target.filter(|target| target != file && target != "prelude")
                {
                    found.entry(target).or_default().insert(name.to_owned());
                }
            };
            for path in &source.names {
                add(self.definition(path, file, 0), &path.join("::"));
            }
            if source.uses_prelude && file != "prelude" {
                for word in source.words.difference(&source.items) {
                    add(self.in_prelude(word), word);
                }
            }
            imports.insert(file.clone(), found);
        }
        imports
    }

    /// Returns the file that defines the item to which the prelude gives this name.
    fn in_prelude(&self, word: &str) -> Option<String> {
        let prelude = self.files.get("prelude")?;
        let path = prelude
            .reexports
            .iter()
            .find(|path| path.last().is_some_and(|name| name == word));
        if let Some(path) = path {
            return self.definition(path, "prelude", 0);
        }
        // A glob also brings in names: error codes and flags of allocations.
        prelude
            .reexports
            .iter()
            .filter(|path| path.ends_with(&["*".into()]))
            .find_map(|path| {
                let file = self.resolve(path, "prelude")?.0;
                self.files.get(&file)?.items.contains(word).then_some(file)
            })
    }

    /// Returns the file that defines the last name of a path, as seen from a file, through
    /// re-exports.
    fn definition(&self, path: &Path, from: &str, depth: usize) -> Option<String> {
        let (file, rest) = self.resolve(path, from)?;
        let source = self.files.get(&file)?;
        let Some(name) = rest.first().filter(|name| *name != "*" && *name != "self") else {
            return Some(file);
        };
        // The name may be at the root of the crate: macros, and other crates.
        if file == "lib" {
            return self.macros.get(name).cloned();
        }
        if source.items.contains(name) || depth > 8 {
            return Some(file);
        }
        let handed_on = source
            .reexports
            .iter()
            .find(|path| path.last() == Some(name));
        match handed_on {
            Some(path) => self.definition(path, &file, depth + 1).or(Some(file)),
            None => Some(file),
        }
    }

    /// Returns the file that the beginning of a path names, and the rest of the path.
    fn resolve(&self, path: &Path, from: &str) -> Option<(String, Vec<String>)> {
        let mut module: Vec<&str> = if from == "lib" {
            Vec::new()
        } else {
            from.split('/').collect()
        };
        let mut rest = path.as_slice();
        match rest.first()?.as_str() {
            "crate" => {
                module.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|segment| segment == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
            }
            // The name is a module below this one, or another crate.
            first => {
                let child = join(&module, first);
                self.files.contains_key(&child).then_some(())?;
            }
        }
        let mut file = if module.is_empty() {
            "lib".to_owned()
        } else {
            module.join("/")
        };
        while let Some(segment) = rest.first() {
            let child = join(&module, segment);
            if !self.files.contains_key(&child) {
                break;
            }
            module.push(segment);
            file = child;
            rest = &rest[1..];
        }
        Some((file, rest.to_vec()))
    }
}

fn join(module: &[&str], segment: &str) -> String {
    module
        .iter()
        .copied()
        .chain([segment])
        .collect::<Vec<_>>()
        .join("/")
}

/// Returns whether a file contains only tests, or code for them.
fn is_test(file: &str) -> bool {
    let first = file.split('/').next().unwrap_or_default();
    let last = file.rsplit('/').next().unwrap_or_default();
    first == "kunit" || ["kunit", "tests", "testing", "host"].contains(&last)
}

/// Returns the groups of files that import each other, directly or through others.
pub fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let reaches: BTreeMap<&String, BTreeSet<&String>> = imports
        .keys()
        .map(|file| (file, reachable(imports, file)))
        .collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reaches {
        if others.contains(*file) {
            let circle = others
                .iter()
                .filter(|other| reaches.get(*other).is_some_and(|back| back.contains(*file)));
            circles.insert(circle.map(|file| (*file).clone()).collect::<Vec<_>>());
        }
    }
    circles.into_iter().collect()
}

fn reachable<'a>(imports: &'a Imports, file: &str) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for target in imports.get(file).into_iter().flat_map(BTreeMap::keys) {
            if found.insert(target) {
                open.push(target);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (name, text) in files {
            let source = Source::parse(text).unwrap();
            for name_of_macro in &source.macros {
                tree.macros
                    .insert(name_of_macro.clone(), (*name).to_owned());
            }
            tree.files.insert((*name).to_owned(), source);
        }
        tree
    }

    fn targets(tree: &Tree, file: &str) -> Vec<String> {
        tree.imports()[file].keys().cloned().collect()
    }

    #[test]
    fn names_are_followed_through_facades() {
        let tree = tree(&[
            ("lib", "pub mod dma; pub mod pci;"),
            ("dma", "mod masks; pub(crate) use masks::Masks;"),
            ("dma/masks", "pub struct Masks;"),
            ("pci", "use crate::dma::Masks;"),
        ]);
        assert_eq!(targets(&tree, "pci"), ["dma/masks"]);
        assert!(
            targets(&tree, "dma").is_empty(),
            "a facade is not above what it names"
        );
    }

    #[test]
    fn the_prelude_hides_nothing() {
        let tree = tree(&[
            ("lib", ""),
            (
                "prelude",
                "pub use crate::{alloc::KBox, error::code::*, dev_err};",
            ),
            ("alloc", "pub struct KBox;"),
            ("error", "pub mod code;"),
            ("error/code", "pub const EINVAL: i32 = 22;"),
            ("print", "macro_rules! dev_err { () => {} }"),
            (
                "low",
                "use crate::prelude::*; fn f() { KBox; EINVAL; dev_err!() }",
            ),
        ]);
        assert_eq!(targets(&tree, "low"), ["alloc", "error/code", "print"]);
    }

    #[test]
    fn circles_are_found() {
        let tree = tree(&[
            ("lib", ""),
            ("a", "use crate::b::B; pub struct A;"),
            ("b", "use crate::c::C; pub struct B;"),
            ("c", "use crate::a::A; pub struct C;"),
            ("d", "use crate::a::A;"),
        ]);
        assert_eq!(circles(&tree.imports()), [["a", "b", "c"]]);
    }
}
