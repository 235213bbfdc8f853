// SPDX-License-Identifier: GPL-2.0

//! The values of properties, and what a driver does without one.

use core::{mem::MaybeUninit, ptr};

use super::{FwNode, count};
use crate::{bindings, device::Device, error::to_result, prelude::*, str::CString};

/// What a property can be read as.
///
/// # Errors
///
/// Those that C returns: `EINVAL` if there is no such property. With ACPI, `EPROTO` if it has values of another type, and
/// `EOVERFLOW` if a value is too large for this type, or there are fewer values than were asked for. `ENOMEM` for strings.
///
/// A device tree has bytes without types, and what they are read as is what they are: `EOVERFLOW` if there are fewer,
/// `EILSEQ` if a string has no end.
///
/// With software nodes, `EPROTO` if it has values of another type, integers of another size too, or if such a node
/// stands beside one of ACPI's and has such a property; C would copy the bytes. `EOVERFLOW` if there are fewer values.
///
/// `ENODATA` if the property has no value at all.
pub trait Property: Sized + private::Sealed {
    /// Reads the property `name`. May sleep.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self>;
}

/// An integer that properties are made of.
pub trait PropertyInt: Copy + private::Sealed {
    /// Reads the first values of the property `name`, as many as fit into `out`. May sleep.
    ///
    /// # Errors
    ///
    /// See [`Property`].
    fn read_array_from_fwnode_property<'a>(
        fwnode: &FwNode,
        name: &CStr,
        out: &'a mut [MaybeUninit<Self>],
    ) -> Result<&'a mut [Self]>;

    /// How many values the property `name` has. May sleep.
    ///
    /// # Errors
    ///
    /// See [`Property`].
    fn read_array_len_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<usize>;
}

mod private {
    pub trait Sealed {}
}

impl private::Sealed for CString {}

/// The first string of the property, copied.
impl Property for CString {
    fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self> {
        fwnode.check_strings(name)?;
        let (raw, name, mut string) = (fwnode.as_raw(), name.as_char_ptr(), ptr::null());
        // SAFETY: NODE-LIVE; the name is only read, until the call returns; the callee stores a pointer on success.
        to_result(unsafe { bindings::fwnode_property_read_string(raw, name, &mut string) })?;
        // A software node may have null for a string.
        if string.is_null() {
            return Err(ENODATA);
        }
        // SAFETY: a C string, not an integer (`check_strings`), that belongs to the node, which lives longer than this
        // call.
        let string = unsafe { CStr::from_char_ptr(string) };
        Ok(string.to_cstring()?)
    }
}

macro_rules! impl_property_for_int {
    ($($int:ty = $unsigned:ty: $read:ident;)*) => { $(
        impl private::Sealed for $int {}
        impl<const N: usize> private::Sealed for [$int; N] {}

        impl PropertyInt for $int {
            fn read_array_from_fwnode_property<'a>(
                fwnode: &FwNode,
                name: &CStr,
                out: &'a mut [MaybeUninit<Self>],
            ) -> Result<&'a mut [Self]> {
                fwnode.check_integers::<Self>(name)?;
                let (raw, name) = (fwnode.as_raw(), name.as_char_ptr());
                let (place, len) = (out.as_mut_ptr().cast::<$unsigned>(), out.len());
                // SAFETY: NODE-LIVE; the callee writes at most `len` integers of this size at `place`, which is not
                // null. The name is only read, until the call returns.
                count(unsafe { bindings::$read(raw, name, place, len) })?;
                // SAFETY: on success it has written all of them.
                Ok(unsafe { out.assume_init_mut() })
            }

            fn read_array_len_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<usize> {
                fwnode.check_integers::<Self>(name)?;
                let (raw, name) = (fwnode.as_raw(), name.as_char_ptr());
                // SAFETY: NODE-LIVE; null has the callee count. The name is only read, until the call returns.
                count(unsafe { bindings::$read(raw, name, ptr::null_mut(), 0) })
            }
        }

        impl Property for $int {
            fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self> {
                let [value] = <[$int; 1]>::read_from_fwnode_property(fwnode, name)?;
                Ok(value)
            }
        }

        impl<const N: usize> Property for [$int; N] {
            fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self> {
                let mut values: [MaybeUninit<$int>; N] = [const { MaybeUninit::uninit() }; N];
                let values = <$int>::read_array_from_fwnode_property(fwnode, name, &mut values)?;
                Ok(<[$int; N]>::try_from(&*values)?)
            }
        }
    )* };
}

impl_property_for_int! {
    u8 = u8: fwnode_property_read_u8_array;
    u16 = u16: fwnode_property_read_u16_array;
    u32 = u32: fwnode_property_read_u32_array;
    u64 = u64: fwnode_property_read_u64_array;
    i8 = u8: fwnode_property_read_u8_array;
    i16 = u16: fwnode_property_read_u16_array;
    i32 = u32: fwnode_property_read_u32_array;
    i64 = u64: fwnode_property_read_u64_array;
}

/// Reads `len` integers into a vector: the outer error is that there is no memory for it.
pub(super) fn read_vec<T: PropertyInt>(
    fwnode: &FwNode,
    name: &CStr,
    len: usize,
) -> Result<Result<KVec<T>>> {
    let mut values = KVec::with_capacity(len, GFP_KERNEL)?;
    let Some(place) = values.spare_capacity_mut().get_mut(..len) else {
        return Err(ENOMEM);
    };
    if let Err(error) = T::read_array_from_fwnode_property(fwnode, name, place) {
        return Ok(Err(error));
    }
    // SAFETY: there is room for `len` values, and that many were written at its start.
    unsafe { values.inc_len(len) };
    Ok(Ok(values))
}

/// The outcome of reading a property: says what its absence, or an unfit value, means to the driver.
#[must_use = "what if the property is missing?"]
pub struct PropertyGuard<'fwnode, 'name, T> {
    fwnode: &'fwnode FwNode,
    name: &'name CStr,
    value: Result<T>,
}

impl<'fwnode, 'name, T> PropertyGuard<'fwnode, 'name, T> {
    pub(super) fn new(fwnode: &'fwnode FwNode, name: &'name CStr, value: Result<T>) -> Self {
        Self {
            fwnode,
            name,
            value,
        }
    }
}

impl<T> PropertyGuard<'_, '_, T> {
    /// The value; without one, an error that is also printed for `dev`.
    ///
    /// # Errors
    ///
    /// See [`Property`].
    pub fn required_by(self, dev: &Device) -> Result<T> {
        if let Err(error) = &self.value {
            let (fwnode, name) = (self.fwnode, self.name);
            dev_err!(
                dev,
                "{fwnode}: property '{name}' cannot be read: {error:?}\n"
            );
        }
        self.value
    }

    /// The value, if there is a fit one. Any context.
    pub fn optional(self) -> Option<T> {
        self.value.ok()
    }

    /// The value, or `default` without a fit one. Any context.
    pub fn or(self, default: T) -> T {
        self.value.unwrap_or(default)
    }
}

impl<T: Default> PropertyGuard<'_, '_, T> {
    /// The value, or the type's default without a fit one. Any context.
    pub fn or_default(self) -> T {
        self.value.unwrap_or_default()
    }
}
