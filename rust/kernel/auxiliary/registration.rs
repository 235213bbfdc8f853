// SPDX-License-Identifier: GPL-2.0

//! Making a child device.

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
/// AUX-OURS: the device was made by this module, and is referenced.
struct Memory(NonNull<bindings::lb_aux>);

impl Memory {
    /// Makes a device; it is not on the bus yet. May sleep.
    fn new(parent: &device::Device<Bound>, name: &CStr, id: u32) -> Result<Self> {
        // SAFETY: the shim wants a live parent (DEV-LIVE), and a string, which it copies.
        let memory = unsafe { bindings::lb_aux_alloc(parent.as_raw(), name.as_char_ptr(), id) };
        // INVARIANT: AUX-OURS: just made.
        NonNull::new(memory).map(Self).ok_or(ENOMEM)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: AUX-OURS: gives up the reference.
        unsafe { bindings::lb_aux_put(self.0.as_ptr()) }
    }
}

/// A child device, and what its driver gets.
#[pin_data]
struct Child<T> {
    memory: Memory,
    #[pin]
    data: T,
}

// SAFETY: the device may be used on any thread.
unsafe impl<T: Send> Send for Child<T> {}

// SAFETY: as above.
unsafe impl<T: Sync> Sync for Child<T> {}

impl<T> Child<T> {
    /// Puts the device on the bus, which may probe it at once. May sleep.
    fn start(self: Pin<&Self>, modname: &CStr, data_type: &'static TypeId) -> Result {
        let memory = self.memory.0.as_ptr();
        // SAFETY: AUX-OURS; nobody else knows the device before it is on the bus.
        unsafe { (*memory).data = (&raw const self.data).cast() };
        // SAFETY: as above.
        unsafe { (*memory).data_type = core::ptr::from_ref(data_type).cast() };
        // SAFETY: AUX-OURS; it was initialised and not added. The string is copied.
        to_result(unsafe { bindings::lb_aux_add(memory, modname.as_char_ptr()) })
    }
}

impl<T: Send + Sync> Registered for Child<T> {
    fn stop(self: Pin<&Self>) {
        // SAFETY: AUX-OURS; it was added (`start`), and is deleted once. Returns when its driver is unbound.
        unsafe { bindings::lb_aux_delete(self.memory.0.as_ptr()) }
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        driver::unbinds_what_runs_here::<super::Auxiliary>()
    }
}

/// A registered child device with data `F::Of<'a>` for its driver. Dropping it unbinds the child's driver and removes
/// the child, and may sleep; forgetting it leaves that to the parent's [scope](crate::scope).
///
/// It must not be dropped by the child's own driver, whose end that waits for.
#[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
pub struct Registration<'a, F: ForLt + 'static>(Handle<Child<F::Of<'a>>>);

impl<'a, F: ForLt> Registration<'a, F>
where
    for<'b> F::Of<'b>: Send + Sync,
{
    /// Makes a child of the scope's device, which ends with the scope at the latest. Its data may borrow for `'a`. May
    /// sleep; drivers that are there are probed before it returns, or soon after. Ours alone.
    ///
    /// The child's name is `modname.name.id`; drivers match by the first two.
    ///
    /// # Errors
    ///
    /// The initialiser's error; `EINVAL` if `name` has more than 31 bytes, `modname` more than 55,
    /// or either is empty or has a `/`, an `!` or a control character; `EEXIST`, which C logs, if
    /// there is a device of this name; `ENOMEM`; `ENODEV` if the scope is ending; `EDEADLK` in the
    /// `open` of a misc device. There is no child then, and the data is dropped.
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

    /// [`new_in`](Self::new_in) the root scope of the parent, for data without borrows. May sleep.
    ///
    /// # Errors
    ///
    /// As for [`new_in`](Self::new_in), and `EPERM` if no driver of this module has bound the parent.
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

    /// [`new`](Self::new) for data that borrow. May sleep. Use [`new_in`](Self::new_in), which is safe.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    ///
    /// # Safety
    ///
    /// The value must be dropped before what `data` borrows ends, unless that lives until the end of the binding.
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
        // SAFETY: the caller ends this entry in time, and nothing else is entered with this lifetime (SCOPE-DRAINED).
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
        // It may probe a driver that makes a node.
        calls::not_in_misc_open()?;
        // C cuts a longer one off.
        let longest = bindings::AUXILIARY_NAME_SIZE as usize - 1;
        file_name::check(c"an auxiliary device", name, longest)?;
        file_name::check(c"a module", modname, LONGEST_MODULE_NAME)?;
        let memory = Memory::new(scope.device(), name, id)?;
        let child = try_pin_init!(Child { memory, data <- data }? E);
        let data_type = const { &TypeId::of::<F>() };
        let start = |child: Pin<&Child<_>>| child.start(modname, data_type);
        scope.enter(child, start).map(Self)
    }

    /// The data that the child's driver gets. Any context. Ours alone.
    pub fn data(&self) -> Pin<&F::Of<'a>> {
        let child = self.0.payload();
        // SAFETY: the field is structurally pinned.
        unsafe { child.map_unchecked(|child| &child.data) }
    }
}

impl<F: ForLt> Registration<'_, F> {
    /// Leaves the child to the scope that it was entered in. Any context. Ours alone.
    pub fn detach(self) {
        self.0.detach();
    }
}
