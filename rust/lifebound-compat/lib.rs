// SPDX-License-Identifier: GPL-2.0

//! What Linux's own `kernel` crate lacks of Lifebound's, on top of Linux's crate.
//!
//! A driver that is written for Lifebound calls its crate `kernel`. In a Linux tree, `compat.mk`
//! (see there) gives this name to the present crate, which is all of Linux's crate and these
//! additions. So the driver's source does not change:
//!
//! - [`scope`]: `attach` of drivers, [`at_end`](scope::Scope::at_end), and handlers and child
//!   devices that borrow the driver's data without `unsafe`;
//! - [`i2c`]: SMBus transfers, functionality, addresses;
//! - [`usb`]: descriptors, strings, control and bulk messages.
//!
//! `Documentation/porting.md` lists the rest, with reasons. This crate is not part of Lifebound's
//! own build: `tests/porting.sh` builds it.

pub use ::kernel::*;

#[macro_use]
mod attach;
#[macro_use]
mod wrap;

pub mod auxiliary;
pub mod i2c;
pub mod irq;
pub mod pci;
pub mod platform;
pub mod scope;
pub mod usb;

/// Linux's crate, for the macros of this one.
#[doc(hidden)]
pub mod linux {
    pub use ::kernel::*;
}
