// SPDX-License-Identifier: GPL-2.0

//! Finds the bindings of a trace.

use std::collections::HashMap;

use crate::{
    known::{CALLS, PROBE, RELEASE},
    symbols::{Frame, Symbols},
    trace::Record,
};

/// What runs in a task that does a part of a probe.
const LENT: &str = "local_pci_probe";

/// An event of a binding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) record: Record,
    /// Who has called, the innermost first.
    pub(crate) stack: Vec<Frame>,
    /// The driver core is probing or unbinding the device, and this happens meanwhile.
    pub(crate) inside: bool,
}

impl Event {
    /// Whether the module has a part in it.
    pub(crate) fn is_of_module(&self) -> bool {
        self.stack.iter().any(Frame::is_of_module)
    }
}

/// What happened between a probe and the end of the binding.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Life {
    pub(crate) events: Vec<Event>,
    bound: bool,
    ended: bool,
}

impl Life {
    fn is_complete(&self) -> bool {
        self.bound && self.ended && self.events.iter().any(Event::is_of_module)
    }
}

/// Reads the bindings of a trace one after another.
#[derive(Debug, Default)]
struct Reader {
    /// The devices that a task is probing or unbinding.
    open: HashMap<u64, Vec<u64>>,
    /// The device for which a task of the kernel's does a part of the probe. The PCI core may probe
    /// on a processor that is near to the device.
    lent: HashMap<u64, u64>,
    /// Those that are being probed or are bound, in the order of their probes.
    lives: Vec<(u64, Life)>,
    ended: Vec<Life>,
}

impl Reader {
    fn life(&mut self, device: u64) -> Option<&mut Life> {
        let found = self
            .lives
            .iter_mut()
            .rev()
            .find(|(other, _)| *other == device);
        found.map(|(_, life)| life)
    }

    fn end(&mut self, device: u64) {
        if let Some(at) = self.lives.iter().rposition(|(other, _)| *other == device) {
            let (_, mut life) = self.lives.remove(at);
            life.ended = true;
            self.ended.push(life);
        }
    }

    fn read(&mut self, mut event: Event) {
        let task = event.record.task;
        let name = event.record.event.clone();
        if let (PROBE | RELEASE, Some(device)) = (name.as_str(), event.record.argument(0)) {
            self.open.entry(task).or_default().push(device);
            if name == PROBE {
                self.lives.push((device, Life::default()));
            }
        }
        let device = self.device(&event);
        event.inside = device.is_some();
        let returned = event.record.value("returned");
        match device {
            Some(device) => {
                if let Some(life) = self.life(device) {
                    life.events.push(event);
                }
            }
            // Which device it is for is not known.
            None if event.is_of_module() => {
                for (_, life) in self.lives.iter_mut().filter(|(_, life)| life.bound) {
                    life.events.push(event.clone());
                }
            }
            None => {}
        }
        let Some(device) = device else { return };
        match name.strip_suffix("_returns") {
            Some(PROBE) => {
                self.pop(task);
                self.lent.retain(|_, lent| *lent != device);
                if returned == Some(0) {
                    if let Some(life) = self.life(device) {
                        life.bound = true;
                    }
                } else {
                    self.end(device);
                }
            }
            Some(RELEASE) => {
                self.pop(task);
                self.end(device);
            }
            _ => {}
        }
    }

    /// The device that is being probed or unbound while an event happens.
    fn device(&mut self, event: &Event) -> Option<u64> {
        let task = event.record.task;
        let open = self.open.get(&task).and_then(|open| open.last()).copied();
        if open.is_none() && event.stack.iter().any(|frame| frame.function == LENT) {
            let (device, _) = self.lives.iter().rfind(|(_, life)| !life.bound)?;
            self.lent.insert(task, *device);
        }
        open.or_else(|| self.lent.get(&task).copied())
    }

    fn pop(&mut self, task: u64) {
        self.open.entry(task).or_default().pop();
    }
}

/// A stack up to the function of the driver core that is shown. What has called that, such as the
/// module's own exit, says nothing of the binding.
fn within(mut stack: Vec<Frame>, event: &str) -> Vec<Frame> {
    let ends = |name: &str| [PROBE, RELEASE].contains(&name) || CALLS.contains(&name);
    if !ends(event)
        && let Some(end) = stack.iter().position(|frame| ends(&frame.function))
    {
        stack.truncate(end + 1);
    }
    stack
}

/// Returns the complete binding with the most kinds of events; of several, the first.
pub(crate) fn richest(records: Vec<Record>, symbols: &Symbols) -> Option<Life> {
    let mut reader = Reader::default();
    for (index, record) in records.into_iter().enumerate() {
        let stack = within(symbols.stack(index, &record), &record.event);
        reader.read(Event {
            record,
            stack,
            inside: false,
        });
    }
    let kinds = |life: &Life| {
        let mut names: Vec<&str> = life
            .events
            .iter()
            .filter(|event| event.inside)
            .map(|event| event.record.event.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    };
    let mut best: Option<Life> = None;
    for life in reader.ended.into_iter().filter(Life::is_complete) {
        if best.as_ref().is_none_or(|best| kinds(&life) > kinds(best)) {
            best = Some(life);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(event: &str, text: &str) -> Record {
        Record {
            task: 1,
            event: event.to_owned(),
            text: text.to_owned(),
            ..Record::default()
        }
    }

    fn lives(records: &[(&str, &str)]) -> Vec<Life> {
        let mut reader = Reader::default();
        for (event, text) in records {
            let place = Some("a.rs:1".to_owned());
            let function = (*event).to_owned();
            reader.read(Event {
                record: record(event, text),
                stack: vec![Frame { function, place }],
                inside: false,
            });
        }
        reader.ended
    }

    #[test]
    fn nested_probes() {
        let lives = lives(&[
            ("really_probe", "a0=0x1"),
            ("really_probe", "a0=0x2"),
            ("inner", ""),
            ("really_probe_returns", "returned=0x0"),
            ("outer", ""),
            ("really_probe_returns", "returned=0x0"),
            ("used", ""),
            ("device_release_driver_internal", "a0=0x1"),
            ("device_release_driver_internal_returns", ""),
        ]);
        assert_eq!(lives.len(), 1);
        let names: Vec<&str> = lives[0]
            .events
            .iter()
            .map(|event| event.record.event.as_str())
            .collect();
        assert_eq!(
            names[..3],
            ["really_probe", "outer", "really_probe_returns"]
        );
        assert_eq!((names[3], names.len()), ("used", 6));
        assert!(!lives[0].events[3].inside && lives[0].is_complete());
    }

    #[test]
    fn a_failed_probe_is_no_binding() {
        let lives = lives(&[
            ("really_probe", "a0=0x1"),
            ("really_probe_returns", "returned=0xfffffff0"),
        ]);
        assert!(!lives[0].is_complete());
    }
}
