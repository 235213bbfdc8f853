// SPDX-License-Identifier: GPL-2.0

//! The descriptions that `module!` refuses.

#![forbid(unsafe_code)]

use kernel::prelude::*;

pub struct Ui;

impl kernel::Module for Ui {
    fn init(_: &'static ThisModule) -> Result<Self> {
        Ok(Self)
    }
}

#[cfg(not(any(
    reject, reject_2, reject_3, reject_4, reject_5, reject_6, reject_7, reject_8, reject_9,
    reject_10, reject_11, reject_12, reject_13, reject_14, reject_15
)))]
module! {
    type: Ui,
    name: "ui",
    authors: ["A. Author"],
    license: "GPL",
    params: { level: u8 { default: 255, description: "A level" } },
}

#[cfg(reject)]
module! { type: Ui, name: "ui", license: "GPL", colour: "red" } //~ unknown key `colour`

#[cfg(reject_2)]
module! { type: Ui, name: "ui", license: "GPL", name: "ui" } //~2 duplicate key `name`

#[cfg(reject_3)]
module! { type: Ui, name: "ui" } //~3 missing `license: "GPL"`

#[cfg(reject_4)]
module! { type: Ui, name: "ui", license: "GPL", author: "me" } //~4 write `authors: [".."]`

#[cfg(reject_5)]
module! { type: Ui, name: "ui", license: "Proprietary" } //~5 compatible with the GPL

#[cfg(reject_6)]
module! { type: Ui, name: "my.ui", license: "GPL" } //~6 a module's name consists of ASCII

#[cfg(reject_7)]
module! { type: Ui, name: "a b", license: "GPL" } //~7 consists of ASCII letters, digits, `_` and `-`

#[cfg(reject_8)]
module! {
    type: Ui, name: "ui", license: "GPL",
    params: { level: f32 { default: 1, description: "" } } //~8 a parameter has one of the types
}

#[cfg(reject_9)]
module! {
    type: Ui, name: "ui", license: "GPL",
    params: { level: u8 { default: 256, description: "" } } //~9 `u8` holds 0 to 255
}

#[cfg(reject_10)]
module! {
    type: Ui, name: "ui", license: "GPL",
    params: { level: bool { default: 1, description: "" } } //~10 expected a value of type `bool`
}

#[cfg(reject_11)]
module! {
    type: Ui, name: "ui", license: "GPL",
    params: { level: u8 { description: "" } } //~11 missing `default: VALUE`
}

#[cfg(reject_12)]
module! { type: u8, name: "ui", license: "GPL" } //~12 E0277
//~12^ E0599 `start`
//~12^^ E0599 `stop`

#[cfg(reject_13)]
module! { type: Ui, license: "GPL" } //~13 missing `name: ".."`

#[cfg(reject_14)]
module! { type: Ui, name: "ui", authors: "me", license: "GPL" } //~14 expected a list

#[cfg(reject_15)]
module! {
    type: Ui, name: "ui", license: "GPL",
    params: {
        level: u8 { default: 1, description: "" },
        level: u8 { default: 1, description: "" }, //~15 duplicate parameter `level`
    }
}
