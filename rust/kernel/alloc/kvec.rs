// SPDX-License-Identifier: GPL-2.0

//! [`Vec`]: an array on the heap that grows.
//!
//! C header: [`include/linux/slab.h`](srctree/include/linux/slab.h).
//!
//! Drivers use the aliases [`KVec`], [`VVec`] and [`KVVec`], one for each allocator, and
//! [`kvec!`](crate::kvec) to write one down. Functions that grow a vector take allocation flags and
//! can fail. After a failure the vector is as before, unless the function says otherwise. Functions
//! without flags never allocate. They may be used wherever the allocator's memory may be used, see
//! [`alloc`](super).

mod boxed;
mod drain;
mod edit;
mod errors;
mod extend;
mod into_iter;
mod traits;

use core::{
    alloc::Layout,
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    ptr::{self, NonNull},
    slice,
};

use pin_init::Zeroable;

use super::{
    AllocError, Allocator, Flags, NumaNode,
    allocator::{KVmalloc, Kmalloc, Vmalloc},
    flags::__GFP_ZERO,
    layout::ArrayLayout,
};

pub use self::{
    drain::DrainAll,
    errors::{InsertError, PushError, RemoveError},
    into_iter::IntoIter,
};

/// A growing array of `T` in memory of the allocator `A`.
///
/// # Examples
///
/// ```
/// use kernel::alloc::{KVec, flags::GFP_KERNEL};
///
/// let mut numbers = KVec::with_capacity(2, GFP_KERNEL)?;
/// numbers.push(1, GFP_KERNEL)?;
/// numbers.extend_from_slice(&[4, 9], GFP_KERNEL)?;
/// assert_eq!(numbers, [1, 4, 9]);
/// assert_eq!(numbers.pop(), Some(9));
/// assert_eq!(numbers.iter().sum::<i32>(), 5);
/// # Ok::<(), kernel::alloc::AllocError>(())
/// ```
///
/// # Invariants
///
/// - `ptr` is not null and aligned for `T`. If `layout` has a size other than 0, it points to
///   memory allocated by `A` with that layout, which this vector alone owns.
/// - The first `len` elements are initialised, and `len` is at most [`capacity()`](Self::capacity).
/// - If `T` has size 0, `layout` is empty: there is no memory, and the capacity is `usize::MAX`.
pub struct Vec<T, A: Allocator> {
    ptr: NonNull<T>,
    layout: ArrayLayout<T>,
    len: usize,
    allocator: PhantomData<A>,
}

/// A [`Vec`] in memory of `kmalloc()`: for up to a few pages.
#[doc(alias("kmalloc_array", "devm_kmalloc_array"))]
pub type KVec<T> = Vec<T, Kmalloc>;

/// A [`Vec`] in memory of `vmalloc()`: for many pages. It grows and is dropped only where the
/// caller may sleep.
pub type VVec<T> = Vec<T, Vmalloc>;

/// A [`Vec`] in memory of `kvmalloc()`: for any size. It is dropped only where the caller may
/// sleep.
#[doc(alias("kvmalloc_array", "kvcalloc"))]
pub type KVVec<T> = Vec<T, KVmalloc>;

// SAFETY: `Send` requires that the use from another thread is sound. The vector owns its elements,
// and an `Allocator` allows freeing on any thread.
unsafe impl<T: Send, A: Allocator> Send for Vec<T, A> {}

// SAFETY: `Sync` requires that shared use by several threads is sound. A shared vector gives only
// shared access to its elements.
unsafe impl<T: Sync, A: Allocator> Sync for Vec<T, A> {}

impl<T, A: Allocator> Vec<T, A> {
    const IS_ZST: bool = size_of::<T>() == 0;

    /// Makes an empty vector, without memory.
    #[must_use]
    pub const fn new() -> Self {
        // INVARIANT: there is no memory and no element.
        Self {
            ptr: NonNull::dangling(),
            layout: ArrayLayout::empty(),
            len: 0,
            allocator: PhantomData,
        }
    }

    /// Makes an empty vector with room for exactly `capacity` elements.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory, or too large a size.
    pub fn with_capacity(capacity: usize, flags: Flags) -> Result<Self, AllocError> {
        let mut vec = Self::new();
        if !Self::IS_ZST && capacity != 0 {
            vec.set_capacity(capacity, flags)?;
        }
        Ok(vec)
    }

    /// Makes a vector of `n` elements in which all bytes are zero.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory, or too large a size.
    #[doc(alias("kcalloc", "devm_kcalloc"))]
    pub fn zeroed(n: usize, flags: Flags) -> Result<Self, AllocError>
    where
        T: Zeroable,
    {
        let mut vec = Self::with_capacity(n, flags | __GFP_ZERO)?;
        // SAFETY: `inc_len` requires `n` further elements within the capacity that are initialised.
        // There is room for `n`. New memory is zeroed by `__GFP_ZERO` (elements of size 0 have
        // none), and zeroes are a `T` by `Zeroable`.
        unsafe { vec.inc_len(n) };
        Ok(vec)
    }

    /// Takes back a vector that [`into_raw_parts`](Self::into_raw_parts) gave away.
    ///
    /// # Safety
    ///
    /// - If `T` has size 0: `ptr` is not null and aligned.
    /// - Otherwise, `ptr` is memory of `A` for an array of `capacity` elements, or is not null and
    ///   aligned if `capacity` is 0; and nobody else uses it. `capacity * size_of::<T>()` is at
    ///   most `isize::MAX`.
    /// - The first `length` elements are initialised; `length` is at most `capacity`, unless `T`
    ///   has size 0.
    #[must_use]
    pub unsafe fn from_raw_parts(ptr: *mut T, length: usize, capacity: usize) -> Self {
        let layout = if Self::IS_ZST {
            ArrayLayout::empty()
        } else {
            // SAFETY: `new_unchecked` requires that the size is at most `isize::MAX`; the caller
            // promises it.
            unsafe { ArrayLayout::new_unchecked(capacity) }
        };
        // SAFETY: `new_unchecked` requires a pointer that is not null; the caller promises it.
        let ptr = unsafe { NonNull::new_unchecked(ptr) };
        // INVARIANT: the caller promises it; for elements of size 0, `layout` is empty.
        Self {
            ptr,
            layout,
            len: length,
            allocator: PhantomData,
        }
    }

    /// Gives the vector away as pointer, length and capacity. Unless it is taken back, its elements
    /// and memory leak.
    #[must_use]
    pub fn into_raw_parts(self) -> (*mut T, usize, usize) {
        let mut vec = ManuallyDrop::new(self);
        (vec.as_mut_ptr(), vec.len(), vec.capacity())
    }

    /// Returns the number of elements that the vector can hold without growing; `usize::MAX` if
    /// they have size 0.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        if Self::IS_ZST {
            usize::MAX
        } else {
            self.layout.len()
        }
    }

    /// Returns the number of elements.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no elements.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Counts the next `additional` elements as part of the vector.
    ///
    /// # Safety
    ///
    /// The first `additional` elements of [`spare_capacity_mut`](Self::spare_capacity_mut) exist
    /// and are initialised.
    pub const unsafe fn inc_len(&mut self, additional: usize) {
        // INVARIANT: the caller promises it.
        // OVERFLOW: none: the sum is at most the capacity, as the caller promises.
        self.len += additional;
    }

    /// Stops counting the last `count` elements (all, if there are fewer) and gives them to the
    /// caller, which drops them.
    fn dec_len(&mut self, count: usize) -> *mut [T] {
        let count = count.min(self.len);
        // INVARIANT: there are fewer elements than before, all of which are initialised.
        // OVERFLOW: none: `count` is at most `len`.
        self.len -= count;
        // `spare_ptr` uses the new length.
        ptr::slice_from_raw_parts_mut(self.spare_ptr(), count)
    }

    /// Returns the place behind the last element.
    const fn spare_ptr(&self) -> *mut T {
        // SAFETY: `add` requires the result within the allocation or at its end; `len` is at most
        // the capacity. For elements of size 0, `add` does nothing.
        unsafe { self.ptr.as_ptr().add(self.len) }
    }

    /// Returns the elements as a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self
    }

    /// Returns the elements as a slice that can be changed.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self
    }

    /// Returns the address of the first element. It is dangling, and not null, if there is no
    /// memory.
    #[must_use]
    pub const fn as_ptr(&self) -> *const T {
        self.ptr.as_ptr()
    }

    /// Returns the address of the first element. It is dangling, and not null, if there is no
    /// memory.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut T {
        self.ptr.as_ptr()
    }

    /// Returns the room behind the last element.
    pub fn spare_capacity_mut(&mut self) -> &mut [MaybeUninit<T>] {
        // OVERFLOW: none: `len` is at most the capacity.
        let room = self.capacity() - self.len;
        // SAFETY: `from_raw_parts_mut` requires `room` values at that place that nobody else uses
        // meanwhile. The vector owns its memory and is borrowed exclusively, and any bytes are a
        // `MaybeUninit`.
        unsafe { slice::from_raw_parts_mut(self.spare_ptr().cast(), room) }
    }

    /// Makes room for at least `additional` more elements. The capacity at least doubles, so that
    /// adding elements one by one stays cheap.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory, or too large a size.
    #[doc(alias("krealloc", "krealloc_array"))]
    pub fn reserve(&mut self, additional: usize, flags: Flags) -> Result<(), AllocError> {
        let wanted = self.len.checked_add(additional).ok_or(AllocError)?;
        if wanted <= self.capacity() {
            return Ok(());
        }
        self.set_capacity(wanted.max(self.capacity().saturating_mul(2)), flags)
            .or_else(|AllocError| self.set_capacity(wanted, flags))
    }

    /// Moves the elements to memory for exactly `capacity` elements. It is not for elements of size
    /// 0.
    fn set_capacity(&mut self, capacity: usize, flags: Flags) -> Result<(), AllocError> {
        let layout = ArrayLayout::<T>::new(capacity.max(self.len))?;
        let memory = if self.layout.is_empty() {
            A::alloc(layout.into(), flags, NumaNode::NO_NODE)
        } else {
            let old = Some(self.ptr.cast());
            // SAFETY: `realloc` requires memory of `A` with the old layout; `ptr` is that, by the
            // invariant. It is not used any more, and both layouts are aligned for `T`.
            unsafe {
                A::realloc(
                    old,
                    layout.into(),
                    self.layout.into(),
                    flags,
                    NumaNode::NO_NODE,
                )
            }
        }?;
        // INVARIANT: `realloc` kept the elements up to the smaller size, which is at least that of
        // `len` elements.
        self.ptr = memory.cast();
        self.layout = layout;
        Ok(())
    }
}

impl<T> Vec<T, KVmalloc> {
    /// Gives spare memory back: moves the elements to memory for `min_capacity` of them, or for the
    /// current number if that is larger.
    ///
    /// Does nothing if the capacity is no larger than that, or if elements have size 0.
    ///
    /// # Errors
    ///
    /// [`AllocError`]: no memory for the smaller copy. The vector is as before.
    pub fn shrink_to(&mut self, min_capacity: usize, flags: Flags) -> Result<(), AllocError> {
        let target = min_capacity.max(self.len);
        if Self::IS_ZST || target >= self.capacity() {
            return Ok(());
        }
        self.set_capacity(target, flags)
    }
}

impl<T, A: Allocator> Drop for Vec<T, A> {
    fn drop(&mut self) {
        self.clear();
        // SAFETY: `free` requires memory of `A` with that layout, or a pointer that stands for
        // none, which is not used any more; that holds by the invariant, and because the vector
        // ends.
        unsafe { A::free(self.ptr.cast(), Layout::from(self.layout)) };
    }
}

/// Makes a [`KVec`] with [`GFP_KERNEL`](crate::alloc::flags::GFP_KERNEL), as a `Result<KVec<_>,
/// AllocError>`.
///
/// `kvec![a, b, c]` has these elements, `kvec![x; n]` has `n` clones of `x`, `kvec![]` is empty.
///
/// Context: process context; may sleep.
///
/// # Examples
///
/// ```
/// let numbers = kernel::kvec![1, 4, 9]?;
/// assert_eq!(numbers, [1, 4, 9]);
/// assert_eq!(kernel::kvec!["a"; 2]?, ["a", "a"]);
/// let empty: kernel::alloc::KVec<u8> = kernel::kvec![]?;
/// assert!(empty.is_empty());
/// # Ok::<(), kernel::alloc::AllocError>(())
/// ```
#[macro_export]
macro_rules! kvec {
    () => {
        $crate::__core::result::Result::<_, $crate::alloc::AllocError>::Ok($crate::alloc::KVec::new())
    };
    ($elem:expr; $n:expr) => {
        $crate::alloc::KVec::from_elem($elem, $n, $crate::alloc::flags::GFP_KERNEL)
    };
    ($($x:expr),+ $(,)?) => {
        $crate::alloc::KBox::new([$($x),+], $crate::alloc::flags::GFP_KERNEL)
            .map($crate::alloc::KVec::from)
    };
}

#[cfg(test)]
mod tests;
