// SPDX-License-Identifier: GPL-2.0

//! The crates need an unstable compiler, but drivers are not offered what is unstable: some of it is not sound. With
//! `specialization` a generic function can call what was written for `&'static T` for any reference.

#![cfg_attr(reject, feature(specialization))] //~ E0725 is not in the list of allowed features
#![forbid(unsafe_code)]

pub struct Driver;
