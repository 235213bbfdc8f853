// SPDX-License-Identifier: GPL-2.0

//! Programs that must not compile.
//!
//! Each file in `tests/ui` is compiled twice. Without `--cfg reject` it has to compile, warnings denied: it is
//! the near-twin. With `--cfg reject` it has to fail with exactly the errors written in it, as the module
//! `expect` describes: one that is missing, or one more than expected, fails.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

#[path = "reject/expect.rs"]
mod expect;

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
        let expected = expect::expectations(&fs::read_to_string(file)?);
        if !expect::cfgs(&expected).into_iter().eq(["reject"]) {
            return Err("the file must expect errors with `--cfg reject`, and no others".into());
        }
        let (accepted, errors) = self.compile(file, true)?;
        if accepted {
            return Err("it compiles with `--cfg reject`".into());
        }
        Ok(expect::compare(
            &expected,
            "reject",
            &file.to_string_lossy(),
            &errors,
        )?)
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
