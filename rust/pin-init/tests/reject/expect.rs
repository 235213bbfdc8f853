// SPDX-License-Identifier: GPL-2.0

//! The errors that a program which must not compile expects, and whether the compiler agrees.
//!
//! ```text
//! field: value, //~ E0308 mismatched types
//! ```
//!
//! The comment stands on the line that the error points at, or with `//~^` below it. It holds the
//! error code, if there is one, and then words that the message contains.
//!
//! `//~` is about the program that is compiled with `--cfg reject`; `//~2` is about the one with
//! `--cfg reject_2`, and so on. If the place of an error is outside the program, the place of its
//! first note in the program counts. An error that has no place in the program at all is `//~?`, on
//! any line.

use std::collections::BTreeSet;

/// One error that is written in a program.
#[derive(Debug, PartialEq)]
pub(crate) struct Expectation {
    /// The condition under which the error is seen: `reject`, `reject_2`, ..
    pub(crate) cfg: String,
    /// The line that it points at; 0 if it is no line of the program.
    pub(crate) line: usize,
    /// The code, and words of the message.
    words: String,
}

impl Expectation {
    /// Returns the error code, or nothing, and the words of the message.
    fn parts(&self) -> (&str, &str) {
        match self.words.split_once(' ') {
            Some((first, rest)) if is_code(first) => (first, rest),
            None if is_code(&self.words) => (&self.words, ""),
            _ => ("", &self.words),
        }
    }
}

/// Reads all `//~` comments of a program.
pub(crate) fn expectations(source: &str) -> Vec<Expectation> {
    source
        .lines()
        .zip(1_usize..)
        .filter_map(|(text, number)| {
            let (_, comment) = text.split_once("//~")?;
            let words = comment.trim_start_matches(|c: char| c.is_ascii_digit());
            let cfg = match &comment[..comment.len() - words.len()] {
                "" => "reject".to_owned(),
                variant => format!("reject_{variant}"),
            };
            let (line, text) = match words.strip_prefix('?') {
                Some(text) => (0, text),
                None => {
                    let text = words.trim_start_matches('^');
                    (number - (words.len() - text.len()), text)
                }
            };
            Some(Expectation {
                cfg,
                line,
                words: text.trim().to_owned(),
            })
        })
        .collect()
}

/// Returns the conditions of `expected`, each once.
pub(crate) fn cfgs(expected: &[Expectation]) -> BTreeSet<&str> {
    expected.iter().map(|error| error.cfg.as_str()).collect()
}

/// One error of the compiler.
#[derive(Debug)]
struct Seen<'a> {
    /// The line of the program; 0 if the error is not about one.
    line: usize,
    code: &'a str,
    message: &'a str,
}

/// Matches the errors in the compiler's output about `program` to those expected under `cfg`, one
/// to one.
///
/// # Errors
///
/// The errors that are missing and those that are too many, if there are any.
pub(crate) fn compare(
    expected: &[Expectation],
    cfg: &str,
    program: &str,
    output: &str,
) -> Result<(), String> {
    let mut missing: Vec<_> = expected.iter().filter(|error| error.cfg == cfg).collect();
    let mut surplus = Vec::new();
    for seen in errors(program, output) {
        let found = missing.iter().position(|wanted| {
            let (code, text) = wanted.parts();
            wanted.line == seen.line && code == seen.code && seen.message.contains(text)
        });
        match found {
            Some(index) => drop(missing.remove(index)),
            None => surplus.push(seen),
        }
    }
    if missing.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    let lines = |list: Vec<String>| list.join("\n  ");
    Err(format!(
        "not seen:\n  {}\nnot expected:\n  {}\nin:\n{output}",
        lines(missing.iter().map(|error| format!("{error:?}")).collect()),
        lines(surplus.iter().map(|error| format!("{error:?}")).collect()),
    ))
}

/// Reads the errors in the output of `--error-format=short`.
fn errors<'a>(program: &str, output: &'a str) -> Vec<Seen<'a>> {
    let mut all: Vec<Seen<'a>> = Vec::new();
    for line in output.lines() {
        if let Some(seen) = error(program, line) {
            all.push(seen);
        } else if let Some(last) = all.last_mut()
            && last.line == 0
            && let Some((place, _)) = line.split_once(": note: ")
        {
            last.line = line_in(program, place);
        }
    }
    all
}

/// Takes `path:line:column: error[code]: message` apart. Place and code may be missing.
fn error<'a>(program: &str, line: &'a str) -> Option<Seen<'a>> {
    let (place, rest) = match line.strip_prefix("error") {
        Some(rest) => ("", rest),
        None => line.split_once(": error")?,
    };
    let (code, message) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("]: ")?,
        None => ("", rest.strip_prefix(": ")?),
    };
    // The closing summary is not an error itself.
    if place.is_empty() && message.starts_with("aborting due to") {
        return None;
    }
    Some(Seen {
        line: line_in(program, place),
        code,
        message,
    })
}

/// Returns the line in `path:line:column`, or 0 if the path is not the program's.
fn line_in(program: &str, place: &str) -> usize {
    place
        .strip_prefix(program)
        .and_then(|rest| rest.strip_prefix(':'))
        .and_then(|rest| rest.split(':').next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// Returns whether a word is an error code such as E0308.
fn is_code(word: &str) -> bool {
    word.strip_prefix('E')
        .is_some_and(|digits| digits.len() == 4 && digits.chars().all(|c| c.is_ascii_digit()))
}
