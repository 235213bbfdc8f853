// SPDX-License-Identifier: GPL-2.0

//! Tables of the devices that a driver serves.
//!
//! C header: [`include/linux/mod_devicetable.h`](srctree/include/linux/mod_devicetable.h)
//!
//! A bus has an id type (`pci::DeviceId`, ..) and a macro (`pci_device_table!`, ..). The macro
//! makes a static table of ids, each with a value that the driver chooses. It exports the table
//! under the name by which `modprobe` finds the module.
//!
//! `probe` gets the value of the matching id. The place of that id in the table gives the value. So
//! there is no value for an id that was added through sysfs (`new_id`), or for a device that
//! `driver_override` has bound.

use core::{marker::PhantomData, mem::MaybeUninit};

use crate::{build_assert, ffi::CStr};

/// An id of a bus, as C reads it.
///
/// # Safety
///
/// The type must be a transparent wrapper of [`RawType`](Self::RawType). C must end a table at a
/// value whose bytes are all zero.
pub unsafe trait RawDeviceId {
    /// The C structure.
    type RawType: Copy;
}

/// The ids of a table, with the end mark for C. The buses' own macros make this.
#[repr(C)]
pub struct RawIds<T: RawDeviceId, const N: usize> {
    ids: [T; N],
    end: MaybeUninit<T::RawType>,
}

impl<T: RawDeviceId, const N: usize> RawIds<T, N> {
    /// Adds the end mark.
    pub const fn new(ids: [T; N]) -> Self {
        Self {
            ids,
            end: MaybeUninit::zeroed(),
        }
    }
}

// SAFETY: `Sync` requires that threads may share the value; ids are only read once the table
// exists.
unsafe impl<T: RawDeviceId, const N: usize> Sync for RawIds<T, N> {}

/// A table of `N` ids with a value for each. A bus' table macro makes it.
pub struct IdArray<T: RawDeviceId + 'static, U: 'static, const N: usize> {
    ids: &'static RawIds<T, N>,
    infos: [&'static U; N],
}

impl<T: RawDeviceId, U: 'static, const N: usize> IdArray<T, U, N> {
    /// Joins the ids with their values.
    pub const fn new(ids: &'static RawIds<T, N>, infos: [&'static U; N]) -> Self {
        Self { ids, infos }
    }
}

/// A table of ids `T` with values of type `U`, of any length. Only `IdArray` implements this trait.
#[doc(alias = "MODULE_DEVICE_TABLE")]
pub trait IdTable<T: RawDeviceId, U>: private::Sealed {
    /// The first id, for C. The table lives for ever, and does not change.
    fn as_ptr(&self) -> *const T::RawType;

    /// The ids, without the end mark.
    ///
    /// Context: any context.
    fn ids(&self) -> &'static [T];

    /// The value beside the id to which `id` points, or `None` if that id is not in this table.
    ///
    /// Context: any context.
    fn info(&self, id: *const T::RawType) -> Option<&'static U>;
}

impl<T: RawDeviceId, U, const N: usize> IdTable<T, U> for IdArray<T, U, N> {
    fn as_ptr(&self) -> *const T::RawType {
        core::ptr::from_ref(self.ids).cast()
    }

    fn ids(&self) -> &'static [T] {
        &self.ids.ids
    }

    fn info(&self, id: *const T::RawType) -> Option<&'static U> {
        let bytes = id.addr().checked_sub(self.as_ptr().addr())?;
        // The size of an id is not zero, because C's structures have fields.
        let index = bytes.checked_div(size_of::<T>())?;
        self.infos.get(index).copied()
    }
}

/// An id that is a name.
pub(crate) trait NamedId: RawDeviceId + 'static {
    /// The field with the name, which ends with a zero byte.
    fn name(&self) -> &[u8];
}

/// The value beside the first id of a table that equals this name.
///
/// Context: any context.
pub(crate) fn info_by_name<T: NamedId, U>(
    table: &'static dyn IdTable<T, U>,
    name: &CStr,
) -> Option<&'static U> {
    let is_it = |id: &&T| id.name().starts_with(name.to_bytes_with_nul());
    let id = table.ids().iter().find(is_it)?;
    table.info(core::ptr::from_ref(id).cast())
}

/// A string in the fixed field of a C id, padded with zero bytes. The string has 1 to `N - 1`
/// bytes, which the build checks.
///
/// An empty name would end the table, and without a zero byte C would read past the field.
#[inline(always)]
pub(crate) const fn name_field<const N: usize>(name: &CStr) -> [u8; N] {
    joined_field([name.to_bytes()])
}

/// Does what [`name_field`] does, for a name of several parts.
#[inline(always)]
pub(crate) const fn joined_field<const N: usize, const PARTS: usize>(
    parts: [&[u8]; PARTS],
) -> [u8; N] {
    let mut field = [0; N];
    let mut length: usize = 0;
    let mut part = 0;
    while part < PARTS {
        // PANIC: the index is in bounds, because `part < PARTS`.
        let bytes = parts[part];
        let mut i = 0;
        while i < bytes.len() {
            build_assert!(length < N - 1, "an id's name is too long");
            // PANIC: the indices are in bounds, because `length < N` was checked above and
            // `i < bytes.len()`. OVERFLOW: the sums do not overflow, for the same reason.
            field[length] = bytes[i];
            length += 1;
            i += 1;
        }
        part += 1;
    }
    build_assert!(length > 0, "an id without a name");
    field
}

/// An entry of a table of ids. The macros of tables use this to say what is wrong with one.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an entry of a table of ids is an id and its value, not `{Self}` alone",
    label = "write `(id, value)` here",
    note = "`probe` gets the value that stands beside the matching id; `()` is for drivers that need none"
)]
pub trait Entry<Id, Info>: private::Entry {}

impl<Id, Info> Entry<Id, Info> for (Id, Info) {}

/// Compiles for an [`Entry`] alone.
#[doc(hidden)]
pub const fn is_entry<Id, Info, E: Entry<Id, Info>>(entry: E, _: PhantomData<(Id, Info)>) {
    core::mem::forget(entry);
}

mod private {
    pub trait Sealed {}

    pub trait Entry {}

    impl<Id, Info> Entry for (Id, Info) {}

    impl<T: super::RawDeviceId, U, const N: usize> Sealed for super::IdArray<T, U, N> {}
}

/// The symbol by which `modpost` of Linux 6.12 finds the table `$name`.
#[cfg(not(lifebound_kmod_tables))]
#[doc(hidden)]
#[macro_export]
macro_rules! device_table_symbol {
    ($bus:literal, $name:ident) => {
        $crate::__core::concat!(
            "__mod_",
            $bus,
            "__",
            $crate::__core::stringify!($name),
            "_device_table"
        )
    };
}

/// The symbol by which `modpost` of later kernels finds the table `$name`. For modules, `modpost`
/// accepts any module's name in it.
#[cfg(lifebound_kmod_tables)]
#[doc(hidden)]
#[macro_export]
macro_rules! device_table_symbol {
    ($bus:literal, $name:ident) => {
        $crate::__core::concat!(
            "__mod_device_table__kmod_lifebound__",
            $bus,
            "__",
            $crate::__core::stringify!($name)
        )
    };
}

/// Makes the items that each type of ids has: the type of a table, `IdTable`, and the macro for a
/// table. The call is `` id_table!($ pci_device_table, "pci", pci::DeviceId, "`&NAME` is the
/// driver's `ID_TABLE`") ``. The made macro uses the `$`.
macro_rules! id_table {
    ($dollar:tt $name:ident, $bus:literal, $module:ident::DeviceId, $use:literal) => {
        /// A table of ids with values of type `T`.
        pub type IdTable<T> = &'static dyn $crate::device_id::IdTable<DeviceId, T>;

        #[doc = concat!("Makes a table of ids: `", stringify!($name), "!(NAME, Info, [(DeviceId, info), ..])`.")]
        ///
        #[doc = concat!("`NAME` becomes a static; ", $use, ". The ids are exported for automatic loading.")]
        #[macro_export]
        macro_rules! $name {
            ($dollar name:ident, $dollar info:ty, $dollar table:tt) => {
                $crate::module_device_table!(
                    $bus,
                    $crate::$module::DeviceId,
                    $dollar name,
                    $dollar info,
                    $dollar table
                );
            };
        }
    };
}
pub(crate) use id_table;

/// Makes a static [`IdArray`] named `$name`, and exports its ids for `modpost`. The buses' own
/// macros use this.
#[doc(hidden)]
#[macro_export]
macro_rules! module_device_table {
    ($bus:literal, $id_type:ty, $name:ident, $info_type:ty, [$(($id:expr, $info:expr)),+ $(,)?]) => {
        static $name: $crate::device_id::IdArray<
            $id_type,
            $info_type,
            { [$($crate::__core::stringify!($id)),+].len() },
        > = {
            #[unsafe(export_name = $crate::device_table_symbol!($bus, $name))]
            static IDS: $crate::device_id::RawIds<$id_type, { [$($crate::__core::stringify!($id)),+].len() }> =
                $crate::device_id::RawIds::new([$($id),+]);

            $crate::device_id::IdArray::new(&IDS, [$(&$info),+])
        };
    };
    ($bus:literal, $id_type:ty, $name:ident, $info_type:ty, [$($entry:expr),+ $(,)?]) => {
        const _: () = {
            $($crate::device_id::is_entry($entry, $crate::__core::marker::PhantomData::<($id_type, $info_type)>);)+
        };
        static $name: $crate::device_id::IdArray<$id_type, $info_type, 0> = {
            static IDS: $crate::device_id::RawIds<$id_type, 0> = $crate::device_id::RawIds::new([]);

            $crate::device_id::IdArray::new(&IDS, [])
        };
    };
}

#[macros::kunit_tests(lifebound_device_id)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    struct Raw(u32);

    #[repr(transparent)]
    struct Id(Raw);

    // SAFETY: `RawDeviceId` requires a transparent wrapper of an id whose zeroed form ends a table;
    // this is one, and no C code reads it in these tests.
    unsafe impl RawDeviceId for Id {
        type RawType = Raw;
    }

    static IDS: RawIds<Id, 2> = RawIds::new([Id(Raw(7)), Id(Raw(8))]);
    static TABLE: IdArray<Id, &'static str, 2> = IdArray::new(&IDS, [&"seven", &"eight"]);

    #[test]
    fn info_is_found_by_place() {
        let first = TABLE.as_ptr();
        assert_eq!(TABLE.info(first), Some(&"seven"));
        assert_eq!(TABLE.info(first.wrapping_add(1)), Some(&"eight"));
    }

    #[test]
    fn foreign_ids_have_no_info() {
        let first = TABLE.as_ptr();
        assert_eq!(TABLE.info(first.wrapping_add(2)), None, "the end mark");
        assert_eq!(TABLE.info(first.wrapping_sub(1)), None);
        assert_eq!(TABLE.info(core::ptr::null()), None);
        let elsewhere = Raw(7);
        assert_eq!(TABLE.info(&elsewhere), None, "an equal id that sysfs added");
    }

    #[test]
    fn names_fill_their_field() {
        const FIELD: [u8; 4] = name_field(c"abc");
        assert_eq!(&FIELD, b"abc\0");
        assert_eq!(&name_field::<4>(c"a"), b"a\0\0\0");
    }

    #[cfg(test)]
    #[test]
    #[should_panic(expected = "too long")]
    fn names_leave_room_for_their_end() {
        name_field::<4>(c"abcd");
    }

    #[cfg(test)]
    #[test]
    #[should_panic(expected = "without a name")]
    fn an_empty_name_is_refused() {
        name_field::<4>(c"");
    }

    #[test]
    fn table_ends_with_zeroes() {
        // SAFETY: `add` requires to stay in the table, which has the end mark behind the two ids.
        let end = unsafe { TABLE.as_ptr().add(2) };
        // SAFETY: `read` requires an initialised value: the end mark was zeroed.
        let end = unsafe { end.read() };
        assert_eq!(end.0, 0);
    }
}
