// SPDX-License-Identifier: GPL-2.0
//! What the driver says.
pub(crate) const ANSWERS: &str = "answers in all";
