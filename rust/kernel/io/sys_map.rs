// SPDX-License-Identifier: GPL-2.0

//! [`IoSysMap`]: device registers or system memory (`struct iosys_map`, `<linux/iosys-map.h>`).

use super::{IoBackend, IoBase, IoCapable, IoCopyable, Mmio, MmioBackend, SysMem, SysMemBackend};
use crate::ptr::KnownSize;

/// Memory for `'a` whose kind is known only at run time, such as a frame buffer.
///
/// Each access tests the kind, and then does what [`Mmio`] or [`SysMem`] does.
pub enum IoSysMap<'a, T: ?Sized> {
    /// Device memory.
    Io(Mmio<'a, T>),
    /// System memory.
    Sys(SysMem<'a, T>),
}

impl<T: ?Sized> Copy for IoSysMap<'_, T> {}

impl<T: ?Sized> Clone for IoSysMap<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, T: ?Sized> From<Mmio<'a, T>> for IoSysMap<'a, T> {
    #[inline(always)]
    fn from(view: Mmio<'a, T>) -> Self {
        Self::Io(view)
    }
}

impl<'a, T: ?Sized> From<SysMem<'a, T>> for IoSysMap<'a, T> {
    #[inline(always)]
    fn from(view: SysMem<'a, T>) -> Self {
        Self::Sys(view)
    }
}

impl<'a, T: ?Sized + KnownSize> IoBase<'a> for IoSysMap<'a, T> {
    type Backend = IoSysMapBackend;
    type Target = T;

    #[inline(always)]
    fn as_view(self) -> Self {
        self
    }
}

/// The backend of [`IoSysMap`].
pub struct IoSysMapBackend;

/// Evaluates the same expression for the view of either kind; `$B` is the view's backend.
macro_rules! either {
    ($map:expr, $view:ident as $B:ident => $body:expr) => {
        match $map {
            IoSysMap::Io($view) => {
                type $B = MmioBackend;
                $body
            }
            IoSysMap::Sys($view) => {
                type $B = SysMemBackend;
                $body
            }
        }
    };
}

impl IoBackend for IoSysMapBackend {
    type View<'a, T: ?Sized + KnownSize> = IoSysMap<'a, T>;

    #[inline(always)]
    fn as_ptr<'a, T: ?Sized + KnownSize>(view: Self::View<'a, T>) -> *mut T {
        either!(view, view as B => B::as_ptr(view))
    }

    #[inline(always)]
    unsafe fn project_view<'a, T: ?Sized + KnownSize, U: ?Sized + KnownSize>(
        view: Self::View<'a, T>,
        ptr: *mut U,
    ) -> Self::View<'a, U> {
        // SAFETY: both callees have the same requirements as this method, for a view with the same
        // pointer; the caller vouches for them.
        either!(view, view as B => unsafe { B::project_view(view, ptr) }.into())
    }
}

impl<T> IoCapable<T> for IoSysMapBackend
where
    MmioBackend: IoCapable<T>,
    SysMemBackend: IoCapable<T>,
{
    #[inline(always)]
    fn io_read<'a>(view: IoSysMap<'a, T>) -> T {
        either!(view, view as B => B::io_read(view))
    }

    #[inline(always)]
    fn io_write<'a>(view: IoSysMap<'a, T>, value: T) {
        either!(view, view as B => B::io_write(view, value))
    }
}

impl IoCopyable for IoSysMapBackend {
    #[inline]
    unsafe fn copy_from_io(view: IoSysMap<'_, [u8]>, buffer: *mut u8) {
        // SAFETY: both callees have the same requirements as this method, for a view of the same
        // bytes; the caller vouches for them.
        either!(view, view as B => unsafe { B::copy_from_io(view, buffer) })
    }

    #[inline]
    unsafe fn copy_to_io(view: IoSysMap<'_, [u8]>, buffer: *const u8) {
        // SAFETY: both callees have the same requirements as this method, for a view of the same
        // bytes; the caller vouches for them.
        either!(view, view as B => unsafe { B::copy_to_io(view, buffer) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Io;
    use crate::io::testing::Memory;

    #[test]
    fn both_kinds_reach_their_memory() {
        let (device, system) = (Memory::new(16), Memory::new(16));
        device.count_up();
        for (map, expected) in [
            (IoSysMap::from(device.mmio::<16>()), device.bytes()),
            (IoSysMap::from(system.sys_mem::<16>()), system.bytes()),
        ] {
            let whole = map.try_cast::<[u8; 16]>().unwrap();
            assert_eq!(whole.copy_read()[..], expected);
            whole.copy_write([0xab; 16]);
            map.write16(0x1234, 2);
        }
        for memory in [device, system] {
            assert_eq!(memory.bytes()[..5], [0xab, 0xab, 0x34, 0x12, 0xab]);
        }
    }
}
