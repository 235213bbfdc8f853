// SPDX-License-Identifier: GPL-2.0

//! Tasks, that is, threads.
//!
//! C headers: `include/linux/sched.h`, `include/linux/sched/signal.h`.
//!
//! [`current!`](macro@crate::current) is the task that runs. An [`ARef<Task>`](crate::types::ARef)
//! keeps one for later.

use core::ffi::CStr;
use core::ops::Deref;
use core::ptr::NonNull;

use crate::bindings;
use crate::types::{AlwaysRefCounted, NotThreadSafe, Opaque};

/// The number of a task, as the system at large sees it.
pub type Pid = bindings::pid_t;

/// The task that runs here, as a `&CurrentTask`.
///
/// In an interrupt handler it is the task that was interrupted. The reference stays on the thread
/// and in the scope of its use; for more, make it an [`ARef<Task>`](crate::types::ARef).
///
/// # Examples
///
/// ```no_run
/// use kernel::{current, task::Task, types::ARef};
///
/// let pid = current!().pid();
/// let task: ARef<Task> = ARef::from(&**current!());
/// assert_eq!(task.pid(), pid);
/// ```
///
/// ```compile_fail,E0716
/// use kernel::{current, task::Task};
///
/// fn escape() -> &'static Task {
///     let task: &'static Task = current!();
///     task
/// }
/// ```
#[macro_export]
macro_rules! current {
    () => {
        // SAFETY: `Task::current` demands that the result be a temporary value of this function: it
        // is dereferenced here, so that nobody can move it.
        &*unsafe { $crate::task::Task::current() }
    };
}

/// A task: C's `struct task_struct`.
///
/// # Invariants
///
/// Every value is a live task of the kernel's.
#[repr(transparent)]
pub struct Task(Opaque<bindings::task_struct>);

// SAFETY: `Send` demands that a task may be given up on another thread: `put_task_struct` may be
// called on any.
unsafe impl Send for Task {}

// SAFETY: `Sync` demands that `&Task` may be used on several threads: its methods only call
// functions that are made for tasks other than the current one.
unsafe impl Sync for Task {}

impl Task {
    /// The task that runs here. Use [`current!`](macro@crate::current).
    ///
    /// # Safety
    ///
    /// The result must be dropped before the running function returns: it must not be leaked.
    #[doc(hidden)]
    pub unsafe fn current() -> impl Deref<Target = CurrentTask> {
        /// Lends the current task while it stays on the stack of that task.
        struct Lender(NonNull<CurrentTask>);

        impl Deref for Lender {
            type Target = CurrentTask;

            fn deref(&self) -> &CurrentTask {
                // SAFETY: `as_ref` demands a live task: the lender is on its stack, by the contract
                // of `current` and because a `NonNull` is not `Send`.
                unsafe { self.0.as_ref() }
            }
        }

        // SAFETY: `lb_current` demands a current task, which there always is.
        let task = unsafe { bindings::lb_current() };
        // SAFETY: `new_unchecked` demands a pointer that is not null: there always is a current
        // task.
        Lender(unsafe { NonNull::new_unchecked(task.cast()) })
    }

    /// The task for C, valid as long as `self` is.
    pub fn as_ptr(&self) -> *mut bindings::task_struct {
        self.0.get()
    }

    /// The task's number. Context: any.
    pub fn pid(&self) -> Pid {
        // SAFETY: `lb_task_pid_nr` demands a live task: the type's invariant.
        unsafe { bindings::lb_task_pid_nr(self.as_ptr()) }
    }

    /// The task's name: that of its program, unless it was changed. (Not in Linux's own crate.)
    ///
    /// Context: process context and softirq, because a spinlock is taken.
    pub fn comm(&self) -> Comm {
        let mut name = [0; COMM_LEN];
        // SAFETY: `lb_get_task_comm` demands a live task (the type's invariant) and room for
        // `TASK_COMM_LEN` characters (`name`).
        unsafe { bindings::lb_get_task_comm(self.as_ptr(), name.as_mut_ptr()) };
        Comm(name)
    }
}

// SAFETY: the trait demands values that live while they are counted and cannot be made or moved:
// tasks are only seen by reference. `usage` in `struct task_struct` is a `refcount_t`, which
// saturates, and `put_task_struct` may be called on any thread.
unsafe impl AlwaysRefCounted for Task {
    fn inc_ref(&self) {
        // SAFETY: `lb_get_task_struct` demands a live task: the type's invariant.
        unsafe { bindings::lb_get_task_struct(self.as_ptr()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: `lb_put_task_struct` demands a counted reference: this function's contract.
        unsafe { bindings::lb_put_task_struct(obj.cast().as_ptr()) };
    }
}

/// The task that runs here. It stays on its thread:
///
/// ```compile_fail,E0277
/// use kernel::task::CurrentTask;
///
/// fn share<T: Sync>() {}
/// share::<CurrentTask>();
/// ```
///
/// # Invariants
///
/// Every value is the task on which it is seen.
#[repr(transparent)]
pub struct CurrentTask(Task, NotThreadSafe);

impl CurrentTask {
    /// Whether the task has a signal to handle, and should leave the kernel. Context: any.
    pub fn signal_pending(&self) -> bool {
        // SAFETY: `lb_signal_pending` looks at the current task, which there always is.
        unsafe { bindings::lb_signal_pending() }
    }
}

impl Deref for CurrentTask {
    type Target = Task;

    fn deref(&self) -> &Task {
        &self.0
    }
}

/// Length of a name in C, its NUL included.
const COMM_LEN: usize = bindings::TASK_COMM_LEN as usize;

/// A copy of a task's name. (Not in Linux's own crate.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comm([u8; COMM_LEN]);

impl Deref for Comm {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or(c"")
    }
}

pub use current;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_their_nul() {
        let mut name = [0; COMM_LEN];
        name[..4].copy_from_slice(b"init");
        assert_eq!(&*Comm(name), c"init");
        assert_eq!(&*Comm([0; COMM_LEN]), c"");
        assert_eq!(&*Comm([b'x'; COMM_LEN]), c"");
    }
}
