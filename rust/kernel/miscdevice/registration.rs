// SPDX-License-Identifier: GPL-2.0

//! A device node that belongs to the module: the interface of Linux's own crate.

use core::{
    marker::{PhantomData, PhantomPinned},
    ptr::NonNull,
    sync::atomic::{AtomicPtr, Ordering},
};

use super::request;
use crate::{
    bindings, build_error, calls,
    device::Device,
    error::{VTABLE_DEFAULT_ERROR, from_result, to_result},
    ffi::{c_int, c_long, c_uint, c_ulong, c_void},
    fs::{File, Kiocb, NO_OPERATIONS},
    iov::{IovIterDest, IovIterSource},
    module_scope::{Kept, Room},
    prelude::*,
    str::file_name,
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
/// What C uses is in memory of its own. So a registration on a stack is as good as any: a panic frees the stack, and leaves
/// the node registered until its module is unloaded.
///
/// # Invariants
///
/// MISC-REGISTERED: `shared` is in place as long as this. Its node is registered with the operations of the same `T`, from
/// `register` until its entry in the module's list ends it.
pub struct MiscDeviceRegistration<T: MiscDevice> {
    shared: NonNull<MiscShared>,
    /// `None` in what `open` is lent.
    _owner: Option<Kept<MiscShared>>,
    // As in Linux's own crate.
    _pinned: PhantomPinned,
    _type: PhantomData<fn(T)>,
}

// SAFETY: nothing of a `T` is in it; its end may be on any thread.
unsafe impl<T: MiscDevice> Send for MiscDeviceRegistration<T> {}

// SAFETY: what can be reached through a shared registration is the device.
unsafe impl<T: MiscDevice> Sync for MiscDeviceRegistration<T> {}

/// What C uses.
#[pin_data]
struct MiscShared {
    /// The node's device. Null until `register` has it, when files may be open already.
    device: Node,
    #[pin]
    misc: Opaque<bindings::miscdevice>,
}

impl MiscShared {
    /// Registers the node; gives its C structure.
    fn start(&self) -> Result<NonNull<bindings::miscdevice>> {
        // With the provenance of the whole, for `open`.
        let this = NonNull::from(self);
        // SAFETY: the field is in the same memory.
        let misc: NonNull<bindings::miscdevice> =
            unsafe { this.byte_add(core::mem::offset_of!(Self, misc)) }.cast();
        // SAFETY: `misc_register()` requires a structure that is filled in, and stays until it is unregistered: `register`
        // sees to it.
        to_result(unsafe { bindings::misc_register(misc.as_ptr()) })?;
        // SAFETY: MISC-REGISTERED: C sets the field when it registers.
        let node = unsafe { (*misc.as_ptr()).this_device };
        // SAFETY: the device is referenced while it is registered.
        let node = ARef::into_raw(unsafe { Device::get_device(node) });
        self.device.0.store(node.as_ptr().cast(), Ordering::Release);
        Ok(misc)
    }

    /// What a registered `misc` is part of.
    fn around(misc: *mut bindings::miscdevice) -> *mut Self {
        misc.wrapping_byte_sub(core::mem::offset_of!(Self, misc))
            .cast()
    }
}

impl<T: MiscDevice + 'static> MiscDeviceRegistration<T> {
    /// Registers a node. May sleep.
    ///
    /// # Errors
    ///
    /// `EDEADLK` in the `open` of a misc device; `EINVAL` for a name that
    /// [`NodeOptions::new`](super::NodeOptions::new) refuses; what C's `misc_register()` returns:
    /// `EBUSY` if there is no minor number left, `EEXIST` if the name is taken, `ENOMEM`. There is
    /// no node then.
    pub fn register(opts: MiscDeviceOptions) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            calls::not_in_misc_open()?;
            file_name::check(c"a node", opts.name, file_name::LONGEST)?;
            let shared = try_pin_init!(MiscShared {
                device: Node::default(),
                misc: Opaque::new(opts.into_raw::<T>()),
            });
            let start = |shared: Pin<&MiscShared>| Ok(shared.get_ref().start()?.as_ptr().cast());
            let room = Room::new()?;
            // INVARIANT: MISC-REGISTERED.
            // SAFETY: `fill` requires that what `start` returned be fit for `end`: it is a registered node, which may be
            // unregistered once, and on any thread. When it was, `open` is not running, nor called again.
            let owner = unsafe { room.fill(shared, start, unregister, calls::in_misc_open) }?;
            Ok(Self {
                shared: NonNull::from(owner.payload().get_ref()),
                _owner: Some(owner),
                _pinned: PhantomPinned,
                _type: PhantomData,
            })
        })
    }
}

impl<T: MiscDevice> MiscDeviceRegistration<T> {
    /// Calls `f` with a registration that it can keep nothing of.
    ///
    /// # Safety
    ///
    /// `shared` must be that of a `MiscDeviceRegistration<T>`, and its node registered until this returns.
    unsafe fn lend<R>(shared: NonNull<MiscShared>, f: impl FnOnce(&Self) -> R) -> R {
        f(&Self {
            shared,
            _owner: None,
            _pinned: PhantomPinned,
            _type: PhantomData,
        })
    }

    fn shared(&self) -> &MiscShared {
        // SAFETY: MISC-REGISTERED.
        unsafe { self.shared.as_ref() }
    }

    /// The C structure. Any context.
    pub fn as_raw(&self) -> *mut bindings::miscdevice {
        self.shared().misc.get()
    }

    /// The device of the node, as in `/sys/class/misc`. Any context.
    pub fn device(&self) -> &Device {
        let shared = self.shared();
        let mut device = shared.device.0.load(Ordering::Acquire);
        if device.is_null() {
            let raw = shared.misc.get();
            // `open` was called before `register` got so far.
            // SAFETY: MISC-REGISTERED: C has set the field, under the lock under which it calls `open`.
            device = unsafe { (*raw).this_device };
        }
        // SAFETY: the device is referenced as long as the registration, or else registered as long as `open` runs.
        unsafe { Device::from_raw(device) }
    }
}

/// A counted reference to a node's device, or null.
#[derive(Default)]
struct Node(AtomicPtr<bindings::device>);

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(device) = NonNull::new(*self.0.get_mut()) {
            // SAFETY: `start` has counted it.
            drop(unsafe { ARef::<Device>::from_raw(device.cast()) });
        }
    }
}

/// Ends a registration.
///
/// # Safety
///
/// `misc` must be registered.
unsafe extern "C" fn unregister(misc: *mut c_void) {
    // SAFETY: `misc_deregister()` requires a registered structure: the caller.
    unsafe { bindings::misc_deregister(misc.cast()) }
}

/// What the files of a node do that belongs to the module.
///
/// All methods are called in process context, on any thread, several at a time, and may sleep.
#[vtable]
pub trait MiscDevice: Sized {
    /// What is kept for each open file.
    type Ptr: ForeignOwnable + Send + Sync;

    /// Opens a file. The opening of other misc devices waits for it, so it must not take long. See
    /// the [module's documentation](super) for what it cannot do.
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
            let _open = calls::MiscOpen::begin()?;
            // SAFETY: the caller vouches for the file.
            let misc = unsafe { bindings::lb_file_private_data(file) };
            let Some(shared) = NonNull::new(MiscShared::around(misc.cast())) else {
                return Err(ENODEV);
            };
            // SAFETY: FILE-LIVE during this call; `open` works for any lifetime, so it can keep nothing of it.
            let file_ref = unsafe { File::from_raw_file(file) };
            // SAFETY: `lend` requires the memory around a registered node of a `T`: `misc_open()` leaves the node there,
            // which stays registered during this call (the caller).
            let data =
                unsafe { MiscDeviceRegistration::lend(shared, |misc| T::open(file_ref, misc)) }?;
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
