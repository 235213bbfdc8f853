// SPDX-License-Identifier: GPL-2.0

//! Compiles the pairs of programs in a directory; see `tests/ui.sh`.
//!
//! Usage: `ui-runner DIRECTORY WORK [FILTER] -- COMPILER FLAG..`. The program prints failures on
//! standard output and writes one file for each pair in `WORK`.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

#[path = "../rust/pin-init/tests/reject/expect.rs"]
mod expect;

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// The number of programs that are compiled at a time.
const JOBS: usize = 2;

/// The undefined symbol that `kernel::build_assert` describes.
const BUILD_ERROR: &str = "lifebound_build_error__a_compile_time_check_failed";

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cannot run: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs all pairs whose names contain the filter; returns the number of failed ones.
fn run() -> Result<usize> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let split = arguments
        .iter()
        .position(|argument| argument == "--")
        .ok_or("no compiler")?;
    let [directory, work, filter @ ..] = &arguments[..split] else {
        return Err("no directories".into());
    };
    let runner = Runner {
        compiler: arguments[split + 1..].to_vec(),
        work: work.into(),
    };
    let files = programs(directory.as_ref(), filter)?;
    let (next, failed, rejected) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicUsize::new(0),
    );
    thread::scope(|scope| {
        for _ in 0..JOBS {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match runner.report(file) {
                        Some(programs) => rejected.fetch_add(programs, Ordering::Relaxed),
                        None => failed.fetch_add(1, Ordering::Relaxed),
                    };
                }
            });
        }
    });
    let (failed, rejected) = (failed.into_inner(), rejected.into_inner());
    println!(
        "{} near-twins, {rejected} programs rejected as they should be, {failed} files failed",
        files.len()
    );
    Ok(failed)
}

/// Returns the programs of a directory whose names contain one of `filter`, if there is any.
fn programs(directory: &Path, filter: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = stem(&path);
        let chosen = filter.is_empty() || filter.iter().any(|part| name.contains(part));
        if path.extension().is_some_and(|extension| extension == "rs") && chosen {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err("no programs".into());
    }
    files.sort();
    Ok(files)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

struct Runner {
    compiler: Vec<String>,
    work: PathBuf,
}

impl Runner {
    /// Checks a file and prints the result; returns the number of rejected programs if the file is
    /// good.
    fn report(&self, file: &Path) -> Option<usize> {
        let name = stem(file);
        let log = self.work.join(&name).with_extension("log");
        let result = self.check(file);
        let text = match &result {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        };
        if let Err(error) = fs::write(&log, &text) {
            println!("{}: {error}", log.display());
        }
        match result {
            Ok(programs) => {
                println!("pair {name} ({programs}) ... ok");
                Some(programs)
            }
            Err(_) => {
                println!("pair {name} ... FAILED\n{text}");
                None
            }
        }
    }

    /// Compiles all programs of a file; returns the number of rejected ones.
    fn check(&self, file: &Path) -> Result<usize> {
        let source = fs::read_to_string(file)?;
        let expected = expect::expectations(&source);
        let cfgs = expect::cfgs(&expected);
        if cfgs.is_empty() {
            return Err("the file expects no error".into());
        }
        let emit_code = source.lines().any(|line| line == "//@ code");
        let path = fs::canonicalize(file)?;
        let program = path.to_string_lossy();
        let mut wrong = String::new();
        let (accepted, output) = self.compile(&path, &cfgs, None, emit_code)?;
        if !accepted {
            wrong += &format!("the near-twin is rejected:\n{output}");
        }
        for cfg in &cfgs {
            let (accepted, output) = self.compile(&path, &cfgs, Some(cfg), emit_code)?;
            if accepted {
                wrong += &format!("accepted with `--cfg {cfg}`:\n{output}");
            } else if let Err(error) = expect::compare(&expected, cfg, &program, &output) {
                wrong += &format!("with `--cfg {cfg}`: {error}");
            }
        }
        match wrong.as_str() {
            "" => Ok(cfgs.len()),
            _ => Err(wrong.into()),
        }
    }

    /// Compiles one program; returns whether that succeeded, and the output of the compiler.
    fn compile(
        &self,
        file: &Path,
        cfgs: &std::collections::BTreeSet<&str>,
        cfg: Option<&str>,
        emit_code: bool,
    ) -> Result<(bool, String)> {
        let [compiler, flags @ ..] = self.compiler.as_slice() else {
            return Err("no compiler".into());
        };
        let variant = cfg.unwrap_or("accept");
        let output_file = self.work.join(format!("{}.{variant}", stem(file)));
        let emit = if emit_code { "obj" } else { "metadata" };
        let known: Vec<_> = cfgs.iter().copied().collect();
        let mut command = Command::new(compiler);
        command
            .args(flags)
            .args([
                "--crate-type=rlib",
                "--crate-name=ui",
                "--error-format=short",
            ])
            .arg(format!("--check-cfg=cfg({})", known.join(",")))
            .args(["-Funsafe_code", "-Zwrite-long-types-to-disk=no"])
            .arg(format!("--emit={emit}={}", output_file.display()))
            .arg(file);
        // Examples need no documentation, and no code that uses them; other warnings are mistakes
        // in a near-twin.
        command.args(["-Amissing_docs", "-Adead_code", "-Aunreachable_pub"]);
        command.arg(match cfg {
            Some(cfg) => format!("--cfg={cfg}"),
            None => "-Dwarnings".to_owned(),
        });
        let output = command.output()?;
        let mut text = String::from_utf8(output.stderr)?;
        let mut good = output.status.success();
        if good && emit_code {
            let errors = build_errors(&output_file)?;
            good = errors.is_empty();
            text += &errors;
        }
        // The file does not exist if compilation failed.
        let _ = fs::remove_file(&output_file);
        Ok((good, text))
    }
}

/// Returns the places where an object refers to the symbol of a failed `build_assert!`, as errors
/// in the compiler's form.
fn build_errors(object: &Path) -> Result<String> {
    let relocations = tool(Command::new("objdump").arg("-r").arg(object))?;
    let (mut section, mut errors) = ("", String::new());
    for line in relocations.lines() {
        if let Some(rest) = line.strip_prefix("RELOCATION RECORDS FOR [") {
            section = rest.trim_end_matches("]:");
        } else if line.contains(BUILD_ERROR) {
            let offset = line.split_whitespace().next().unwrap_or_default();
            let chain = tool(
                Command::new("addr2line")
                    .args(["-i", "-j", section, "-e"])
                    .arg(object)
                    .arg(offset),
            )?;
            // The outermost of the inlined calls is the program's.
            let place = chain.lines().last().unwrap_or_default();
            errors += &format!("{place}:0: error: undefined symbol {BUILD_ERROR}\n");
        }
    }
    Ok(errors)
}

/// Returns the output of a tool.
fn tool(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
