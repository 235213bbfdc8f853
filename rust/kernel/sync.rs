// SPDX-License-Identifier: GPL-2.0

//! Sharing between threads: locks, waiting, reference counts, atomics, RCU.
//!
//! C headers: `include/linux/mutex.h`, `spinlock.h`, `wait.h`, `completion.h`, `refcount.h`,
//! `atomic.h`, `rcupdate.h`, `lockdep.h`.
//!
//! | to do what | type | usable in an interrupt handler |
//! |---|---|---|
//! | share a value | [`Arc`] | yes |
//! | change shared data, may sleep meanwhile | [`Mutex`] | no |
//! | change shared data, briefly | [`SpinLock`] | no |
//! | the same, data shared with an interrupt handler | [`SpinLockIrq`] | yes |
//! | wait until locked data change | [`CondVar`] | notify only |
//! | wait for one event | [`Completion`] | complete only |
//! | state of the whole module, in a `static` | [`global_lock!`] | as its kind |
//! | a number or a flag | [`atomic::Atomic`] | yes |
//! | store a value once, then read it | [`SetOnce`] | yes |
//! | protect data by a lock elsewhere | [`LockedBy`] | as that lock |
//!
//! Locks, `CondVar` and `Completion` are pinned: they are made by an initialiser, as a `#[pin]`
//! field.

pub mod arc;
pub mod aref;
pub mod atomic;
pub mod barrier;
pub mod completion;
pub mod condvar;
pub mod lock;
mod lock_class;
mod locked_by;
mod module_static;
pub mod rcu;
mod refcount;
mod set_once;

pub use arc::{Arc, ArcBorrow, UniqueArc};
pub use completion::Completion;
pub use condvar::{CondVar, CondVarTimeoutResult, new_condvar};
pub use lock::global::{GlobalLock, LockType, global_lock};
pub use lock::mutex::{Mutex, MutexGuard, new_mutex};
pub use lock::spinlock::{
    SpinLock, SpinLockGuard, SpinLockIrq, SpinLockIrqGuard, new_spinlock, new_spinlock_irq,
};
pub use lock_class::{LockClassKey, static_lock_class};
pub use locked_by::LockedBy;
pub(crate) use module_static::ModuleStatic;
pub use refcount::Refcount;
pub use set_once::SetOnce;

#[cfg(lifebound_kunit)]
mod kunit;
