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
    fs::{self, File, Kiocb, NO_OPERATIONS},
    iov::{IovIterDest, IovIterSource},
    module_scope::{Kept, Room},
    prelude::*,
    str::file_name,
    types::{ARef, ForeignOwnable, Opaque},
};

/// The name of a node.
#[derive(Clone, Copy)]
pub struct MiscDeviceOptions {
    /// The name in `/dev`.
    pub name: &'static CStr,
}

impl MiscDeviceOptions {
    /// The C structure of a node that is not registered yet.
    pub const fn into_raw<T: MiscDevice>(self) -> bindings::miscdevice {
        // SAFETY: `zeroed` requires that zeroes are a value of the type: the structure has pointers
        // that may be null, numbers, and lists, all of which a C initialiser leaves zero.
        let mut raw: bindings::miscdevice = unsafe { core::mem::zeroed() };
        // CAST: the constant is a small number.
        raw.minor = bindings::MISC_DYNAMIC_MINOR as c_int;
        raw.name = self.name.as_ptr().cast();
        raw.fops = MiscdeviceVTable::<T>::OPERATIONS;
        raw
    }
}

/// A registered node. It disappears when this is dropped. If this was forgotten, the node
/// disappears when the module is unloaded.
///
/// Files stay open, and what they keep stays. For a node of a device, see [`Node`](super::Node).
///
/// C uses memory of the registration's own. So a registration on a stack is as good as any other. A
/// panic frees the stack, and leaves the node registered until its module is unloaded.
///
/// # Invariants
///
/// MISC-REGISTERED: `shared` is in place for as long as this. Its node is registered with the
/// operations of the same `T`, from `register` until its entry in the module's list ends it.
pub struct MiscDeviceRegistration<T: MiscDevice> {
    shared: NonNull<MiscShared>,
    /// `None` in the value that is lent to `open`.
    _owner: Option<Kept<MiscShared>>,
    // Linux's own crate has a pinned type as well.
    _pinned: PhantomPinned,
    _type: PhantomData<fn(T)>,
}

// SAFETY: `Send` requires that any thread may own and drop the value: it has nothing of a `T` in
// it, and its end may run on any thread.
unsafe impl<T: MiscDevice> Send for MiscDeviceRegistration<T> {}

// SAFETY: `Sync` requires that threads may share the value: a shared registration only gives access
// to the device.
unsafe impl<T: MiscDevice> Sync for MiscDeviceRegistration<T> {}

/// The memory that C uses.
#[pin_data]
struct MiscShared {
    /// The node's device. It is null until `register` has stored it; files may be open before that.
    device: Node,
    #[pin]
    misc: Opaque<bindings::miscdevice>,
}

impl MiscShared {
    /// Registers the node, and returns its C structure.
    fn start(&self) -> Result<NonNull<bindings::miscdevice>> {
        // The pointer has the provenance of the whole, for `open`.
        let this = NonNull::from(self);
        // SAFETY: `byte_add` requires that the result is in the same memory: the field is.
        let misc: NonNull<bindings::miscdevice> =
            unsafe { this.byte_add(core::mem::offset_of!(Self, misc)) }.cast();
        // SAFETY: `misc_register()` requires a structure that is filled in, and stays until it is
        // unregistered: `register` fills it in and puts it into the module's list, which
        // unregisters it.
        to_result(unsafe { bindings::misc_register(misc.as_ptr()) })?;
        // SAFETY: a field's place requires a live structure: MISC-REGISTERED. C sets the field when
        // it registers.
        let node = unsafe { (*misc.as_ptr()).this_device };
        // SAFETY: `get_device` requires a live device: C has a reference to it while it is
        // registered.
        let node = ARef::into_raw(unsafe { Device::get_device(node) });
        self.device.0.store(node.as_ptr().cast(), Ordering::Release);
        Ok(misc)
    }

    /// The memory that a registered `misc` is part of.
    fn around(misc: *mut bindings::miscdevice) -> *mut Self {
        misc.wrapping_byte_sub(core::mem::offset_of!(Self, misc))
            .cast()
    }
}

impl<T: MiscDevice + 'static> MiscDeviceRegistration<T> {
    /// Registers a node.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `EDEADLK` in the `open` of a misc device.
    /// - `EINVAL` for a name that [`NodeOptions::new`](super::NodeOptions::new) refuses.
    /// - The errors of C's `misc_register()`: `EBUSY` if there is no minor number left, `EEXIST` if
    ///   the name is taken, `ENOMEM`.
    ///
    /// There is no node then.
    #[doc(alias("misc_register", "misc_deregister"))]
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
            // INVARIANT: MISC-REGISTERED: `start` registers the node, and the entry of `owner` ends
            // it.
            // SAFETY: `fill` requires that what `start` returned is fit for `end`, and that nothing
            // uses the payload afterwards. `start` returns a registered node, which may be
            // unregistered once, and on any thread. After that `open` is not running, and is not
            // called again.
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
    /// Calls `f` with a registration. `f` cannot keep anything of it.
    ///
    /// # Safety
    ///
    /// `shared` must be that of a `MiscDeviceRegistration<T>`. Its node must stay registered until
    /// this function returns.
    unsafe fn lend<R>(shared: NonNull<MiscShared>, f: impl FnOnce(&Self) -> R) -> R {
        f(&Self {
            shared,
            _owner: None,
            _pinned: PhantomPinned,
            _type: PhantomData,
        })
    }

    fn shared(&self) -> &MiscShared {
        // SAFETY: `as_ref` requires live memory: MISC-REGISTERED.
        unsafe { self.shared.as_ref() }
    }

    /// The C structure.
    ///
    /// Context: any context.
    pub fn as_raw(&self) -> *mut bindings::miscdevice {
        self.shared().misc.get()
    }

    /// The device of the node, as in `/sys/class/misc`.
    ///
    /// Context: any context.
    pub fn device(&self) -> &Device {
        let shared = self.shared();
        let mut device = shared.device.0.load(Ordering::Acquire);
        if device.is_null() {
            let raw = shared.misc.get();
            // `open` was called before `register` has stored the device.
            // SAFETY: a field's place requires a live structure: MISC-REGISTERED. C has set the
            // field, under the lock under which it calls `open`.
            device = unsafe { (*raw).this_device };
        }
        // SAFETY: `from_raw` requires a live device: the registration has a reference, or the
        // device is registered for as long as `open` runs.
        unsafe { Device::from_raw(device) }
    }
}

/// A counted reference to a node's device, or null.
#[derive(Default)]
struct Node(AtomicPtr<bindings::device>);

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(device) = NonNull::new(*self.0.get_mut()) {
            // SAFETY: `from_raw` requires a counted reference: `start` has taken it.
            drop(unsafe { ARef::<Device>::from_raw(device.cast()) });
        }
    }
}

/// Ends a registration.
///
/// # Safety
///
/// `misc` must be a registered structure, which nobody else unregisters.
unsafe extern "C" fn unregister(misc: *mut c_void) {
    // SAFETY: `misc_deregister()` requires a registered structure: the caller vouches for it.
    unsafe { bindings::misc_deregister(misc.cast()) }
}

/// The methods of the files of a node that belongs to the module.
///
/// All methods may be called on any thread, several at a time.
///
/// Context of all methods: process context; may sleep.
#[vtable]
pub trait MiscDevice: Sized {
    /// The value that is kept for each open file.
    type Ptr: ForeignOwnable + Send + Sync;

    /// Opens a file. The `open` of other misc devices waits for it, so it must not take long. The
    /// [module's documentation](super) says what it cannot do.
    ///
    /// # Errors
    ///
    /// The program gets the error. The file is not open then.
    fn open(file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr>;

    /// Called when the last descriptor of a file is closed.
    fn release(device: Self::Ptr, file: &File) {
        let _ = file;
        drop(device);
    }

    /// Reads from the position in `kiocb` on, and returns the number of bytes that it copied to
    /// `iov`.
    ///
    /// # Errors
    ///
    /// The program gets the error.
    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let _ = (kiocb, iov);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Writes at the position in `kiocb`, and returns the number of bytes that it took from `iov`.
    ///
    /// # Errors
    ///
    /// The program gets the error.
    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let _ = (kiocb, iov);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Carries out a command. The program gets a result that is not negative.
    ///
    /// # Errors
    ///
    /// - `ENOTTY` for an unknown command.
    /// - Any other error. The program gets it.
    fn ioctl(
        device: <Self::Ptr as ForeignOwnable>::Borrowed<'_>,
        file: &File,
        cmd: u32,
        arg: usize,
    ) -> Result<isize> {
        let _ = (device, file, cmd, arg);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Carries out a command of a 32-bit program. If a driver does not implement it,
    /// [`ioctl`](Self::ioctl) gets these commands.
    ///
    /// # Errors
    ///
    /// The errors of [`ioctl`](Self::ioctl).
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
    /// C must call this as `open` of a misc device of a `MiscDeviceRegistration<T>`, under the lock
    /// that keeps the device registered.
    unsafe extern "C" fn open(_: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        from_result(|| {
            let _open = calls::MiscOpen::begin()?;
            // SAFETY: `private_data` requires a live file whose data nobody writes; C is opening
            // it.
            let misc = unsafe { fs::private_data(file) };
            let Some(shared) = NonNull::new(MiscShared::around(misc.cast())) else {
                return Err(ENODEV);
            };
            // SAFETY: `from_raw_file` requires an open file for as long as the reference lasts:
            // FILE-LIVE holds during this call. `open` works for any lifetime, so it cannot keep
            // the reference.
            let file_ref = unsafe { File::from_raw_file(file) };
            // SAFETY: `lend` requires the memory around a registered node of a `T`: `misc_open()`
            // (`drivers/char/misc.c`) stores the node there, which stays registered during this
            // call.
            let data =
                unsafe { MiscDeviceRegistration::lend(shared, |misc| T::open(file_ref, misc)) }?;
            // SAFETY: `lb_set_file_private_data()` requires a file that nobody else uses: the file
            // is being opened.
            unsafe { bindings::lb_set_file_private_data(file, data.into_foreign()) };
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// C must call this as `release` of a file that `open` has opened.
    unsafe extern "C" fn release(_: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: `private_data` requires a live file whose data nobody writes: C is releasing it.
        let data = unsafe { fs::private_data(file) };
        // SAFETY: `from_foreign` requires a pointer of `into_foreign`, and an owner: `open` stored
        // it, and C runs no other operation of the file, and calls none again.
        let data = unsafe { T::Ptr::from_foreign(data) };
        // SAFETY: `from_raw_file` requires an open file for as long as the reference lasts:
        // FILE-LIVE holds during this call. `release` works for any lifetime, so it cannot keep the
        // reference.
        T::release(data, unsafe { File::from_raw_file(file) });
        0
    }

    /// # Safety
    ///
    /// C must call this as `read_iter` of a file that `open` has opened.
    unsafe extern "C" fn read_iter(
        kiocb: *mut bindings::kiocb,
        iter: *mut bindings::iov_iter,
    ) -> isize {
        // SAFETY: `IovIterDest::from_raw` requires IOV-DEST: C reads a file into `iter`, and leaves
        // it alone during this call. Nothing is kept of it.
        let iov = unsafe { IovIterDest::from_raw(iter) };
        // The result must not count bytes that were not copied: C may have memory there that nobody
        // has cleared.
        let before = iov.len();
        // SAFETY: `from_raw` requires a live request: KIOCB-LIVE holds during this call.
        // `read_iter` works for any lifetime, so it cannot keep the request.
        let result = T::read_iter(unsafe { Kiocb::from_raw(kiocb) }, iov);
        // OVERFLOW: the iterator only gets shorter.
        request(before - iov.len(), result)
    }

    /// # Safety
    ///
    /// C must call this as `write_iter` of a file that `open` has opened.
    unsafe extern "C" fn write_iter(
        kiocb: *mut bindings::kiocb,
        iter: *mut bindings::iov_iter,
    ) -> isize {
        // SAFETY: `IovIterSource::from_raw` requires IOV-SOURCE: C writes a file from `iter`, and
        // leaves it alone during this call. Nothing is kept of it.
        let iov = unsafe { IovIterSource::from_raw(iter) };
        let before = iov.len();
        // SAFETY: `from_raw` requires a live request: KIOCB-LIVE holds during this call.
        // `write_iter` works for any lifetime, so it cannot keep the request.
        request(
            before,
            T::write_iter(unsafe { Kiocb::from_raw(kiocb) }, iov),
        )
    }

    /// # Safety
    ///
    /// C must call this as `unlocked_ioctl` of a file that `open` has opened.
    unsafe extern "C" fn ioctl(file: *mut bindings::file, cmd: c_uint, arg: c_ulong) -> c_long {
        // SAFETY: `command` requires a file that `open` has opened, and that stays open: C passes
        // such a file, and keeps it open during this call.
        unsafe { Self::command(file, |data, file| T::ioctl(data, file, cmd, arg)) }
    }

    /// # Safety
    ///
    /// C must call this as `compat_ioctl` of a file that `open` has opened.
    unsafe extern "C" fn compat_ioctl(
        file: *mut bindings::file,
        cmd: c_uint,
        arg: c_ulong,
    ) -> c_long {
        // SAFETY: `command` requires a file that `open` has opened, and that stays open: C passes
        // such a file, and keeps it open during this call.
        unsafe { Self::command(file, |data, file| T::compat_ioctl(data, file, cmd, arg)) }
    }

    /// Carries out a command, which cannot keep anything of what it is lent.
    ///
    /// # Safety
    ///
    /// `file` must be one that `open` has opened. It must not be released before this function
    /// returns.
    unsafe fn command(
        file: *mut bindings::file,
        command: impl for<'a> FnOnce(
            <T::Ptr as ForeignOwnable>::Borrowed<'a>,
            &'a File,
        ) -> Result<isize>,
    ) -> c_long {
        // SAFETY: `private_data` requires a live file whose data nobody writes: the caller vouches
        // for the file, whose data is written by `open` alone.
        let data = unsafe { fs::private_data(file) };
        // SAFETY: `borrow` requires a pointer of `into_foreign` that is only shared meanwhile:
        // `open` stored it, and until `release` several threads only borrow it (`Sync`).
        let data = unsafe { T::Ptr::borrow(data) };
        // SAFETY: `from_raw_file` requires an open file for as long as the reference lasts
        // (FILE-LIVE): the caller vouches for it.
        from_result(|| command(data, unsafe { File::from_raw_file(file) }))
    }
}
