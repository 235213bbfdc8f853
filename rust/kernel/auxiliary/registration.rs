// SPDX-License-Identifier: GPL-2.0

//! Child devices that a driver makes.

use core::{any::TypeId, pin::Pin, ptr::NonNull};

use crate::{
    bindings, calls,
    device::{self, Bound},
    driver,
    error::to_result,
    prelude::*,
    scope::{Handle, Registered, Scope},
    str::file_name,
    types::ForLt,
};

/// The longest name of a module, in bytes (`MODULE_NAME_LEN`).
const LONGEST_MODULE_NAME: usize = 55;

/// A counted reference to a device that `lb_aux_alloc()` made.
///
/// # Invariants
///
/// AUX-OURS: this module made the device, and the value holds a reference to it.
struct Memory(NonNull<bindings::lb_aux>);

impl Memory {
    /// Makes a device, which is not on the bus yet.
    ///
    /// Context: process context; may sleep.
    fn new(parent: &device::Device<Bound>, name: &CStr, id: u32) -> Result<Self> {
        // SAFETY: `lb_aux_alloc` requires a live parent and a live string; DEV-LIVE gives the
        // first, and `name` is borrowed. The shim copies the string.
        let memory = unsafe { bindings::lb_aux_alloc(parent.as_raw(), name.as_char_ptr(), id) };
        // INVARIANT: AUX-OURS: the call above made the device, and returned a reference.
        NonNull::new(memory).map(Self).ok_or(ENOMEM)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: `lb_aux_put` requires a reference to give up: AUX-OURS.
        unsafe { bindings::lb_aux_put(self.0.as_ptr()) }
    }
}

/// A child device, and the data for its driver.
#[pin_data]
struct Child<T> {
    memory: Memory,
    #[pin]
    data: T,
}

// SAFETY: `Send` requires that any thread may own the value; the device may be used on any thread,
// and `T` is `Send`.
unsafe impl<T: Send> Send for Child<T> {}

// SAFETY: `Sync` requires that threads may share the value; the device may be used on any thread,
// and `T` is `Sync`.
unsafe impl<T: Sync> Sync for Child<T> {}

impl<T> Child<T> {
    /// Puts the device on the bus, which may probe it at once.
    ///
    /// Context: process context; may sleep.
    fn start(self: Pin<&Self>, modname: &CStr, data_type: &'static TypeId) -> Result {
        let memory = self.memory.0.as_ptr();
        // SAFETY: the write requires a live structure that nobody else uses; AUX-OURS gives the
        // first, and nobody else knows the device before it is on the bus.
        unsafe { (*memory).data = (&raw const self.data).cast() };
        // SAFETY: the same holds as for `data`.
        unsafe { (*memory).data_type = core::ptr::from_ref(data_type).cast() };
        // SAFETY: `lb_aux_add` requires an initialised device that was not added, and a live
        // string. `Memory::new` initialised the device, and `start` is called once. The shim copies
        // the string.
        to_result(unsafe { bindings::lb_aux_add(memory, modname.as_char_ptr()) })
    }
}

impl<T: Send + Sync> Registered for Child<T> {
    fn stop(self: Pin<&Self>) {
        // SAFETY: `lb_aux_delete` requires a device that was added, once; `start` added it, and
        // `stop` is called once. The shim returns when the device's driver is unbound.
        unsafe { bindings::lb_aux_delete(self.memory.0.as_ptr()) }
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        driver::unbinds_what_runs_here::<super::Auxiliary>()
    }
}

/// A registered child device with data `F::Of<'a>` for its driver. Dropping this unbinds the
/// child's driver and removes the child. If this is forgotten, the end of the parent's
/// [scope](crate::scope) does that.
///
/// Context: process context; may sleep (drop).
///
/// The drop waits until the child's driver is unbound. There is one exception: a drop in a callback
/// of a driver on this bus, such as the child's own, does not wait, and the child ends soon after.
/// The same holds in an interrupt, and in a callback that a driver has registered.
#[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
pub struct Registration<'a, F: ForLt + 'static>(Handle<Child<F::Of<'a>>>);

impl<'a, F: ForLt> Registration<'a, F>
where
    for<'b> F::Of<'b>: Send + Sync,
{
    /// Makes a child of the scope's device. The child ends with the scope at the latest, and its
    /// data may borrow for `'a`. Not in Linux 7.3.
    ///
    /// Context: process context; may sleep. A driver that matches is probed before this returns, or
    /// soon after.
    ///
    /// The child's name is `modname.name.id`; drivers match by its first two parts.
    ///
    /// # Errors
    ///
    /// There is no child then, and the data is dropped.
    ///
    /// - The initialiser's error.
    /// - `EINVAL`: `name` has more than 31 bytes, or `modname` more than 55. Or one of them is
    ///   empty, or has a `/`, an `!` or a control character.
    /// - `EEXIST`: there is a device of this name. C logs this error.
    /// - `ENOMEM`.
    /// - `ENODEV`: the scope is ending.
    /// - `EDEADLK`: this is called in the `open` of a misc device.
    #[doc(alias("auxiliary_device_init", "auxiliary_device_add"))]
    pub fn new_in<E>(
        scope: &Scope<'a>,
        name: &CStr,
        id: u32,
        modname: &CStr,
        data: impl PinInit<F::Of<'a>, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        Self::enter(scope, name, id, modname, data)
    }

    /// Does what [`new_in`](Self::new_in) does, in the root scope of the parent, for data without
    /// borrows.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`new_in`](Self::new_in), and `EPERM` if no driver of this module has bound
    /// the parent.
    pub fn new<E>(
        parent: &'a device::Device<Bound>,
        name: &CStr,
        id: u32,
        modname: &CStr,
        data: impl PinInit<F::Of<'a>, E>,
    ) -> Result<Self>
    where
        F::Of<'a>: 'static,
        Error: From<E>,
    {
        Self::enter(Scope::of(parent)?, name, id, modname, data)
    }

    /// Does what [`new`](Self::new) does, for data that borrow. Use [`new_in`](Self::new_in), which
    /// is safe.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new).
    ///
    /// # Safety
    ///
    /// The caller must drop the value before the borrows of `data` end, unless they last until the
    /// end of the binding.
    pub unsafe fn new_with_lt<E>(
        parent: &'a device::Device<Bound>,
        name: &CStr,
        id: u32,
        modname: &CStr,
        data: impl PinInit<F::Of<'a>, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        let scope = Scope::of(parent)?;
        // SAFETY: `with_lifetime` requires that each entry with this lifetime end before the
        // lifetime does (SCOPE-DRAINED). The caller ends this entry in time, and there is no other
        // entry with this lifetime.
        let scope = unsafe { scope.with_lifetime() };
        Self::enter(scope, name, id, modname, data)
    }

    fn enter<'x, E>(
        scope: &Scope<'x>,
        name: &CStr,
        id: u32,
        modname: &CStr,
        data: impl PinInit<F::Of<'a>, E>,
    ) -> Result<Self>
    where
        F::Of<'a>: 'x,
        Error: From<E>,
    {
        // Adding the device may probe a driver that makes a node.
        calls::not_in_misc_open()?;
        // C would cut a longer name off.
        let longest = bindings::AUXILIARY_NAME_SIZE as usize - 1;
        file_name::check(c"an auxiliary device", name, longest)?;
        file_name::check(c"a module", modname, LONGEST_MODULE_NAME)?;
        let memory = Memory::new(scope.device(), name, id)?;
        let child = try_pin_init!(Child { memory, data <- data }? E);
        let data_type = const { &TypeId::of::<F>() };
        let start = |child: Pin<&Child<_>>| child.start(modname, data_type);
        scope.enter(child, start).map(Self)
    }

    /// The data that the child's driver gets. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn data(&self) -> Pin<&F::Of<'a>> {
        let child = self.0.payload();
        // SAFETY: `map_unchecked` requires a field that does not move while the whole does not;
        // `data` is structurally pinned.
        unsafe { child.map_unchecked(|child| &child.data) }
    }
}

impl<F: ForLt> Registration<'_, F> {
    /// Leaves the end of the child to its scope. Not in Linux 7.3.
    ///
    /// Context: any context.
    #[doc(alias("auxiliary_device_delete", "auxiliary_device_uninit"))]
    pub fn detach(self) {
        self.0.detach();
    }
}
