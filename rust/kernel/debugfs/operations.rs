// SPDX-License-Identifier: GPL-2.0

//! The file operations, as C calls them.
//!
//! C's debugfs calls `open`, `read` and `write` between `debugfs_file_get()` and
//! `debugfs_file_put()`. A file is removed while none of them runs, so they find the data in place.
//! `release` may be called later, and does not look at the data.

use core::{marker::PhantomData, ptr::NonNull};

use super::{
    dir::WHAT,
    traits::{BinaryReader, BinaryWriter, Reader, Writer},
};
use crate::{
    bindings,
    calls::{self, Call},
    error::{code::EINVAL, from_result},
    ffi::{c_char, c_int, c_void},
    fmt::Write as _,
    fs::{NO_OPERATIONS, file},
    prelude::*,
    str::file_name,
    uaccess::{UserSlice, UserSliceReader, UserSliceWriter},
};

/// The key under which the calls of all files are counted. A file may be about any part of a value,
/// wherever that part lies.
static CALLS: u8 = 0;

/// Whether this thread runs an operation of a file of the module.
///
/// Context: any context.
pub(super) fn run_here() -> bool {
    calls::is_running(&raw const CALLS)
}

/// The operations of a file with a `T`.
pub(super) trait Content<T> {
    /// Whether the file can be read.
    const READ: bool = false;
    /// Whether the file can be written.
    const WRITE: bool = false;
    /// Whether the file is read and written by positions, and not as one text.
    const BINARY: bool = false;

    fn show(_data: &T, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }

    fn store(_data: &T, _reader: &mut UserSliceReader) -> Result {
        Err(EINVAL)
    }

    fn read(_: &T, _: &mut UserSliceWriter, _: &mut file::Offset) -> Result<usize> {
        Err(EINVAL)
    }

    fn write(_: &T, _: &mut UserSliceReader, _: &mut file::Offset) -> Result<usize> {
        Err(EINVAL)
    }
}

pub(super) struct Show;
pub(super) struct Store;
pub(super) struct ShowCall<F>(PhantomData<F>);
pub(super) struct StoreCall<W>(PhantomData<W>);
pub(super) struct ShowBytes;
pub(super) struct StoreBytes;
/// The content `R` for reading, and `W` for writing.
pub(super) struct Both<R, W>(PhantomData<(R, W)>);

/// The value of a type without size. The caller must have had a reference to a static value of the
/// type.
fn conjure<F>() -> &'static F {
    const { assert!(size_of::<F>() == 0, "the function captures something") };
    // SAFETY: `as_ref` requires an aligned address and a value of the type. `dangling` is aligned.
    // The type has no size, and the functions that name the type got a `&'static` of it.
    unsafe { NonNull::<F>::dangling().as_ref() }
}

impl<T: Writer> Content<T> for Show {
    const READ: bool = true;

    fn show(data: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        data.write(f)
    }
}

impl<T: Reader> Content<T> for Store {
    const WRITE: bool = true;

    fn store(data: &T, reader: &mut UserSliceReader) -> Result {
        data.read_from_slice(reader)
    }
}

impl<T, F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + 'static> Content<T> for ShowCall<F> {
    const READ: bool = true;

    fn show(data: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        conjure::<F>()(data, f)
    }
}

impl<T, W: Fn(&T, &mut UserSliceReader) -> Result + 'static> Content<T> for StoreCall<W> {
    const WRITE: bool = true;

    fn store(data: &T, reader: &mut UserSliceReader) -> Result {
        conjure::<W>()(data, reader)
    }
}

impl<T: BinaryWriter> Content<T> for ShowBytes {
    const READ: bool = true;
    const BINARY: bool = true;

    fn read(data: &T, writer: &mut UserSliceWriter, offset: &mut file::Offset) -> Result<usize> {
        data.write_to_slice(writer, offset)
    }
}

impl<T: BinaryReader> Content<T> for StoreBytes {
    const WRITE: bool = true;
    const BINARY: bool = true;

    fn write(data: &T, reader: &mut UserSliceReader, offset: &mut file::Offset) -> Result<usize> {
        data.read_from_slice(reader, offset)
    }
}

impl<T, R: Content<T>, W: Content<T>> Content<T> for Both<R, W> {
    const READ: bool = R::READ;
    const WRITE: bool = W::WRITE;
    const BINARY: bool = {
        assert!(
            R::BINARY == W::BINARY,
            "one goes by positions, the other does not"
        );
        R::BINARY
    };

    fn show(data: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        R::show(data, f)
    }

    fn store(data: &T, reader: &mut UserSliceReader) -> Result {
        W::store(data, reader)
    }

    fn read(data: &T, writer: &mut UserSliceWriter, offset: &mut file::Offset) -> Result<usize> {
        R::read(data, writer, offset)
    }

    fn write(data: &T, reader: &mut UserSliceReader, offset: &mut file::Offset) -> Result<usize> {
        W::write(data, reader, offset)
    }
}

/// Creates a file. Returns what C returned, with which the file is removed.
///
/// # Safety
///
/// 1. `parent` must be a directory that exists, or an error.
/// 2. `data` must exist until the file was removed, and any thread may only share it until then.
pub(super) unsafe fn create<T: Sync, C: Content<T>>(
    name: &CStr,
    parent: *mut bindings::dentry,
    data: *const T,
) -> *mut bindings::dentry {
    if let Err(error) = file_name::check(WHAT, name, file_name::LONGEST) {
        return error.to_ptr();
    }
    let mode = match (C::READ, C::WRITE) {
        (true, true) => 0o644,
        (true, false) => 0o444,
        _ => 0o200,
    };
    // SAFETY: `debugfs_create_file()` requires a directory or an error, and static operations that
    // expect such data: (1), and the operations are those of a `T`. C copies the name.
    unsafe {
        bindings::lb_debugfs_create_file(
            name.as_char_ptr(),
            mode,
            parent,
            data.cast_mut().cast(),
            Vtable::<T, C>::OPERATIONS,
        )
    }
}

struct Vtable<T, C>(PhantomData<(T, C)>);

impl<T, C: Content<T>> Vtable<T, C> {
    const OPERATIONS: &'static bindings::file_operations = if C::BINARY {
        &bindings::file_operations {
            read: if C::READ { Some(read_at::<T, C>) } else { None },
            write: if C::WRITE {
                Some(write_at::<T, C>)
            } else {
                None
            },
            llseek: Some(bindings::default_llseek),
            ..NO_OPERATIONS
        }
    } else if C::READ {
        &bindings::file_operations {
            open: Some(open::<T, C>),
            read: Some(bindings::seq_read),
            llseek: Some(bindings::seq_lseek),
            release: Some(bindings::single_release),
            write: if C::WRITE { Some(write::<T, C>) } else { None },
            ..NO_OPERATIONS
        }
    } else {
        &bindings::file_operations {
            write: Some(write::<T, C>),
            ..NO_OPERATIONS
        }
    };
}

/// # Safety
///
/// C must call this as `open` of a file that `create::<T, C>` has made.
unsafe extern "C" fn open<T, C: Content<T>>(
    inode: *mut bindings::inode,
    file: *mut bindings::file,
) -> c_int {
    // SAFETY: `lb_seq_open()` requires a file that is being opened, and a function that expects the
    // inode's data. C is opening the file, and `show_file` is that of the same types.
    unsafe { bindings::lb_seq_open(inode, file, Some(show_file::<T, C>)) }
}

/// # Safety
///
/// C must call this for a `seq_file` that `open::<T, C>` has opened, while the file is not removed.
unsafe extern "C" fn show_file<T, C: Content<T>>(
    seq: *mut bindings::seq_file,
    _: *mut c_void,
) -> c_int {
    // SAFETY: `lb_seq_private()` requires an open `seq_file`: C passes one.
    let data = unsafe { bindings::lb_seq_private(seq) };
    // SAFETY: a reference requires a live value: it is the data of `create`, which exists until the
    // file is removed (the caller).
    let data = unsafe { &*data.cast_const().cast::<T>() };
    let _call = Call::begin(&raw const CALLS);
    let shown = SeqWriter(seq).write_fmt(format_args!("{}", Shown::<T, C>(data, PhantomData)));
    from_result(|| shown.map(|()| 0).map_err(|fmt::Error| EINVAL))
}

/// The value as `core` formats it.
struct Shown<'a, T, C>(&'a T, PhantomData<C>);

impl<T, C: Content<T>> core::fmt::Display for Shown<'_, T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        C::show(self.0, f)
    }
}

/// A place for text in a `seq_file`, which must live for as long as this. If the text does not fit,
/// C calls again with more room.
struct SeqWriter(*mut bindings::seq_file);

impl fmt::Write for SeqWriter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: `seq_write()` requires a `seq_file` that is being shown, and memory of that size:
        // the `seq_file` lives for as long as `self`, and `text` has this length.
        unsafe { bindings::seq_write(self.0, text.as_ptr().cast(), text.len()) };
        Ok(())
    }
}

/// The data of a file.
///
/// # Safety
///
/// `file` must be one that `create::<T, _>` has made. It must not be removed while the result is
/// used.
unsafe fn data_of<'a, T>(file: *mut bindings::file) -> &'a T {
    // SAFETY: `lb_file_inode_private()` requires an open file: the caller vouches for it.
    let data = unsafe { bindings::lb_file_inode_private(file) };
    // SAFETY: a reference requires a live value: it is the data of `create`, which exists until the
    // file is removed (the caller).
    unsafe { &*data.cast_const().cast::<T>() }
}

/// A range of the calling task's memory, as C hands it to a file.
fn user_slice(start: *const c_char, length: usize) -> UserSlice {
    UserSlice::new(UserPtr::from_ptr(start.cast_mut().cast()), length)
}

/// # Safety
///
/// C must call this as `write` of a file that `create::<T, C>` has made, while the file is not
/// removed.
unsafe extern "C" fn write<T, C: Content<T>>(
    file: *mut bindings::file,
    text: *const c_char,
    length: usize,
    _offset: *mut bindings::loff_t,
) -> isize {
    // SAFETY: `data_of` requires a file of `create::<T, _>` that is not removed meanwhile: C passes
    // such a file, and debugfs does not remove it during this call.
    let data = unsafe { data_of::<T>(file) };
    let _call = Call::begin(&raw const CALLS);
    from_result(|| {
        C::store(data, &mut user_slice(text, length).reader())?;
        // CAST: C limits a request to less than `isize::MAX` bytes.
        Ok(length as isize)
    })
}

/// Makes `transfer` move up to `length` bytes from or to a position, and returns their number for
/// C.
///
/// # Safety
///
/// 1. `file` must be one that `create::<T, _>` has made. It must not be removed meanwhile.
/// 2. `offset` must be lent to this call.
unsafe fn transfer_at<T>(
    file: *mut bindings::file,
    length: usize,
    offset: *mut bindings::loff_t,
    transfer: impl FnOnce(&T, &mut file::Offset) -> Result<usize>,
) -> isize {
    // SAFETY: `data_of` requires a file of `create::<T, _>` that is not removed meanwhile: (1).
    let data = unsafe { data_of::<T>(file) };
    // SAFETY: a mutable reference requires a live number that nobody else uses: (2).
    let offset = unsafe { &mut *offset };
    let _call = Call::begin(&raw const CALLS);
    // The number is at most the room, whatever the data's methods return.
    from_result(|| Ok(transfer(data, offset)?.min(length) as isize))
}

/// # Safety
///
/// C must call this as `read` of a file that `create::<T, C>` has made, while the file is not
/// removed.
unsafe extern "C" fn read_at<T, C: Content<T>>(
    file: *mut bindings::file,
    bytes: *mut c_char,
    length: usize,
    offset: *mut bindings::loff_t,
) -> isize {
    let transfer = |data: &T, offset: &mut file::Offset| {
        C::read(data, &mut user_slice(bytes, length).writer(), offset)
    };
    // SAFETY: `transfer_at` requires (1) a file of `create::<T, _>` that is not removed meanwhile,
    // (2) a position that is lent to it. (1) C passes such a file, and debugfs does not remove it
    // during this call. (2) C lends its position to this call.
    unsafe { transfer_at(file, length, offset, transfer) }
}

/// # Safety
///
/// C must call this as `write` of a file that `create::<T, C>` has made, while the file is not
/// removed.
unsafe extern "C" fn write_at<T, C: Content<T>>(
    file: *mut bindings::file,
    bytes: *const c_char,
    length: usize,
    offset: *mut bindings::loff_t,
) -> isize {
    let transfer = |data: &T, offset: &mut file::Offset| {
        let count = C::write(data, &mut user_slice(bytes, length).reader(), offset)?;
        // A program to which 0 is returned tries again.
        if count == 0 && length != 0 {
            return Err(ENOSPC);
        }
        Ok(count)
    };
    // SAFETY: `transfer_at` requires (1) a file of `create::<T, _>` that is not removed meanwhile,
    // (2) a position that is lent to it. (1) C passes such a file, and debugfs does not remove it
    // during this call. (2) C lends its position to this call.
    unsafe { transfer_at(file, length, offset, transfer) }
}
