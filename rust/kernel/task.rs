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
/// and in the scope of its use. To keep the task for longer, make it an
/// [`ARef<Task>`](crate::types::ARef).
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
#[doc(alias = "get_current")]
macro_rules! current {
    () => {
        // SAFETY: `Task::current` requires that the result is a temporary value of this function;
        // it is dereferenced here, so nobody can move it.
        &*unsafe { $crate::task::Task::current() }
    };
}

/// A task: C's `struct task_struct`.
///
/// # Invariants
///
/// Every value is a live task of the kernel.
#[repr(transparent)]
pub struct Task(Opaque<bindings::task_struct>);

// SAFETY: `Send` requires that a task may be given up on another thread; `put_task_struct` may be
// called on any.
unsafe impl Send for Task {}

// SAFETY: `Sync` requires that `&Task` may be used on several threads; its methods only call
// functions that are made for tasks other than the current one.
unsafe impl Sync for Task {}

impl Task {
    /// Returns the task that runs here. Use [`current!`](macro@crate::current).
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
                // SAFETY: `as_ref` requires a live task. The lender is on the stack of that task,
                // by the contract of `current` and because a `NonNull` is not `Send`.
                unsafe { self.0.as_ref() }
            }
        }

        // SAFETY: `lb_current` requires a current task; there always is one.
        let task = unsafe { bindings::lb_current() };
        // SAFETY: `new_unchecked` requires a pointer that is not null; there always is a current
        // task.
        Lender(unsafe { NonNull::new_unchecked(task.cast()) })
    }

    /// Returns the task for C, valid as long as `self`.
    pub fn as_ptr(&self) -> *mut bindings::task_struct {
        self.0.get()
    }

    /// Returns the task's number.
    ///
    /// Context: any context.
    #[doc(alias = "task_pid_nr")]
    pub fn pid(&self) -> Pid {
        // SAFETY: `lb_task_pid_nr` requires a live task; the type's invariant ensures it.
        unsafe { bindings::lb_task_pid_nr(self.as_ptr()) }
    }

    /// Returns the task's name: that of its program, unless it was changed. Not in Linux 7.3.
    ///
    /// Context: process context and softirq, because it takes a spinlock.
    #[doc(alias = "get_task_comm")]
    pub fn comm(&self) -> Comm {
        let mut name = [0; COMM_LEN];
        // SAFETY: `lb_get_task_comm` requires a live task (the type's invariant) and room for
        // `TASK_COMM_LEN` characters (`name`).
        unsafe { bindings::lb_get_task_comm(self.as_ptr(), name.as_mut_ptr()) };
        Comm(name)
    }
}

// SAFETY: the trait has these requirements.
// 1. Values live while they are counted, and cannot be made or moved: tasks are only seen by
//    reference.
// 2. The counter saturates: `usage` in `struct task_struct` is a `refcount_t`.
// 3. `dec_ref` may be called on any thread: so may `put_task_struct`.
unsafe impl AlwaysRefCounted for Task {
    fn inc_ref(&self) {
        // SAFETY: `lb_get_task_struct` requires a live task; the type's invariant ensures it.
        unsafe { bindings::lb_get_task_struct(self.as_ptr()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: `lb_put_task_struct` requires a counted reference; this function's contract
        // ensures it.
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
    /// Returns whether the task has a signal to handle, and should leave the kernel.
    ///
    /// Context: any context.
    pub fn signal_pending(&self) -> bool {
        // SAFETY: `lb_signal_pending` requires a current task; there always is one.
        unsafe { bindings::lb_signal_pending() }
    }
}

impl Deref for CurrentTask {
    type Target = Task;

    fn deref(&self) -> &Task {
        &self.0
    }
}

/// The length of a name in C, its NUL included.
const COMM_LEN: usize = bindings::TASK_COMM_LEN as usize;

/// A copy of a task's name. Not in Linux 7.3.
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
