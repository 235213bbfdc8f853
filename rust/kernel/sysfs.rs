// SPDX-License-Identifier: GPL-2.0

//! Attributes of a device in sysfs: small text files in its directory.
//!
//! C header: [`include/linux/sysfs.h`](srctree/include/linux/sysfs.h)
//!
//! A [`Group`] of attributes belongs to the scope of the device's binding, and its functions may use the driver's data. It
//! appears while the driver is being bound, before user space is told of that, and is removed when the scope ends; an
//! attribute that is being read or written then is waited for.

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

/// An attribute's name, and what can be done with it.
#[derive(Clone, Copy)]
pub struct Attribute {
    name: &'static CStr,
    mode: u16,
}

impl Attribute {
    /// One that everybody can read.
    pub const fn read_only(name: &'static CStr) -> Self {
        Self { name, mode: 0o444 }
    }

    /// One that everybody can read, and root can write.
    pub const fn read_write(name: &'static CStr) -> Self {
        Self { name, mode: 0o644 }
    }

    /// One that root can write.
    pub const fn write_only(name: &'static CStr) -> Self {
        Self { name, mode: 0o200 }
    }
}

/// Attributes, and what reading and writing them does. Called in process context, on any thread, several at a time; may
/// sleep.
pub trait Attributes: Send + Sync {
    /// The attributes; each name once.
    const LIST: &'static [Attribute];

    /// Writes the text of the attribute `name`, usually one value and a newline, of less than a page.
    ///
    /// # Errors
    ///
    /// What the program that reads shall see.
    fn show(&self, name: &CStr, f: &mut dyn fmt::Write) -> Result {
        let _ = (name, f);
        Err(EIO)
    }

    /// Takes what was written to the attribute `name`: less than a page, usually with a newline at its end.
    ///
    /// # Errors
    ///
    /// What the program that writes shall see.
    fn store(&self, name: &CStr, text: &[u8]) -> Result {
        let _ = (name, text);
        Err(EIO)
    }
}

/// The attributes of a `T` in a device's directory, for as long as the scope lasts.
///
/// Dropping it removes them early, forgetting it leaves that to the scope. If a function of `T`
/// drops it, they are removed right after that has returned.
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
/// // In `attach`, which gets both:
/// fn publish<'x>(level: &'x Level, scope: &'x Scope<'x>) -> Result {
///     Group::new(scope, None, level)?.detach();
///     Ok(())
/// }
/// ```
#[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
pub struct Group<T: Attributes>(Handle<GroupPayload<T>>);

impl<T: Attributes> Group<T> {
    /// Adds the attributes to the directory of the scope's device, in a directory `name` of their own if there is one.
    /// May sleep.
    ///
    /// # Errors
    ///
    /// The initialiser's error; `ENOMEM`; `EINVAL` if a name is empty, `.`, `..`, longer than 255
    /// bytes, or has a `/`, an `!` or a control character; `EEXIST` if a name is taken; `ENODEV` if
    /// the scope is ending. There are no attributes then.
    pub fn new<'x>(
        scope: &Scope<'x>,
        name: Option<&'static CStr>,
        data: impl PinInit<T, Error>,
    ) -> Result<Self>
    where
        T: 'x,
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
        // One more: C looks for a null pointer at the end.
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
                    // SAFETY: the shim wants memory, which stays until the group was removed, and a name that does, too.
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
                // SAFETY: the shim wants memory, and a list with a null pointer at its end; both stay until the group was
                // removed.
                unsafe { bindings::lb_attribute_group_init(group.get(), name, list.as_mut_ptr()) };
            },
        });
        scope
            .enter::<_, Error>(payload, |payload| payload.get_ref().start())
            .map(Self)
    }

    /// Leaves the attributes to their scope. Any context.
    pub fn detach(self) {
        self.0.detach();
    }
}

/// What the scope owns.
///
/// # Invariants
///
/// ATTR-DATA: the attributes in `list` are those in `attributes`, which refer to `data`; none of these moves.
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

// SAFETY: C locks what it uses of the group; nothing else does; the rest is `Send`.
unsafe impl<T: Send> Send for GroupPayload<T> {}

// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for GroupPayload<T> {}

impl<T: Attributes> GroupPayload<T> {
    fn start(&self) -> Result {
        let device = self.device.as_raw();
        // SAFETY: `sysfs_create_group()` wants a device that is there and a group that stays until it is removed: `stop`
        // does that (ATTR-DATA).
        to_result(unsafe { bindings::lb_device_add_group(device, self.group.get()) })
    }
}

impl<T: Attributes> Registered for GroupPayload<T> {
    fn stop(self: Pin<&Self>) {
        // SAFETY: `start` added the group. When it was removed, no function of an attribute is running, nor called again.
        unsafe { bindings::lb_device_remove_group(self.device.as_raw(), self.group.get()) };
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        calls::is_running(&raw const self.data)
    }
}

/// # Safety
///
/// To be called by the shim for an attribute of a `GroupPayload<T>` whose `data` these are, with a page of initialised memory.
unsafe extern "C" fn show<T: Attributes>(
    data: *mut c_void,
    name: *const c_char,
    page: *mut c_char,
) -> isize {
    // SAFETY: ATTR-DATA: they are there until the group was removed, and that waits for this.
    let data = unsafe { &*data.cast_const().cast::<T>() };
    let _call = Call::begin(data);
    // SAFETY: the name is that of one of `T::LIST`.
    let name = unsafe { CStr::from_char_ptr(name) };
    // OVERFLOW: a page is larger than a byte. C takes a full one for an error.
    // SAFETY: the caller; nobody else uses it meanwhile.
    let page = unsafe { core::slice::from_raw_parts_mut(page, bindings::LB_PAGE_SIZE - 1) };
    let mut text = Formatter::new(page);
    from_result(|| {
        data.show(name, &mut text)?;
        // CAST: less than a page.
        Ok(text.bytes_written() as isize)
    })
}

/// # Safety
///
/// To be called by the shim for an attribute of a `GroupPayload<T>` whose `data` these are, with `length` bytes of `text`.
unsafe extern "C" fn store<T: Attributes>(
    data: *mut c_void,
    name: *const c_char,
    text: *const c_char,
    length: usize,
) -> isize {
    // SAFETY: ATTR-DATA: they are there until the group was removed, and that waits for this.
    let data = unsafe { &*data.cast_const().cast::<T>() };
    let _call = Call::begin(data);
    // SAFETY: the name is that of one of `T::LIST`.
    let name = unsafe { CStr::from_char_ptr(name) };
    // SAFETY: the caller; nobody changes it meanwhile.
    let text = unsafe { core::slice::from_raw_parts(text, length) };
    from_result(|| {
        data.store(name, text)?;
        // CAST: less than a page.
        Ok(length as isize)
    })
}
