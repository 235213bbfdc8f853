// SPDX-License-Identifier: GPL-2.0

//! Files and their names.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Where a header of C is shown, up to its path in the kernel's sources.
pub(crate) const HEADERS: &str = "https://elixir.bootlin.com/linux/v6.12/source/";

/// All files below `directory`, sorted.
pub(crate) fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut todo = vec![directory.to_path_buf()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(&next).map_err(|error| named(error, &next))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                todo.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The text of a file.
pub(crate) fn read(file: &Path) -> io::Result<String> {
    fs::read_to_string(file).map_err(|error| named(error, file))
}

/// Writes a file, and the directories above it.
pub(crate) fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(file, text).map_err(|error| named(error, file))
}

/// An error that says which file it is about.
pub(crate) fn named(error: io::Error, file: &Path) -> io::Error {
    io::Error::other(format!("{}: {error}", file.display()))
}

/// Where `link` leads from the file `from`, as a path from the same root; `None` if that is above
/// the root.
pub(crate) fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// How `from` names `to`, both as paths from one root.
pub(crate) fn relative(from: &str, to: &str) -> String {
    format!("{}{to}", "../".repeat(from.matches('/').count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_from_its_file() {
        assert_eq!(
            resolve("Documentation/day.md", "guide.md").as_deref(),
            Some("Documentation/guide.md")
        );
        assert_eq!(
            resolve("Documentation/day.md", "../README.md").as_deref(),
            Some("README.md")
        );
        assert_eq!(resolve("a/b/c.html", "./../d/").as_deref(), Some("a/d"));
        assert_eq!(resolve("README.md", "../outside"), None);
    }

    #[test]
    fn a_name_goes_through_the_root() {
        assert_eq!(relative("a/b/c.md", "guide.md"), "../../guide.md");
        assert_eq!(relative("README.md", "a/b"), "a/b");
    }
}
