// SPDX-License-Identifier: GPL-2.0

//! Links and titles of a page in Markdown.

/// The page with each link's target replaced by what `change` makes of it.
///
/// Blocks and spans of code stay as they are.
pub(crate) fn with_links(page: &str, mut change: impl FnMut(&str) -> String) -> String {
    let mut result = String::with_capacity(page.len());
    let mut fence: Option<&str> = None;
    // Whether a line that is indented here is code. After other text, it goes on with that.
    let mut indented = true;
    for line in page.split_inclusive('\n') {
        let start = line.trim_start();
        match fence {
            Some(mark) => {
                if start.starts_with(mark) {
                    fence = None;
                }
                result.push_str(line);
            }
            None if start.starts_with("```") || start.starts_with("~~~") => {
                fence = start.get(..3);
                result.push_str(line);
            }
            None if indented && line.starts_with("    ") => result.push_str(line),
            None => {
                change_line(line, &mut result, &mut change);
                indented = start.is_empty();
            }
        }
    }
    result
}

/// Appends `line` with its links changed.
fn change_line(line: &str, result: &mut String, change: &mut impl FnMut(&str) -> String) {
    let mut code = false;
    let mut rest = line;
    while let Some(at) = rest.find(['`', ']']) {
        let (before, after) = rest.split_at(at);
        result.push_str(before);
        if after.starts_with('`') {
            code = !code;
        } else if !code
            && let Some(target) = after.strip_prefix("](")
            && let Some((target, behind)) = target.split_once(')')
        {
            result.push_str(&format!("]({})", change(target)));
            rest = behind;
            continue;
        }
        let (one, behind) = after.split_at(1);
        result.push_str(one);
        rest = behind;
    }
    result.push_str(rest);
}

/// The first heading of a page.
pub(crate) fn title(page: &str) -> Option<&str> {
    page.lines().find_map(|line| line.strip_prefix("# "))
}

/// Text as a block of code.
pub(crate) fn block(language: &str, text: &str) -> String {
    let mut fence = String::from("```");
    while text.contains(&fence) {
        fence.push('`');
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_changed_and_code_is_not() {
        let page = "See [`a`](a.md), ![b](b.svg) and `[c](c.md)`.\n\n```sh\n[d](d.md)\n```\n\n    [e](e.md)\n\n10. [f](f.md)\n    [g](g.md)\n";
        let wanted = "See [`a`](<a.md>), ![b](<b.svg>) and `[c](c.md)`.\n\n```sh\n[d](d.md)\n```\n\n    [e](e.md)\n\n10. [f](<f.md>)\n    [g](<g.md>)\n";
        assert_eq!(with_links(page, |link| format!("<{link}>")), wanted);
    }

    #[test]
    fn the_title_is_the_first_heading() {
        assert_eq!(title("text\n# One\n# Two\n"), Some("One"));
        assert_eq!(title("## Two\n"), None);
    }

    #[test]
    fn a_block_is_longer_than_what_it_holds() {
        assert_eq!(block("text", "a"), "```text\na\n```\n");
        assert_eq!(block("text", "```\n"), "````text\n```\n````\n");
    }
}
