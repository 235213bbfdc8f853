// SPDX-License-Identifier: GPL-2.0

//! Which part of a binding's life an event belongs to: the functions that were running say so.

use crate::symbols::Frame;

/// A part of a life.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Phase {
    Begin,
    Probe,
    Attach,
    Service,
    Ending,
    Unbind,
    Leaving,
    Drop,
    Dropped,
    Managed,
    Released,
    Devres,
}

/// What a stack has if it belongs to a phase. The first that fits counts.
const MARKS: &[(&str, Phase)] = &[
    ("kernel::binding::drop_data::", Phase::Drop),
    ("Managed>::drain", Phase::Managed),
    ("Part>::in_service", Phase::Service),
    ("Part>::ending", Phase::Ending),
    ("Part>::leaving_service", Phase::Leaving),
    ("Part>::kept", Phase::Leaving),
    ("Part>::data_dropped", Phase::Dropped),
    ("Part>::released", Phase::Released),
    ("EndList>::drain", Phase::Leaving),
    ("Driver>::attach", Phase::Attach),
    ("Ops>::attach", Phase::Attach),
    ("Ops>::unbind", Phase::Unbind),
    ("Driver>::unbind", Phase::Unbind),
    ("Driver>::probe", Phase::Probe),
    ("Binding>::fill", Phase::Probe),
    ("Binding>::begin", Phase::Begin),
];

impl Phase {
    /// The phase in which functions run, the innermost first.
    pub(crate) fn of(stack: &[Frame]) -> Option<Self> {
        let runs = |mark: &str| {
            let frames = stack.iter().filter(|frame| frame.is_of_module());
            frames
                .map(|frame| &frame.function)
                .any(|name| name.contains(mark))
        };
        let found = MARKS.iter().find(|(mark, _)| runs(mark));
        found.map(|(_, phase)| *phase)
    }

    /// What the picture says of it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Begin => "the binding begins",
            Self::Probe => "probe() initialises Data",
            Self::Attach => "attach() shares Data",
            Self::Service => "the device is in service",
            Self::Ending => "the end comes next",
            Self::Unbind => "unbind() runs",
            Self::Leaving => "all that calls back is ended",
            Self::Drop => "Data is dropped",
            Self::Dropped => "after the drop",
            Self::Managed => "managed resources are released",
            Self::Released => "the device is given up",
            Self::Devres => "C's managed resources are released",
        }
    }
}

/// The name of a function without what it is generic in, with its type or module:
/// `kernel::driver::remove::<a::B>` is `driver::remove`.
fn function_of(name: &str) -> String {
    let mut path = String::new();
    let mut depth = 0;
    // `<type>::function`, where the type is `a::B<..>`.
    let name = name
        .strip_prefix('<')
        .map_or(name.to_owned(), |name| name.replacen(">>::", ">::", 1));
    for character in name.chars() {
        match character {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ if depth <= 0 => path.push(character),
            _ => {}
        }
    }
    let mut words = path.rsplit("::").filter(|word| !word.is_empty());
    let function = words.next().unwrap_or_default();
    words
        .next()
        .map_or_else(|| function.to_owned(), |of| format!("{of}::{function}"))
}

impl Phase {
    /// Which function of the crate does it, called by C. At the end of a binding there are two.
    pub(crate) fn by(self, stack: &[Frame]) -> String {
        if matches!(
            self,
            Self::Begin | Self::Probe | Self::Attach | Self::Service
        ) {
            return String::new();
        }
        let outermost = stack.iter().rfind(|frame| frame.is_of_module());
        outermost.map_or_else(String::new, |frame| function_of(&frame.function))
    }
}

/// What one reads about an event in small letters.
pub(crate) fn note(phase: Option<Phase>, stack: &[Frame]) -> String {
    let detail = match phase {
        Some(Phase::Drop) => field(stack),
        Some(Phase::Managed) => managed(stack),
        Some(Phase::Leaving) => entry(stack),
        Some(Phase::Service | Phase::Ending | Phase::Dropped | Phase::Released) => part(stack),
        _ => None,
    };
    detail.or_else(|| place(stack)).unwrap_or_default()
}

/// The line of the driver, if one of its functions is running.
fn place(stack: &[Frame]) -> Option<String> {
    let frame = stack.iter().find(|frame| is_of_driver(frame))?;
    frame.place.clone()
}

/// Whether a function is of the driver's own crate.
pub(crate) fn is_of_driver(frame: &Frame) -> bool {
    const OTHERS: &[&str] = &[
        "kernel", "core", "pin_init", "bindings", "zerocopy", "alloc",
    ];
    let name = frame.function.trim_start_matches(['<', '&', '*', '(']);
    let root = name.split("::").next().unwrap_or_default();
    let is_path = name.contains("::")
        && root
            .bytes()
            .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
    frame.is_of_module() && is_path && !OTHERS.contains(&root) && !root.starts_with("__")
}

/// Whether a message is the module's own, and not that of a function of C which it has called.
pub(crate) fn prints(stack: &[Frame]) -> bool {
    let is_print = |frame: &&Frame| {
        let name = frame.function.as_str();
        ["print", "console", "dev_"]
            .iter()
            .any(|part| name.contains(part))
            && !frame.is_of_module()
    };
    let caller = stack.iter().find(|frame| !is_print(frame));
    caller.is_some_and(Frame::is_of_module)
}

/// The field that is being dropped: what the glue of the data's type drops, or that type itself.
fn field(stack: &[Frame]) -> Option<String> {
    let mut dropped = stack
        .iter()
        .rev()
        .filter_map(|frame| frame.function.split_once("ptr::drop_in_place::<"))
        .map(|(_, of)| of.strip_suffix('>').unwrap_or(of));
    // The outermost is the box of the data.
    let data = dropped.find(|of| !of.starts_with("kernel::alloc::kbox::Box<"))?;
    if let Some(frame) = stack.iter().find(|frame| is_own_drop(frame, data)) {
        return frame.place.clone();
    }
    let field = dropped.next()?;
    Some(short(field))
}

fn is_own_drop(frame: &Frame, data: &str) -> bool {
    let name = frame
        .function
        .strip_prefix('<')
        .and_then(|name| name.strip_prefix(data));
    name.is_some_and(|name| name.starts_with(" as core::ops::drop::Drop>::drop"))
}

/// Whether the memory of the data itself is being allocated.
pub(crate) fn allocates_data(stack: &[Frame]) -> bool {
    Phase::of(stack) == Some(Phase::Probe)
        && !stack.iter().any(is_of_driver)
        && !stack
            .iter()
            .any(|frame| frame.function.starts_with("pin_init::closure::"))
}

/// The type of an entry of the scope that is being ended.
fn entry(stack: &[Frame]) -> Option<String> {
    let mut frames = stack.iter().map(|frame| &frame.function);
    let name = frames.find_map(|name| Some(name.split_once(" as kernel::scope::entry::")?.0))?;
    Some(short(name.trim_start_matches('<')))
}

/// The type of a managed resource that is being released.
fn managed(stack: &[Frame]) -> Option<String> {
    let released = stack.iter().find_map(|frame| {
        let (_, of) = frame.function.split_once("::release::<")?;
        Some(short(of.strip_suffix('>').unwrap_or(of)))
    });
    released.or_else(|| Some("entry".to_owned()))
}

/// The part of the binding that is told of a moment.
fn part(stack: &[Frame]) -> Option<String> {
    let frame = stack
        .iter()
        .find(|frame| frame.function.contains("::Part>::"))?;
    let of = frame
        .function
        .trim_start_matches('<')
        .split(" as ")
        .next()?;
    Some(short(of))
}

/// A name without the modules that it lies in: `kernel::pci::Bar<pci::A>` is `Bar<A>`. A function
/// keeps its type or its module: `<a::B as c::D>::e` is `B::e`.
pub(crate) fn short(name: &str) -> String {
    let implemented = name.strip_prefix('<').and_then(|rest| {
        let (of, rest) = rest.split_once(" as ")?;
        let (_, function) = rest.rsplit_once(">::")?;
        (!of.contains('<')).then(|| format!("{}::{function}", last(of)))
    });
    let mut result = String::new();
    let mut word = String::new();
    for character in implemented.as_deref().unwrap_or(name).chars() {
        if character == '_' || character == ':' || character.is_alphanumeric() {
            word.push(character);
            continue;
        }
        result.push_str(last(&word));
        word.clear();
        result.push(character);
    }
    if implemented.is_some() && result.is_empty() {
        return word;
    }
    result.push_str(last(&word));
    let owned = result
        .strip_prefix("Owned<")
        .and_then(|rest| rest.strip_suffix('>'));
    let result = owned.map_or(result.clone(), str::to_owned);
    // It is what a driver calls it.
    match result
        .strip_prefix("Window<")
        .and_then(|rest| rest.strip_suffix(", ClaimedBar>"))
    {
        Some(size) => format!("pci::Bar<{size}>"),
        None => result,
    }
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(names: &[&str]) -> Vec<Frame> {
        let frame = |name: &&str| Frame {
            function: (*name).to_owned(),
            place: Some("a.rs:1".to_owned()),
        };
        names.iter().map(frame).collect()
    }

    #[test]
    fn names_are_short() {
        assert_eq!(short("<a::B as c::D>::e"), "B::e");
        assert_eq!(
            short("kernel::devres::Node<kernel::pci::Claim>"),
            "Node<Claim>"
        );
        assert_eq!(
            short("kernel::io::window::Window<16, kernel::pci::ClaimedBar>"),
            "pci::Bar<16>"
        );
    }

    #[test]
    fn functions_are_short() {
        assert_eq!(
            function_of("kernel::driver::remove::<a::B<c::D>>"),
            "driver::remove"
        );
        assert_eq!(
            function_of("<kernel::pci::Adapter<a::B>>::probe"),
            "Adapter::probe"
        );
    }

    #[test]
    fn a_field_is_what_the_data_drops() {
        let data = stack(&[
            "core::ptr::drop_in_place::<kernel::a::Claim>",
            "core::ptr::drop_in_place::<kernel::a::Bar>",
            "core::ptr::drop_in_place::<driver::Data>",
            "core::ptr::drop_in_place::<kernel::alloc::kbox::Box<driver::Data, kernel::K>>",
            "kernel::binding::drop_data::<driver::Driver>",
        ]);
        assert_eq!(note(Phase::of(&data), &data), "Bar");
        let own = stack(&[
            "<driver::Data as core::ops::drop::Drop>::drop",
            "core::ptr::drop_in_place::<driver::Data>",
            "kernel::binding::drop_data::<driver::Driver>",
        ]);
        assert_eq!(note(Phase::of(&own), &own), "a.rs:1");
    }
}
