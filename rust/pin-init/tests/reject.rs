// SPDX-License-Identifier: GPL-2.0

//! Programs that must not compile.
//!
//! Each file in `tests/ui` is compiled twice. Without `--cfg reject` it has to compile, warnings denied: it is
//! the near-twin. With `--cfg reject` it has to fail with exactly the errors written in it:
//!
//! ```text
//! field: value, //~ E0308 mismatched types
//! ```
//!
//! The comment stands on the line that the error points at, or with `//~^` below it. It holds the error code, if there is one, and then
//! words that the message contains. An expected error that is missing, or one more than expected, fails.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok((total, failed)) => {
            println!("\n{total} pairs of programs, {failed} failed\n");
            match failed {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            eprintln!("cannot run: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs all pairs whose names contain the first argument.
fn run() -> Result<(usize, usize)> {
    let filter = env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let compiler = Compiler::find()?;
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut files = fs::read_dir(directory)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.retain(|file| {
        let name = file.to_string_lossy();
        name.ends_with(".rs") && filter.as_ref().is_none_or(|filter| name.contains(filter))
    });
    files.sort();
    if files.is_empty() && filter.is_none() {
        return Err("no programs".into());
    }
    let mut failed = 0;
    for file in &files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        match compiler.check(file) {
            Ok(()) => println!("pair {name} ... ok"),
            Err(error) => {
                failed += 1;
                println!("pair {name} ... FAILED\n{error}");
            }
        }
    }
    Ok((files.len(), failed))
}

/// How to compile a program against this crate.
struct Compiler {
    /// The compiled `pin_init`.
    library: PathBuf,
    /// The place of what it depends on.
    dependencies: PathBuf,
    /// A place for output.
    output: PathBuf,
}

impl Compiler {
    /// Asks cargo, which has just built it, where the library is.
    fn find() -> Result<Self> {
        let test = env::current_exe()?;
        let dependencies = test.parent().ok_or("no directory")?.to_path_buf();
        let mut target = dependencies.clone();
        if !(target.pop() && target.pop()) {
            return Err("no target directory".into());
        }
        let output = Command::new(env!("CARGO"))
            .args([
                "build",
                "--lib",
                "--offline",
                "--message-format=json",
                "--manifest-path",
            ])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .arg("--target-dir")
            .arg(&target)
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8(output.stderr)?.into());
        }
        let messages = String::from_utf8(output.stdout)?;
        let library = messages
            .split('"')
            .filter(|text| text.ends_with(".rlib") && text.contains("libpin_init-"))
            .chain(
                messages
                    .split('"')
                    .filter(|text| text.ends_with("libpin_init.rlib")),
            )
            .next()
            .ok_or("cargo names no library")?;
        Ok(Self {
            library: library.into(),
            dependencies,
            output: target.join("reject"),
        })
    }

    /// Compiles both programs of a file.
    fn check(&self, file: &Path) -> Result<()> {
        let (accepted, errors) = self.compile(file, false)?;
        if !accepted {
            return Err(format!("the near-twin does not compile:\n{errors}").into());
        }
        let expected = expectations(&fs::read_to_string(file)?);
        if expected.is_empty() {
            return Err("the file expects no error".into());
        }
        let (accepted, errors) = self.compile(file, true)?;
        if accepted {
            return Err("it compiles with `--cfg reject`".into());
        }
        compare(&expected, &errors)
    }

    /// Compiles one program; returns whether that worked, and one line per error.
    fn compile(&self, file: &Path, reject: bool) -> Result<(bool, String)> {
        fs::create_dir_all(&self.output)?;
        let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command
            .args([
                "--edition=2024",
                "--crate-type=lib",
                "--crate-name=ui",
                "--emit=metadata",
            ])
            .args([
                "--error-format=short",
                "--check-cfg=cfg(reject)",
                "-Dwarnings",
            ])
            .arg("-Funsafe_code")
            .arg("-L")
            .arg(format!("dependency={}", self.dependencies.display()))
            .arg("--extern")
            .arg(format!("pin_init={}", self.library.display()))
            .arg("--out-dir")
            .arg(&self.output)
            .arg(file);
        if reject {
            command.args(["--cfg=reject", "--cap-lints=warn"]);
        }
        let output = command.output()?;
        Ok((output.status.success(), String::from_utf8(output.stderr)?))
    }
}

/// What `//~` comments ask for: line number, and the words after it.
fn expectations(source: &str) -> Vec<(usize, String)> {
    source
        .lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let (_, words) = line.split_once("//~")?;
            let text = words.trim_start_matches('^');
            let above = words.len() - text.len();
            Some((index + 1 - above, text.trim().to_owned()))
        })
        .collect()
}

/// Matches errors to expectations, one to one.
fn compare(expected: &[(usize, String)], output: &str) -> Result<()> {
    let mut missing: Vec<_> = expected.iter().collect();
    let mut surplus = Vec::new();
    for line in output.lines().filter(|line| is_error(line)) {
        let Some((number, code, message)) = parse(line) else {
            surplus.push(line);
            continue;
        };
        let found = missing.iter().position(|(at, words)| {
            let (wanted, text) = match words.split_once(' ') {
                Some((first, rest)) if is_code(first) => (first, rest),
                None if is_code(words) => (words.as_str(), ""),
                _ => ("", words.as_str()),
            };
            *at == number && wanted == code && message.contains(text)
        });
        match found {
            Some(index) => drop(missing.remove(index)),
            None => surplus.push(line),
        }
    }
    if missing.is_empty() && surplus.is_empty() {
        return Ok(());
    }
    let surplus = surplus.join("\n  ");
    Err(format!("not seen: {missing:?}\nnot expected:\n  {surplus}\nin:\n{output}").into())
}

/// Whether a line of output is an error, other than the closing summary.
fn is_error(line: &str) -> bool {
    line.contains(": error") || (line.starts_with("error") && !line.starts_with("error: aborting"))
}

/// Takes `path:line:column: error[code]: message` apart. The code may be missing.
fn parse(line: &str) -> Option<(usize, &str, &str)> {
    let (place, rest) = line.split_once(": error")?;
    let number = place.rsplit(':').nth(1)?.parse().ok()?;
    match rest.strip_prefix('[') {
        Some(rest) => {
            let (code, message) = rest.split_once("]: ")?;
            Some((number, code, message))
        }
        None => Some((number, "", rest.strip_prefix(": ")?)),
    }
}

/// Whether a word is an error code such as E0308.
fn is_code(word: &str) -> bool {
    word.strip_prefix('E')
        .is_some_and(|digits| digits.len() == 4 && digits.chars().all(|c| c.is_ascii_digit()))
}
