// SPDX-License-Identifier: GPL-2.0

//! The file operations of a [`Node`](super::Node), as C calls them.
//!
//! A file keeps an [`Opened`]: a share of what belongs to the node, so that it is there as long as the file, and the
//! driver's state. Each operation enters the gate of the driver's value (`Revocable`), which the end of the node closes.

use super::{
    files::{Files, OpenFile},
    request,
    shared::NodeShared,
};
use crate::{
    alloc::KBox,
    bindings,
    calls::{Call, MiscOpen},
    error::{code::ENODEV, from_result},
    ffi::{c_int, c_long, c_uint, c_ulong},
    fs::{File, NO_OPERATIONS, file::Offset},
    iov::{IovIterDest, IovIterSource},
    poll::Events,
    prelude::*,
    sync::Arc,
};

/// What C calls for files of a `T`.
pub(super) fn operations<T: Files>() -> *const bindings::file_operations {
    Vtable::<T>::OPERATIONS
}

struct Vtable<T>(core::marker::PhantomData<T>);

impl<T: Files> Vtable<T> {
    const OPERATIONS: &'static bindings::file_operations = &bindings::file_operations {
        open: Some(open::<T>),
        release: Some(release::<T>),
        read_iter: if T::HAS_READ_ITER {
            Some(read_iter::<T>)
        } else {
            None
        },
        write_iter: if T::HAS_WRITE_ITER {
            Some(write_iter::<T>)
        } else {
            None
        },
        llseek: if T::HAS_SIZE { Some(llseek::<T>) } else { None },
        unlocked_ioctl: if T::HAS_IOCTL { Some(ioctl::<T>) } else { None },
        // Addresses of a program for 32 bits are numbers below 2^32: the same function does.
        compat_ioctl: if T::HAS_IOCTL { Some(ioctl::<T>) } else { None },
        poll: Some(poll::<T>),
        ..NO_OPERATIONS
    };
}

/// What an open file keeps.
///
/// # Invariants
///
/// FILE-KEEPS: the data pointer of a file that `open` has opened is a `KBox<Opened<T>>` for the `T` of its operations,
/// from then until `release`.
struct Opened<T: Files> {
    shared: Arc<NodeShared<T>>,
    state: T::File,
}

impl<T: Files> Opened<T> {
    /// Calls `f` with the driver's value and the file, unless the node has ended.
    fn call<R>(
        &self,
        file: &File,
        f: impl FnOnce(&T, &OpenFile<'_, T::File>) -> Result<R>,
    ) -> Result<R> {
        let _call = Call::begin(self.shared.key());
        let files = self.shared.files.try_access().ok_or(ENODEV)?;
        let open = OpenFile {
            state: &self.state,
            file,
            queue: &self.shared.queue,
            ending: &self.shared.ending,
        };
        // Whoever waits has been told so already: no call is told otherwise any more.
        if open.is_ending() {
            return Err(ENODEV);
        }
        f(&files, &open)
    }
}

/// Lends a file, and what it keeps, to `f`, which can keep nothing of them.
///
/// # Safety
///
/// `file` must be one that `open::<T>` has opened, and not be released before this returns.
unsafe fn with_opened<T: Files, R>(
    file: *mut bindings::file,
    f: impl FnOnce(&Opened<T>, &File) -> R,
) -> R {
    // SAFETY: the caller vouches for the file.
    let opened = unsafe { bindings::lb_file_private_data(file) }.cast::<Opened<T>>();
    // SAFETY: FILE-KEEPS; it is only borrowed shared until `release`, which comes later (the caller).
    let opened = unsafe { &*opened };
    // SAFETY: FILE-LIVE: the caller.
    f(opened, unsafe { File::from_raw_file(file) })
}

/// # Safety
///
/// To be called by C as `open` of a misc device that `NodeShared::start` registered: under its lock, so that it stays so.
unsafe extern "C" fn open<T: Files>(_: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    from_result(|| {
        let _open = MiscOpen::begin()?;
        // SAFETY: the caller vouches for the file.
        let misc = unsafe { bindings::lb_file_private_data(file) };
        // SAFETY: `misc_open()` leaves the device there, which stays registered: see above.
        let shared = unsafe { NodeShared::<T>::share_of(misc.cast()) };
        let state = {
            let files = shared.files.try_access().ok_or(ENODEV)?;
            // SAFETY: FILE-LIVE during this call; `open` works for any lifetime, so it can keep nothing of it.
            files.open(unsafe { File::from_raw_file(file) })?
        };
        let opened = KBox::new(Opened { shared, state }, GFP_KERNEL)?;
        // INVARIANT: FILE-KEEPS.
        // SAFETY: the file is being opened, so nobody else uses it.
        unsafe { bindings::lb_set_file_private_data(file, KBox::into_raw(opened).cast()) };
        Ok(0)
    })
}

/// # Safety
///
/// To be called by C as `release` of a file that `open::<T>` has opened.
unsafe extern "C" fn release<T: Files>(
    _: *mut bindings::inode,
    file: *mut bindings::file,
) -> c_int {
    // SAFETY: the caller vouches for the file.
    let opened = unsafe { bindings::lb_file_private_data(file) }.cast::<Opened<T>>();
    // SAFETY: FILE-KEEPS; no other operation is running, nor called again.
    let opened = KBox::into_inner(unsafe { KBox::from_raw(opened) });
    let _call = Call::begin(opened.shared.key());
    if T::HAS_RELEASE
        && let Some(files) = opened.shared.files.try_access()
    {
        // SAFETY: FILE-LIVE during this call; `release` works for any lifetime, so it can keep nothing of it.
        files.release(opened.state, unsafe { File::from_raw_file(file) });
    }
    0
}

/// # Safety
///
/// To be called by C as `read_iter` of a file that `open::<T>` has opened.
unsafe extern "C" fn read_iter<T: Files>(
    kiocb: *mut bindings::kiocb,
    iter: *mut bindings::iov_iter,
) -> isize {
    // SAFETY: IOV-DEST: C reads a file into it, and leaves it alone during this call; nothing is kept of it.
    let iov = unsafe { IovIterDest::from_raw(iter) };
    // What was not copied must not be said to have been: C may have memory there that nobody has cleared.
    let before = iov.len();
    // SAFETY: the caller passes a request for such a file.
    let result = unsafe {
        with_request::<T, _>(kiocb, |opened, file, pos| {
            opened.call(file, |files, open| files.read_iter(open, pos, iov))
        })
    };
    // OVERFLOW: it only ever gets shorter.
    request(before - iov.len(), result)
}

/// # Safety
///
/// To be called by C as `write_iter` of a file that `open::<T>` has opened.
unsafe extern "C" fn write_iter<T: Files>(
    kiocb: *mut bindings::kiocb,
    iter: *mut bindings::iov_iter,
) -> isize {
    // SAFETY: IOV-SOURCE: C writes a file from it, and leaves it alone during this call; nothing is kept of it.
    let iov = unsafe { IovIterSource::from_raw(iter) };
    let before = iov.len();
    // SAFETY: the caller passes a request for such a file.
    let result = unsafe {
        with_request::<T, _>(kiocb, |opened, file, pos| {
            opened.call(file, |files, open| files.write_iter(open, pos, iov))
        })
    };
    request(before, result)
}

/// Lends the file of a request, and the position in it, to `f`, which can keep nothing of them.
///
/// # Safety
///
/// `kiocb` must be a request for a file that `open::<T>` has opened, and be left alone until this returns.
unsafe fn with_request<T: Files, R>(
    kiocb: *mut bindings::kiocb,
    f: impl FnOnce(&Opened<T>, &File, &mut Offset) -> R,
) -> R {
    // SAFETY: the caller vouches for the request.
    let file = unsafe { bindings::lb_kiocb_file(kiocb) };
    // SAFETY: as above.
    let pos = unsafe { bindings::lb_kiocb_pos(kiocb) };
    // SAFETY: it is a field of the request, which nobody else uses meanwhile (the caller).
    let pos = unsafe { &mut *pos };
    // SAFETY: a request keeps its file open.
    unsafe { with_opened::<T, _>(file, |opened, file| f(opened, file, pos)) }
}

/// # Safety
///
/// To be called by C as `llseek` of a file that `open::<T>` has opened.
unsafe extern "C" fn llseek<T: Files>(
    file: *mut bindings::file,
    offset: bindings::loff_t,
    whence: c_int,
) -> bindings::loff_t {
    let look = |opened: &Opened<T>, file: &File| opened.call(file, |files, open| files.size(open));
    // SAFETY: the caller passes such a file.
    match unsafe { with_opened::<T, _>(file, look) } {
        // SAFETY: `fixed_size_llseek()` wants an open file: the caller. It compares with the size, no more.
        Ok(size) => unsafe { bindings::fixed_size_llseek(file, offset, whence, size) },
        Err(error) => error.to_errno().into(),
    }
}

/// # Safety
///
/// To be called by C as `unlocked_ioctl` or `compat_ioctl` of a file that `open::<T>` has opened.
unsafe extern "C" fn ioctl<T: Files>(
    file: *mut bindings::file,
    cmd: c_uint,
    arg: c_ulong,
) -> c_long {
    // SAFETY: the caller passes such a file.
    unsafe {
        with_opened::<T, _>(file, |opened, file| {
            from_result(|| opened.call(file, |files, open| files.ioctl(open, cmd, arg)))
        })
    }
}

/// # Safety
///
/// To be called by C as `poll` of a file that `open::<T>` has opened.
unsafe extern "C" fn poll<T: Files>(
    file: *mut bindings::file,
    table: *mut bindings::poll_table_struct,
) -> bindings::__poll_t {
    let look = |opened: &Opened<T>, file: &File| {
        let queue = opened.shared.queue.as_raw();
        // SAFETY: `poll_wait()` wants a queue that is there until the file is closed: the file has a share of it
        // (FILE-KEEPS, QUEUE-SHARED).
        unsafe { bindings::lb_poll_wait(file.as_ptr(), queue, table) };
        opened.call(file, |files, open| {
            Ok(if T::HAS_POLL {
                files.poll(open)
            } else {
                Events::READABLE | Events::WRITABLE
            })
        })
    };
    // SAFETY: the caller passes such a file.
    let events = unsafe { with_opened::<T, _>(file, look) };
    events.unwrap_or(Events::HANGUP | Events::ERROR).as_raw()
}
