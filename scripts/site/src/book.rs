// SPDX-License-Identifier: GPL-2.0

//! The pages of Markdown, as mdbook wants them.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{markdown, tree};

/// The parts of the table of contents. A page is named by its file in Documentation, and has a
/// short name for the bar above the pages of rustdoc. A page that is not here comes into the last
/// part.
const PARTS: [(&str, &[(&str, &str)]); 3] = [
    (
        "Writing a driver",
        &[
            ("guide", "Guide"),
            ("day", "A day"),
            ("faq", "Questions"),
            ("messages", "Messages"),
            ("porting", "Porting"),
            ("buses", "Buses"),
        ],
    ),
    (
        "What is promised",
        &[
            ("contract", "Contract"),
            ("interface", "Interface"),
            ("performance", "Performance"),
            ("comparison", ""),
            ("holes", ""),
        ],
    ),
    ("The tree", &[("architecture", "")]),
];

/// Pages that do not lie in Documentation.
const OTHERS: [&str; 2] = ["CONTRIBUTING.md", "CHANGELOG.md"];

/// What each page leads to.
const BAR: [(&str, &str); 5] = [
    ("index.html", "Lifebound"),
    ("guide.html", "Guide"),
    ("faq.html", "Questions"),
    ("api.html", "The API"),
    ("api/kernel/index.html", "crate kernel"),
];

const SETTINGS: &str = r#"[book]
title = "Lifebound"
language = "en"
[build]
create-missing = false
use-default-preprocessors = false
[output.html]
input-404 = ""
smart-punctuation = false
definition-lists = false
no-section-label = true
preferred-dark-theme = "navy"
additional-css = ["site.css"]
[output.html.playground]
runnable = false
[output.html.print]
enable = false
[output.html.fold]
enable = true
"#;

/// A page of the tree.
pub(crate) struct Page {
    /// Its name in the site, without an extension.
    pub(crate) name: String,
    /// Whether the pages of rustdoc have a link to it.
    pub(crate) in_bar: bool,
    short: &'static str,
    part: usize,
    rank: usize,
    path: String,
    text: String,
}

impl Page {
    fn new(tree: &Path, path: String) -> io::Result<Self> {
        let stem = Path::new(&path)
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or("");
        let name = stem.to_ascii_lowercase();
        let place = PARTS.iter().enumerate().find_map(|(part, (_, pages))| {
            let rank = pages.iter().position(|(page, _)| *page == name)?;
            Some((part, rank, pages[rank].1))
        });
        let (part, rank, short) = place.unwrap_or((PARTS.len() - 1, usize::MAX, ""));
        let text = tree::read(&tree.join(&path))?;
        Ok(Self {
            name,
            in_bar: !short.is_empty(),
            short,
            part,
            rank,
            path,
            text,
        })
    }

    /// A name of one or two words.
    pub(crate) fn short(&self) -> &str {
        if self.short.is_empty() {
            self.title()
        } else {
            self.short
        }
    }

    fn title(&self) -> &str {
        markdown::title(&self.text).unwrap_or(&self.name)
    }
}

/// All pages but the first one, in the order of the table of contents.
pub(crate) fn pages(tree: &Path) -> io::Result<Vec<Page>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(tree.join("Documentation"))? {
        if let Some(name) = entry?
            .file_name()
            .to_str()
            .filter(|name| name.ends_with(".md"))
        {
            pages.push(Page::new(tree, format!("Documentation/{name}"))?);
        }
    }
    for name in OTHERS {
        pages.push(Page::new(tree, name.to_owned())?);
    }
    pages.sort_by(|a, b| (a.part, a.rank, &a.path).cmp(&(b.part, b.rank, &b.path)));
    Ok(pages)
}

/// Writes the sources of the book.
pub(crate) fn write(tree: &Path, api: &Path, directory: &Path) -> io::Result<()> {
    let source = directory.join("src");
    if source.exists() {
        fs::remove_dir_all(&source)?;
    }
    let mut book = Book {
        tree,
        api,
        source,
        files: BTreeSet::new(),
    };
    let pages = pages(tree)?;
    let mut summary = String::from("# Summary\n\n[Lifebound](index.md)\n[The API](api.md)\n");
    for (number, (part, _)) in PARTS.iter().enumerate() {
        summary.push_str(&format!("\n# {part}\n\n"));
        for page in pages.iter().filter(|page| page.part == number) {
            summary.push_str(&format!("- [{}]({}.md)\n", page.title(), page.name));
            book.page(&page.path, &page.text, &format!("{}.md", page.name))?;
        }
    }
    book.page(
        "README.md",
        &tree::read(&tree.join("README.md"))?,
        "index.md",
    )?;
    book.put("api.md", include_str!("../api.md"))?;
    summary.push_str(&book.files()?);
    tree::write(&book.source.join("SUMMARY.md"), &summary)?;
    tree::write(&directory.join("site.css"), include_str!("../site.css"))?;
    tree::write(&directory.join("book.toml"), SETTINGS)
}

/// The book that is being written.
struct Book<'a> {
    tree: &'a Path,
    /// What rustdoc has written.
    api: &'a Path,
    source: PathBuf,
    /// Files and directories that pages link to.
    files: BTreeSet<String>,
}

impl Book<'_> {
    /// Writes the page `path` of the tree as `name`.
    fn page(&mut self, path: &str, text: &str, name: &str) -> io::Result<()> {
        let mut failed = None;
        let page = markdown::with_links(text, |link| {
            self.link(path, link).unwrap_or_else(|error| {
                failed = Some(error);
                String::new()
            })
        });
        failed.map_or(Ok(()), Err)?;
        self.put(name, &page)
    }

    /// Writes a page with the bar above its text.
    fn put(&self, name: &str, text: &str) -> io::Result<()> {
        let mut page = String::from("<nav class=\"site-bar\" aria-label=\"Parts of the site\">\n");
        for (file, what) in BAR {
            let file = tree::relative(name, file);
            page.push_str(&format!("<a href=\"{file}\">{what}</a>\n"));
        }
        page.push_str("</nav>\n\n");
        tree::write(&self.source.join(name), &(page + text))
    }

    /// What the page `path` is to link to in the place of `link`.
    fn link(&mut self, path: &str, link: &str) -> io::Result<String> {
        if link.contains("://") || link.starts_with('#') {
            return Ok(link.to_owned());
        }
        let (file, fragment) = match link.split_once('#') {
            Some((file, fragment)) => (file, format!("#{fragment}")),
            None => (link, String::new()),
        };
        let target = tree::resolve(path, file).filter(|target| self.tree.join(target).exists());
        let Some(target) = target else {
            return Err(io::Error::other(format!("{path}: {link}: no such file")));
        };
        Ok(self.place(&target)? + &fragment)
    }

    /// Where a file of the tree is in the site.
    fn place(&mut self, target: &str) -> io::Result<String> {
        let page = target.strip_prefix("Documentation/").unwrap_or(target);
        if target == "README.md" {
            Ok("index.md".to_owned())
        } else if page.ends_with(".md") && !page.contains('/') {
            Ok(page.to_ascii_lowercase())
        } else if target.starts_with("Documentation/") {
            let copy = self.source.join(page);
            fs::create_dir_all(copy.parent().unwrap_or(&self.source))?;
            fs::copy(self.tree.join(target), copy)?;
            Ok(page.to_owned())
        } else if let Some(page) = self.documented(target) {
            Ok(page)
        } else {
            self.add(target)?;
            Ok(format!("files/{target}.md"))
        }
    }

    /// The page of rustdoc's for a file of the crate.
    fn documented(&self, target: &str) -> Option<String> {
        let module = target.strip_prefix("rust/")?.strip_suffix(".rs")?;
        [
            format!("{module}/index.html"),
            format!("src/{module}.rs.html"),
        ]
        .into_iter()
        .find(|page| self.api.join(page).exists())
        .map(|page| format!("api/{page}"))
    }

    /// Adds a file, or a directory and what is in it.
    fn add(&mut self, target: &str) -> io::Result<()> {
        let path = self.tree.join(target);
        if path.is_dir() {
            for file in tree::files(&path)? {
                let text = file.strip_prefix(self.tree).ok().and_then(Path::to_str);
                self.files.extend(text.map(str::to_owned));
            }
        }
        self.files.insert(target.to_owned());
        Ok(())
    }

    /// Writes the pages of files; returns their part of the table of contents.
    fn files(&self) -> io::Result<String> {
        let mut summary = String::from("- [Files](files.md)\n");
        let mut list =
            String::from("# Files\n\nThese files of the tree are named by other pages.\n\n");
        for name in &self.files {
            let path = self.tree.join(name);
            let text = if path.is_dir() {
                self.files
                    .iter()
                    .filter(|file| file.starts_with(&format!("{name}/")))
                    .fold(String::new(), |text, file| {
                        text + &format!("- [{file}]({})\n", page_of(&format!("files/{name}"), file))
                    })
            } else if let Ok(text) = fs::read_to_string(&path) {
                markdown::block(language(name), &text)
            } else {
                continue;
            };
            self.put(&page_of("", name), &format!("# {name}\n\n{text}"))?;
            summary.push_str(&format!("  - [{name}]({})\n", page_of("", name)));
            list.push_str(&format!("- [{name}]({})\n", page_of("", name)));
        }
        self.put("files.md", &list)?;
        Ok(summary)
    }
}

/// How the page `from` names the page of the file `name`.
fn page_of(from: &str, name: &str) -> String {
    tree::relative(from, &format!("files/{name}.md"))
}

/// How a file is coloured.
fn language(name: &str) -> &'static str {
    let name = name.rsplit('/').next().unwrap_or(name);
    match name.rsplit_once('.').map_or(name, |(_, kind)| kind) {
        "rs" => "rust",
        "c" | "h" => "c",
        "sh" | "boot" => "bash",
        "Kbuild" | "Makefile" | "mk" => "makefile",
        "md" => "markdown",
        "patch" => "diff",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_coloured_by_their_names() {
        assert_eq!(language("drivers/misc/edu/edu.rs"), "rust");
        assert_eq!(language("drivers/misc/edu/boot"), "bash");
        assert_eq!(language("LICENSES/GPL-2.0"), "text");
    }

    #[test]
    fn the_pages_of_this_tree_have_titles_and_an_order() {
        let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let pages = pages(&tree).unwrap();
        assert_eq!(pages[0].name, "guide");
        for page in &pages {
            assert_ne!(page.title(), page.name, "{} has no heading", page.path);
        }
    }
}
