// SPDX-License-Identifier: GPL-2.0

//! What rustdoc wrote, as a part of the site.

use std::{fs, io, path::Path};

use crate::{
    book,
    tree::{self, HEADERS},
};

/// The page that rustdoc's own pages take for the first one.
const INDEX: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>The API</title>\
    <meta http-equiv=\"refresh\" content=\"0;URL=../api.html\"></head>\
    <body><a href=\"../api.html\">The API</a></body></html>\n";

/// Copies the pages and files that rustdoc has written.
pub(crate) fn copy(tree: &Path, from: &Path, to: &Path) -> io::Result<()> {
    let pages = book::pages(tree)?;
    for file in tree::files(from)? {
        let Ok(name) = file.strip_prefix(from) else {
            continue;
        };
        let target = to.join(name);
        if name.extension().is_some_and(|kind| kind == "html") {
            let depth = name.components().count();
            let page = with_targets(&tree::read(&file)?);
            let page = without_hidden(&page, |link| {
                name.to_str()
                    .and_then(|name| tree::resolve(name, link))
                    .is_some_and(|target| from.join(target).exists())
            });
            for script in optional_scripts(&page) {
                if let Some(script) = name.to_str().and_then(|name| tree::resolve(name, script))
                    && !from.join(&script).exists()
                {
                    tree::write(&to.join(script), "")?;
                }
            }
            let bar = bar(&pages, &"../".repeat(depth));
            tree::write(&target, &with_bar(&page, &bar))?;
        } else {
            if let Some(directory) = target.parent() {
                fs::create_dir_all(directory)?;
            }
            fs::copy(&file, &target).map_err(|error| tree::named(error, &file))?;
        }
    }
    tree::write(&to.join("index.html"), INDEX)
}

/// Gives targets to links that rustdoc has left without one: those to headers, `srctree/..`, and
/// those of texts in `core`, which name `std` and the book beside it, or nothing.
fn with_targets(page: &str) -> String {
    let std = "https://doc.rust-lang.org/std/";
    page.replace("href=\"srctree/", &format!("href=\"{HEADERS}"))
        .replace("href=\"../../../std/", &format!("href=\"{std}"))
        .replace("href=\"../../std/", &format!("href=\"{std}"))
        .replace(
            "href=\"../../book/",
            "href=\"https://doc.rust-lang.org/book/",
        )
        .replace("<a href=\"slice::sort_by_key\">", "<a>")
}

/// Takes links to hidden items of zerocopy away. Their implementations for all types are shown, and
/// they have no pages.
fn without_hidden(page: &str, exists: impl Fn(&str) -> bool) -> String {
    let mut parts = page.split("href=\"");
    let mut result = String::from(parts.next().unwrap_or(""));
    for part in parts {
        let (link, rest) = part.split_once('"').unwrap_or((part, ""));
        let file = link.split('#').next().unwrap_or("");
        if link.contains("../zerocopy/") && !exists(file) {
            result.push_str(rest);
        } else {
            result.push_str("href=\"");
            result.push_str(part);
        }
    }
    result
}

/// The scripts with implementations in other crates. A page names one even if there are none.
fn optional_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("src=\"").skip(1).filter_map(|rest| {
        let (script, _) = rest.split_once('"')?;
        (script.contains("trait.impl/") || script.contains("type.impl/")).then_some(script)
    })
}

/// Links to the other pages of the site, `root` being the way to them.
fn bar(pages: &[book::Page], root: &str) -> String {
    let mut bar = String::from(
        "<nav aria-label=\"Pages\" style=\"display:flex;flex-wrap:wrap;gap:.2em 1.2em;margin-bottom:1em;\
         padding:.5em 0;border-bottom:1px solid var(--border-color);font-size:.9rem\">",
    );
    for (name, file) in [("Lifebound", "index.html"), ("The API", "api.html")] {
        bar.push_str(&format!("<a href=\"{root}{file}\">{name}</a>"));
    }
    for page in pages.iter().filter(|page| page.in_bar) {
        bar.push_str(&format!(
            "<a href=\"{root}{}.html\">{}</a>",
            page.name,
            page.short()
        ));
    }
    bar.push_str("</nav>");
    bar
}

/// The page with the bar above its content.
fn with_bar(page: &str, bar: &str) -> String {
    for place in ["<main><div class=\"width-limiter\">", "<main>"] {
        if let Some((before, after)) = page.split_once(place) {
            return format!("{before}{place}{bar}{after}");
        }
    }
    page.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_shown_where_it_is() {
        let page = with_targets("<a href=\"srctree/include/linux/io.h\">srctree/</a>");
        assert_eq!(
            page,
            format!("<a href=\"{HEADERS}include/linux/io.h\">srctree/</a>")
        );
    }

    #[test]
    fn hidden_items_have_no_links() {
        let page = "<a href=\"../zerocopy/a.html\">a</a><a href=\"../zerocopy/b.html#c\">b</a><a href=\"c\">";
        let wanted = "<a href=\"../zerocopy/a.html\">a</a><a >b</a><a href=\"c\">";
        assert_eq!(
            without_hidden(page, |link| link.ends_with("a.html")),
            wanted
        );
    }

    #[test]
    fn scripts_that_may_be_absent() {
        let page = "<script src=\"../main.js\"><script src=\"../trait.impl/a/trait.A.js\" async>";
        assert_eq!(
            optional_scripts(page).collect::<Vec<_>>(),
            ["../trait.impl/a/trait.A.js"]
        );
    }

    #[test]
    fn the_bar_is_above_the_content() {
        let page = "<main><div class=\"width-limiter\"><section>";
        assert_eq!(
            with_bar(page, "B"),
            "<main><div class=\"width-limiter\">B<section>"
        );
        assert_eq!(with_bar("<main><section>", "B"), "<main>B<section>");
    }
}
