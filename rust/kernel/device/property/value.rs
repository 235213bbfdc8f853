// SPDX-License-Identifier: GPL-2.0

//! The values of properties, and a driver's choices if there is no value.

use core::{mem::MaybeUninit, ptr};

use super::{FwNode, count};
use crate::{bindings, device::Device, error::to_result, prelude::*, str::CString};

/// A type as which a property can be read.
///
/// # Errors
///
/// C returns these errors:
///
/// - `EINVAL`: there is no such property.
/// - `ENODATA`: the property has no value at all.
/// - `ENOMEM`, for strings.
/// - With ACPI, `EPROTO`: the property has values of another type.
/// - With ACPI, `EOVERFLOW`: a value is too large for this type, or the property has fewer values
///   than were asked for.
/// - With a device tree, `EOVERFLOW`: the property has fewer values than were asked for. A device
///   tree has bytes without types, so they are read as any type.
/// - With a device tree, `EILSEQ`: a string has no end.
/// - With software nodes, `EPROTO`: the property has values of another type, or integers of another
///   size. `EPROTO` also stands for such a property of a software node that is beside a node of
///   ACPI. C would copy the bytes.
/// - With software nodes, `EOVERFLOW`: the property has fewer values than were asked for.
pub trait Property: Sized + private::Sealed {
    /// Reads the property `name`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The trait lists the errors.
    fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self>;
}

/// A type of integers that properties may have.
pub trait PropertyInt: Copy + private::Sealed {
    /// Reads the first values of the property `name`: as many as `out` has elements.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// See [`Property`].
    fn read_array_from_fwnode_property<'a>(
        fwnode: &FwNode,
        name: &CStr,
        out: &'a mut [MaybeUninit<Self>],
    ) -> Result<&'a mut [Self]>;

    /// The number of values of the property `name`.
    ///
    /// Context: process context; may sleep.
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

/// Reads a copy of the property's first string.
impl Property for CString {
    fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self> {
        fwnode.check_strings(name)?;
        let (raw, name, mut string) = (fwnode.as_raw(), name.as_char_ptr(), ptr::null());
        // SAFETY: the C function requires a live node, a name that lives until the call returns,
        // and a place for the result; NODE-LIVE gives the first, `name` is borrowed, and `string`
        // is a local.
        to_result(unsafe { bindings::fwnode_property_read_string(raw, name, &mut string) })?;
        // A software node may have null instead of a string.
        if string.is_null() {
            return Err(ENODATA);
        }
        // SAFETY: `from_char_ptr` requires a C string that lives as long as the borrow.
        // `check_strings` refused integers, so this is a string. It belongs to the node, which
        // outlives this call.
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
                // SAFETY: `$read` requires (1) a live node, (2) a live name, (3) room for `len`
                // integers at `place`. (1) NODE-LIVE. (2) `name` is borrowed. (3) `place` is `out`,
                // which is not null and has `len` elements of this size.
                count(unsafe { bindings::$read(raw, name, place, len) })?;
                // SAFETY: `assume_init_mut` requires initialised elements; on success C has written
                // all of them.
                Ok(unsafe { out.assume_init_mut() })
            }

            fn read_array_len_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<usize> {
                fwnode.check_integers::<Self>(name)?;
                let (raw, name) = (fwnode.as_raw(), name.as_char_ptr());
                // SAFETY: `$read` requires a live node and a live name; NODE-LIVE gives the first,
                // and `name` is borrowed. If the place is null, C only counts.
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

/// Reads `len` integers into a vector. The outer error means that there is no memory for the
/// vector.
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
    // SAFETY: `inc_len` requires room for `len` values, that many of which are initialised; `place`
    // has that size, and all its elements were written.
    unsafe { values.inc_len(len) };
    Ok(Ok(values))
}

/// The result of reading a property. Its methods let the driver decide how to treat a missing or
/// unfit value.
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
    /// The value. Without a fit value, this prints an error for `dev` and returns it.
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

    /// The value, if there is a fit value.
    ///
    /// Context: any context.
    pub fn optional(self) -> Option<T> {
        self.value.ok()
    }

    /// The value, or `default` if there is no fit value.
    ///
    /// Context: any context.
    pub fn or(self, default: T) -> T {
        self.value.unwrap_or(default)
    }
}

impl<T: Default> PropertyGuard<'_, '_, T> {
    /// The value, or the type's default if there is no fit value.
    ///
    /// Context: any context.
    pub fn or_default(self) -> T {
        self.value.unwrap_or_default()
    }
}
