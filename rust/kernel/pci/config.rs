// SPDX-License-Identifier: GPL-2.0

//! Configuration space.

use core::marker::PhantomData;

use super::device::Device;
use crate::{
    bindings,
    device::Bound,
    ffi::c_int,
    io::{IoBackend, IoBase, IoCapable, Region},
    prelude::*,
    ptr::KnownSize,
};

/// The two sizes that the PCI specifications define.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSpaceSize {
    /// 256 bytes.
    Normal,
    /// 4096 bytes.
    Extended,
}

impl ConfigSpaceSize {
    /// The size in bytes.
    pub const fn into_raw(self) -> usize {
        match self {
            Self::Normal => 256,
            Self::Extended => 4096,
        }
    }
}

/// The configuration space of conventional PCI.
pub type Normal = Region<256>;

/// The configuration space of PCI Express.
pub type Extended = Region<4096>;

/// A device's configuration space, accessed through [`Io`](crate::io::Io).
///
/// Context: process context; may sleep.
///
/// Some devices have fewer bytes than the specification says ([`Device::config_space_len`]). Reads
/// past the end give all ones, as reads of a device that does not answer do. Writes past the end do
/// nothing.
pub struct ConfigSpace<'a, T: ?Sized = Extended> {
    pdev: &'a Device<Bound>,
    // `BASE` plus the offset, and the extent. Nobody dereferences the pointer.
    at: *mut T,
    _target: PhantomData<T>,
}

impl<T: ?Sized> Copy for ConfigSpace<'_, T> {}

impl<T: ?Sized> Clone for ConfigSpace<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// The address that stands for offset 0. It is not null, so that places in the space can be
/// computed, and it is aligned for any access.
const BASE: usize = 4096;

/// The [`IoBackend`] of [`ConfigSpace`].
pub struct ConfigSpaceBackend;

impl IoBackend for ConfigSpaceBackend {
    type View<'a, T: ?Sized + KnownSize> = ConfigSpace<'a, T>;

    fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T {
        view.at
    }

    unsafe fn project_view<'a, T: ?Sized + KnownSize, U: ?Sized + KnownSize>(
        view: Self::View<'a, T>,
        ptr: *mut U,
    ) -> Self::View<'a, U> {
        ConfigSpace {
            pdev: view.pdev,
            at: ptr,
            _target: PhantomData,
        }
    }
}

impl<'a, T: ?Sized + KnownSize> IoBase<'a> for ConfigSpace<'a, T> {
    type Backend = ConfigSpaceBackend;
    type Target = T;

    fn as_view(self) -> Self {
        self
    }
}

impl<T> ConfigSpace<'_, T> {
    /// The offset of the access, if it lies within the bytes that the device has.
    fn offset(self) -> Option<c_int> {
        let start = self.at.addr().checked_sub(BASE)?;
        let end = start.checked_add(size_of::<T>())?;
        (end <= self.pdev.config_space_len()).then_some(start as c_int)
    }
}

macro_rules! capable {
    ($($ty:ty, $read:ident, $write:ident;)*) => { $(
        impl IoCapable<$ty> for ConfigSpaceBackend {
            #[inline]
            fn io_read<'a>(view: ConfigSpace<'a, $ty>) -> $ty {
                let mut value = <$ty>::MAX;
                if let Some(offset) = view.offset() {
                    // If the C function fails, `value` keeps all ones.
                    // SAFETY: `$read` requires a live device, an offset within configuration space,
                    // and a place for the value. DEV-LIVE gives the first, `offset` checked the
                    // second, and `value` is a local.
                    unsafe { bindings::$read(view.pdev.as_raw(), offset, &mut value) };
                }
                value
            }

            #[inline]
            fn io_write<'a>(view: ConfigSpace<'a, $ty>, value: $ty) {
                if let Some(offset) = view.offset() {
                    // SAFETY: `$write` requires a live device and an offset within configuration
                    // space; DEV-LIVE gives the first, and `offset` checked the second.
                    unsafe { bindings::$write(view.pdev.as_raw(), offset, value) };
                }
            }
        }
    )* };
}

capable! {
    u8, pci_read_config_byte, pci_write_config_byte;
    u16, pci_read_config_word, pci_write_config_word;
    u32, pci_read_config_dword, pci_write_config_dword;
}

impl Device<Bound> {
    /// The larger of the specifications' two sizes that the device has in full.
    ///
    /// Context: any context.
    pub fn cfg_size(&self) -> ConfigSpaceSize {
        if self.config_space_len() < ConfigSpaceSize::Extended.into_raw() {
            ConfigSpaceSize::Normal
        } else {
            ConfigSpaceSize::Extended
        }
    }

    /// The size of configuration space in bytes, including the odd sizes of some devices. Not in
    /// Linux 7.3.
    ///
    /// Context: any context.
    pub fn config_space_len(&self) -> usize {
        // SAFETY: the read requires a live device and a field that nobody writes; DEV-LIVE gives
        // the first, and C set the field before it added the device.
        let size = unsafe { (*self.as_raw()).cfg_size };
        // A negative size counts as no bytes.
        usize::try_from(size).unwrap_or(0)
    }

    /// The first 256 bytes of configuration space.
    ///
    /// Context: any context; accesses may sleep.
    #[doc(alias(
        "pci_read_config_byte",
        "pci_read_config_word",
        "pci_read_config_dword",
        "pci_write_config_byte",
        "pci_write_config_word",
        "pci_write_config_dword"
    ))]
    pub fn config_space<'a>(&'a self) -> ConfigSpace<'a, Normal> {
        self.config_region()
    }

    /// All 4096 bytes of a PCI Express device's configuration space.
    ///
    /// Context: any context; accesses may sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the device has no more than 256 bytes.
    #[doc(alias = "pci_find_ext_capability")]
    pub fn config_space_extended<'a>(&'a self) -> Result<ConfigSpace<'a, Extended>> {
        if self.config_space_len() <= ConfigSpaceSize::Normal.into_raw() {
            return Err(EINVAL);
        }
        Ok(self.config_region())
    }

    fn config_region<const SIZE: usize>(&self) -> ConfigSpace<'_, Region<SIZE>> {
        let at = Region::ptr_from_raw_parts_mut(core::ptr::without_provenance_mut(BASE), SIZE);
        ConfigSpace {
            pdev: self,
            at,
            _target: PhantomData,
        }
    }
}
