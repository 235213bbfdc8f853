// SPDX-License-Identifier: GPL-2.0

//! Attributes of a device in sysfs: small text files in its directory.
//!
//! C header: [`include/linux/sysfs.h`](srctree/include/linux/sysfs.h)
//!
//! A [`Group`] of attributes belongs to the scope of the device's binding, and its functions may
//! use the driver's data. The group appears while the driver is being bound, before user space is
//! told that it is. The group is removed when the scope ends. The removal waits for programs that
//! are reading or writing an attribute.

use crate::{
    bindings,
    calls::{self, Call},
    device::Device,
    error::{from_result, to_result},
    ffi::{c_char, c_void},
    prelude::*,
    scope::{Handle, Registered, Scope},
    str::{Formatter, file_name},
    types::{ARef, Opaque},
};

/// The name of an attribute, and its permissions.
#[derive(Clone, Copy)]
pub struct Attribute {
    name: &'static CStr,
    mode: u16,
}

impl Attribute {
    /// An attribute that everybody can read.
    #[doc(alias = "DEVICE_ATTR_RO")]
    pub const fn read_only(name: &'static CStr) -> Self {
        Self { name, mode: 0o444 }
    }

    /// An attribute that everybody can read, and root can write.
    #[doc(alias("DEVICE_ATTR", "DEVICE_ATTR_RW"))]
    pub const fn read_write(name: &'static CStr) -> Self {
        Self { name, mode: 0o644 }
    }

    /// An attribute that root can write.
    #[doc(alias = "DEVICE_ATTR_WO")]
    pub const fn write_only(name: &'static CStr) -> Self {
        Self { name, mode: 0o200 }
    }
}

/// Attributes, and the functions for reading and writing them. The functions may be called on any
/// thread, several at a time.
///
/// Context of all functions: process context; may sleep.
pub trait Attributes: Send + Sync {
    /// The attributes. Each name must be there once.
    const LIST: &'static [Attribute];

    /// Writes the text of the attribute `name`. The text must be shorter than a page; usually it is
    /// one value and a newline.
    ///
    /// # Errors
    ///
    /// The program that reads gets the error.
    #[doc(alias = "sysfs_emit")]
    fn show(&self, name: &CStr, f: &mut dyn fmt::Write) -> Result {
        let _ = (name, f);
        Err(EIO)
    }

    /// Takes the text that a program wrote to the attribute `name`. The text is shorter than a
    /// page, and usually has a newline at its end.
    ///
    /// # Errors
    ///
    /// The program that writes gets the error.
    fn store(&self, name: &CStr, text: &[u8]) -> Result {
        let _ = (name, text);
        Err(EIO)
    }
}

/// The attributes of a `T` in a device's directory, for as long as the scope lasts.
///
/// Dropping it removes the attributes early; forgetting it leaves that to the scope. If a function
/// of `T` drops it, they are removed right after that function has returned.
///
/// # Examples
///
/// ```no_run
/// use kernel::{
///     prelude::*,
///     scope::Scope,
///     str::{BStr, parse_int::ParseInt},
///     sync::atomic::{Atomic, Relaxed},
///     sysfs::{Attribute, Attributes, Group},
/// };
///
/// /// Part of the driver's data.
/// struct Level(Atomic<u32>);
///
/// impl Attributes for &Level {
///     const LIST: &'static [Attribute] = &[Attribute::read_write(c"level")];
///
///     fn show(&self, _name: &CStr, f: &mut dyn fmt::Write) -> Result {
///         Ok(writeln!(f, "{}", self.0.load(Relaxed))?)
///     }
///
///     fn store(&self, _name: &CStr, text: &[u8]) -> Result {
///         self.0.store(u32::from_str(BStr::from_bytes(text))?, Relaxed);
///         Ok(())
///     }
/// }
///
/// // In `attach`, which gets the data and the scope:
/// fn publish<'x>(level: &'x Level, scope: &'x Scope<'x>) -> Result {
///     Group::new(scope, None, level)?.detach();
///     Ok(())
/// }
/// ```
#[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
pub struct Group<T: Attributes>(Handle<GroupPayload<T>>);

impl<T: Attributes> Group<T> {
    /// Adds the attributes to the directory of the scope's device. If there is a `name`, they get a
    /// directory of that name in it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The initialiser's error.
    /// - `ENOMEM`.
    /// - `EINVAL` if a name is empty, `.` or `..`, or longer than 255 bytes.
    /// - `EINVAL` if a name has a `/`, a `!` or a control character in it.
    /// - `EEXIST` if a name is taken.
    /// - `ENODEV` if the scope is ending.
    ///
    /// There are no attributes then.
    #[doc(alias(
        "sysfs_create_group",
        "sysfs_remove_group",
        "devm_device_add_group",
        "sysfs_create_file",
        "device_create_file"
    ))]
    pub fn new<'x, E>(
        scope: &Scope<'x>,
        name: Option<&'static CStr>,
        data: impl PinInit<T, E>,
    ) -> Result<Self>
    where
        T: 'x,
        Error: From<E>,
    {
        for attribute in T::LIST {
            file_name::check(c"an attribute", attribute.name, file_name::LONGEST)?;
        }
        if let Some(name) = name {
            file_name::check(c"a directory of attributes", name, file_name::LONGEST)?;
        }
        let mut attributes = KVec::with_capacity(T::LIST.len(), GFP_KERNEL)?;
        for _ in T::LIST {
            attributes.push(Opaque::zeroed(), GFP_KERNEL)?;
        }
        // The list has one pointer more than attributes: C looks for a null pointer at the end.
        let ends = T::LIST.len().checked_add(1).ok_or(EINVAL)?;
        let mut list = KVec::with_capacity(ends, GFP_KERNEL)?;
        for _ in 0..ends {
            list.push(core::ptr::null_mut(), GFP_KERNEL)?;
        }
        let payload = try_pin_init!(GroupPayload {
            device: ARef::from(scope.device()),
            group: Opaque::zeroed(),
            attributes,
            list,
            data <- data,
            _: {
                let data = &raw const *data;
                for ((entry, slot), attribute) in
                    attributes.iter().zip(list.iter_mut()).zip(T::LIST)
                {
                    // SAFETY: `lb_attribute_init()` requires memory and a name that stay until the
                    // group was removed: the memory is the payload's, and the name is static.
                    *slot = unsafe {
                        bindings::lb_attribute_init(
                            entry.get(),
                            attribute.name.as_char_ptr(),
                            attribute.mode,
                            Some(show::<T>),
                            Some(store::<T>),
                            data.cast_mut().cast(),
                        )
                    };
                }
                let name = name.map_or(core::ptr::null(), |name| name.as_char_ptr());
                // SAFETY: `lb_attribute_group_init()` requires memory, and a list with a null
                // pointer at its end, that stay until the group was removed: both are the
                // payload's, and the last pointer of the list was left null.
                unsafe { bindings::lb_attribute_group_init(group.get(), name, list.as_mut_ptr()) };
            },
        });
        scope
            .enter::<_, Error>(payload, |payload| payload.get_ref().start())
            .map(Self)
    }

    /// Leaves the attributes to their scope.
    ///
    /// Context: any context.
    pub fn detach(self) {
        self.0.detach();
    }
}

/// The payload that the scope owns.
///
/// # Invariants
///
/// ATTR-DATA: the attributes in `list` are those in `attributes`, which refer to `data`. None of
/// these moves.
#[pin_data]
struct GroupPayload<T> {
    device: ARef<Device>,
    #[pin]
    group: Opaque<bindings::attribute_group>,
    attributes: KVec<Opaque<bindings::lb_attribute>>,
    list: KVec<*mut bindings::attribute>,
    #[pin]
    data: T,
}

// SAFETY: `Send` requires that any thread may own the payload: C locks what it uses of the group,
// nothing else uses the group, and all other fields are `Send`.
unsafe impl<T: Send> Send for GroupPayload<T> {}

// SAFETY: `Sync` requires that threads may share the payload: C locks what it uses of the group,
// nothing else uses the group, and all other fields are `Sync`.
unsafe impl<T: Send + Sync> Sync for GroupPayload<T> {}

impl<T: Attributes> GroupPayload<T> {
    fn start(&self) -> Result {
        let device = self.device.as_raw();
        // SAFETY: `sysfs_create_group()` requires a live device, and a group that stays until it is
        // removed: the payload has a reference to the device, and `stop` removes the group
        // (ATTR-DATA).
        to_result(unsafe { bindings::lb_device_add_group(device, self.group.get()) })
    }
}

impl<T: Attributes> Registered for GroupPayload<T> {
    fn stop(self: Pin<&Self>) {
        // SAFETY: `sysfs_remove_group()` requires a group that was added: `start` has added it.
        // When it returns, no function of an attribute is running, and none is called again.
        unsafe { bindings::lb_device_remove_group(self.device.as_raw(), self.group.get()) };
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        calls::is_running(&raw const self.data)
    }
}

/// # Safety
///
/// `rust/helpers/sysfs.c` must call this for an attribute of a `GroupPayload<T>`. `data` must be
/// the payload's, and `page` a page of initialised memory that is lent to this call.
unsafe extern "C" fn show<T: Attributes>(
    data: *mut c_void,
    name: *const c_char,
    page: *mut c_char,
) -> isize {
    // SAFETY: a reference requires live data: ATTR-DATA. The data lives until the group was
    // removed, and the removal waits for this function.
    let data = unsafe { &*data.cast_const().cast::<T>() };
    let _call = Call::begin(data);
    // SAFETY: `from_char_ptr` requires a string that stays: it is the name of one of `T::LIST`.
    let name = unsafe { CStr::from_char_ptr(name) };
    // OVERFLOW: a page is larger than a byte. C takes a full page for an error.
    // SAFETY: `from_raw_parts_mut` requires initialised memory that nobody else uses: the caller
    // lends the page to this call.
    let page = unsafe { core::slice::from_raw_parts_mut(page, bindings::LB_PAGE_SIZE - 1) };
    let mut text = Formatter::new(page);
    from_result(|| {
        data.show(name, &mut text)?;
        // CAST: the number is smaller than a page.
        Ok(text.bytes_written() as isize)
    })
}

/// # Safety
///
/// `rust/helpers/sysfs.c` must call this for an attribute of a `GroupPayload<T>`. `data` must be
/// the payload's, and `text` must have `length` bytes that nobody changes during this call.
unsafe extern "C" fn store<T: Attributes>(
    data: *mut c_void,
    name: *const c_char,
    text: *const c_char,
    length: usize,
) -> isize {
    // SAFETY: a reference requires live data: ATTR-DATA. The data lives until the group was
    // removed, and the removal waits for this function.
    let data = unsafe { &*data.cast_const().cast::<T>() };
    let _call = Call::begin(data);
    // SAFETY: `from_char_ptr` requires a string that stays: it is the name of one of `T::LIST`.
    let name = unsafe { CStr::from_char_ptr(name) };
    // SAFETY: `from_raw_parts` requires initialised memory that nobody changes meanwhile: the
    // caller vouches for both.
    let text = unsafe { core::slice::from_raw_parts(text, length) };
    from_result(|| {
        data.store(name, text)?;
        // CAST: the number is smaller than a page.
        Ok(length as isize)
    })
}
