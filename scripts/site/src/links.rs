// SPDX-License-Identifier: GPL-2.0

//! Whether each link of the site leads somewhere.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::Path,
};

use crate::{
    html::{self, Page},
    tree::{self, HEADERS},
};

/// Where pages may lead besides the site. Pages of rustdoc have texts of other crates, and those
/// lead to more places.
const OUTSIDE: [&str; 3] = [
    HEADERS,
    "https://doc.rust-lang.org/",
    "https://docs.kernel.org/",
];

struct Site<'a> {
    files: HashSet<String>,
    pages: HashMap<String, Page>,
    headers: &'a [&'a str],
}

/// Prints each link that leads nowhere, and how many there are; `false` if one does.
pub(crate) fn check(directory: &Path, headers: &[&str]) -> io::Result<bool> {
    let mut site = Site {
        files: HashSet::new(),
        pages: HashMap::new(),
        headers,
    };
    for file in tree::files(directory)? {
        let Some(name) = file.strip_prefix(directory).ok().and_then(Path::to_str) else {
            continue;
        };
        if name.ends_with(".html") {
            site.pages
                .insert(name.to_owned(), html::read(&tree::read(&file)?));
        }
        site.files.insert(name.to_owned());
    }
    let mut names: Vec<_> = site.pages.keys().collect();
    names.sort();
    let (mut links, mut fragments, mut outside, mut dead) = (0, 0, 0, 0);
    for name in names {
        for link in &site.pages[name].links {
            links += 1;
            fragments += usize::from(link.contains('#'));
            outside += usize::from(link.contains("://"));
            if let Err(reason) = site.follow(name, link) {
                dead += 1;
                println!("{name}: {link}: {reason}");
            }
        }
    }
    println!(
        "{} pages, {links} links, of which {fragments} to a place in a page and {outside} to other sites; {dead} dead",
        site.pages.len()
    );
    Ok(dead == 0)
}

impl Site<'_> {
    /// Follows one link from the page `from`.
    fn follow(&self, from: &str, link: &str) -> Result<(), &'static str> {
        if link.starts_with("data:") || link.starts_with("javascript:") {
            return Ok(());
        }
        if link.contains("://") {
            return self.follow_outside(from, link);
        }
        let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
        let file = unescaped(file.split('?').next().unwrap_or(""));
        let file = match file.as_str() {
            "" => from.to_owned(),
            file => tree::resolve(from, file).ok_or("above the site")?,
        };
        let Some(page) = self.pages.get(&file) else {
            return match self.files.contains(&file) {
                true => Ok(()),
                false => Err("no such file"),
            };
        };
        if let Some(target) = page.moved() {
            return self.follow(&file, &format!("{target}#{fragment}"));
        }
        match fragment.is_empty() || page.has(fragment) || self.is_lines(page, &file, fragment) {
            true => Ok(()),
            false => Err("no such place in the page"),
        }
    }

    /// Whether `fragment` names lines of a page of source code: `7-9`.
    fn is_lines(&self, page: &Page, file: &str, fragment: &str) -> bool {
        file.starts_with("api/src/")
            && fragment
                .split_once('-')
                .is_some_and(|(first, last)| page.has(first) && page.has(last))
    }

    /// A link to another site: to a header that exists, or to a site that is known.
    fn follow_outside(&self, from: &str, link: &str) -> Result<(), &'static str> {
        let api = from.starts_with("api/") && link.starts_with("https://");
        if !api && !OUTSIDE.iter().any(|place| link.starts_with(place)) {
            return Err("not a site that pages may link to");
        }
        let Some(header) = link
            .strip_prefix(HEADERS)
            .and_then(|path| path.split_once("include/"))
        else {
            return Ok(());
        };
        match self
            .headers
            .iter()
            .any(|place| Path::new(place).join(header.1).is_file())
        {
            true => Ok(()),
            false => Err("no such header"),
        }
    }
}

impl Page {
    /// Where a page that is elsewhere leads, with the fragment that it was asked for.
    fn moved(&self) -> Option<&str> {
        self.is_moved
            .then(|| self.links.first().map(String::as_str))
            .flatten()
    }

    fn has(&self, fragment: &str) -> bool {
        fragment == "top"
            || self.anchors.contains(fragment)
            || self.anchors.contains(&unescaped(fragment))
    }
}

/// A part of a URL without `%20` and the like.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind
            .get(..2)
            .and_then(|digits| str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site<'static> {
        let pages = [
            ("index.html", "<p id=top-of-all>"),
            ("api/src/kernel/io.rs.html", "<a id=7><a id=9>"),
            ("a/moved.html", "<meta http-equiv=refresh><a href=b.html>"),
            ("a/b.html", "<h2 id=\"impl-A&lt;B&gt;\">"),
        ];
        let pages: HashMap<_, _> = pages
            .map(|(name, text)| (name.to_owned(), html::read(text)))
            .into_iter()
            .collect();
        let files = pages
            .keys()
            .cloned()
            .chain(["a/c.svg".to_owned()])
            .collect();
        Site {
            files,
            pages,
            headers: &[],
        }
    }

    #[test]
    fn links_that_lead_somewhere() {
        for link in [
            "b.html",
            "c.svg",
            "../index.html#top-of-all",
            "?search=x",
            "#impl-A%3CB%3E",
            "moved.html#impl-A%3CB%3E",
            "../api/src/kernel/io.rs.html#7-9",
            "https://doc.rust-lang.org/1.96.0/core/index.html",
        ] {
            assert_eq!(site().follow("a/b.html", link), Ok(()), "{link}");
        }
    }

    #[test]
    fn links_that_lead_nowhere() {
        for (link, reason) in [
            ("d.html", "no such file"),
            ("moved.html#nothing", "no such place in the page"),
            ("../index.html#nothing", "no such place in the page"),
            (
                "../api/src/kernel/io.rs.html#7-10",
                "no such place in the page",
            ),
            ("../../b.html", "above the site"),
            ("srctree/include/linux/io.h", "no such file"),
            ("https://example.org/", "not a site that pages may link to"),
            (
                "https://elixir.bootlin.com/linux/v6.12/source/include/linux/none.h",
                "no such header",
            ),
        ] {
            assert_eq!(site().follow("a/b.html", link), Err(reason), "{link}");
        }
    }
}
