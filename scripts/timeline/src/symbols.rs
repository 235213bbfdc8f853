// SPDX-License-Identifier: GPL-2.0

//! Finds the functions of a module's addresses, with those that were inlined, by binutils.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    Result,
    trace::{Address, Record},
};

/// A function that was running.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Frame {
    /// Its name as the source has it.
    pub(crate) function: String,
    /// `file:line`, if the function is of the module.
    pub(crate) place: Option<String>,
}

impl Frame {
    /// Whether the function is of the module.
    pub(crate) fn is_of_module(&self) -> bool {
        self.place.is_some()
    }
}

/// The functions of a module's addresses.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    /// Where the module's text begins, from a record on. It may be loaded several times.
    bases: Vec<(usize, u64)>,
    size: u64,
    /// Where each function begins.
    functions: BTreeMap<u64, String>,
    frames: HashMap<u64, Vec<Frame>>,
}

/// What C calls at the end of each binding. The crate hands its address to the kernel at the
/// beginning of each, and so tells where the module lies.
const LANDMARK: &str = "lb_binding_release";
/// The function that gets the address.
pub(crate) const GETS_LANDMARK: &str = "__devres_alloc_node";

impl Symbols {
    /// Looks up all that is on the stacks of `records`.
    ///
    /// # Errors
    ///
    /// A program of binutils is missing, or does not understand the file. The module is not in the
    /// trace.
    pub(crate) fn read(module: &Path, records: &[Record]) -> Result<Self> {
        let (size, functions) = text_of(module)?;
        let landmark = functions.iter().find(|(_, name)| name.as_str() == LANDMARK);
        let landmark = *landmark
            .ok_or("the module has no binding: is it a driver of this crate?")?
            .0;
        let mut symbols = Self {
            size,
            functions,
            ..Self::default()
        };
        // Other modules have bindings, too: which of them belong to this one?
        let begun = records.iter().enumerate().filter_map(|(index, record)| {
            let given = record
                .argument(0)
                .filter(|_| record.event == GETS_LANDMARK)?;
            Some((index, given.wrapping_sub(landmark)))
        });
        let begun: Vec<(usize, u64)> = begun.collect();
        let stacks = begun
            .iter()
            .map(|(index, base)| (*base, &records[*index].stack[..]));
        symbols.look_up(module, stacks)?;
        for (index, base) in begun {
            let frames = symbols.frames_at(base, &records[index].stack);
            if frames
                .iter()
                .any(|frame| frame.function.contains("::probe"))
            {
                symbols.bases.push((index, base));
            }
        }
        let stacks: Vec<(u64, &[Address])> = records
            .iter()
            .enumerate()
            .filter_map(|(index, record)| Some((symbols.base(index)?, &record.stack[..])))
            .collect();
        symbols.look_up(module, stacks.into_iter())?;
        Ok(symbols)
    }

    /// Where the module lies when a record is made.
    fn base(&self, record: usize) -> Option<u64> {
        let before = self.bases.iter().rfind(|(index, _)| *index <= record);
        before.or(self.bases.first()).map(|(_, base)| *base)
    }

    /// The functions that run when a record is made, the innermost first.
    pub(crate) fn stack(&self, index: usize, record: &Record) -> Vec<Frame> {
        self.frames_at(self.base(index).unwrap_or(u64::MAX), &record.stack)
    }

    fn frames_at(&self, base: u64, addresses: &[Address]) -> Vec<Frame> {
        let frames = addresses.iter().flat_map(|address| {
            let known = self
                .offset(base, address)
                .and_then(|at| self.frames.get(&at));
            known.cloned().unwrap_or_else(|| {
                vec![Frame {
                    function: address.symbol.clone(),
                    place: None,
                }]
            })
        });
        frames.collect()
    }

    /// The offset of the call that returns to an address, if it is in the module.
    fn offset(&self, base: u64, address: &Address) -> Option<u64> {
        let offset = address.at.checked_sub(base)?.checked_sub(1)?;
        (offset < self.size).then_some(offset)
    }

    /// Asks addr2line for the functions on stacks, each with the place of the module.
    fn look_up<'a>(
        &mut self,
        module: &Path,
        stacks: impl Iterator<Item = (u64, &'a [Address])>,
    ) -> Result<()> {
        let mut input = String::new();
        for (base, addresses) in stacks {
            for at in addresses
                .iter()
                .filter_map(|address| self.offset(base, address))
            {
                let _ = writeln!(input, "{at:#x}");
            }
        }
        let file = module.to_string_lossy();
        let text = output("addr2line", &["-e", &file, "-j", ".text", "-afiC"], &input)?;
        let mut at = 0;
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(digits) = line.strip_prefix("0x") {
                at = u64::from_str_radix(digits, 16)?;
                self.frames.insert(at, Vec::new());
                continue;
            }
            let place = lines.next().unwrap_or_default();
            self.frames.entry(at).or_default().push(Frame {
                function: without_hashes(line),
                place: Some(last_part(place)),
            });
        }
        // In the debug information of the crate, that of lines alone, functions have short names.
        for (at, frames) in &mut self.frames {
            let function = self.functions.range(..=at).next_back();
            if let (Some((_, name)), Some(outermost)) = (function, frames.last_mut()) {
                outermost.function.clone_from(name);
            }
        }
        Ok(())
    }
}

/// The name of a module in the kernel.
pub(crate) fn name_of(module: &Path) -> String {
    let stem = module.file_stem().unwrap_or_default();
    stem.to_string_lossy().replace('-', "_")
}

/// Runs a program, and returns what it prints.
fn output(program: &str, arguments: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{program} of binutils does not run: {error}"))?;
    let mut pipe = child.stdin.take().ok_or("no pipe")?;
    let input = input.to_owned();
    let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    // It may end before it has read all.
    let _ = writer.join();
    if !output.status.success() {
        return Err(format!("{program} {}: {}", arguments.join(" "), output.status).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The functions of the kernel's that a module needs.
///
/// # Errors
///
/// `nm` is missing, or does not understand the file.
pub(crate) fn needed(module: &Path) -> Result<String> {
    output("nm", &["-u", &module.to_string_lossy()], "")
}

/// The size of the section .text, and its functions.
fn text_of(module: &Path) -> Result<(u64, BTreeMap<u64, String>)> {
    let file = module.to_string_lossy();
    let sections = output("readelf", &["-SW", &file], "")?;
    let section = sections.lines().find_map(|line| {
        let (number, rest) = line.split_once("] .text ")?;
        let size = rest.split_whitespace().nth(3)?;
        let number = number.trim_start_matches([' ', '[']);
        Some((number, u64::from_str_radix(size, 16).ok()?))
    });
    let (section, size) = section.ok_or_else(|| format!("{file} has no section .text"))?;
    let symbols = output("readelf", &["-sW", &file], "")?;
    let (mut starts, mut names) = (Vec::new(), String::new());
    for line in symbols.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, value, _, "FUNC", _, _, within, name] = words[..] else {
            continue;
        };
        if within == section && !name.starts_with("__pfx_") {
            starts.push(u64::from_str_radix(value, 16)?);
            let _ = writeln!(names, "{name}");
        }
    }
    let names = output("c++filt", &["-s", "rust"], &names)?;
    let names = names.lines().map(without_hashes);
    Ok((size, starts.into_iter().zip(names).collect()))
}

/// `/a/b/c.rs:12 (discriminator 3)` is `c.rs:12`.
fn last_part(place: &str) -> String {
    let place = place.split(" (").next().unwrap_or_default();
    place.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A name without what tells crates of one name apart: `kernel[5ce7446a7daa9b9f]::pci` is
/// `kernel::pci`.
fn without_hashes(name: &str) -> String {
    let mut result = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('[') {
        result.push_str(before);
        rest = match after.split_once(']') {
            Some((hash, after)) if is_hash(hash) => after,
            _ => {
                result.push('[');
                after
            }
        };
    }
    result + rest
}

fn is_hash(text: &str) -> bool {
    (8..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_go() {
        let name = "<kernel[acb5ec2f5cbb26c5]::A<[u8; 4]> as core[1eb95a942f2852f8]::B>::c";
        assert_eq!(without_hashes(name), "<kernel::A<[u8; 4]> as core::B>::c");
        assert_eq!(without_hashes("a[b"), "a[b");
    }

    #[test]
    fn places_are_short() {
        assert_eq!(last_part("/a/b/c.rs:12 (discriminator 3)"), "c.rs:12");
        assert_eq!(last_part("??:?"), "??:?");
    }
}
