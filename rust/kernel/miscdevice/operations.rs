// SPDX-License-Identifier: GPL-2.0

//! The file operations of a [`Node`](super::Node), as C calls them.
//!
//! A file keeps an [`Opened`]: the driver's state, and a share of the node's state. So the node's
//! state lives as long as the file. Each operation enters the gate of the driver's value
//! (`Revocable`), which the end of the node closes.

use core::mem::MaybeUninit;

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
    ffi::{c_char, c_int, c_long, c_uint, c_ulong},
    fs::{File, NO_OPERATIONS, file::Offset, private_data},
    iov::{IovIterDest, IovIterSource},
    poll::Events,
    prelude::*,
    sync::Arc,
};

/// The operations that C calls for files of a `T`.
pub(super) fn operations<T: Files>() -> *const bindings::file_operations {
    Vtable::<T>::OPERATIONS
}

struct Vtable<T>(core::marker::PhantomData<T>);

impl<T: Files> Vtable<T> {
    const OPERATIONS: &'static bindings::file_operations = &bindings::file_operations {
        open: Some(open::<T>),
        release: Some(release::<T>),
        read: if T::HAS_READ_ITER {
            Some(read::<T>)
        } else {
            None
        },
        read_iter: if T::HAS_READ_ITER {
            Some(read_iter::<T>)
        } else {
            None
        },
        write: if T::HAS_WRITE_ITER {
            Some(write::<T>)
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
        // The same function serves 32-bit programs: their addresses are numbers below 2^32.
        compat_ioctl: if T::HAS_IOCTL { Some(ioctl::<T>) } else { None },
        poll: Some(poll::<T>),
        ..NO_OPERATIONS
    };
}

/// The value that an open file keeps.
///
/// # Invariants
///
/// FILE-KEEPS: the data pointer of a file that `open` has opened is a `KBox<Opened<T>>` for the `T`
/// of its operations, from then until `release`.
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
        // Threads that wait were told that the node ends. From then on no call is told otherwise.
        if open.is_ending() {
            return Err(ENODEV);
        }
        f(&files, &open)
    }
}

/// Lends a file, and what it keeps, to `f`. `f` cannot keep anything of them.
///
/// # Safety
///
/// `file` must be one that `open::<T>` has opened. It must not be released before this function
/// returns.
unsafe fn with_opened<T: Files, R>(
    file: *mut bindings::file,
    f: impl FnOnce(&Opened<T>, &File) -> R,
) -> R {
    // SAFETY: `private_data` requires a live file whose data nobody writes: the caller vouches for
    // the file, whose data is written by `open` alone.
    let opened = unsafe { private_data(file) }.cast::<Opened<T>>();
    // SAFETY: a reference requires a live value that is only shared meanwhile: FILE-KEEPS, and the
    // operations only share it until `release`, which comes later (the caller).
    let opened = unsafe { &*opened };
    // SAFETY: `from_raw_file` requires an open file for as long as the reference lasts (FILE-LIVE):
    // the caller vouches for that, and `f` cannot keep the reference.
    f(opened, unsafe { File::from_raw_file(file) })
}

/// # Safety
///
/// C must call this as `open` of a misc device that `NodeShared::<T>::start` registered, under its
/// lock, so that the device stays registered.
unsafe extern "C" fn open<T: Files>(_: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    from_result(|| {
        let _open = MiscOpen::begin()?;
        // SAFETY: `private_data` requires a live file whose data nobody writes: C is opening it.
        let misc = unsafe { private_data(file) };
        // SAFETY: `share_of` requires a device that `start` registered, and that stays registered:
        // `misc_open()` (`drivers/char/misc.c`) stores the device there and holds its lock.
        let shared = unsafe { NodeShared::<T>::share_of(misc.cast()) };
        let state = {
            let files = shared.files.try_access().ok_or(ENODEV)?;
            // SAFETY: `from_raw_file` requires an open file for as long as the reference lasts:
            // FILE-LIVE holds during this call. `open` works for any lifetime, so it cannot keep
            // the reference.
            files.open(unsafe { File::from_raw_file(file) })?
        };
        let opened = KBox::new(Opened { shared, state }, GFP_KERNEL)?;
        // INVARIANT: FILE-KEEPS: the line below stores the box of an `Opened<T>`.
        // SAFETY: `lb_set_file_private_data()` requires a file that nobody else uses: the file is
        // being opened.
        unsafe { bindings::lb_set_file_private_data(file, KBox::into_raw(opened).cast()) };
        Ok(0)
    })
}

/// # Safety
///
/// C must call this as `release` of a file that `open::<T>` has opened.
unsafe extern "C" fn release<T: Files>(
    _: *mut bindings::inode,
    file: *mut bindings::file,
) -> c_int {
    // SAFETY: `private_data` requires a live file whose data nobody writes: C is releasing it.
    let opened = unsafe { private_data(file) }.cast::<Opened<T>>();
    // SAFETY: `from_raw` requires a pointer of `into_raw`, and an owner: FILE-KEEPS, and C runs no
    // other operation of the file, and calls none again.
    let opened = KBox::into_inner(unsafe { KBox::from_raw(opened) });
    let _call = Call::begin(opened.shared.key());
    if T::HAS_RELEASE
        && let Some(files) = opened.shared.files.try_access()
    {
        // SAFETY: `from_raw_file` requires an open file for as long as the reference lasts:
        // FILE-LIVE holds during this call. `release` works for any lifetime, so it cannot keep the
        // reference.
        files.release(opened.state, unsafe { File::from_raw_file(file) });
    }
    0
}

/// Reads a file into `iov`.
///
/// # Safety
///
/// `file` must be one that `open::<T>` has opened. It must not be released before this function
/// returns.
#[inline(always)]
unsafe fn read_into<T: Files>(
    file: *mut bindings::file,
    pos: &mut Offset,
    iov: &mut IovIterDest<'_>,
) -> isize {
    // The result must not count bytes that were not copied: C may have memory there that nobody has
    // cleared.
    let before = iov.len();
    let read = |opened: &Opened<T>, file: &File| {
        opened.call(file, |files, open| files.read_iter(open, pos, iov))
    };
    // SAFETY: `with_opened` requires a file of `open::<T>`, which stays open: the caller vouches
    // for it.
    let result = unsafe { with_opened::<T, _>(file, read) };
    // OVERFLOW: the iterator only gets shorter.
    request(before - iov.len(), result)
}

/// # Safety
///
/// C must call this as `read_iter` of a file that `open::<T>` has opened.
unsafe extern "C" fn read_iter<T: Files>(
    kiocb: *mut bindings::kiocb,
    iter: *mut bindings::iov_iter,
) -> isize {
    // SAFETY: `IovIterDest::from_raw` requires IOV-DEST: C reads a file into `iter`, and leaves it
    // alone during this call. Nothing is kept of it.
    let iov = unsafe { IovIterDest::from_raw(iter) };
    // SAFETY: `parts_of` requires a request that is left alone meanwhile: C leaves it to this call.
    let (file, pos) = unsafe { parts_of(kiocb) };
    // SAFETY: `read_into` requires a file of `open::<T>`, which stays open: C passes a request for
    // such a file, and a request keeps its file open.
    unsafe { read_into::<T>(file, pos, iov) }
}

/// What `read()` of user space takes; [`read_iter`] serves `readv()` and others. It needs no
/// request.
///
/// # Safety
///
/// C must call this as `read` of a file that `open::<T>` has opened.
unsafe extern "C" fn read<T: Files>(
    file: *mut bindings::file,
    buffer: *mut c_char,
    count: usize,
    pos: *mut bindings::loff_t,
) -> isize {
    // SAFETY: `position` requires null or a number that nobody else uses: `vfs_read()`
    // (`fs/read_write.c`) passes such a pointer.
    let pos = unsafe { position(pos) };
    let mut iter = MaybeUninit::uninit();
    // SAFETY: `lb_iov_iter_ubuf()` requires memory for an iterator, and a program's memory that
    // access_ok() has seen: `iter` is the first, and `vfs_read()` has looked at the second.
    unsafe { bindings::lb_iov_iter_ubuf(iter.as_mut_ptr(), true, buffer.cast(), count) };
    // SAFETY: `IovIterDest::from_raw` requires IOV-DEST: the iterator is initialised, it is this
    // function's own, and it writes memory of the program that calls.
    let iov = unsafe { IovIterDest::from_raw(iter.as_mut_ptr()) };
    // SAFETY: `read_into` requires a file of `open::<T>`, which stays open: C passes such a file,
    // and keeps it open during this call.
    unsafe { read_into::<T>(file, pos.unwrap_or(&mut 0), iov) }
}

/// Writes a file from `iov`.
///
/// # Safety
///
/// `file` must be one that `open::<T>` has opened. It must not be released before this function
/// returns.
#[inline(always)]
unsafe fn write_from<T: Files>(
    file: *mut bindings::file,
    pos: &mut Offset,
    iov: &mut IovIterSource<'_>,
) -> isize {
    let before = iov.len();
    let write = |opened: &Opened<T>, file: &File| {
        opened.call(file, |files, open| files.write_iter(open, pos, iov))
    };
    // SAFETY: `with_opened` requires a file of `open::<T>`, which stays open: the caller vouches
    // for it.
    request(before, unsafe { with_opened::<T, _>(file, write) })
}

/// # Safety
///
/// C must call this as `write_iter` of a file that `open::<T>` has opened.
unsafe extern "C" fn write_iter<T: Files>(
    kiocb: *mut bindings::kiocb,
    iter: *mut bindings::iov_iter,
) -> isize {
    // SAFETY: `IovIterSource::from_raw` requires IOV-SOURCE: C writes a file from `iter`, and
    // leaves it alone during this call. Nothing is kept of it.
    let iov = unsafe { IovIterSource::from_raw(iter) };
    // SAFETY: `parts_of` requires a request that is left alone meanwhile: C leaves it to this call.
    let (file, pos) = unsafe { parts_of(kiocb) };
    // SAFETY: `write_from` requires a file of `open::<T>`, which stays open: C passes a request for
    // such a file, and a request keeps its file open.
    unsafe { write_from::<T>(file, pos, iov) }
}

/// What `write()` of user space takes, as [`read`].
///
/// # Safety
///
/// C must call this as `write` of a file that `open::<T>` has opened.
unsafe extern "C" fn write<T: Files>(
    file: *mut bindings::file,
    buffer: *const c_char,
    count: usize,
    pos: *mut bindings::loff_t,
) -> isize {
    // SAFETY: `position` requires null or a number that nobody else uses: `vfs_write()`
    // (`fs/read_write.c`) passes such a pointer.
    let pos = unsafe { position(pos) };
    let mut iter = MaybeUninit::uninit();
    let from = buffer.cast_mut().cast();
    // SAFETY: `lb_iov_iter_ubuf()` requires memory for an iterator, and a program's memory that
    // access_ok() has seen: `iter` is the first, and `vfs_write()` has looked at the second, which
    // is only read.
    unsafe { bindings::lb_iov_iter_ubuf(iter.as_mut_ptr(), false, from, count) };
    // SAFETY: `IovIterSource::from_raw` requires IOV-SOURCE: the iterator is initialised, it is
    // this function's own, and it reads memory of the program that calls.
    let iov = unsafe { IovIterSource::from_raw(iter.as_mut_ptr()) };
    // SAFETY: `write_from` requires a file of `open::<T>`, which stays open: C passes such a file,
    // and keeps it open during this call.
    unsafe { write_from::<T>(file, pos.unwrap_or(&mut 0), iov) }
}

/// The position of a call. A file that has none passes null.
///
/// # Safety
///
/// `pos` must be null, or point to a number that nobody else uses for `'a`.
unsafe fn position<'a>(pos: *mut bindings::loff_t) -> Option<&'a mut Offset> {
    // SAFETY: `as_mut` requires null or a number that nobody else uses: the caller vouches for it.
    unsafe { pos.as_mut() }
}

/// The file of a request, and the position in it.
///
/// # Safety
///
/// `kiocb` must be a request, which is left alone for `'a`.
unsafe fn parts_of<'a>(kiocb: *mut bindings::kiocb) -> (*mut bindings::file, &'a mut Offset) {
    // SAFETY: a read requires a live request: the caller vouches for it.
    let file = unsafe { (*kiocb).ki_filp };
    // SAFETY: a mutable reference requires a live number that nobody else uses: it is a field of
    // the request, which is left alone meanwhile (the caller).
    (file, unsafe { &mut (*kiocb).ki_pos })
}

/// # Safety
///
/// C must call this as `llseek` of a file that `open::<T>` has opened.
unsafe extern "C" fn llseek<T: Files>(
    file: *mut bindings::file,
    offset: bindings::loff_t,
    whence: c_int,
) -> bindings::loff_t {
    let look = |opened: &Opened<T>, file: &File| opened.call(file, |files, open| files.size(open));
    // SAFETY: `with_opened` requires a file of `open::<T>`, which stays open: C passes such a file,
    // and keeps it open during this call.
    match unsafe { with_opened::<T, _>(file, look) } {
        // SAFETY: `fixed_size_llseek()` requires an open file: C keeps it open during this call. It
        // only compares with the size.
        Ok(size) => unsafe { bindings::fixed_size_llseek(file, offset, whence, size) },
        Err(error) => error.to_errno().into(),
    }
}

/// # Safety
///
/// C must call this as `unlocked_ioctl` or `compat_ioctl` of a file that `open::<T>` has opened.
unsafe extern "C" fn ioctl<T: Files>(
    file: *mut bindings::file,
    cmd: c_uint,
    arg: c_ulong,
) -> c_long {
    // SAFETY: `with_opened` requires a file of `open::<T>`, which stays open: C passes such a file,
    // and keeps it open during this call.
    unsafe {
        with_opened::<T, _>(file, |opened, file| {
            from_result(|| opened.call(file, |files, open| files.ioctl(open, cmd, arg)))
        })
    }
}

/// # Safety
///
/// C must call this as `poll` of a file that `open::<T>` has opened.
unsafe extern "C" fn poll<T: Files>(
    file: *mut bindings::file,
    table: *mut bindings::poll_table_struct,
) -> bindings::__poll_t {
    let look = |opened: &Opened<T>, file: &File| {
        let queue = opened.shared.queue.as_raw();
        // SAFETY: `poll_wait()` requires a queue that lives until the file is closed: the file has
        // a share of it (FILE-KEEPS, QUEUE-SHARED).
        unsafe { bindings::lb_poll_wait(file.as_ptr(), queue, table) };
        opened.call(file, |files, open| {
            Ok(if T::HAS_POLL {
                files.poll(open)
            } else {
                Events::READABLE | Events::WRITABLE
            })
        })
    };
    // SAFETY: `with_opened` requires a file of `open::<T>`, which stays open: C passes such a file,
    // and keeps it open during this call.
    let events = unsafe { with_opened::<T, _>(file, look) };
    events.unwrap_or(Events::HANGUP | Events::ERROR).as_raw()
}
