// SPDX-License-Identifier: GPL-2.0

//! The flags of a request for an interrupt.

use crate::{bindings, ffi::c_ulong, flag_set::flag_set};

/// Flags of a request (`IRQF_*`), which `|` joins.
///
/// # Invariants
///
/// Only bits of the constants are set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flags(c_ulong);

/// Defines the flags, and the mask of all of them.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $value:ident;)*) => {
        // INVARIANT: only bits of the constants are set: each constant is one of them.
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
    /// The interrupt has the trigger that the firmware or the controller has set up.
    TRIGGER_NONE = IRQF_TRIGGER_NONE;
    /// The rising edge of the line triggers the interrupt.
    TRIGGER_RISING = IRQF_TRIGGER_RISING;
    /// The falling edge of the line triggers the interrupt.
    TRIGGER_FALLING = IRQF_TRIGGER_FALLING;
    /// The interrupt is triggered for as long as the line is high.
    TRIGGER_HIGH = IRQF_TRIGGER_HIGH;
    /// The interrupt is triggered for as long as the line is low.
    TRIGGER_LOW = IRQF_TRIGGER_LOW;
    /// Other devices may use the line. The handler is called for their interrupts, too, and returns
    /// [`IrqReturn::None`](super::IrqReturn::None) for these.
    SHARED = IRQF_SHARED;
    /// The sharing of the line may fail without a message.
    PROBE_SHARED = IRQF_PROBE_SHARED;
    /// The interrupt is a timer's.
    TIMER = IRQF_TIMER;
    /// The interrupt is a processor's own.
    PERCPU = IRQF_PERCPU;
    /// The interrupt is not moved between processors to balance load.
    NOBALANCING = IRQF_NOBALANCING;
    /// The interrupt is used for polling. On a shared line, only the first request counts.
    IRQPOLL = IRQF_IRQPOLL;
    /// The interrupt stays disabled until the threaded handler has returned.
    ONESHOT = IRQF_ONESHOT;
    /// The interrupt stays enabled during system sleep.
    NO_SUSPEND = IRQF_NO_SUSPEND;
    /// The interrupt is enabled after system sleep even with [`NO_SUSPEND`](Self::NO_SUSPEND).
    FORCE_RESUME = IRQF_FORCE_RESUME;
    /// The handler is not moved to a thread.
    NO_THREAD = IRQF_NO_THREAD;
    /// The interrupt is enabled early after system sleep.
    EARLY_RESUME = IRQF_EARLY_RESUME;
    /// The request may share a line with a request that has [`NO_SUSPEND`](Self::NO_SUSPEND).
    COND_SUSPEND = IRQF_COND_SUSPEND;
    /// The interrupt is disabled until the registration's `enable` is called.
    NO_AUTOEN = IRQF_NO_AUTOEN;
    /// The interrupt is left out when the kernel looks for lockups.
    NO_DEBUG = IRQF_NO_DEBUG;
}

impl Flags {
    /// Whether all of `flags` are set.
    ///
    /// Context: any context.
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
