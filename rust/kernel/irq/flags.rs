// SPDX-License-Identifier: GPL-2.0

//! How an interrupt is requested.

use crate::{bindings, ffi::c_ulong, flag_set::flag_set};

/// Flags of a request (`IRQF_*`). Joined with `|`.
///
/// # Invariants
///
/// Only bits of the constants are set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flags(c_ulong);

/// Defines the flags, and the mask of all of them.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $value:ident;)*) => {
        // INVARIANT: (for each) these are the named bits.
        impl Flags {
            $(
                $(#[$doc])*
                pub const $name: Self = Self(bindings::$value as c_ulong);
            )*

            const NAMED: c_ulong = $(Self::$name.0)|*;
        }
    };
}

flags! {
    /// As the firmware or the controller has set it up.
    TRIGGER_NONE = IRQF_TRIGGER_NONE;
    /// At the rising edge.
    TRIGGER_RISING = IRQF_TRIGGER_RISING;
    /// At the falling edge.
    TRIGGER_FALLING = IRQF_TRIGGER_FALLING;
    /// As long as the line is high.
    TRIGGER_HIGH = IRQF_TRIGGER_HIGH;
    /// As long as the line is low.
    TRIGGER_LOW = IRQF_TRIGGER_LOW;
    /// Other devices may use the line: a handler is also called for theirs, and says
    /// [`IrqReturn::None`](super::IrqReturn::None).
    SHARED = IRQF_SHARED;
    /// Sharing may fail, and that is no reason for a message.
    PROBE_SHARED = IRQF_PROBE_SHARED;
    /// A timer's interrupt.
    TIMER = IRQF_TIMER;
    /// The interrupt is that of a processor.
    PERCPU = IRQF_PERCPU;
    /// It is not moved between processors to balance load.
    NOBALANCING = IRQF_NOBALANCING;
    /// It is used for polling, by the first on a shared line.
    IRQPOLL = IRQF_IRQPOLL;
    /// It stays disabled until the threaded handler has returned.
    ONESHOT = IRQF_ONESHOT;
    /// It stays enabled during system sleep.
    NO_SUSPEND = IRQF_NO_SUSPEND;
    /// It is enabled after system sleep even with [`NO_SUSPEND`](Self::NO_SUSPEND).
    FORCE_RESUME = IRQF_FORCE_RESUME;
    /// Its handler is not moved to a thread.
    NO_THREAD = IRQF_NO_THREAD;
    /// It is enabled early after system sleep.
    EARLY_RESUME = IRQF_EARLY_RESUME;
    /// It may share a line with one that has [`NO_SUSPEND`](Self::NO_SUSPEND).
    COND_SUSPEND = IRQF_COND_SUSPEND;
    /// It is disabled until the registration's `enable` is called.
    NO_AUTOEN = IRQF_NO_AUTOEN;
    /// It is left out when the kernel looks for lockups.
    NO_DEBUG = IRQF_NO_DEBUG;
}

impl Flags {
    /// Tells whether all of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Flags) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// The flags for C.
    pub(super) const fn as_raw(self) -> c_ulong {
        self.0
    }
}

flag_set!(Flags, not within Self::NAMED);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_reach_no_unnamed_bit() {
        for flags in [
            Flags::TRIGGER_NONE,
            Flags::SHARED | Flags::ONESHOT,
            !Flags::SHARED,
        ] {
            assert_eq!((!flags).as_raw() & !Flags::NAMED, 0);
            assert_eq!(!!flags, flags);
            assert_eq!(!flags & flags, Flags::TRIGGER_NONE);
        }
        assert!((!Flags::SHARED).contains(Flags::ONESHOT));
        assert!(!(!Flags::SHARED).contains(Flags::SHARED));
    }
}
