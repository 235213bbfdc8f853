// SPDX-License-Identifier: GPL-2.0

//! Reads what the kernel's file `trace` has.

use crate::Result;

/// An event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Record {
    /// In microseconds.
    pub(crate) time: u64,
    pub(crate) task: u64,
    pub(crate) event: String,
    /// What follows the name.
    pub(crate) text: String,
    /// Who has called, the innermost first.
    pub(crate) stack: Vec<Address>,
}

/// A place in the kernel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Address {
    pub(crate) at: u64,
    /// The function there. The kernel does not know that of a module which is gone.
    pub(crate) symbol: String,
}

impl Record {
    /// The value of `name=`, a number.
    pub(crate) fn value(&self, name: &str) -> Option<u64> {
        let word = self
            .text
            .split_whitespace()
            .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))?;
        number(word)
    }

    /// An argument of the function.
    pub(crate) fn argument(&self, index: usize) -> Option<u64> {
        self.value(&format!("a{index}"))
    }
}

fn number(word: &str) -> Option<u64> {
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok(),
    }
}

/// Reads a whole file.
///
/// # Errors
///
/// Says what is wrong with the file: it has no events, or some were lost.
pub(crate) fn read(text: &str) -> Result<Vec<Record>> {
    let mut records: Vec<Record> = Vec::new();
    let mut target = None;
    for line in text.lines() {
        if let Some(counts) = line.strip_prefix("# entries-in-buffer/entries-written: ") {
            all_there(counts)?;
        } else if let Some(address) = line.strip_prefix(" => ") {
            if let (Some(index), Some(address)) = (target, address_of(address)) {
                let record: &mut Record = &mut records[index];
                record.stack.push(address);
            }
        } else if line.ends_with(": <stack trace>") {
            // It is that of the task's last event.
            target = record_of(line)
                .and_then(|this| records.iter().rposition(|other| other.task == this.task));
        } else if let Some(record) = record_of(line) {
            records.push(record);
            target = None;
        }
    }
    if records.is_empty() {
        return Err("the trace has no events".into());
    }
    Ok(records)
}

fn all_there(counts: &str) -> Result<()> {
    let counts = counts.split_whitespace().next().unwrap_or_default();
    match counts.split_once('/') {
        Some((kept, written)) if kept == written => Ok(()),
        _ => Err(format!(
            "events were lost ({counts} are there): the guest's trace buffer is too small"
        )
        .into()),
    }
}

/// `comm-123 [000] d..1. 12.345678: event: text`, where the name of the task may have any
/// characters.
fn record_of(line: &str) -> Option<Record> {
    let at = line.match_indices(" [").find_map(|(at, _)| {
        let rest = &line[at + 2..];
        let digits = rest.find(']')?;
        rest[..digits]
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(at)
    })?;
    let task = line[..at].trim_end().rsplit_once('-')?.1.parse().ok()?;
    let rest = line[at..].split_once(']')?.1.trim_start();
    let (_flags, rest) = rest.split_once(char::is_whitespace)?;
    let (time, rest) = rest.trim_start().split_once(": ")?;
    let (event, text) = rest.split_once(": ").unwrap_or((rest, ""));
    Some(Record {
        time: microseconds(time)?,
        task,
        event: event.to_owned(),
        text: text.to_owned(),
        stack: Vec::new(),
    })
}

fn microseconds(time: &str) -> Option<u64> {
    let (seconds, fraction) = time.split_once('.')?;
    let seconds: u64 = seconds.parse().ok()?;
    let fraction: u64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Some(seconds * 1_000_000 + fraction)
}

/// `symbol+0x12/0x34 [module] <ffffffffc0001234>`.
fn address_of(text: &str) -> Option<Address> {
    let (place, at) = text.rsplit_once(" <")?;
    let symbol = place.trim().split(['+', ' ']).next()?;
    Some(Address {
        at: u64::from_str_radix(at.trim_end().strip_suffix('>')?, 16).ok()?,
        symbol: symbol.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "\
# tracer: nop
# entries-in-buffer/entries-written: 2/2   #P:2
     kworker/u8:1-x-13  [001] d..1.    19.274208: console: [U] 45: 6
          script-135     [000] .....     9.6605: free_irq: (free_irq+0x4/0x200) caller=0xff a0=0x1b
          script-135     [000] .....     9.6606: <stack trace>
 => free_irq+0x9/0x200 <ffffffff81000009>
 => 0xffffffffc0212345 <ffffffffc0212345>
 => _RNv1a+0x12/0x34 [edu] <ffffffffc0000012>
";

    #[test]
    fn events_and_stacks() {
        let records = read(TRACE).unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!((records[0].time, records[0].task), (19_274_208, 13));
        assert_eq!(records[0].text, "[U] 45: 6");
        assert_eq!(records[1].time, 9_660_500);
        assert_eq!(records[1].argument(0), Some(0x1b));
        assert_eq!(records[1].argument(1), None);
        assert_eq!(records[1].stack.len(), 3);
        assert_eq!(records[1].stack[1].at, 0xffff_ffff_c021_2345);
        assert_eq!(records[1].stack[2].symbol, "_RNv1a");
    }

    #[test]
    fn losses_are_errors() {
        assert!(read(&TRACE.replace("2/2", "2/3")).is_err());
        assert!(read("# tracer: nop\n").is_err());
    }
}
