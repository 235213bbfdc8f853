// SPDX-License-Identifier: GPL-2.0

//! The layers as a picture (SVG): a row for each, the lowest at the foot, its rooms as boxes.

use std::fmt::Write as _;

use crate::table::Table;

const WIDTH: usize = 960;
const LABEL: usize = 170;
const ROW: usize = 34;
const GAP: usize = 10;
const LETTER: usize = 8;

/// Returns the lines into which a layer's boxes fit.
fn lines(rooms: &[String]) -> Vec<Vec<&str>> {
    let mut lines = vec![Vec::new()];
    let mut x = LABEL;
    for room in rooms {
        let width = box_width(room);
        if x + width > WIDTH - GAP {
            lines.push(Vec::new());
            x = LABEL;
        }
        if let Some(line) = lines.last_mut() {
            line.push(room.as_str());
        }
        x += width + GAP;
    }
    lines
}

fn box_width(room: &str) -> usize {
    room.len() * LETTER + 20
}

/// Draws a table.
pub fn draw(table: &Table) -> String {
    let mut body = String::new();
    let mut y = GAP;
    for layer in table.0.iter().rev() {
        let lines = lines(&layer.rooms);
        let height = lines.len() * ROW + GAP;
        let _ = write!(
            body,
            "  <rect class=\"layer\" x=\"{GAP}\" y=\"{y}\" width=\"{}\" height=\"{height}\"/>\n  \
             <text class=\"name\" x=\"{}\" y=\"{}\">{}</text>\n",
            WIDTH - 2 * GAP,
            2 * GAP,
            y + 25,
            layer.name
        );
        for (number, line) in lines.iter().enumerate() {
            let (mut x, top) = (LABEL, y + GAP / 2 + number * ROW + 3);
            for room in line {
                let width = box_width(room);
                let _ = write!(
                    body,
                    "  <rect class=\"room\" x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"28\"/>\n  \
                     <text x=\"{}\" y=\"{}\">{room}</text>\n",
                    x + 10,
                    top + 19
                );
                x += width + GAP;
            }
        }
        y += height + GAP;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" width=\"{WIDTH}\" height=\"{y}\">\n  \
         <title>The layers of the kernel crate: a room imports what is below it</title>\n  <style>\n    \
         text {{ font: 13px monospace; fill: #1c2733; }}\n    .name {{ font: bold 13px sans-serif; }}\n    \
         .layer {{ fill: #f2f5f8; stroke: #c3cdd8; }}\n    .room {{ fill: #ffffff; stroke: #6b7f94; }}\n  \
         </style>\n  <rect width=\"{WIDTH}\" height=\"{y}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}
