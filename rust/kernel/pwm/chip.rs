// SPDX-License-Identifier: GPL-2.0

//! Chips: made, registered, and removed.

use core::{
    any::TypeId,
    ops::Deref,
    ptr::NonNull,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    bindings,
    device::{self, Bound},
    devres,
    error::{from_err_ptr, to_result},
    ffi::c_void,
    prelude::*,
    revocable::Revocable,
    sync::{
        Refcount,
        aref::{ARef, AlwaysRefCounted},
        rcu,
    },
};

/// A chip with its data.
///
/// # Invariants
///
/// - PWM-CHIP: `raw` is a chip that `pwmchip_alloc()` has made. This value has a reference to it,
///   and its private data is a `Private` that leads back here.
/// - PWM-COUNT: the value is in a box of its own, which the drop of the last reference frees.
#[pin_data(PinnedDrop)]
#[doc(alias("pwm_chip", "pwmchip_put"))]
pub struct Chip<T: Send + Sync + 'static> {
    references: Refcount,
    raw: NonNull<bindings::pwm_chip>,
    /// Open while callbacks may run.
    #[pin]
    gate: Revocable<()>,
    #[pin]
    data: T,
}

// SAFETY: `Send` requires that any thread may own and drop the value: `T` is `Send`, and any thread
// may give up a reference to C's chip.
unsafe impl<T: Send + Sync + 'static> Send for Chip<T> {}

// SAFETY: `Sync` requires that threads may share the value: `T` is `Sync`, and the rest is what C
// does not change.
unsafe impl<T: Send + Sync + 'static> Sync for Chip<T> {}

/// What lies in C's memory of the chip.
///
/// # Invariants
///
/// - PWM-OPEN: once `is_open` is false it stays so. It is false before the `Chip` is dropped, and a
///   grace period of RCU before that.
/// - PWM-TYPE: `chip` is the address of a `Chip` of the type that `data_type` names.
pub(super) struct Private {
    is_open: AtomicBool,
    chip: *mut c_void,
    data_type: TypeId,
}

impl Private {
    /// The chip, if its data is a `T`.
    ///
    /// # Safety
    ///
    /// The `Chip` must live for as long as the caller uses the result.
    pub(super) unsafe fn chip<'a, T: Send + Sync + 'static>(&self) -> Option<&'a Chip<T>> {
        // SAFETY: a reference requires a live chip of this type: PWM-TYPE, and the caller vouches
        // for its life.
        (self.data_type == TypeId::of::<T>()).then(|| unsafe { &*self.chip.cast() })
    }
}

/// The private data of a chip.
///
/// # Safety
///
/// `raw` must be a chip that [`Chip::make`] has made. C must keep it for as long as the caller uses
/// the result.
pub(super) unsafe fn private_of<'a>(raw: *mut bindings::pwm_chip) -> &'a Private {
    // SAFETY: the shim requires a live chip: the caller vouches for it.
    let private = unsafe { bindings::lb_pwmchip_get_drvdata(raw) };
    // SAFETY: a reference requires a live `Private`: `new` has written it, and it is a part of the
    // chip's memory.
    unsafe { &*private.cast() }
}

/// Calls `f` with a chip and its parent, from a callback of C's. The chip's end waits for `f`.
///
/// # Errors
///
/// `ENODEV` if the chip has ended. The errors of `f`.
///
/// # Safety
///
/// `raw` must be a chip that [`Chip::<T>::make`](Chip::make) has made, and that C keeps meanwhile.
pub(super) unsafe fn with_chip<T: Send + Sync + 'static, R>(
    raw: *mut bindings::pwm_chip,
    f: impl FnOnce(&Chip<T>, &device::Device<Bound>) -> Result<R>,
) -> Result<R> {
    // SAFETY: `private_of` requires a live chip that `make` has made: the caller vouches for it.
    let private = unsafe { private_of(raw) };
    let reader = rcu::read_lock();
    if !private.is_open.load(Ordering::Acquire) {
        return Err(ENODEV);
    }
    // SAFETY: `chip` requires a live chip: PWM-OPEN for as long as the reader's section.
    let chip = unsafe { private.chip::<T>() }.ok_or(ENODEV)?;
    let _inside = chip.gate.try_access().ok_or(ENODEV)?;
    // From here on `close` waits for the guard, before the chip can be dropped.
    drop(reader);
    // SAFETY: a field's place requires a live chip: PWM-CHIP. C sets the parent once.
    let parent = unsafe { (*chip.raw.as_ptr()).dev.parent };
    // SAFETY: `from_raw` requires a device that is bound for as long as `f` runs: the end of the
    // parent's binding closes the chip, which waits for the guard.
    f(chip, unsafe { device::Device::from_raw(parent) })
}

impl<T: Send + Sync + 'static> Chip<T> {
    /// Makes a chip of `parent_dev` with these operations.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new).
    ///
    /// # Safety
    ///
    /// The operations must be those of chips with a `T`.
    pub(super) unsafe fn make<'a>(
        parent_dev: &'a device::Device<Bound>,
        num_channels: u32,
        data: impl PinInit<T, Error>,
        operations: &'static bindings::pwm_ops,
    ) -> Result<UnregisteredChip<'a, T>> {
        if num_channels == 0 {
            return Err(EINVAL);
        }
        let room = size_of::<Private>();
        // SAFETY: `pwmchip_alloc()` requires a live parent: DEV-LIVE.
        let raw = from_err_ptr(unsafe {
            bindings::pwmchip_alloc(parent_dev.as_raw(), num_channels, room)
        })?;
        // SAFETY: `new_unchecked` requires a pointer that is not null: C gives a chip or an error.
        let raw = Reference(unsafe { NonNull::new_unchecked(raw) });
        let chip = KBox::pin_init(
            try_pin_init!(Self {
                references: Refcount::new(1),
                raw: raw.0,
                gate <- Revocable::new(Ok::<_, Error>(())),
                data <- data,
            }),
            GFP_KERNEL,
        )?;
        // INVARIANT: PWM-CHIP: the reference is that of the chip from here on.
        core::mem::forget(raw);
        // INVARIANT: PWM-COUNT: the box is left to the references.
        // SAFETY: `into_inner_unchecked` requires that the value stays pinned: `dec_ref` drops it
        // in place.
        let chip = KBox::into_raw(unsafe { Pin::into_inner_unchecked(chip) });
        // SAFETY: `new_unchecked` requires a pointer that is not null: that of a box is not.
        let chip = unsafe { NonNull::new_unchecked(chip) };
        // SAFETY: `from_raw` requires a counted reference that passes to it: the count began at 1.
        let chip = unsafe { ARef::from_raw(chip) };
        Self::introduce(&chip, operations);
        Ok(UnregisteredChip {
            chip,
            parent: parent_dev,
        })
    }

    /// Tells C's chip of this one.
    fn introduce(chip: &ARef<Self>, operations: &'static bindings::pwm_ops) {
        let raw = chip.raw.as_ptr();
        // The pointer has the provenance of the box, as that in the reference.
        let this = ARef::into_raw(chip.clone());
        // SAFETY: `from_raw` requires a counted reference: the line above has given one away.
        drop(unsafe { ARef::<Self>::from_raw(this) });
        // INVARIANT: PWM-OPEN, PWM-TYPE: the address is that of this chip.
        let private = Private {
            is_open: AtomicBool::new(true),
            chip: this.as_ptr().cast(),
            data_type: TypeId::of::<T>(),
        };
        // SAFETY: the shim requires a live chip: PWM-CHIP.
        let place = unsafe { bindings::lb_pwmchip_get_drvdata(raw) }.cast::<Private>();
        // SAFETY: `write` requires aligned memory for a `Private` that nobody uses: `make` asked
        // C for that much, C aligns it for any type, and nobody knows the chip yet.
        unsafe { place.write(private) };
        // SAFETY: a field's place requires a live chip that nobody else uses: as above.
        unsafe { (*raw).ops = operations };
    }

    /// The number of channels.
    ///
    /// Context: any context.
    pub fn num_channels(&self) -> u32 {
        // SAFETY: a field's place requires a live chip: PWM-CHIP. C sets it once.
        unsafe { (*self.raw.as_ptr()).npwm }
    }

    /// Whether the callbacks may be called in an interrupt. They never are, here.
    ///
    /// Context: any context.
    pub fn is_atomic(&self) -> bool {
        // SAFETY: a field's place requires a live chip: PWM-CHIP. Nobody changes it.
        unsafe { (*self.raw.as_ptr()).atomic }
    }

    /// The device of the chip, as in `/sys/class/pwm`.
    ///
    /// Context: any context.
    #[doc(alias = "pwmchip_parent")]
    pub fn device(&self) -> &device::Device {
        // SAFETY: a field's place requires a live chip: PWM-CHIP.
        let device = unsafe { &raw mut (*self.raw.as_ptr()).dev };
        // SAFETY: `from_raw` requires a live device for the borrow: PWM-CHIP.
        unsafe { device::Device::from_raw(device) }
    }

    /// The data of the chip.
    ///
    /// Context: any context.
    #[doc(alias("pwmchip_get_drvdata", "pwmchip_set_drvdata"))]
    pub fn drvdata(&self) -> &T {
        &self.data
    }

    /// Lets no more callbacks in, and waits for those that run.
    ///
    /// Context: process context; may sleep.
    fn close(&self) {
        // SAFETY: `private_of` requires a live chip that `make` has made: PWM-CHIP.
        let private = unsafe { private_of(self.raw.as_ptr()) };
        // INVARIANT: PWM-OPEN: it is false before the grace period.
        private.is_open.store(false, Ordering::Release);
        rcu::synchronize_rcu();
        self.gate.revoke();
    }
}

/// A reference to C's chip.
struct Reference(NonNull<bindings::pwm_chip>);

impl Drop for Reference {
    fn drop(&mut self) {
        // SAFETY: `pwmchip_put()` requires a reference to give up: this is one.
        unsafe { bindings::pwmchip_put(self.0.as_ptr()) }
    }
}

#[pinned_drop]
impl<T: Send + Sync + 'static> PinnedDrop for Chip<T> {
    fn drop(self: Pin<&mut Self>) {
        // PWM-CHIP: this gives up the reference.
        drop(Reference(self.raw));
    }
}

// SAFETY: `AlwaysRefCounted` requires that references keep the object: PWM-COUNT.
unsafe impl<T: Send + Sync + 'static> AlwaysRefCounted for Chip<T> {
    fn inc_ref(&self) {
        self.references.inc();
    }

    unsafe fn dec_ref(object: NonNull<Self>) {
        // SAFETY: `as_ref` requires a live object: the caller owns a reference.
        if unsafe { object.as_ref() }.references.dec_and_test() {
            // SAFETY: `from_raw` requires the pointer of a box that nobody else uses: PWM-COUNT,
            // and the last reference is gone.
            drop(KBox::into_pin(unsafe { KBox::from_raw(object.as_ptr()) }));
        }
    }
}

/// A chip that C does not know yet.
#[must_use = "a chip that is not registered does nothing"]
pub struct UnregisteredChip<'a, T: Send + Sync + 'static> {
    chip: ARef<Chip<T>>,
    parent: &'a device::Device<Bound>,
}

impl<T: Send + Sync + 'static> UnregisteredChip<'_, T> {
    /// Registers the chip. The end of the parent's binding removes it.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `EPERM` if no driver of this module has bound the parent.
    /// - `ENOMEM`, and the errors of C's `pwmchip_add()`.
    ///
    /// The chip is not registered then.
    #[doc(alias("pwmchip_add", "devm_pwmchip_add", "pwmchip_remove"))]
    pub fn register(self) -> Result<ARef<Chip<T>>> {
        let owner = &raw mut bindings::__this_module;
        // SAFETY: `__pwmchip_add()` requires a chip with a parent and operations that stay:
        // PWM-CHIP, and the operations are static.
        to_result(unsafe { bindings::__pwmchip_add(self.chip.raw.as_ptr(), owner) })
            .inspect_err(|_| self.chip.close())?;
        // INVARIANT: PWM-ADDED: it was added above.
        let registered = Registered(self.chip.clone());
        devres::register(self.parent, registered, GFP_KERNEL)?;
        Ok(self.chip)
    }
}

impl<T: Send + Sync + 'static> Deref for UnregisteredChip<'_, T> {
    type Target = Chip<T>;

    fn deref(&self) -> &Chip<T> {
        &self.chip
    }
}

/// A chip that C knows. Dropping this removes it.
///
/// # Invariants
///
/// PWM-ADDED: `__pwmchip_add()` has added the chip, and this value alone removes it.
struct Registered<T: Send + Sync + 'static>(ARef<Chip<T>>);

impl<T: Send + Sync + 'static> Drop for Registered<T> {
    fn drop(&mut self) {
        // SAFETY: `pwmchip_remove()` requires a chip that was added, once: PWM-ADDED.
        unsafe { bindings::pwmchip_remove(self.0.raw.as_ptr()) };
        // Users that still have a channel get an error from now on.
        self.0.close();
    }
}
