// SPDX-License-Identifier: GPL-2.0

//! A device node that belongs to the module: the interface of Linux's own crate.

use core::{
    marker::PhantomData,
    ptr::NonNull,
    sync::atomic::{AtomicPtr, Ordering},
};

use super::request;
use crate::{
    bindings, build_error,
    device::Device,
    error::{VTABLE_DEFAULT_ERROR, from_result, to_result},
    ffi::{c_int, c_long, c_uint, c_ulong, c_void},
    fs::{File, Kiocb, NO_OPERATIONS},
    iov::{IovIterDest, IovIterSource},
    module_scope,
    prelude::*,
    scope::Embedded,
    types::{ARef, ForeignOwnable, Opaque},
};

/// What a node is called.
#[derive(Clone, Copy)]
pub struct MiscDeviceOptions {
    /// The name in `/dev`.
    pub name: &'static CStr,
}

impl MiscDeviceOptions {
    /// The C structure of a node that is not registered yet.
    pub const fn into_raw<T: MiscDevice>(self) -> bindings::miscdevice {
        // SAFETY: null pointers and zeroes are what a C initialiser leaves in these fields.
        let mut raw: bindings::miscdevice = unsafe { core::mem::zeroed() };
        // CAST: a small number.
        raw.minor = bindings::MISC_DYNAMIC_MINOR as c_int;
        raw.name = self.name.as_ptr().cast();
        raw.fops = MiscdeviceVTable::<T>::OPERATIONS;
        raw
    }
}

/// A registered node; it disappears when this is dropped, or when the module is unloaded if it was forgotten.
///
/// Files stay open, and what they keep stays. For a node of a device, see [`Node`](super::Node).
///
/// # Invariants
///
/// MISC-REGISTERED: from initialisation until `entry` ends it, `inner` is registered with the operations of the same `T`.
#[pin_data]
pub struct MiscDeviceRegistration<T: MiscDevice> {
    // Dropped first: ends the registration.
    #[pin]
    entry: Embedded,
    /// The node's device. Null until `register` has it, when files may be open already.
    device: Kept,
    #[pin]
    inner: Opaque<bindings::miscdevice>,
    _type: PhantomData<fn(T)>,
}

// SAFETY: nothing of a `T` is in it; its end may be on any thread.
unsafe impl<T: MiscDevice> Send for MiscDeviceRegistration<T> {}

// SAFETY: what can be reached through a shared registration is the device.
unsafe impl<T: MiscDevice> Sync for MiscDeviceRegistration<T> {}

impl<T: MiscDevice + 'static> MiscDeviceRegistration<T> {
    /// Registers a node. May sleep.
    ///
    /// # Errors
    ///
    /// What C's `misc_register()` returns: `EBUSY` if there is no minor number left, `EEXIST` if the name is taken,
    /// `ENOMEM`. There is no node then.
    pub fn register(opts: MiscDeviceOptions) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entry <- Embedded::new(),
            device: Kept::default(),
            _type: PhantomData,
            inner <- Opaque::try_ffi_init(move |slot: *mut bindings::miscdevice| {
                // SAFETY: the slot is fresh memory for it.
                unsafe { slot.write(opts.into_raw::<T>()) };
                // SAFETY: `misc_register()` wants a structure that is filled in and stays until it is unregistered: it is
                // pinned, and `entry` unregisters it. Until that is armed, nothing fails.
                to_result(unsafe { bindings::misc_register(slot) })
            }),
            // From here on `open` may be called with what there is, so the rest is only used shared.
            _: {
                let raw = inner.get();
                // SAFETY: MISC-REGISTERED: C sets the field when it registers.
                let node = unsafe { (*raw).this_device };
                // SAFETY: the device is referenced while it is registered.
                let node = ARef::into_raw(unsafe { Device::get_device(node) });
                device.0.store(node.as_ptr().cast(), Ordering::Release);
                // SAFETY: the node is registered, so it may be unregistered, once and on any thread; it is pinned in the
                // same memory as `entry`.
                unsafe { module_scope::arm(entry, inner.get().cast(), unregister) };
            },
        })
    }
}

impl<T: MiscDevice> MiscDeviceRegistration<T> {
    /// The C structure. Any context.
    pub fn as_raw(&self) -> *mut bindings::miscdevice {
        self.inner.get()
    }

    /// The device of the node, as in `/sys/class/misc`. Any context.
    pub fn device(&self) -> &Device {
        let mut device = self.device.0.load(Ordering::Acquire);
        if device.is_null() {
            let raw = self.inner.get();
            // `open` was called before `register` got so far.
            // SAFETY: MISC-REGISTERED: C has set the field, under the lock under which it calls `open`.
            device = unsafe { (*raw).this_device };
        }
        // SAFETY: the device is referenced as long as the registration, or else registered as long as `open` runs.
        unsafe { Device::from_raw(device) }
    }
}

/// A counted reference to a device, or null.
#[derive(Default)]
struct Kept(AtomicPtr<bindings::device>);

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(device) = NonNull::new(*self.0.get_mut()) {
            // SAFETY: `register` has counted it.
            drop(unsafe { ARef::<Device>::from_raw(device.cast()) });
        }
    }
}

/// Ends a registration; for [`module_scope::arm`].
unsafe extern "C" fn unregister(misc: *mut c_void) {
    // SAFETY: `register` armed the entry with its registered structure.
    unsafe { bindings::misc_deregister(misc.cast()) }
}

/// What the files of a node do that belongs to the module.
///
/// All methods are called in process context, on any thread, several at a time, and may sleep.
#[vtable]
pub trait MiscDevice: Sized {
    /// What is kept for each open file.
    type Ptr: ForeignOwnable + Send + Sync;

    /// Opens a file. The opening of other misc devices waits for it, so it must not take long.
    ///
    /// # Errors
    ///
    /// What the program shall see. The file is not open then.
    fn open(file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr>;

    /// Called when the last descriptor of a file is closed.
    fn release(device: Self::Ptr, file: &File) {
        let _ = file;
        drop(device);
    }

    /// Reads from the position in `kiocb` on; returns how many bytes were copied to `iov`.
    ///
    /// # Errors
    ///
    /// What the program shall see.
    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let _ = (kiocb, iov);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Writes at the position in `kiocb`; returns how many of the bytes of `iov` it took.
    ///
    /// # Errors
    ///
    /// What the program shall see.
    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let _ = (kiocb, iov);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Carries out a command. A result that is not negative is returned to the program.
    ///
    /// # Errors
    ///
    /// `ENOTTY` for an unknown command; else what the program shall see.
    fn ioctl(
        device: <Self::Ptr as ForeignOwnable>::Borrowed<'_>,
        file: &File,
        cmd: u32,
        arg: usize,
    ) -> Result<isize> {
        let _ = (device, file, cmd, arg);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// As [`ioctl`](Self::ioctl), for a program for 32 bits, which `ioctl` gets without it.
    ///
    /// # Errors
    ///
    /// As [`ioctl`](Self::ioctl).
    fn compat_ioctl(
        device: <Self::Ptr as ForeignOwnable>::Borrowed<'_>,
        file: &File,
        cmd: u32,
        arg: usize,
    ) -> Result<isize> {
        let _ = (device, file, cmd, arg);
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

/// The operations of a `T`'s files.
struct MiscdeviceVTable<T>(PhantomData<T>);

impl<T: MiscDevice> MiscdeviceVTable<T> {
    const OPERATIONS: &'static bindings::file_operations = &bindings::file_operations {
        open: Some(Self::open),
        release: Some(Self::release),
        read_iter: if T::HAS_READ_ITER {
            Some(Self::read_iter)
        } else {
            None
        },
        write_iter: if T::HAS_WRITE_ITER {
            Some(Self::write_iter)
        } else {
            None
        },
        unlocked_ioctl: if T::HAS_IOCTL {
            Some(Self::ioctl)
        } else {
            None
        },
        compat_ioctl: if T::HAS_COMPAT_IOCTL {
            Some(Self::compat_ioctl)
        } else if T::HAS_IOCTL {
            Some(Self::ioctl)
        } else {
            None
        },
        ..NO_OPERATIONS
    };

    /// # Safety
    ///
    /// To be called by C as `open` of a misc device of a `MiscDeviceRegistration<T>`, under the lock that keeps it
    /// registered.
    unsafe extern "C" fn open(_: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        from_result(|| {
            // SAFETY: the caller vouches for the file.
            let misc = unsafe { bindings::lb_file_private_data(file) };
            let registration = misc
                .wrapping_byte_sub(core::mem::offset_of!(MiscDeviceRegistration<T>, inner))
                .cast::<MiscDeviceRegistration<T>>();
            // SAFETY: `misc_open()` leaves the device there, which is part of a registration that stays so.
            let registration = unsafe { &*registration };
            // SAFETY: FILE-LIVE during this call; `open` works for any lifetime, so it can keep nothing of it.
            let data = T::open(unsafe { File::from_raw_file(file) }, registration)?;
            // SAFETY: the file is being opened, so nobody else uses it.
            unsafe { bindings::lb_set_file_private_data(file, data.into_foreign()) };
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// To be called by C as `release` of a file that `open` has opened.
    unsafe extern "C" fn release(_: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: the caller vouches for the file.
        let data = unsafe { bindings::lb_file_private_data(file) };
        // SAFETY: `open` put it there; no other operation is running, nor called again.
        let data = unsafe { T::Ptr::from_foreign(data) };
        // SAFETY: FILE-LIVE during this call; `release` works for any lifetime, so it can keep nothing of it.
        T::release(data, unsafe { File::from_raw_file(file) });
        0
    }

    /// # Safety
    ///
    /// To be called by C as `read_iter` of a file that `open` has opened.
    unsafe extern "C" fn read_iter(
        kiocb: *mut bindings::kiocb,
        iter: *mut bindings::iov_iter,
    ) -> isize {
        // SAFETY: IOV-DEST: C reads a file into it, and leaves it alone during this call; nothing is kept of it.
        let iov = unsafe { IovIterDest::from_raw(iter) };
        // What was not copied must not be said to have been: C may have memory there that nobody has cleared.
        let before = iov.len();
        // SAFETY: KIOCB-LIVE during this call; `read_iter` works for any lifetime, so it can keep nothing of it.
        let result = T::read_iter(unsafe { Kiocb::from_raw(kiocb) }, iov);
        // OVERFLOW: it only ever gets shorter.
        request(before - iov.len(), result)
    }

    /// # Safety
    ///
    /// To be called by C as `write_iter` of a file that `open` has opened.
    unsafe extern "C" fn write_iter(
        kiocb: *mut bindings::kiocb,
        iter: *mut bindings::iov_iter,
    ) -> isize {
        // SAFETY: IOV-SOURCE: C writes a file from it, and leaves it alone during this call; nothing is kept of it.
        let iov = unsafe { IovIterSource::from_raw(iter) };
        let before = iov.len();
        // SAFETY: KIOCB-LIVE during this call; `write_iter` works for any lifetime, so it can keep nothing of it.
        request(
            before,
            T::write_iter(unsafe { Kiocb::from_raw(kiocb) }, iov),
        )
    }

    /// # Safety
    ///
    /// To be called by C as `unlocked_ioctl` of a file that `open` has opened.
    unsafe extern "C" fn ioctl(file: *mut bindings::file, cmd: c_uint, arg: c_ulong) -> c_long {
        // SAFETY: the caller.
        unsafe { Self::command(file, |data, file| T::ioctl(data, file, cmd, arg)) }
    }

    /// # Safety
    ///
    /// To be called by C as `compat_ioctl` of a file that `open` has opened.
    unsafe extern "C" fn compat_ioctl(
        file: *mut bindings::file,
        cmd: c_uint,
        arg: c_ulong,
    ) -> c_long {
        // SAFETY: the caller.
        unsafe { Self::command(file, |data, file| T::compat_ioctl(data, file, cmd, arg)) }
    }

    /// Carries out a command, which can keep nothing of what it is lent.
    ///
    /// # Safety
    ///
    /// `file` must be one that `open` has opened, and not be released before this returns.
    unsafe fn command(
        file: *mut bindings::file,
        command: impl for<'a> FnOnce(
            <T::Ptr as ForeignOwnable>::Borrowed<'a>,
            &'a File,
        ) -> Result<isize>,
    ) -> c_long {
        // SAFETY: the caller vouches for the file.
        let data = unsafe { bindings::lb_file_private_data(file) };
        // SAFETY: `open` put it there; until `release` it is only borrowed, by several threads (`Sync`).
        let data = unsafe { T::Ptr::borrow(data) };
        // SAFETY: FILE-LIVE: the caller.
        from_result(|| command(data, unsafe { File::from_raw_file(file) }))
    }
}
