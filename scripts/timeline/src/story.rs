// SPDX-License-Identifier: GPL-2.0

//! What is drawn of a binding, and the text in which it is kept: one row a line, with the time in
//! microseconds, the kind, the text, the note, and what is held from here on (`+`) or no more
//! (`-`), with tabs in between.

use std::fmt::Write as _;

use crate::{
    Result,
    known::{self, ALLOCATES, CALLS, Change, Known, PROBE, RELEASE, Value},
    life::{Event, Life},
    phase::{self, Phase},
};

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A function of C begins.
    Call,
    /// The last function of C that began has returned.
    Return,
    /// A part of the life begins.
    Phase,
    /// Something happens.
    Step,
    /// The device is bound.
    Use,
}

const KINDS: &[(&str, Kind)] = &[
    ("call", Kind::Call),
    ("return", Kind::Return),
    ("phase", Kind::Phase),
    ("step", Kind::Step),
    ("use", Kind::Use),
];

/// A row of a picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// In microseconds since the first row.
    pub(crate) time: u64,
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) note: String,
    /// What is held from here on (`true`), or no more.
    pub(crate) held: Option<(bool, String)>,
}

impl Row {
    /// What is the same in each trace.
    pub(crate) fn name(&self) -> String {
        let (kind, _) = KINDS
            .iter()
            .find(|(_, kind)| *kind == self.kind)
            .unwrap_or(&KINDS[0]);
        let held = match &self.held {
            Some((true, held)) => format!("+{held}"),
            Some((false, held)) => format!("-{held}"),
            None => String::new(),
        };
        let text = if self.kind == Kind::Use {
            ""
        } else {
            &self.text
        };
        format!("{kind}\t{text}\t{held}")
    }
}

/// The life of a binding.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Story {
    pub(crate) driver: String,
    pub(crate) device: String,
    /// The kernel's release.
    pub(crate) kernel: String,
    pub(crate) rows: Vec<Row>,
}

impl Story {
    /// Writes it as text.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!(
            "# {} bound to {} on {}\n",
            self.driver, self.device, self.kernel
        );
        for row in &self.rows {
            let name = row.name();
            let mut name = name.split('\t');
            let kind = name.next().unwrap_or_default();
            let held = name.next_back().unwrap_or_default();
            let line = format!("{}\t{kind}\t{}\t{}\t{held}", row.time, row.text, row.note);
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }

    /// Reads it from text.
    ///
    /// # Errors
    ///
    /// Names the line that is not as [`to_text`](Self::to_text) writes it.
    pub(crate) fn from_text(text: &str) -> Result<Self> {
        let mut lines = text.lines();
        let head = lines.next().and_then(|line| line.strip_prefix("# "));
        let head = head.and_then(|head| {
            let (driver, rest) = head.split_once(" bound to ")?;
            let (device, kernel) = rest.split_once(" on ")?;
            Some((driver, device, kernel))
        });
        let (driver, device, kernel) = head.ok_or("line 1 is not the head of a timeline")?;
        let mut story = Self {
            driver: driver.to_owned(),
            device: device.to_owned(),
            kernel: kernel.to_owned(),
            rows: Vec::new(),
        };
        for (index, line) in lines.enumerate() {
            let row =
                row_of(line).ok_or_else(|| format!("line {} is no row: {line}", index + 2))?;
            story.rows.push(row);
        }
        Ok(story)
    }
}

fn row_of(line: &str) -> Option<Row> {
    let words: Vec<&str> = line.split('\t').collect();
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    let (_, kind) = KINDS.iter().find(|(name, _)| *name == word(1))?;
    let held = word(4);
    Some(Row {
        time: word(0).parse().ok()?,
        kind: *kind,
        text: word(2).to_owned(),
        note: word(3).to_owned(),
        held: match held.split_at_checked(1) {
            Some(("+", held)) => Some((true, held.to_owned())),
            Some(("-", held)) => Some((false, held.to_owned())),
            _ => None,
        },
    })
}

/// Something that is held.
#[derive(Debug)]
struct Held {
    thing: String,
    value: u64,
    /// `thing`, with a number if there are several.
    name: String,
}

/// A call that has not returned yet.
#[derive(Debug)]
struct Pending {
    function: &'static str,
    thing: String,
    value: Option<u64>,
    row: usize,
}

/// Writes the rows of a life.
#[derive(Debug, Default)]
struct Writer {
    rows: Vec<Row>,
    start: Option<u64>,
    phase: Option<Phase>,
    /// The device.
    own: Option<Option<u64>>,
    /// Whether each function of C that has not returned is for the device.
    open: Vec<bool>,
    held: Vec<Held>,
    pending: Vec<Pending>,
    device: String,
    used: Vec<String>,
}

/// Tells what happened in a life.
pub(crate) fn tell(life: &Life, driver: &str, kernel: &str) -> Story {
    let mut writer = Writer::default();
    for event in &life.events {
        writer.event(event);
    }
    Story {
        driver: driver.to_owned(),
        device: writer.device.clone(),
        kernel: kernel.to_owned(),
        rows: writer.finish(),
    }
}

impl Writer {
    fn push(&mut self, event: &Event, kind: Kind, text: &str, note: String) -> &mut Row {
        let start = *self.start.get_or_insert(event.record.time);
        self.rows.push(Row {
            time: event.record.time.saturating_sub(start),
            kind,
            text: text.to_owned(),
            note,
            held: None,
        });
        let last = self.rows.len() - 1;
        &mut self.rows[last]
    }

    /// A row within its phase.
    fn step(&mut self, event: &Event, text: &str) -> &mut Row {
        let phase = Phase::of(&event.stack);
        if let Some(phase) = phase.filter(|_| phase != self.phase) {
            self.push(event, Kind::Phase, phase.text(), phase.by(&event.stack));
        }
        if phase.is_some() {
            self.phase = phase;
        }
        let note = phase::note(phase, &event.stack);
        self.push(event, Kind::Step, text, note)
    }

    fn event(&mut self, event: &Event) {
        let name = event.record.event.as_str();
        if !event.inside {
            self.used(event);
        } else if let Some(function) = name.strip_suffix("_returns") {
            self.returned(event, function);
        } else if [PROBE, RELEASE].contains(&name) || CALLS.contains(&name) {
            self.called(event, name);
        } else if name == "console" {
            if phase::prints(&event.stack) {
                let (_, text) = event.record.text.split_once(": ").unwrap_or_default();
                self.step(event, &format!("“{text}”"));
            }
        } else if name == "devres_log" {
            self.entry(event);
        } else if name == "kfree" {
            let memory = event.record.argument(0).unwrap_or_default();
            if let Some(name) = self.release("Data", memory) {
                self.freed(event, name);
            }
        } else if ALLOCATES.contains(&name) {
            if phase::allocates_data(&event.stack) {
                let memory = event.record.value("returned").unwrap_or_default();
                let name = self.hold("Data", memory);
                self.step(event, "memory of Data is allocated").held = name;
            }
        } else if let Some(known) = known::find(name).filter(|_| event.is_of_module()) {
            self.known(event, known);
        }
    }

    /// A function of C that is shown, if it is for this device.
    fn called(&mut self, event: &Event, function: &str) {
        let own = *self.own.get_or_insert(event.record.argument(0));
        self.open.push(own == event.record.argument(0));
        if self.open.last() == Some(&true) {
            self.phase = None;
            self.push(event, Kind::Call, &format!("{function}()"), reason(event));
        }
    }

    /// The memory of the data is freed. The stack may lack the function that drops the data, whose
    /// last step this is.
    fn freed(&mut self, event: &Event, name: (bool, String)) {
        self.push(event, Kind::Step, "memory of Data is freed", String::new())
            .held = Some(name);
    }

    /// A function of the table.
    fn known(&mut self, event: &Event, known: &'static Known) {
        let mut thing = known.thing.to_owned();
        let mut verb = known.verb.to_owned();
        for index in 0..6 {
            let value = event.record.argument(index).unwrap_or_default().to_string();
            thing = thing.replace(&format!("{{{index}}}"), &value);
            verb = verb.replace(&format!("{{{index}}}"), &value);
        }
        let text = format!("{thing} {verb}");
        match known.change {
            Change::Happens => {
                self.step(event, &text);
                self.merge();
            }
            Change::Begins(value) => {
                self.step(event, &text);
                let value = match value {
                    Value::Argument(index) => event.record.argument(index),
                    Value::Returned => None,
                };
                let row = self.rows.len() - 1;
                let function = known.function;
                self.pending.push(Pending {
                    function,
                    thing,
                    value,
                    row,
                });
            }
            Change::Ends(value) => {
                let Value::Argument(index) = value else {
                    return;
                };
                let value = event.record.argument(index).unwrap_or_default();
                // What was not begun here is no news.
                if let Some(name) = self.release(&thing, value) {
                    self.step(event, &text).held = Some(name);
                }
            }
        }
    }

    /// The same step again is one row.
    fn merge(&mut self) {
        let [.., before, last] = &mut self.rows[..] else {
            return;
        };
        let text = before.text.split(" ×").next().unwrap_or_default();
        if before.kind == Kind::Step && text == last.text {
            let count: u64 = before
                .text
                .split(" ×")
                .nth(1)
                .and_then(|n| n.parse().ok())
                .unwrap_or(1);
            before.text = format!("{} ×{}", last.text, count + 1);
            self.rows.pop();
        }
    }

    fn returned(&mut self, event: &Event, function: &str) {
        if [PROBE, RELEASE].contains(&function) || CALLS.contains(&function) {
            if self.open.pop() == Some(true) {
                self.phase = None;
                self.push(event, Kind::Return, &format!("{function}()"), String::new());
            }
            return;
        }
        let Some(at) = self
            .pending
            .iter()
            .rposition(|pending| pending.function == function)
        else {
            return;
        };
        let pending = self.pending.remove(at);
        let returned = event.record.value("returned").unwrap_or_default();
        // Errors are small negative numbers, of an `int` or of a pointer.
        let error = [returned as u32 as i32 as i64, returned as i64]
            .into_iter()
            .find(|value| (-4095..0).contains(value));
        match error {
            Some(error) => self.rows[pending.row].text += &format!(": fails ({error})"),
            None => {
                let name = self.hold(&pending.thing, pending.value.unwrap_or(returned));
                self.rows[pending.row].held = name;
            }
        }
    }

    /// An entry of C's managed resources.
    fn entry(&mut self, event: &Event) {
        let mut words = event.record.text.split_whitespace();
        let [Some(device), Some(change), Some(_node), Some(name)] = [(); 4].map(|()| words.next())
        else {
            return;
        };
        // C has others for each device.
        if name != "lifebound_binding" {
            return;
        }
        device.clone_into(&mut self.device);
        if change == "ADD" {
            let held = self.hold("binding", 0);
            self.step(event, "binding is added to C's devres").held = held;
        } else if change == "REL" {
            let held = self.release("binding", 0);
            // On some buses the bus itself releases them, before its callback returns.
            if self.phase.is_some() {
                self.phase = Some(Phase::Devres);
                self.push(event, Kind::Phase, Phase::Devres.text(), String::new());
            }
            self.step(event, "binding is released").held = held;
        }
    }

    /// The device is bound, and in use.
    fn used(&mut self, event: &Event) {
        if self.rows.last().is_none_or(|row| row.kind != Kind::Use) {
            let since = self.rows.last().map(|row| row.time);
            let row = self.push(event, Kind::Use, "", String::new());
            row.time = since.unwrap_or(row.time);
            self.used.clear();
        }
        let own = event
            .stack
            .iter()
            .rev()
            .filter(|frame| phase::is_of_driver(frame));
        let mut names = own.map(|frame| phase::short(&frame.function));
        let Some(name) = names.find(|name| !name.contains(['<', '{'])) else {
            return;
        };
        let name = name.rsplit("::").next().unwrap_or_default().to_owned();
        if !self.used.contains(&name) {
            self.used.push(name);
            let text = self.used.join(", ");
            if let Some(last) = self.rows.last_mut() {
                last.text = text;
            }
        }
    }

    fn hold(&mut self, thing: &str, value: u64) -> Option<(bool, String)> {
        let same = self.held.iter().filter(|held| held.thing == thing).count();
        let name = match same {
            0 => thing.to_owned(),
            _ => format!("{thing} {}", same + 1),
        };
        self.held.push(Held {
            thing: thing.to_owned(),
            value,
            name: name.clone(),
        });
        Some((true, name))
    }

    fn release(&mut self, thing: &str, value: u64) -> Option<(bool, String)> {
        let is_it = |held: &Held| held.thing == thing && held.value == value;
        let at = self.held.iter().rposition(is_it)?;
        Some((false, self.held.remove(at).name))
    }

    /// Adds the time in which the device was bound.
    fn finish(mut self) -> Vec<Row> {
        let bound = |row: &Row| row.kind == Kind::Return && row.text == format!("{PROBE}()");
        if let Some(at) = self.rows.iter().position(bound) {
            let used = self
                .rows
                .get(at + 1)
                .is_some_and(|row| row.kind == Kind::Use);
            if !used {
                let mut row = self.rows[at].clone();
                row.kind = Kind::Use;
                row.text = String::new();
                self.rows.insert(at + 1, row);
            }
        }
        self.rows
    }
}

/// Why a device is unbound.
fn reason(event: &Event) -> String {
    const REASONS: &[(&str, &str)] = &[
        ("unbind_store", "by sysfs"),
        ("driver_detach", "at exit"),
        ("device_del", "unplugged"),
    ];
    let runs = |name: &str| event.stack.iter().any(|frame| frame.function == name);
    let found = REASONS.iter().find(|(name, _)| runs(name));
    found.map_or("", |(_, reason)| reason).to_owned()
}
