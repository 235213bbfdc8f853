// SPDX-License-Identifier: GPL-2.0

//! The methods of the files of a [`Node`](super::Node).

use crate::{
    build_error,
    error::{
        Result, VTABLE_DEFAULT_ERROR,
        code::{EAGAIN, ENODEV},
    },
    fs::{File, file::Offset},
    iov::{IovIterDest, IovIterSource},
    macros::vtable,
    poll::{Events, Queue},
    sync::atomic::{Acquire, Atomic},
    time::Jiffies,
};

/// The methods of a device node's files. There is one value for all files, and a `Self::File` for
/// each file.
///
/// All methods may be called on any thread, several at a time. The end of the scope waits for them;
/// see the [module's documentation](super).
///
/// Context of all methods, unless a method says otherwise: process context; may sleep.
#[vtable]
#[doc(alias = "file_operations")]
pub trait Files: Send + Sync {
    /// The value that is kept for each open file. It may be dropped after the scope has ended.
    type File: Send + Sync + 'static;

    /// Opens a file. The `open` of other misc devices, and the end of the scope, wait for it, so it
    /// must not take long. The [module's documentation](super) says what it cannot do.
    ///
    /// # Errors
    ///
    /// The program gets the error. The file is not open then.
    fn open(&self, file: &File) -> Result<Self::File>;

    /// Called when the last descriptor of a file is closed, if the scope has not ended yet. If the
    /// scope has ended, `state` is dropped.
    fn release(&self, state: Self::File, file: &File) {
        let _ = (state, file);
    }

    /// Reads from the position `pos` on, and returns the number of bytes that it copied to `iov`.
    /// The method must move `pos` itself.
    ///
    /// # Errors
    ///
    /// The program gets the error.
    fn read_iter(
        &self,
        file: &OpenFile<'_, Self::File>,
        pos: &mut Offset,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        let _ = (file, pos, iov);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Writes at the position `pos`, and returns the number of bytes that it took from `iov`. The
    /// method must move `pos` itself.
    ///
    /// # Errors
    ///
    /// The program gets the error.
    fn write_iter(
        &self,
        file: &OpenFile<'_, Self::File>,
        pos: &mut Offset,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let _ = (file, pos, iov);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The size of the file, in bytes. If a driver implements it, programs may move the position to
    /// anywhere from 0 to the size (`lseek()`). Otherwise `lseek()` fails with `ESPIPE`, and only a
    /// call brings a position with it (`pread()`).
    ///
    /// # Errors
    ///
    /// The program gets the error.
    fn size(&self, file: &OpenFile<'_, Self::File>) -> Result<Offset> {
        let _ = file;
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Carries out the command `cmd`, see [`ioctl`](crate::ioctl). `arg` is a number, or an address
    /// for a [`UserSlice`](crate::uaccess::UserSlice). Commands of 32-bit programs come here as
    /// well. The program gets a result that is not negative.
    ///
    /// # Errors
    ///
    /// - `ENOTTY` for an unknown command.
    /// - Any other error. The program gets it.
    fn ioctl(&self, file: &OpenFile<'_, Self::File>, cmd: u32, arg: usize) -> Result<isize> {
        let _ = (file, cmd, arg);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The events that hold for the file now. A thread that waits for another event calls this
    /// again when the node's [`Queue`] is woken.
    ///
    /// If a driver does not implement it, files are always readable and writable.
    ///
    /// Context: process context; must not sleep for long.
    fn poll(&self, file: &OpenFile<'_, Self::File>) -> Events {
        let _ = file;
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Called when the scope is ending. No other method is called from then on, and the scope waits
    /// for those that are running. A driver whose methods wait in other ways than
    /// [`OpenFile::wait_until`] must implement it, and must end these waits in it.
    ///
    /// Context: process context; may sleep.
    fn stopping(&self) {}
}

/// An open file, lent to a call.
pub struct OpenFile<'call, S> {
    pub(super) state: &'call S,
    pub(super) file: &'call File,
    pub(super) queue: &'call Queue,
    pub(super) ending: &'call Atomic<bool>,
}

impl<'call, S> OpenFile<'call, S> {
    /// The value that [`Files::open`] returned.
    ///
    /// Context: any context.
    pub fn state(&self) -> &'call S {
        self.state
    }

    /// The file.
    ///
    /// Context: any context.
    pub fn file(&self) -> &'call File {
        self.file
    }

    /// The node's queue.
    ///
    /// Context: any context.
    pub fn queue(&self) -> &'call Queue {
        self.queue
    }

    /// Whether the scope is ending, so that the call should end soon.
    ///
    /// Context: any context.
    pub fn is_ending(&self) -> bool {
        self.ending.load(Acquire)
    }

    /// Waits until `condition` holds. `condition` is called whenever the node's [`Queue`] is woken.
    /// If the file was opened with `O_NONBLOCK`, this does not wait.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `ENODEV` if the scope is ending.
    /// - `EAGAIN` if the file was opened with `O_NONBLOCK`, and `condition` does not hold.
    /// - `ERESTARTSYS` if the thread has a signal to handle.
    pub fn wait_until(&self, condition: impl FnMut() -> bool) -> Result {
        self.wait_until_timeout(Jiffies::MAX, condition).map(drop)
    }

    /// Waits until `condition` holds, or for `timeout` ticks. Returns whether `condition` holds.
    /// Otherwise it is the same as [`wait_until`](Self::wait_until).
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`wait_until`](Self::wait_until).
    pub fn wait_until_timeout(
        &self,
        timeout: Jiffies,
        mut condition: impl FnMut() -> bool,
    ) -> Result<bool> {
        if self.file.is_nonblocking() {
            return match (self.is_ending(), condition()) {
                (true, _) => Err(ENODEV),
                (false, true) => Ok(true),
                (false, false) => Err(EAGAIN),
            };
        }
        let held = self
            .queue
            .wait_interruptible_timeout(timeout, || self.is_ending() || condition())?;
        if self.is_ending() {
            return Err(ENODEV);
        }
        Ok(held)
    }
}
