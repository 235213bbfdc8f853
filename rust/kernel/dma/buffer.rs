// SPDX-License-Identifier: GPL-2.0

//! [`DmaBuffer`]: what can be mapped in one piece.

use core::{alloc::Layout, ptr::NonNull};

use crate::{
    alloc::{
        AllocError, Flags,
        allocator::dma::{into_whole_lines, is_whole_lines},
        layout::ArrayLayout,
    },
    prelude::*,
    ptr::KnownSize,
};

/// A buffer of contiguous memory that can be mapped in one piece: [`KBox`] and [`KVec`].
///
/// Memory of `vmalloc()` is not contiguous; [`SGTable`](crate::scatterlist::SGTable) maps such
/// memory.
///
/// # Safety
///
/// [`content`](Self::content) must return a pointer to initialised memory of `kmalloc()`. Only the
/// buffer owns that memory, which must be in whole cache lines. The memory must stay in place until
/// the buffer is dropped or changed, even if the value that owns it moves. Any bytes must be valid
/// in it.
///
/// A mapping has room for a value of three words; larger ones do not build.
pub unsafe trait DmaBuffer: Send + 'static {
    /// The type of the buffer's content.
    type Content: KnownSize + ?Sized;

    /// The address of the content. If the content shares a cache line with other memory, this first
    /// moves it to memory of its own.
    ///
    /// Context: any context; sleeps as `flags` allow.
    ///
    /// # Errors
    ///
    /// `ENOMEM`: there is no memory to which the content could be moved. The buffer is unchanged
    /// then.
    fn content(&mut self, flags: Flags) -> Result<NonNull<Self::Content>>;
}

// SAFETY: `DmaBuffer` requires (1) memory of `kmalloc()` that only the buffer owns, in whole cache
// lines, (2) that stays in place, (3) that is initialised, and in which any bytes are valid. (1) A
// box owns such memory, and `into_whole_lines` gives the lines. (2) A box does not move its memory.
// (3) `IntoBytes` and `FromBytes`.
unsafe impl<T> DmaBuffer for KBox<T>
where
    T: FromBytes + IntoBytes + Send + 'static,
{
    type Content = T;

    #[inline]
    fn content(&mut self, flags: Flags) -> Result<NonNull<T>> {
        let old = NonNull::from(&mut **self);
        if is_whole_lines(old.cast(), Layout::new::<T>()) {
            return Ok(old);
        }
        // SAFETY: `into_whole_lines` requires memory of `Kmalloc` for the layout, which is not used
        // any more if the content moves. The box has such memory, and the code below replaces the
        // box.
        let new = unsafe { into_whole_lines(old.cast(), Layout::new::<T>(), flags) }?.cast::<T>();
        // SAFETY: `from_raw` requires the only pointer to a `T` in memory of `Kmalloc` for its
        // layout; `new` is one, and the old box is forgotten below.
        let this = unsafe { KBox::from_raw(new.as_ptr()) };
        core::mem::forget(core::mem::replace(self, this));
        Ok(NonNull::from(&mut **self))
    }
}

// SAFETY: the same holds as for a box of one `T`.
unsafe impl<T> DmaBuffer for KBox<[T]>
where
    T: FromBytes + IntoBytes + Send + 'static,
{
    type Content = [T];

    #[inline]
    fn content(&mut self, flags: Flags) -> Result<NonNull<[T]>> {
        let old = NonNull::from(&mut **self);
        let layout = Layout::for_value::<[T]>(self);
        if is_whole_lines(old.cast(), layout) {
            return Ok(old);
        }
        // SAFETY: `into_whole_lines` requires memory of `Kmalloc` for the layout, which is not used
        // any more if the content moves. The box has such memory, and the code below replaces the
        // box.
        let new = unsafe { into_whole_lines(old.cast(), layout, flags) }?.cast::<T>();
        let new = NonNull::slice_from_raw_parts(new, old.len());
        // SAFETY: `from_raw` requires the only pointer to a `[T]` in memory of `Kmalloc` for its
        // layout; `new` is one, and the old box is forgotten below.
        let this = unsafe { KBox::from_raw(new.as_ptr()) };
        core::mem::forget(core::mem::replace(self, this));
        Ok(NonNull::from(&mut **self))
    }
}

// SAFETY: `DmaBuffer` requires the same as for a box. A vector owns its memory, in which its
// elements are initialised, and moves it only when the vector is changed. `into_whole_lines` gives
// the lines.
unsafe impl<T: FromBytes + IntoBytes + Send + 'static> DmaBuffer for KVec<T> {
    type Content = [T];

    #[inline]
    fn content(&mut self, flags: Flags) -> Result<NonNull<[T]>> {
        let content = NonNull::from(self.as_mut_slice());
        let is_there = |layout: ArrayLayout<T>| is_whole_lines(content.cast(), layout.into());
        // Elements of size 0 have no memory.
        if size_of::<T>() == 0 || ArrayLayout::new(self.capacity()).is_ok_and(is_there) {
            return Ok(content);
        }
        move_to_lines(self, flags)
    }
}

/// Moves the content of a vector to memory of its own.
#[cold]
#[inline(never)]
fn move_to_lines<T>(vector: &mut KVec<T>, flags: Flags) -> Result<NonNull<[T]>> {
    let (old, length, capacity) = core::mem::take(vector).into_raw_parts();
    let layout = ArrayLayout::<T>::new(capacity).map(Layout::from);
    let moved = layout.map_err(AllocError::from).and_then(|layout| {
        // SAFETY: `new_unchecked` requires a pointer that is not null; the pointer of a vector
        // is not.
        let old = unsafe { NonNull::new_unchecked(old) }.cast();
        // SAFETY: `into_whole_lines` requires memory of `Kmalloc` for the layout, which is not
        // used any more if the content moves. It is the memory of the vector, which was taken
        // apart above. The code below uses only the result.
        unsafe { into_whole_lines(old, layout, flags) }
    });
    let memory = moved.map_or(old, |new| new.as_ptr().cast());
    // SAFETY: `from_raw_parts` requires the only pointer to memory of `Kmalloc` for that
    // capacity, with that many elements. `into_whole_lines` has moved memory and elements
    // together, or neither.
    *vector = unsafe { KVec::from_raw_parts(memory, length, capacity) };
    moved?;
    Ok(NonNull::from(vector.as_mut_slice()))
}
