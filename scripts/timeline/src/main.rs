// SPDX-License-Identifier: GPL-2.0

//! Draws the life of a device's binding to a driver, from what the kernel's own tracing has seen.
//!
//! `scripts/timeline/make` boots the kernels and calls it; `make timeline` calls that.

mod align;
mod draw;
mod guest;
mod known;
mod life;
mod phase;
mod story;
mod symbols;
mod trace;
mod xml;

use std::{env, error::Error, fs, path::Path, process::ExitCode};

use story::Story;
use symbols::Symbols;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: timeline guest MODULE.ko
       timeline tell TRACE MODULE.ko RELEASE
       timeline draw STORY STORY
       timeline order STORY

guest  prints the script that makes a guest trace what MODULE does
tell   prints what happened in one binding of a trace, as text; RELEASE is that of the kernel
draw   prints a picture of two of them, side by side
order  prints what is the same in each trace: what happened, without the times";

fn text_of(file: &str) -> Result<String> {
    fs::read_to_string(file).map_err(|error| format!("{file}: {error}").into())
}

fn story_of(file: &str) -> Result<Story> {
    Story::from_text(&text_of(file)?).map_err(|error| format!("{file}: {error}").into())
}

fn tell(trace: &str, module: &str, release: &str) -> Result<String> {
    let module = Path::new(module);
    let records = trace::read(&text_of(trace)?).map_err(|error| format!("{trace}: {error}"))?;
    let symbols = Symbols::read(module, &records)?;
    let life = life::richest(records, &symbols).ok_or_else(|| {
        format!(
            "{trace}: no device was bound to {} and unbound again; the driver's script `boot` \
             has to do both",
            symbols::name_of(module)
        )
    })?;
    Ok(story::tell(&life, &symbols::name_of(module), release).to_text())
}

fn run(arguments: &[&str]) -> Result<String> {
    match arguments {
        ["guest", module] => {
            let needed = symbols::needed(Path::new(module))?;
            if !needed
                .split_whitespace()
                .any(|name| name == symbols::GETS_LANDMARK)
            {
                return Err(
                    format!("{module} binds no device, so there is nothing to draw").into(),
                );
            }
            Ok(guest::script(
                &needed.split_whitespace().collect::<Vec<_>>(),
            ))
        }
        ["tell", trace, module, release] => tell(trace, module, release),
        ["draw", left, right] => {
            let picture = draw::draw(&story_of(left)?, &story_of(right)?);
            match xml::fault(&picture) {
                Some(fault) => Err(format!("the picture is not well-formed: {fault}").into()),
                None => Ok(picture),
            }
        }
        ["order", story] => {
            let story = story_of(story)?;
            Ok(story.rows.iter().map(|row| row.name() + "\n").collect())
        }
        _ => Err(USAGE.into()),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("timeline: {error}");
            ExitCode::FAILURE
        }
    }
}
