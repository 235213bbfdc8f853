// SPDX-License-Identifier: GPL-2.0

//! Memory-mapped I/O and other memory that is not plain Rust memory (`<linux/io.h>`).
//!
//! A *view* is a small `Copy` value that stands for a range of such memory for a lifetime:
//!
//! - [`Mmio`]: device registers, accessed as C's `readl()` and `writel()` do; [`RelaxedMmio`] for
//!   `readl_relaxed()` and `writel_relaxed()`;
//! - [`SysMem`]: system memory that a device or another view also accesses, as `READ_ONCE()` does;
//! - [`IoSysMap`]: one of the two kinds, decided at run time.
//!
//! All access goes through the methods of [`Io`]. Every view has them, and so has every reference
//! to an owner of I/O memory, such as a PCI BAR or a platform device's memory. Most drivers see a
//! [`Region<SIZE>`](Region): a run of bytes of which at least `SIZE` exist. A driver names a
//! region's registers in one of three ways:
//!
//! ```
//! use kernel::error::Result;
//! use kernel::io::{Io, Mmio, Region, register};
//!
//! register! {
//!     /// What the device is doing.
//!     STATUS(u32) @ 0x10 {
//!         7:0 count;
//!         31:31 busy => bool;
//!     }
//! }
//!
//! fn status(io: Mmio<'_, Region<0x100>>, offset: usize) -> Result<u32> {
//!     // By name: checked while compiling, with fields.
//!     if io.read(STATUS).busy() {
//!         io.update(STATUS, |status| status.with_const_count::<0>());
//!     }
//!     // By a constant offset: checked while building.
//!     let now: u32 = io.read32(0x10);
//!     // By any offset: checked while running.
//!     Ok(now | io.try_read32(offset)?)
//! }
//! ```
//!
//! Each time, two things are checked: the access lies in the region, and its offset is a multiple
//! of its size. A region starts at a multiple of 8 bytes, so 64-bit registers can be accessed like
//! any others. Its size may be any number of bytes.
//!
//! Context: any context; does not sleep.
//!
//! Accesses are ordered only as the C functions of the same meaning order them. A read-modify-write
//! is two accesses, so a driver that shares a register between contexts needs a lock.

mod access;
mod backend;
mod check;
mod copy;
pub mod mem;
mod mmio;
mod pointer;
pub mod poll;
mod project;
mod region;
pub mod register;
pub mod resource;
mod sys_map;
mod sys_mem;
#[cfg(test)]
mod testing;
pub(crate) mod window;

pub use access::Io;
pub use backend::{IoBackend, IoBase, IoCapable, IoCopyable, IoLoc};
pub use mmio::{Mmio, MmioBackend, MmioRaw, RelaxedMmio, RelaxedMmioBackend};
#[doc(hidden)]
pub use pointer::{pointer_built_at, pointer_field, pointer_panicking_at, pointer_try_at};
pub use project::{ProjectBase, ProjectHelper, is_one_field};
pub use region::Region;
pub use resource::Resource;
pub use sys_map::{IoSysMap, IoSysMapBackend};
pub use sys_mem::{SysMem, SysMemBackend};
pub use window::Window;

#[doc(inline)]
pub use crate::macros::register;
#[doc(inline)]
pub use crate::{io_project, io_read, io_write};

/// A physical address, as the CPU sees it (`phys_addr_t`, `<linux/types.h>`).
pub type PhysAddr = bindings::phys_addr_t;

/// The size of a resource in bytes (`resource_size_t`, `<linux/types.h>`).
pub type ResourceSize = bindings::resource_size_t;

#[cfg(lifebound_kunit)]
mod kunit;
