// SPDX-License-Identifier: GPL-2.0

//! The tree itself: the imports of its files are those that Documentation/architecture.md states,
//! and the picture there is drawn from the table. A test that finds another picture leaves the
//! right one in the build directory, to be copied.

use std::{
    fs,
    path::{Path, PathBuf},
};

use layers::{
    imports::{Tree, circles},
    picture,
    table::Table,
};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn table() -> Table {
    let text = fs::read_to_string(top().join("Documentation/architecture.md")).unwrap();
    Table::parse(&text).unwrap()
}

#[test]
fn no_files_import_each_other() {
    for root in [
        "rust/kernel",
        "rust/macros/src",
        "rust/pin-init/src",
        "rust/pin-init/internal/src",
    ] {
        let tree = Tree::read(&top().join(root)).unwrap();
        assert!(tree.files().count() > 5, "{root}: nothing was read");
        let circles = circles(&tree.imports());
        assert!(
            circles.is_empty(),
            "{root}: files that import each other: {circles:#?}"
        );
    }
}

#[test]
fn rooms_import_what_the_table_allows() {
    let tree = Tree::read(&top().join("rust/kernel")).unwrap();
    let faults = table().compare(&tree.imports());
    assert!(
        faults.is_empty(),
        "see Documentation/architecture.md for what a room may import:\n{}",
        faults.join("\n")
    );
}

#[test]
fn the_picture_is_that_of_the_table() {
    let path = top().join("Documentation/architecture.svg");
    let drawn = picture::draw(&table());
    let kept = fs::read_to_string(&path).unwrap_or_default();
    if kept != drawn {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("architecture.svg");
        fs::write(&new, &drawn).unwrap();
        panic!(
            "{} is not the picture of the table: look at the new one, and copy it: cp {} {}",
            path.display(),
            new.display(),
            path.display()
        );
    }
}
