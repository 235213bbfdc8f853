// SPDX-License-Identifier: GPL-2.0

//! Places of mappings: entries among a binding's managed resources that are used again and again.

use core::{
    cell::{Cell, UnsafeCell},
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit, offset_of},
    ptr::NonNull,
};

use super::{DmaBuffer, Masks, begin};
use crate::{
    alloc::Flags,
    binding::{self, Binding, Links, Spare},
    bindings,
    device::{self, Bound},
    ffi::c_void,
    prelude::*,
};

/// Room for a buffer of any type: a box or a vector, not its content.
type Room = MaybeUninit<[usize; 3]>;

/// A place in the list of a binding, for one mapping and its buffer.
///
/// A place stays in the list when its mapping ends, and becomes a spare of the binding. All spares
/// of a binding are places.
///
/// # Invariants
///
/// - PLACE-HOME: `binding` is the binding in whose list the place is. The place is not used after
///   its binding.
/// - PLACE-FULL: while `drop_buffer` is `Some`, `mapping` is a mapping of the buffer in `buffer`,
///   and that function drops this buffer.
#[repr(C)]
struct Place {
    links: Links,
    spare: Spare,
    binding: Binding<'static>,
    mapping: UnsafeCell<bindings::lb_dma_mapping>,
    buffer: UnsafeCell<Room>,
    drop_buffer: Cell<Option<unsafe fn(*mut Room)>>,
}

/// Drops a buffer.
///
/// # Safety
///
/// `room` must contain a `B`, which is not used any more.
unsafe fn drop_buffer<B>(room: *mut Room) {
    // SAFETY: `drop_in_place` requires a value that is not used any more; the caller vouches for
    // it.
    unsafe { room.cast::<B>().drop_in_place() };
}

impl Place {
    /// The address of a place whose spare was taken or is to be put.
    fn of_spare(spare: NonNull<Spare>) -> NonNull<Self> {
        let place = spare.as_ptr().wrapping_byte_sub(offset_of!(Self, spare));
        // SAFETY: `new_unchecked` requires a pointer that is not null; a field of a place does not
        // begin at the start of the address space.
        unsafe { NonNull::new_unchecked(place.cast()) }
    }

    /// Unmaps a full place and empties it. The buffer stays in its room; the caller drops it, or
    /// moves it out.
    ///
    /// # Safety
    ///
    /// The place must be full, and nobody else may use it. No transfer may use the buffer.
    #[inline]
    unsafe fn unmap(&self) {
        // SAFETY: the shim requires (1) the values of one mapping, once, (2) a live device, (3)
        // that no transfer uses the buffer. (1) PLACE-FULL, and the line below empties the place.
        // (2) Managed resources are released while the device lives. (3) The caller vouches for it.
        unsafe { bindings::lb_dma_unmap_single(self.mapping.get()) };
        self.drop_buffer.set(None);
    }

    /// Unmaps a full place and drops its buffer.
    ///
    /// # Safety
    ///
    /// The requirements are those of [`unmap`](Self::unmap).
    unsafe fn empty(&self, drop_buffer: unsafe fn(*mut Room)) {
        // SAFETY: `unmap` has the same requirements.
        unsafe { self.unmap() };
        // SAFETY: the function requires the buffer of its type: PLACE-FULL.
        unsafe { drop_buffer(self.buffer.get()) };
    }
}

/// Releases a place that was removed from its list.
///
/// # Safety
///
/// `links` must be the links of a `Place` that the list owned. The ownership passes to this
/// function.
unsafe fn release(links: NonNull<Links>) {
    // SAFETY: `KBox::from_raw` requires the ownership of a box; `Slot::make` has made it, and the
    // caller passes it.
    let place = unsafe { KBox::from_raw(links.cast::<Place>().as_ptr()) };
    if let Some(drop_buffer) = place.drop_buffer.get() {
        // SAFETY: `empty` requires (1) a full place that nobody else uses, (2) that no transfer
        // uses the buffer. (1) The list owned it. (2) DMA-QUIET: a list releases places that were
        // abandoned when the device has entered service, and others at the end of the binding.
        unsafe { place.empty(drop_buffer) };
    }
}

/// A place for a mapping, which is empty. Not in Linux 7.3.
///
/// A driver that maps one buffer after the other keeps a slot: [`map`](Self::map) needs no memory,
/// and [`Mapped::unmap`](super::Mapped::unmap) gives the slot back.
///
/// Dropping this leaves the memory of the place to the binding, which uses it for the next slot.
/// The end of the binding frees it.
///
/// # Invariants
///
/// SLOT-OWNED: `place` is in the list of a binding that is there for `'a`, and nobody else uses it.
/// It is empty.
pub struct Slot<'a> {
    place: NonNull<Place>,
    _binding: PhantomData<Binding<'a>>,
}

// SAFETY: `Send` requires that any thread may own the value; any thread may use a place, one at a
// time.
unsafe impl Send for Slot<'_> {}

// SAFETY: `Sync` requires that threads may share the value; a shared slot has no methods.
unsafe impl Sync for Slot<'_> {}

impl<'a> Slot<'a> {
    /// Takes a spare place of the device's binding, or makes one.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// - `ENOMEM`.
    /// - `EIO`: the device cannot do DMA.
    /// - `EBUSY`: a mask is being set.
    /// - `EPERM`: no driver of this module has bound the device.
    #[inline]
    pub fn new(device: &'a device::Device<Bound>, flags: Flags) -> Result<Self> {
        let binding = binding::of(device)?;
        match binding.managed().take_spare() {
            // INVARIANT: SLOT-OWNED: only empty places are put, each by its owner. The masks are
            // fixed: the place was made after `begin`.
            Some(spare) => Ok(Self {
                place: Place::of_spare(spare),
                _binding: PhantomData,
            }),
            None => Self::make(device, binding, flags),
        }
    }

    /// Makes a place.
    #[cold]
    fn make(device: &'a device::Device<Bound>, binding: Binding<'a>, flags: Flags) -> Result<Self> {
        begin(device)?;
        let place = Place {
            links: Links::new(release),
            spare: Spare::new(),
            // INVARIANT: PLACE-HOME: the place is added to its list below.
            // SAFETY: `without_lifetime` requires that the result is used only while the binding is
            // there; slots use it, which live for `'a` at most.
            binding: unsafe { binding.without_lifetime() },
            mapping: UnsafeCell::new(bindings::lb_dma_mapping {
                dev: device.as_raw(),
                ..Default::default()
            }),
            buffer: UnsafeCell::new(MaybeUninit::uninit()),
            drop_buffer: Cell::new(None),
        };
        let place = KBox::into_raw(KBox::new(place, flags)?);
        // SAFETY: `new_unchecked` requires a pointer that is not null; `into_raw` never returns
        // null.
        let place = unsafe { NonNull::new_unchecked(place) };
        // SAFETY: `add` requires (1) new links in no list, (2) memory that stays until the entry is
        // removed, (3) a release function that any thread may call until the binding has ended. (1)
        // `links` are the head of the place, and new. (2) Only `release` frees the box. (3) The
        // function is code of this module, whose bindings end before it is unloaded, and buffers
        // are `Send`.
        unsafe { binding.managed().add(place.cast()) };
        // INVARIANT: SLOT-OWNED: the place is new.
        Ok(Self {
            place,
            _binding: PhantomData,
        })
    }

    /// Maps `size` bytes at `content`, which belong to `buffer`. If it fails, the buffer is
    /// dropped.
    ///
    /// # Safety
    ///
    /// `size` bytes at `content` must be memory of `kmalloc()` that stays until the buffer is
    /// dropped.
    #[inline]
    pub(super) unsafe fn fill<B: DmaBuffer>(
        self,
        buffer: B,
        content: *mut c_void,
        size: usize,
        direction: bindings::dma_data_direction,
    ) -> Result<Full<'a>> {
        const {
            assert!(size_of::<B>() <= size_of::<Room>() && align_of::<B>() <= align_of::<Room>());
        }
        // SAFETY: `as_ref` requires a live place: SLOT-OWNED.
        let place = unsafe { self.place.as_ref() };
        // SAFETY: the shim requires a live device that can do DMA, a mapping that nobody else uses,
        // and `size` bytes of `kmalloc()`. The binding's device lives, and `begin` has looked at it
        // when the place was made; SLOT-OWNED; the caller vouches for the bytes.
        if !unsafe { bindings::lb_dma_map_single(place.mapping.get(), content, size, direction) } {
            return Err(ENOMEM);
        }
        // SAFETY: `write` requires room for the value, that nobody else uses: it is large enough,
        // as was checked above, and SLOT-OWNED.
        unsafe { place.buffer.get().cast::<B>().write(buffer) };
        // INVARIANT: PLACE-FULL: the buffer was written above, and its content is mapped.
        place.drop_buffer.set(Some(drop_buffer::<B>));
        Ok(Full(ManuallyDrop::new(self)))
    }
}

impl Drop for Slot<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `as_ref` requires a live place: SLOT-OWNED.
        let binding = unsafe { self.place.as_ref() }.binding;
        // SAFETY: the field's address requires a live place: SLOT-OWNED.
        let spare = unsafe { &raw mut (*self.place.as_ptr()).spare };
        // SAFETY: `new_unchecked` requires a pointer that is not null; a field's address is not.
        let spare = unsafe { NonNull::new_unchecked(spare) };
        // SAFETY: `put_spare` requires (1) a field of an entry in this list that its owner gives
        // up, (2) entries of one type. (1) SLOT-OWNED, and the place is empty. (2) Only places are
        // put.
        unsafe { binding.managed().put_spare(spare) };
    }
}

/// A slot whose place is full.
///
/// # Invariants
///
/// Those of [`Slot`], but that the place is full.
///
/// DMA-QUIET: no transfer uses the buffer when it is unmapped. It is unmapped
///
/// 1. when the driver says that no transfer uses it: by `take`, or by the drop of this while the
///    device is in service;
/// 2. when `probe` has succeeded, if the driver dropped this while `probe` ran;
/// 3. otherwise at the end of the binding. By then the bus has taken away the device's permission
///    to start transfers, if the bus can (the hook `data_dropped` of the part `pci::Masters`).
pub(super) struct Full<'a>(ManuallyDrop<Slot<'a>>);

impl<'a> Full<'a> {
    #[inline]
    fn place(&self) -> &Place {
        // SAFETY: `as_ref` requires a live place: SLOT-OWNED.
        unsafe { self.0.place.as_ref() }
    }

    /// The mapping.
    #[inline]
    pub(super) fn mapping(&self) -> &bindings::lb_dma_mapping {
        // SAFETY: the reference requires a value that nobody changes; only `fill` does.
        unsafe { &*self.place().mapping.get() }
    }

    /// Unmaps the buffer, and takes it out.
    ///
    /// # Safety
    ///
    /// The buffer must be a `B`. No transfer may use it.
    #[inline]
    pub(super) unsafe fn take<B>(self) -> (B, Slot<'a>) {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `unmap` requires a full place that nobody else uses, and a buffer that no
        // transfer uses; this owns it, and the caller vouches for the second.
        unsafe { this.place().unmap() };
        // SAFETY: `read` requires a value that is not used again; the place is empty now, and the
        // caller vouches for the type.
        let buffer = unsafe { this.place().buffer.get().cast::<B>().read() };
        // SAFETY: `take` requires that the value is not used again; `this` is not dropped.
        (buffer, unsafe { ManuallyDrop::take(&mut this.0) })
    }
}

impl Drop for Full<'_> {
    fn drop(&mut self) {
        // SAFETY: `take` requires that the value is not used again; `self` ends with this drop.
        let slot = unsafe { ManuallyDrop::take(&mut self.0) };
        // SAFETY: `as_ref` requires a live place: SLOT-OWNED.
        let place = unsafe { slot.place.as_ref() };
        let binding = place.binding;
        if binding.is_in_service() {
            if let Some(drop_buffer) = place.drop_buffer.get() {
                // SAFETY: `empty` requires a full place that nobody else uses, and a buffer that no
                // transfer uses. This owned it, and the driver drops it (DMA-QUIET).
                unsafe { place.empty(drop_buffer) };
            }
            return;
        }
        place.links.abandon();
        core::mem::forget(slot);
        if let Some(masks) = binding.part::<Masks>() {
            masks.note_abandoned();
        }
    }
}
