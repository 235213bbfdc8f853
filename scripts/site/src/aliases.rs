// SPDX-License-Identifier: GPL-2.0

//! C's names by which the documentation finds the crates' items.

use std::{
    collections::{BTreeSet, HashSet},
    io,
    path::Path,
};

use crate::tree;

/// Prints how many of C's names there are, and each that neither C's headers nor the shims have;
/// `false` if there is one.
pub(crate) fn check(tree: &Path, headers: &[&str]) -> io::Result<bool> {
    let mut aliases = BTreeSet::new();
    for file in tree::files(&tree.join("rust"))? {
        if file.extension().is_some_and(|kind| kind == "rs") {
            find(&tree::read(&file)?, &mut aliases);
        }
    }
    let mut names = Names::default();
    // The shims call functions of later kernels too, whose headers are not here.
    for file in tree::files(&tree.join("rust"))? {
        if file.extension().is_some_and(|kind| kind == "c") {
            names.read(&tree::read(&file)?);
        }
    }
    names.calls.retain(|name| !name.starts_with("lb_"));
    for directory in headers {
        for file in tree::files(Path::new(directory))? {
            if file.extension().is_some_and(|kind| kind == "h") {
                names.read(&tree::read(&file)?);
            }
        }
    }
    let (mut calls, mut types, mut unknown) = (0, 0, 0);
    for alias in &aliases {
        if names.calls.contains(alias) {
            calls += 1;
        } else if names.types.contains(alias) {
            types += 1;
        } else {
            unknown += 1;
            println!("no header has {alias}");
        }
    }
    println!("{calls} functions and macros, {types} types, {unknown} unknown");
    Ok(unknown == 0)
}

/// Adds the names in each `doc(alias = "..")` and `doc(alias("..", ..))` of a source file.
fn find(source: &str, aliases: &mut BTreeSet<String>) {
    for part in source.split("doc(alias").skip(1) {
        let end = if part.starts_with('(') { "))" } else { ")" };
        let list = part.split(end).next().unwrap_or("");
        aliases.extend(list.split('"').skip(1).step_by(2).map(str::to_owned));
    }
}

/// What C's headers declare.
#[derive(Default)]
struct Names {
    /// Names that a parenthesis follows, and those of macros.
    calls: HashSet<String>,
    /// Tags of structures, unions and enumerations, and names that `typedef` ends with.
    types: HashSet<String>,
}

impl Names {
    /// Adds the names of a header.
    fn read(&mut self, header: &str) {
        let mut before = "";
        let mut rest = header;
        while let Some(at) = rest.find(is_of_word) {
            let text = &rest[at..];
            if rest[..at].contains("/*") {
                // What stands in a comment is no declaration.
                let comment = rest.find("/*").map_or("", |at| &rest[at + 2..]);
                rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
                before = "";
                continue;
            }
            let end = text.find(|c| !is_of_word(c)).unwrap_or(text.len());
            let (word, behind) = text.split_at(end);
            if behind.starts_with('(') || before == "define" {
                self.calls.insert(word.to_owned());
            } else if matches!(before, "struct" | "union" | "enum") || behind.starts_with(';') {
                self.types.insert(word.to_owned());
            }
            (before, rest) = (word, behind);
        }
    }
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_are_found() {
        let mut aliases = BTreeSet::new();
        let source =
            "#[doc(alias = \"readl\")]\n#[doc(alias(\"writel\", \"iowrite32\"))]\nfn f() {}";
        find(source, &mut aliases);
        assert_eq!(
            aliases.into_iter().collect::<Vec<_>>(),
            ["iowrite32", "readl", "writel"]
        );
    }

    #[test]
    fn names_of_a_header() {
        let mut names = Names::default();
        names.read("/* gone() */ void f(int x);\n#define LIMIT 3\nstruct device *get(void); typedef int pid;");
        assert!(
            ["f", "LIMIT", "get"]
                .iter()
                .all(|name| names.calls.contains(*name))
        );
        assert!(
            ["device", "pid"]
                .iter()
                .all(|name| names.types.contains(*name))
        );
        assert!(!names.calls.contains("gone"));
    }
}
