// SPDX-License-Identifier: GPL-2.0

//! What the files of a [`Node`](super::Node) do.

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

/// What the files of a device node do. One value for all files; a `Self::File` for each.
///
/// All methods are called in process context, on any thread, several at a time, and may sleep, except where it says
/// otherwise. The end of the scope waits for them; see the [module's documentation](super).
#[vtable]
pub trait Files: Send + Sync {
    /// What is kept for each open file. It may be dropped after the scope has ended.
    type File: Send + Sync + 'static;

    /// Opens a file. The opening of other misc devices, and the end of the scope, wait for it, so
    /// it must not take long. See the [module's documentation](super) for what it cannot do.
    ///
    /// # Errors
    ///
    /// What the program shall see. The file is not open then.
    fn open(&self, file: &File) -> Result<Self::File>;

    /// Called when the last descriptor of a file is closed, if the scope has not ended yet. If it has, `state` is dropped.
    fn release(&self, state: Self::File, file: &File) {
        let _ = (state, file);
    }

    /// Reads from the position `pos` on, which is the method's to move; returns how many bytes were copied to `iov`.
    ///
    /// # Errors
    ///
    /// What the program shall see.
    fn read_iter(
        &self,
        file: &OpenFile<'_, Self::File>,
        pos: &mut Offset,
        iov: &mut IovIterDest<'_>,
    ) -> Result<usize> {
        let _ = (file, pos, iov);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Writes at the position `pos`, which is the method's to move; returns how many of the bytes of `iov` it took.
    ///
    /// # Errors
    ///
    /// What the program shall see.
    fn write_iter(
        &self,
        file: &OpenFile<'_, Self::File>,
        pos: &mut Offset,
        iov: &mut IovIterSource<'_>,
    ) -> Result<usize> {
        let _ = (file, pos, iov);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// How many bytes the file has. With this, programs may move the position to anywhere from 0 to there (`lseek()`);
    /// without it that fails with `ESPIPE`, and a position comes with the call alone (`pread()`).
    ///
    /// # Errors
    ///
    /// What the program shall see.
    fn size(&self, file: &OpenFile<'_, Self::File>) -> Result<Offset> {
        let _ = file;
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Carries out the command `cmd`, see [`ioctl`](crate::ioctl). `arg` is a number, or an address for a
    /// [`UserSlice`](crate::uaccess::UserSlice); programs for 32 bits come here as well. A result that is not negative is
    /// returned to the program.
    ///
    /// # Errors
    ///
    /// `ENOTTY` for an unknown command; else what the program shall see.
    fn ioctl(&self, file: &OpenFile<'_, Self::File>, cmd: u32, arg: usize) -> Result<isize> {
        let _ = (file, cmd, arg);
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// What can be said about the file now. Whoever waits for something else looks again when the node's
    /// [`Queue`] is woken. Must not sleep for long.
    ///
    /// Without it, files are always readable and writable.
    fn poll(&self, file: &OpenFile<'_, Self::File>) -> Events {
        let _ = file;
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// The scope is ending. No other method is called any more; those that are running are waited for. To be implemented
    /// by whoever waits in them otherwise than by [`OpenFile::wait_until`], and to end these waits. May sleep.
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
    /// What [`Files::open`] returned. Any context.
    pub fn state(&self) -> &'call S {
        self.state
    }

    /// The file. Any context.
    pub fn file(&self) -> &'call File {
        self.file
    }

    /// The node's queue. Any context.
    pub fn queue(&self) -> &'call Queue {
        self.queue
    }

    /// Whether the scope is ending, so that the call should end soon. Any context.
    pub fn is_ending(&self) -> bool {
        self.ending.load(Acquire)
    }

    /// Waits until `condition` holds. It is looked at whenever the node's [`Queue`] is woken. Sleeps, unless the file was
    /// opened with `O_NONBLOCK`.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the scope is ending; `EAGAIN` instead of sleeping if the file was opened so; `ERESTARTSYS` if the thread
    /// has a signal to handle.
    pub fn wait_until(&self, condition: impl FnMut() -> bool) -> Result {
        self.wait_until_timeout(Jiffies::MAX, condition).map(drop)
    }

    /// As [`wait_until`](Self::wait_until), for `timeout` ticks at most. Whether the condition holds is returned.
    ///
    /// # Errors
    ///
    /// As [`wait_until`](Self::wait_until).
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
