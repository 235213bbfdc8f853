// SPDX-License-Identifier: GPL-2.0

//! The crates need an unstable compiler, but drivers are not offered unstable features: some of
//! them are not sound. With `specialization`, a generic function can call code written for
//! `&'static T` for any reference.

#![cfg_attr(reject, feature(specialization))] //~ E0725 is not in the list of allowed features
#![forbid(unsafe_code)]

pub struct Driver;
