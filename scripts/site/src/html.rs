// SPDX-License-Identifier: GPL-2.0

//! What a page of HTML links to, and what it can be linked at.

use std::collections::HashSet;

/// The links and anchors of a page.
#[derive(Default)]
pub(crate) struct Page {
    /// Values of `href` and `src`, in order.
    pub(crate) links: Vec<String>,
    /// Values of `id` and `name`.
    pub(crate) anchors: HashSet<String>,
    /// Whether the browser is told to go to another page.
    pub(crate) is_moved: bool,
}

/// Reads a page.
pub(crate) fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let name = rest
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or("");
        let element = name.to_ascii_lowercase();
        rest = attributes(&rest[name.len()..], |name, value| match name {
            "href" | "src" => page.links.push(decode(value)),
            "http-equiv" => page.is_moved |= value == "refresh",
            "id" | "name" => {
                page.anchors.insert(decode(value));
            }
            _ => {}
        });
        if element == "script" || element == "style" {
            rest = rest
                .find(&format!("</{element}"))
                .map_or("", |at| &rest[at..]);
        }
    }
    page
}

/// Calls `each` for the attributes of a tag; returns what stands behind the tag.
fn attributes<'a>(tag: &'a str, mut each: impl FnMut(&str, &str)) -> &'a str {
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return rest;
        }
        if let Some(behind) = rest.strip_prefix('>') {
            return behind;
        }
        let end = rest
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'))
            .unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end.max(1).min(rest.len()));
        let Some(value) = behind.trim_start().strip_prefix('=') else {
            rest = behind;
            continue;
        };
        let value = value.trim_start();
        let (value, behind) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            _ => {
                let end = value
                    .find(|c: char| c.is_ascii_whitespace() || c == '>')
                    .unwrap_or(value.len());
                value.split_at(end)
            }
        };
        each(name, value);
        rest = behind;
    }
}

/// Text without the entities that attributes have.
fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut text = text.to_owned();
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_anchors_are_found() {
        let page = read(
            "<!-- <a href=no> --><a href=\"a.html#x&amp;y\" id='m'>1 < 2</a><a href=#7 id=7 data-x>7</a>\
             <script src=\"s.js\">'<a href=\"no\">'</script><img alt=\"a > b\" src=\"i.svg\"/>",
        );
        assert_eq!(page.links, ["a.html#x&y", "#7", "s.js", "i.svg"]);
        assert!(page.anchors.contains("m") && page.anchors.contains("7"));
        assert_eq!(page.anchors.len(), 2);
    }
}
