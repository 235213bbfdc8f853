// SPDX-License-Identifier: GPL-2.0

//! One file: the paths that it names, and the names that it re-exports and defines.

use std::{collections::BTreeSet, str::FromStr};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path, segment by segment: `crate::dma::Masks`.
pub type Path = Vec<String>;

/// The facts about a file.
#[derive(Debug, Default)]
pub struct Source {
    /// The names that `use` brings in, and paths that begin with `crate`, `super` or `self`.
    pub names: BTreeSet<Path>,
    /// The names that `pub use` hands on.
    pub reexports: BTreeSet<Path>,
    /// The names of the file's items.
    pub items: BTreeSet<String>,
    /// The names of its `macro_rules!`, which live at the root of the crate.
    pub macros: BTreeSet<String>,
    /// All identifiers outside of `use`, for names that a glob brings in.
    pub words: BTreeSet<String>,
    /// Whether the file imports all of the prelude.
    pub uses_prelude: bool,
}

impl Source {
    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// The text is no sequence of Rust tokens.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tokens = TokenStream::from_str(text).map_err(|error| error.to_string())?;
        let mut source = Self::default();
        source.scan(&tokens.into_iter().collect::<Vec<_>>());
        Ok(source)
    }

    fn scan(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            at += match word(tokens.get(at)).as_deref() {
                Some("use") => self.read_use(tokens, at),
                Some("crate" | "super" | "self") if !follows(tokens, at, '$') => {
                    self.read_path(tokens, at)
                }
                Some(keyword) => self.read_item(tokens, at, keyword),
                None => self.read_other(tokens, at),
            };
        }
    }

    /// Reads `use TREE;`; returns the number of tokens.
    fn read_use(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        let length = rest.iter().take_while(|token| !is(token, ';')).count();
        let handed_on = at > 0 && is_public(tokens, at);
        for path in flatten(&rest[..length]) {
            if path.ends_with(&["prelude".into(), "*".into()]) {
                self.uses_prelude = true;
            }
            let set = if handed_on {
                &mut self.reexports
            } else {
                &mut self.names
            };
            set.insert(path);
        }
        length + 2
    }

    /// Reads a path in the code.
    fn read_path(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let mut path = Vec::new();
        let mut end = at;
        while let Some(segment) = word(tokens.get(end)) {
            path.push(segment);
            end += 1;
            if !(tokens.get(end).is_some_and(|token| is(token, ':'))
                && tokens.get(end + 1).is_some_and(|token| is(token, ':')))
            {
                break;
            }
            end += 2;
        }
        if path.len() > 1 {
            self.names.insert(path);
        }
        end.max(at + 1) - at
    }

    /// Reads a word, which may begin an item.
    fn read_item(&mut self, tokens: &[TokenTree], at: usize, keyword: &str) -> usize {
        const ITEMS: [&str; 9] = [
            "struct", "enum", "trait", "fn", "type", "const", "static", "mod", "union",
        ];
        if keyword == "macro_rules"
            && let Some(name) = word(tokens.get(at + 2))
        {
            self.macros.insert(name.clone());
            self.items.insert(name);
            return 3;
        }
        if (ITEMS.contains(&keyword) || keyword == "macro")
            && let Some(name) = word(tokens.get(at + 1))
        {
            self.items.insert(name);
        }
        self.words.insert(keyword.to_owned());
        1
    }

    /// Reads punctuation, a group, or an attribute. An item that is only for tests is passed over.
    fn read_other(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        if is(&tokens[at], '#')
            && let Some(TokenTree::Group(attribute)) = tokens.get(at + 1)
            && is_for_tests(attribute.stream())
        {
            return 2 + item_length(tokens.get(at + 2..).unwrap_or_default());
        }
        if let TokenTree::Group(group) = &tokens[at] {
            self.scan(&group.stream().into_iter().collect::<Vec<_>>());
        }
        1
    }
}

fn word(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is(token: &TokenTree, punctuation: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == punctuation)
}

fn follows(tokens: &[TokenTree], at: usize, punctuation: char) -> bool {
    at > 0 && is(&tokens[at - 1], punctuation)
}

/// Returns whether `pub`, or `pub(..)`, stands before the token.
fn is_public(tokens: &[TokenTree], at: usize) -> bool {
    let before = match &tokens[at - 1] {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis && at > 1 => {
            &tokens[at - 2]
        }
        token => token,
    };
    word(Some(before)).as_deref() == Some("pub")
}

/// Returns whether an attribute leaves an item to tests: `cfg(test)`, `cfg(lifebound_kunit)`,
/// `kunit_tests(..)`.
fn is_for_tests(attribute: TokenStream) -> bool {
    let text = attribute.to_string().replace(' ', "");
    ["cfg(test)", "cfg(lifebound_kunit)", "cfg(all(test"]
        .iter()
        .any(|start| text.starts_with(start))
        || text.contains("kunit_tests(")
}

/// Returns the number of tokens of the item that comes next.
fn item_length(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| {
        is(token, ';')
            || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
    };
    tokens
        .iter()
        .position(ends)
        .map_or(tokens.len(), |at| at + 1)
}

/// Returns the paths of a `use` tree.
fn flatten(tokens: &[TokenTree]) -> Vec<Path> {
    let mut paths = Vec::new();
    for branch in tokens.split(|token| is(token, ',')) {
        let mut prefix = Path::new();
        let mut whole = false;
        let mut skip = false;
        for token in branch {
            match token {
                TokenTree::Group(group) => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    for mut path in flatten(&inner) {
                        path.splice(0..0, prefix.iter().cloned());
                        paths.push(path);
                    }
                    whole = true;
                }
                TokenTree::Ident(ident) if ident == "as" => skip = true,
                TokenTree::Ident(_) if skip => {}
                TokenTree::Ident(ident) => prefix.push(ident.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '*' => prefix.push("*".into()),
                _ => {}
            }
        }
        if !whole && !prefix.is_empty() {
            paths.push(prefix);
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        text.split("::").map(String::from).collect()
    }

    #[test]
    fn trees_are_flattened() {
        let source = Source::parse("use crate::{a::{self, B as C}, d::*};").unwrap();
        let expected = ["crate::a::self", "crate::a::B", "crate::d::*"].map(path);
        assert_eq!(source.names, BTreeSet::from(expected));
    }

    #[test]
    fn what_is_handed_on_is_no_import() {
        let source = Source::parse("pub use a::B; pub(crate) use c::D; use e::F;").unwrap();
        assert_eq!(
            source.reexports,
            BTreeSet::from([path("a::B"), path("c::D")])
        );
        assert_eq!(source.names, BTreeSet::from([path("e::F")]));
    }

    #[test]
    fn paths_in_code_count_and_those_of_macros_do_not() {
        let source = Source::parse("fn f() { crate::a::b(); $crate::c::d(); x::y() }").unwrap();
        assert_eq!(source.names, BTreeSet::from([path("crate::a::b")]));
        assert_eq!(source.items, BTreeSet::from(["f".to_owned()]));
    }

    #[test]
    fn tests_are_left_out() {
        let text =
            "#[cfg(test)] mod tests { use crate::a; } #[cfg(lifebound_kunit)] mod kunit; fn f() {}";
        let source = Source::parse(text).unwrap();
        assert!(source.names.is_empty(), "{source:?}");
        assert_eq!(source.items, BTreeSet::from(["f".to_owned()]));
    }

    #[test]
    fn comments_and_strings_are_no_code() {
        let source = Source::parse("// use crate::a;\nconst S: &str = \"crate::b::c\";").unwrap();
        assert!(source.names.is_empty());
    }
}
