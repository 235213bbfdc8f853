// SPDX-License-Identifier: GPL-2.0

//! Programs that must not compile.
//!
//! Each file in `tests/ui` is compiled twice or more.
//!
//! - As it is, the file has to compile, with warnings denied: it is the near-twin.
//! - With `--cfg reject`, it has to fail. It also has to fail with each of `--cfg reject_2` and so
//!   on for which it expects errors.
//!
//! The errors must be exactly those written in the file, as the module `expect` describes. A
//! missing error fails the test, and so does an additional one.

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

/// Runs all pairs whose names contain the first argument, or are it, with `--exact`. With `--list`
/// it names them, as a program of the test harness does.
fn run() -> Result<(usize, usize)> {
    let has = |option| env::args().any(|arg| arg == option);
    let filter = env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut files = fs::read_dir(directory)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.retain(|file| {
        let name = stem(file);
        file.extension().is_some_and(|extension| extension == "rs")
            && match &filter {
                Some(filter) if has("--exact") => name == *filter,
                Some(filter) => name.contains(filter),
                None => true,
            }
    });
    files.sort();
    if files.is_empty() && filter.is_none() {
        return Err("no programs".into());
    }
    if has("--list") {
        for file in &files {
            println!("{}: test", stem(file));
        }
        return Ok((0, 0));
    }
    let compiler = Compiler::find()?;
    let mut failed = 0;
    for file in &files {
        let name = stem(file);
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

fn stem(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The way to compile a program against this crate.
struct Compiler {
    /// The compiled `pin_init`.
    library: PathBuf,
    /// The place of its dependencies.
    dependencies: PathBuf,
    /// A place for output.
    output: PathBuf,
}

impl Compiler {
    /// Asks cargo, which has just built the library, where it is.
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

    /// Compiles all programs of a file.
    fn check(&self, file: &Path) -> Result<()> {
        let expected = expect::expectations(&fs::read_to_string(file)?);
        let cfgs = expect::cfgs(&expected);
        if cfgs.is_empty() {
            return Err("the file expects no error".into());
        }
        let known = cfgs.iter().copied().collect::<Vec<_>>().join(",");
        let (accepted, errors) = self.compile(file, &known, None)?;
        if !accepted {
            return Err(format!("the near-twin does not compile:\n{errors}").into());
        }
        for cfg in cfgs {
            let (accepted, errors) = self.compile(file, &known, Some(cfg))?;
            if accepted {
                return Err(format!("it compiles with `--cfg {cfg}`").into());
            }
            expect::compare(&expected, cfg, &file.to_string_lossy(), &errors)
                .map_err(|error| format!("with `--cfg {cfg}`: {error}"))?;
        }
        Ok(())
    }

    /// Compiles one program. Returns whether that succeeded, and one line per error.
    fn compile(&self, file: &Path, known: &str, cfg: Option<&str>) -> Result<(bool, String)> {
        fs::create_dir_all(&self.output)?;
        let mut command = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        command
            .args([
                "--edition=2024",
                "--crate-type=lib",
                "--crate-name=ui",
                "--emit=metadata",
            ])
            .args(["--error-format=short", "-Dwarnings"])
            .arg(format!("--check-cfg=cfg({known})"))
            .arg("-Funsafe_code")
            .arg("-L")
            .arg(format!("dependency={}", self.dependencies.display()))
            .arg("--extern")
            .arg(format!("pin_init={}", self.library.display()))
            .arg("--out-dir")
            .arg(&self.output)
            .arg(file);
        if let Some(cfg) = cfg {
            command.arg(format!("--cfg={cfg}")).arg("--cap-lints=warn");
        }
        let output = command.output()?;
        Ok((output.status.success(), String::from_utf8(output.stderr)?))
    }
}
