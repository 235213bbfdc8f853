// SPDX-License-Identifier: GPL-2.0

//! The file operations, as C calls them.
//!
//! C's debugfs calls `open`, `read` and `write` between `debugfs_file_get()` and `debugfs_file_put()`, and a file is
//! removed when none is: so they find the data in place. `release` may come later, and does not look at them.

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

/// What the calls of all files are counted under: a file may be about any part of a value, wherever
/// that is.
static CALLS: u8 = 0;

/// Whether this thread runs an operation of a file of the module. Any context.
pub(super) fn run_here() -> bool {
    calls::is_running(&raw const CALLS)
}

/// What a file does with a `T`.
pub(super) trait Content<T> {
    /// Whether it can be read.
    const READ: bool = false;
    /// Whether it can be written.
    const WRITE: bool = false;
    /// Whether it is read and written by positions, and not as one text.
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
/// What `R` does for a reader, and `W` for a writer.
pub(super) struct Both<R, W>(PhantomData<(R, W)>);

/// The value of a type that has but one, of which somebody had a reference to a static one.
fn conjure<F>() -> &'static F {
    const { assert!(size_of::<F>() == 0, "the function captures something") };
    // SAFETY: a reference to a type without size wants an aligned address, and a value: those who name the type have been
    // given a `&'static` of it.
    unsafe { NonNull::<F>::dangling().as_ref() }
}

impl<T: Writer> Content<T> for Show {
    const READ: bool = true;

    fn show(data: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        data.write(f)?;
        f.write_str("\n")
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

/// Creates a file; gives what C returned, for removing it.
///
/// # Safety
///
/// `parent` must be a directory that is there, or an error. `data` must be there, and be only used shared, by any thread,
/// until the file was removed.
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
    // SAFETY: `debugfs_create_file()` wants a directory (the caller) and static operations, which expect such data; it
    // copies the name.
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
/// To be called by C as `open` of a file that `create::<T, C>` has made.
unsafe extern "C" fn open<T, C: Content<T>>(
    inode: *mut bindings::inode,
    file: *mut bindings::file,
) -> c_int {
    // SAFETY: the shim hands the inode's data to `single_open()`, and so to `show_file` of the same types.
    unsafe { bindings::lb_seq_open(inode, file, Some(show_file::<T, C>)) }
}

/// # Safety
///
/// To be called by C for a `seq_file` that `open::<T, C>` has opened, while the file is not removed.
unsafe extern "C" fn show_file<T, C: Content<T>>(
    seq: *mut bindings::seq_file,
    _: *mut c_void,
) -> c_int {
    // SAFETY: the caller vouches for the `seq_file`.
    let data = unsafe { bindings::lb_seq_private(seq) };
    // SAFETY: the data of `create`, which are there until the file is removed (the caller).
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

/// Text for a `seq_file`, which must be there as long as this. What does not fit is asked for again by C, with more room.
struct SeqWriter(*mut bindings::seq_file);

impl fmt::Write for SeqWriter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: `seq_write()` wants a `seq_file` that is being shown, and memory of that size.
        unsafe { bindings::seq_write(self.0, text.as_ptr().cast(), text.len()) };
        Ok(())
    }
}

/// The data of a file.
///
/// # Safety
///
/// `file` must be one that `create::<T, _>` has made, and not be removed while the result is used.
unsafe fn data_of<'a, T>(file: *mut bindings::file) -> &'a T {
    // SAFETY: the caller vouches for the file.
    let data = unsafe { bindings::lb_file_inode_private(file) };
    // SAFETY: the data of `create`, which are there until the file is removed (the caller).
    unsafe { &*data.cast_const().cast::<T>() }
}

/// A range of the calling task's memory, as C hands it to a file.
fn user_slice(start: *const c_char, length: usize) -> UserSlice {
    UserSlice::new(UserPtr::from_ptr(start.cast_mut().cast()), length)
}

/// # Safety
///
/// To be called by C as `write` of a file that `create::<T, C>` has made, while it is not removed.
unsafe extern "C" fn write<T, C: Content<T>>(
    file: *mut bindings::file,
    text: *const c_char,
    length: usize,
    _offset: *mut bindings::loff_t,
) -> isize {
    // SAFETY: the caller.
    let data = unsafe { data_of::<T>(file) };
    let _call = Call::begin(&raw const CALLS);
    from_result(|| {
        C::store(data, &mut user_slice(text, length).reader())?;
        // CAST: C limits a request to less than `isize::MAX` bytes.
        Ok(length as isize)
    })
}

/// Has `transfer` move up to `length` bytes from or to a position, and gives C their number.
///
/// # Safety
///
/// `file` must be one that `create::<T, _>` has made, and not be removed meanwhile. `offset` must be lent to this call.
unsafe fn transfer_at<T>(
    file: *mut bindings::file,
    length: usize,
    offset: *mut bindings::loff_t,
    transfer: impl FnOnce(&T, &mut file::Offset) -> Result<usize>,
) -> isize {
    // SAFETY: the caller.
    let data = unsafe { data_of::<T>(file) };
    // SAFETY: the caller.
    let offset = unsafe { &mut *offset };
    let _call = Call::begin(&raw const CALLS);
    // No more than there was room for, whatever the data say.
    from_result(|| Ok(transfer(data, offset)?.min(length) as isize))
}

/// # Safety
///
/// To be called by C as `read` of a file that `create::<T, C>` has made, while it is not removed.
unsafe extern "C" fn read_at<T, C: Content<T>>(
    file: *mut bindings::file,
    bytes: *mut c_char,
    length: usize,
    offset: *mut bindings::loff_t,
) -> isize {
    let transfer = |data: &T, offset: &mut file::Offset| {
        C::read(data, &mut user_slice(bytes, length).writer(), offset)
    };
    // SAFETY: the caller; and C lends its position to this call.
    unsafe { transfer_at(file, length, offset, transfer) }
}

/// # Safety
///
/// To be called by C as `write` of a file that `create::<T, C>` has made, while it is not removed.
unsafe extern "C" fn write_at<T, C: Content<T>>(
    file: *mut bindings::file,
    bytes: *const c_char,
    length: usize,
    offset: *mut bindings::loff_t,
) -> isize {
    let transfer = |data: &T, offset: &mut file::Offset| {
        let count = C::write(data, &mut user_slice(bytes, length).reader(), offset)?;
        // A program that is told 0 tries again.
        if count == 0 && length != 0 {
            return Err(ENOSPC);
        }
        Ok(count)
    };
    // SAFETY: the caller; and C lends its position to this call.
    unsafe { transfer_at(file, length, offset, transfer) }
}
