// SPDX-License-Identifier: GPL-2.0
//! The words that the driver prints.
pub(crate) const ANSWERS: &str = "answers in all";
