// SPDX-License-Identifier: GPL-2.0

//! The table of layers in Documentation/architecture.md.
//!
//! Each row is a layer, the lowest first. A row has the name of the layer, its rooms, and the
//! imports between rooms of the layer. A room is a file or a folder of the crate, or a file in a
//! folder that stands for itself (`time/hrtimer`).

use std::collections::{BTreeMap, BTreeSet};

use crate::imports::Imports;

/// A layer.
#[derive(Debug, PartialEq, Eq)]
pub struct Layer {
    /// The name of the layer.
    pub name: String,
    /// The rooms of the layer, with a word about each.
    pub rooms: Vec<String>,
    /// Which room of the layer imports which.
    pub inside: BTreeSet<(String, String)>,
}

/// The layers, the lowest first.
#[derive(Debug, PartialEq, Eq)]
pub struct Table(pub Vec<Layer>);

/// Returns the words in backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

impl Table {
    /// Reads the table that follows the line `<!-- layers -->`.
    ///
    /// # Errors
    ///
    /// There is no such table, or one of its rows is malformed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (_, table) = text
            .split_once("<!-- layers -->")
            .ok_or("no line <!-- layers -->")?;
        let rows = table
            .trim_start()
            .lines()
            .take_while(|line| line.starts_with('|'))
            .skip(2);
        let layers: Result<Vec<_>, String> = rows.map(Self::row).collect();
        Ok(Self(layers?))
    }

    fn row(line: &str) -> Result<Layer, String> {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, rooms, inside] = cells[..] else {
            return Err(format!("not three cells: {line}"));
        };
        let pair = |pair: &str| match pair.split_once(" -> ") {
            Some((from, to)) => Ok((from.to_owned(), to.to_owned())),
            None => Err(format!("not `A -> B`: {pair}")),
        };
        Ok(Layer {
            name: name.to_owned(),
            rooms: quoted(rooms).map(String::from).collect(),
            inside: quoted(inside).map(pair).collect::<Result<_, _>>()?,
        })
    }

    /// Returns the room of a file: the longest one in the table.
    pub fn room(&self, file: &str) -> Option<&str> {
        let rooms = self.0.iter().flat_map(|layer| &layer.rooms);
        rooms
            .filter(|room| {
                file == *room
                    || file
                        .strip_prefix(*room)
                        .is_some_and(|rest| rest.starts_with('/'))
            })
            .max_by_key(|room| room.len())
            .map(String::as_str)
    }

    fn floors(&self) -> BTreeMap<&str, usize> {
        let layers = self.0.iter().enumerate();
        layers
            .flat_map(|(floor, layer)| layer.rooms.iter().map(move |room| (room.as_str(), floor)))
            .collect()
    }

    /// Returns the imports of a crate that the table does not allow, and the statements of the
    /// table that are not true.
    pub fn compare(&self, imports: &Imports) -> Vec<String> {
        let floors = self.floors();
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        let mut rooms = BTreeSet::new();
        for (file, targets) in imports {
            let Some(room) = self.room(file) else {
                faults.push(format!("{file}.rs is in no room of the table"));
                continue;
            };
            rooms.insert(room);
            for (target, names) in targets {
                let Some(other) = self.room(target).filter(|other| *other != room) else {
                    continue;
                };
                let pair = (room.to_owned(), other.to_owned());
                let allowed = floors[other] < floors[room]
                    || (floors[other] == floors[room]
                        && self.0[floors[room]].inside.contains(&pair));
                seen.insert(pair);
                if !allowed {
                    let names: Vec<_> = names.iter().map(String::as_str).collect();
                    faults.push(format!(
                        "{file}.rs (`{room}`, {}) must not import {target}.rs (`{other}`, {}): {}",
                        self.0[floors[room]].name,
                        self.0[floors[other]].name,
                        names.join(", ")
                    ));
                }
            }
        }
        for layer in &self.0 {
            for room in layer
                .rooms
                .iter()
                .filter(|room| !rooms.contains(room.as_str()))
            {
                faults.push(format!("the table has a room `{room}`, the crate has not"));
            }
            for (from, to) in layer.inside.iter().filter(|pair| !seen.contains(pair)) {
                faults.push(format!(
                    "the table allows `{from} -> {to}`, which nothing uses"
                ));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A\n<!-- layers -->\n\n| layer | rooms | inside |\n|---|---|---|\n\
        | low | `a`, `b` | `b -> a` |\n| high | `c`, `c/d` | |\n\nMore.\n";

    fn imports(pairs: &[(&str, &str)]) -> Imports {
        let mut imports: Imports = ["a", "b", "c", "c/d/e"]
            .map(|file| (file.to_owned(), BTreeMap::new()))
            .into();
        for (from, to) in pairs {
            imports
                .get_mut(*from)
                .unwrap()
                .insert((*to).to_owned(), BTreeSet::from(["X".to_owned()]));
        }
        imports
    }

    #[test]
    fn a_table_is_read() {
        let table = Table::parse(TEXT).unwrap();
        assert_eq!(table.0.len(), 2);
        assert_eq!(table.room("c/d/e"), Some("c/d"));
        assert_eq!(table.room("c/x"), Some("c"));
        assert_eq!(table.room("cd"), None);
    }

    #[test]
    fn downward_and_listed_imports_are_allowed() {
        let table = Table::parse(TEXT).unwrap();
        assert!(
            table
                .compare(&imports(&[("c", "a"), ("b", "a"), ("c/d/e", "b")]))
                .is_empty()
        );
    }

    #[test]
    fn others_are_not() {
        let table = Table::parse(TEXT).unwrap();
        for pair in [("a", "c"), ("a", "b"), ("c", "c/d/e")] {
            let faults = table.compare(&imports(&[("b", "a"), pair]));
            assert!(
                faults.len() == 1 && faults[0].contains("must not import"),
                "{pair:?}: {faults:?}"
            );
        }
    }

    #[test]
    fn the_table_says_no_more_than_there_is() {
        let table = Table::parse(TEXT).unwrap();
        assert_eq!(
            table.compare(&imports(&[])),
            ["the table allows `b -> a`, which nothing uses"]
        );
    }
}
