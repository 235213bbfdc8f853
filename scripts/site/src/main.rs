// SPDX-License-Identifier: GPL-2.0

//! Makes one site of the tree's pages of Markdown and of what rustdoc wrote, and checks it.
//!
//! `make doc` calls it before and after mdbook; `tests/site.sh` has the checks.

mod aliases;
mod api;
mod book;
mod html;
mod links;
mod markdown;
mod tree;

use std::{env, io, path::Path, process::ExitCode};

const USAGE: &str = "usage: site book TREE RUSTDOC DIRECTORY
       site api TREE RUSTDOC DIRECTORY
       site links DIRECTORY INCLUDE..
       site aliases TREE INCLUDE..

book     writes into DIRECTORY what mdbook makes pages of: README, Documentation/*.md, and the files
         that they link to, unless rustdoc has pages for them
api      copies what rustdoc wrote to DIRECTORY; each page gets links to the other pages, and a link
         to a header leads to its source
links    looks at each link of the site in DIRECTORY; INCLUDE are the directories with C's headers
aliases  looks for each `doc(alias)` of the crates in C's headers
The exit status is 1 if something does not exist.";

fn run(arguments: &[&str]) -> io::Result<bool> {
    match arguments {
        ["book", tree, api, directory] => {
            book::write(Path::new(tree), Path::new(api), Path::new(directory)).map(|()| true)
        }
        ["api", tree, from, to] => {
            api::copy(Path::new(tree), Path::new(from), Path::new(to)).map(|()| true)
        }
        ["links", site, headers @ ..] => links::check(Path::new(site), headers),
        ["aliases", tree, headers @ ..] => aliases::check(Path::new(tree), headers),
        _ => Err(io::Error::other(USAGE)),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("site: {error}");
            ExitCode::from(2)
        }
    }
}
