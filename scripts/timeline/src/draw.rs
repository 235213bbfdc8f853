// SPDX-License-Identifier: GPL-2.0

//! Draws two stories side by side, from top to bottom.

use std::fmt::Write as _;

use crate::{
    align::{Slot, align},
    phase::Phase,
    story::{Kind, Row, Story},
    xml::escaped,
};

/// The width of the picture, that of a page's text.
const WIDTH: i32 = 960;
const COLUMN: i32 = 466;
/// Where the second column begins.
const SECOND: i32 = WIDTH - 8 - COLUMN;
/// The width of the times.
const TIMES: i32 = 46;
/// The width of a lane, in which one thing is held.
const LANE: i32 = 12;
/// By how much the rows inside of a function of C are moved to the right.
const INDENT: i32 = 11;

const STYLE: &str = "
    svg { color-scheme: light dark; }
    text { font: 11.5px system-ui, sans-serif; fill: #1c2733; }
    .paper { fill: #ffffff; }
    .title { font-size: 15px; font-weight: 600; }
    .kernel { font-size: 13px; font-weight: 600; }
    .phase { font-weight: 600; }
    .call { font-family: ui-monospace, monospace; font-size: 11px; }
    .time, .note, .small { font-size: 10px; fill: #596878; }
    .time, .note { text-anchor: end; }
    .lane { font-size: 10.5px; }
    .dropped { font-size: 11.5px; font-weight: 600; fill: #b23c0a; }
    .drop { fill: #ffeee2; }
    .release { fill: #e8f2fb; }
    .call-line { stroke: #8696a7; fill: none; }
    .rule { stroke: #d3dae2; }
    .held { stroke: #1d6fb8; stroke-width: 4; }
    .data { stroke: #d9541e; stroke-width: 6; }
    .own { stroke: #6b7a8a; stroke-width: 4; }
    .later { stroke-dasharray: 2 3; }
    .faint { stroke: #b9c4cf; stroke-dasharray: 1 2; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e4e9ee; }
      .paper { fill: #16191d; }
      .time, .note, .small { fill: #9aa8b6; }
      .dropped { fill: #ff9c66; }
      .drop { fill: #40260f; }
      .release { fill: #122a3f; }
      .call-line { stroke: #7f8e9d; }
      .rule { stroke: #343d46; }
      .held { stroke: #62aef2; }
      .data { stroke: #ff8a4c; }
      .own { stroke: #93a1af; }
      .faint { stroke: #4a5662; }
    }
";

/// Draws two stories.
pub(crate) fn draw(left: &Story, right: &Story) -> String {
    let sheet = Sheet::new(left, right);
    let mut svg = String::new();
    let title = format!(
        "{} bound to {}, from the probe to the end of the binding",
        left.driver, left.device
    );
    let height = sheet.bottom() + 42;
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\">\n  <title>{}</title>\n  <style>{STYLE}  </style>\n  \
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>",
        escaped(&title)
    );
    text(&mut svg, "title", 8, 24, &title);
    sheet.column(&mut svg, left, 8, |slot| slot.0);
    sheet.column(&mut svg, right, SECOND, |slot| slot.1);
    let note = "Times in microseconds since the driver core began to probe, with tracing, on an emulated processor; \
                rows are not to scale.";
    text(
        &mut svg,
        "small",
        8,
        height - 24,
        "A bar lasts as long as the thing is held. On the right of a row: the driver's line, or the type that is being dropped or released.",
    );
    text(&mut svg, "small", 8, height - 10, note);
    svg + "</svg>\n"
}

/// Where everything is.
struct Sheet {
    slots: Vec<Slot>,
    /// The top of each slot, and the bottom of the last.
    tops: Vec<i32>,
    /// What is held in any of both, in the order in which it begins.
    lanes: Vec<String>,
}

/// The rows that are drawn, with their places among all.
fn shown(story: &Story) -> Vec<(usize, &Row)> {
    let rows = story.rows.iter().enumerate();
    rows.filter(|(_, row)| row.kind != Kind::Return).collect()
}

impl Sheet {
    fn new(left: &Story, right: &Story) -> Self {
        let names = |story| {
            shown(story)
                .iter()
                .map(|(_, row)| row.name())
                .collect::<Vec<_>>()
        };
        let slots = align(&names(left), &names(right));
        let mut lanes: Vec<String> = Vec::new();
        for row in left.rows.iter().chain(&right.rows) {
            if let Some((true, name)) = &row.held
                && !lanes.contains(name)
            {
                lanes.push(name.clone());
            }
        }
        let longest = lanes
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or(0);
        let mut top = 66.max(36 + 7 * i32::try_from(longest).unwrap_or(0));
        let (left, right) = (shown(left), shown(right));
        let mut tops = vec![top];
        for slot in &slots {
            let row = slot
                .0
                .map_or_else(|| slot.1.map(|at| right[at].1), |at| Some(left[at].1));
            top += match row.map(|row| row.kind) {
                Some(Kind::Use) => 46,
                Some(Kind::Phase) => 22,
                _ => 18,
            };
            tops.push(top);
        }
        Self { slots, tops, lanes }
    }

    fn bottom(&self) -> i32 {
        self.tops.last().copied().unwrap_or(0)
    }

    /// The x of a lane's middle.
    fn lane(&self, name: &str, x: i32) -> i32 {
        let index = self.lanes.iter().position(|lane| lane == name).unwrap_or(0);
        let left = i32::try_from(self.lanes.len() - index).unwrap_or(0);
        x + COLUMN - left * LANE + LANE / 2
    }

    /// Draws a column, whose rows `of` finds in a slot.
    fn column(&self, svg: &mut String, story: &Story, x: i32, of: fn(&Slot) -> Option<usize>) {
        let shown = shown(story);
        let mut places = vec![(0, 0); story.rows.len()];
        for (index, slot) in self.slots.iter().enumerate() {
            if let Some(at) = of(slot) {
                places[shown[at].0] = (self.tops[index], self.tops[index + 1]);
            }
        }
        // A return is drawn at the end of what came before.
        for (index, row) in story.rows.iter().enumerate() {
            if row.kind == Kind::Return && index > 0 {
                let bottom = places[index - 1].1;
                places[index] = (bottom, bottom);
            }
        }
        let column = Column {
            sheet: self,
            rows: &story.rows,
            places,
            x,
        };
        let top = self.tops[0];
        column.bands(svg);
        let _ = writeln!(svg, "  <path class=\"rule\" d=\"M{x} {top}h{COLUMN}\"/>");
        text(
            svg,
            "kernel",
            x,
            top - 24,
            &format!("Linux {}", story.kernel),
        );
        column.caption(svg, top - 8);
        column.lanes(svg);
        column.rows(svg);
    }
}

/// A column that is being drawn.
struct Column<'a> {
    sheet: &'a Sheet,
    rows: &'a [Row],
    /// Top and bottom of each row.
    places: Vec<(i32, i32)>,
    x: i32,
}

impl Column<'_> {
    /// Says which function of C has led to the drop.
    fn caption(&self, svg: &mut String, y: i32) {
        let mut open = Vec::new();
        for row in self.rows {
            match row.kind {
                Kind::Call => open.push(row.text.as_str()),
                Kind::Return => {
                    open.pop();
                }
                Kind::Phase if row.text == Phase::Drop.text() => {
                    let by = open.last().copied().unwrap_or_default();
                    let caption = format!("drops Data in {by}");
                    text(svg, "dropped", self.x, y, &caption);
                }
                _ => {}
            }
        }
    }

    /// The colours of the phases in which something ends.
    fn bands(&self, svg: &mut String) {
        for (index, row) in self.rows.iter().enumerate() {
            let class = match &row.text {
                text if row.kind != Kind::Phase || text.is_empty() => continue,
                text if text == Phase::Drop.text() => "drop",
                text if [
                    Phase::Dropped,
                    Phase::Managed,
                    Phase::Released,
                    Phase::Devres,
                ]
                .iter()
                .any(|phase| text == phase.text()) =>
                {
                    "release"
                }
                _ => continue,
            };
            let end = self.end_of_phase(index);
            let top = self.places[index].0;
            let height = self.places[end].1 - top;
            let _ = writeln!(
                svg,
                "  <rect class=\"{class}\" x=\"{}\" y=\"{top}\" width=\"{COLUMN}\" height=\"{height}\"/>",
                self.x
            );
        }
    }

    /// The last row of the phase that begins at a row.
    fn end_of_phase(&self, index: usize) -> usize {
        let next = self.rows[index + 1..]
            .iter()
            .position(|row| row.kind != Kind::Step);
        next.map_or(self.rows.len() - 1, |steps| index + steps)
    }

    /// What is held, and for how long.
    fn lanes(&self, svg: &mut String) {
        let top = self.sheet.tops[0];
        for name in &self.sheet.lanes {
            let x = self.sheet.lane(name, self.x);
            let _ = writeln!(
                svg,
                "  <text class=\"lane\" transform=\"translate({} {}) rotate(-90)\">{}</text>",
                x + 4,
                top - 6,
                escaped(name)
            );
            let mut begun = None;
            for (index, row) in self.rows.iter().enumerate() {
                match &row.held {
                    Some((true, held)) if held == name => begun = Some(index),
                    Some((false, held)) if held == name => {
                        if let Some(begin) = begun.take() {
                            self.bar(svg, name, x, begin, self.middle(index));
                        }
                    }
                    _ => {}
                }
            }
            // It outlives the binding.
            if let Some(begin) = begun {
                self.bar(svg, name, x, begin, self.sheet.bottom());
            }
        }
    }

    fn middle(&self, index: usize) -> i32 {
        let (top, bottom) = self.places[index];
        i32::midpoint(top, bottom)
    }

    /// Draws a bar from a row to `end`, with dashes while the device is just bound.
    fn bar(&self, svg: &mut String, name: &str, x: i32, begin: usize, end: i32) {
        let class = match name {
            "Data" => "data",
            "binding" => "own",
            _ => "held",
        };
        let mut from = self.middle(begin);
        let mut line = |from: i32, to: i32, more: &str| {
            if from < to {
                let _ = writeln!(
                    svg,
                    "  <path class=\"{class}{more}\" d=\"M{x} {from}V{to}\"/>"
                );
            }
        };
        for (row, (top, bottom)) in self.rows.iter().zip(&self.places) {
            if row.kind == Kind::Use && *top >= from && *top < end {
                line(from, *top, "");
                line(*top, (*bottom).min(end), " later");
                from = *bottom;
            }
        }
        line(from, end, "");
    }

    fn rows(&self, svg: &mut String) {
        let mut depth = 0;
        let mut open = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let (top, bottom) = self.places[index];
            let x = self.x + TIMES + 8 + INDENT * depth;
            let y = bottom - 5;
            match row.kind {
                Kind::Call => {
                    self.line(svg, ("call", 65), row, (x, y));
                    open.push((x, bottom));
                    depth += 1;
                }
                Kind::Return => {
                    depth = (depth - 1).max(0);
                    if let Some((x, from)) = open.pop() {
                        let (x, to) = (x + 3, top - 1);
                        let path = format!("M{x} {from}V{to}h4");
                        let _ = writeln!(svg, "  <path class=\"call-line\" d=\"{path}\"/>");
                    }
                }
                Kind::Phase => self.line(svg, ("phase", 68), row, (x, y)),
                Kind::Step => self.step(svg, row, (x, y)),
                Kind::Use => self.used(svg, index, x),
            }
            if matches!(row.kind, Kind::Call | Kind::Step) {
                text(svg, "time", self.x + TIMES, y, &thousands(row.time));
            }
        }
    }

    /// Where the notes end.
    fn notes(&self) -> i32 {
        let first = self.sheet.lanes.first().map_or("", String::as_str);
        self.sheet.lane(first, self.x) - LANE
    }

    /// A row's text and note, in a class whose characters have the given width at most, in tenths.
    /// Where both do not fit, a message is cut, or else the note.
    fn line(&self, svg: &mut String, class: (&str, i32), row: &Row, (x, y): (i32, i32)) {
        const NOTE: i32 = 54;
        const GAP: i32 = 50;
        let (class, width) = class;
        let room = (self.notes() - x) * 10;
        let note = chars(&row.note) * NOTE;
        let rest = room - chars(&row.text) * width - GAP;
        let is_message = row.text.starts_with('“');
        let fits = if note > 0 && is_message {
            // It may be in capitals.
            (room - GAP - note) / (width + 7)
        } else {
            room / width
        };
        text(svg, class, x, y, &clipped(&row.text, fits));
        if is_message || rest >= note {
            text(svg, "note", self.notes(), y, &row.note);
        } else if rest >= 6 * NOTE && row.kind == Kind::Step {
            text(
                svg,
                "note",
                self.notes(),
                y,
                &clipped(&row.note, rest / NOTE),
            );
        }
    }

    fn step(&self, svg: &mut String, row: &Row, (x, y): (i32, i32)) {
        self.line(svg, ("step", 65), row, (x, y));
        if let Some((_, name)) = &row.held {
            let (from, to) = (self.notes() + 3, self.sheet.lane(name, self.x));
            let path = format!("M{from} {}H{to}", y - 4);
            let _ = writeln!(svg, "  <path class=\"faint\" d=\"{path}\"/>");
        }
    }

    fn used(&self, svg: &mut String, index: usize, x: i32) {
        let row = &self.rows[index];
        let next = self.rows.get(index + 1).map_or(row.time, |next| next.time);
        let (top, _) = self.places[index];
        let bound = format!("bound for {} µs", thousands(next.saturating_sub(row.time)));
        text(svg, "phase", x, top + 19, &bound);
        let fits = (self.notes() - x) * 10 / 55;
        let by = if row.text.is_empty() {
            String::new()
        } else {
            format!("runs: {}", row.text)
        };
        text(svg, "small", x, top + 34, &clipped(&by, fits));
    }
}

fn chars(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(i32::MAX)
}

/// A text that is cut off where there is no room for it.
fn clipped(text: &str, fits: i32) -> String {
    if chars(text) <= fits {
        return text.to_owned();
    }
    let keep = usize::try_from(fits - 1).unwrap_or(0);
    let mut short: String = text.chars().take(keep).collect();
    short.push('…');
    short
}

/// `1234567` is `1 234 567`, with spaces at which no line breaks.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

fn text(svg: &mut String, class: &str, x: i32, y: i32, text: &str) {
    if !text.is_empty() {
        let text = escaped(text);
        let _ = writeln!(
            svg,
            "  <text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1\u{202f}234\u{202f}567");
    }

    const STORY: &str = "\
# a<b bound to 0 & 1 on 6.12
0\tcall\treally_probe()
1\tstep\t“<&>”\ta.rs:1
2\tstep\tmemory of Data is allocated\t\t+Data
3\treturn\treally_probe()
3\tuse
9\tcall\tdevice_release_driver_internal()\tby sysfs
10\tphase\tData is dropped\tdriver::remove
10\tstep\tmemory of Data is freed\t\t-Data
12\treturn\tdevice_release_driver_internal()
";

    #[test]
    fn pictures_are_well_formed() {
        let story = Story::from_text(STORY).unwrap();
        assert_eq!(story.to_text(), STORY);
        let picture = draw(&story, &story);
        assert_eq!(crate::xml::fault(&picture), None);
        assert!(picture.contains("drops Data in device_release_driver_internal()"));
        assert!(picture.contains("bound for 6 µs"));
        // From the allocation to the use, during that, and from there to the end.
        assert_eq!(picture.matches("class=\"data\"").count(), 4);
        assert_eq!(picture.matches("class=\"data later\"").count(), 2);
    }

    #[test]
    fn texts_are_cut() {
        assert_eq!(clipped("abc", 3), "abc");
        assert_eq!(clipped("abcd", 3), "ab…");
    }
}
