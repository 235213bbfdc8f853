// SPDX-License-Identifier: GPL-2.0

//! A driver on the bus of the tests. The mode of a device says what the driver does with it, and
//! the log of the device records the events.

use core::{
    marker::PhantomData,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use super::bus::{Kunit, KunitDevice, mode, note};
use crate::{
    bindings,
    device::{Bound, Core, Normal},
    devres, dma,
    driver::{self, Ops, Registration},
    ffi::c_int,
    pm,
    prelude::*,
    scope::Scope,
    sync::aref::ARef,
    time::{Delta, delay::fsleep},
};

/// The driver binds the device.
pub(crate) const BIND: c_int = 0;
/// `probe` fails before the data has a field.
pub(crate) const FAIL_FIRST: c_int = 1;
/// `probe` fails when the data has one field.
pub(crate) const FAIL_BETWEEN: c_int = 2;
/// `probe` fails when the data has two fields.
pub(crate) const FAIL_LAST: c_int = 3;
/// `attach` fails when the data is complete and the scope has an entry.
pub(crate) const FAIL_ATTACH: c_int = 4;
/// `probe` asks to be called later.
pub(crate) const DEFER: c_int = 5;
/// `probe` waits until the test opens [`GATE`].
pub(crate) const WAIT: c_int = 6;

/// The gate for which [`WAIT`] waits.
pub(crate) static GATE: AtomicBool = AtomicBool::new(false);

/// The number of live data of all devices.
pub(crate) static LIVE: AtomicU32 = AtomicU32::new(0);

/// A value that writes its word into the device's log when dropped. It borrows the device, as
/// driver data does.
pub(crate) struct Borrows<'bound, const EARLY: bool> {
    device: &'bound KunitDevice<Bound, EARLY>,
    word: &'static str,
}

impl<const EARLY: bool> Drop for Borrows<'_, EARLY> {
    fn drop(&mut self) {
        note(self.device, self.word);
    }
}

/// A value that does the same as [`Borrows`], without a lifetime, for managed resources.
pub(crate) struct Counts<const EARLY: bool> {
    pub(crate) device: ARef<KunitDevice<Normal, EARLY>>,
    pub(crate) word: &'static str,
}

impl<const EARLY: bool> Drop for Counts<EARLY> {
    fn drop(&mut self) {
        super::bus::note_normal(&self.device, self.word);
    }
}

/// The driver's data.
#[pin_data(PinnedDrop)]
pub(crate) struct Data<'bound, const EARLY: bool> {
    pub(crate) first: Borrows<'bound, EARLY>,
    pub(crate) second: Borrows<'bound, EARLY>,
    live: Live,
}

#[pinned_drop]
impl<const EARLY: bool> PinnedDrop for Data<'_, EARLY> {
    fn drop(self: Pin<&mut Self>) {
        note(self.first.device, "drop");
    }
}

/// A value that is counted in [`LIVE`].
struct Live(());

impl Live {
    fn new() -> Self {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The driver. With `ASYNC`, another task probes the device.
pub(crate) struct Driver<const EARLY: bool, const ASYNC: bool = false>(PhantomData<()>);

impl<const EARLY: bool, const ASYNC: bool> Driver<EARLY, ASYNC> {
    /// Registers the driver.
    pub(crate) fn register(name: &'static CStr) -> Result<Pin<KBox<Registration<Self>>>> {
        KBox::pin_init(Registration::new(name, super::this_module()), GFP_KERNEL)
    }

    unsafe extern "C" fn probe(device: *mut bindings::lb_kunit_device) -> c_int {
        // SAFETY: `driver::probe` requires that the bus' probe callback calls it, for the
        // callback's device; this is that callback.
        unsafe { driver::probe::<Self>(device, ()) }
    }
}

// SAFETY: `Ops` requires that `fill` set up only callbacks that end in the machinery's for the same
// type; probe and remove do.
unsafe impl<const EARLY: bool, const ASYNC: bool> Ops for Driver<EARLY, ASYNC> {
    type Bus = Kunit<EARLY>;
    type Data<'bound> = Data<'bound, EARLY>;
    type Id = ();

    fn parts(_: &KunitDevice<Core<'_>, EARLY>, _: &()) -> <Kunit<EARLY> as driver::Bus>::Parts {
        (pm::Power::new(pm::RuntimePm::ByDriver), dma::Masks::new())
    }

    fn fill(driver: &mut bindings::lb_kunit_driver) {
        driver.probe = Some(Self::probe);
        driver.remove = Some(driver::remove::<Self>);
        if ASYNC {
            driver.driver.probe_type = bindings::probe_type_PROBE_PREFER_ASYNCHRONOUS;
        }
    }

    fn probe<'bound>(
        device: &'bound KunitDevice<Core<'_>, EARLY>,
        _id: (),
    ) -> impl PinInit<Data<'bound, EARLY>, Error> + 'bound {
        let mode = mode(device);
        let device: &'bound KunitDevice<Bound, EARLY> = device;
        let borrows = move |word| Borrows { device, word };
        pin_init::pin_init_scope(move || {
            note(device, "probe");
            let word = "devres";
            let counts = Counts {
                device: device.into(),
                word,
            };
            devres::register(device.as_ref(), counts, GFP_KERNEL)?;
            while mode == WAIT && !GATE.load(Ordering::Acquire) {
                fsleep(Delta::from_millis(1));
            }
            match mode {
                FAIL_FIRST => return Err(EIO),
                DEFER => return Err(EPROBE_DEFER),
                _ => {}
            }
            Ok(try_pin_init!(Data {
                first: borrows("first"),
                second: match mode {
                    FAIL_BETWEEN => return Err(EIO),
                    _ => borrows("second"),
                },
                live: match mode {
                    FAIL_LAST => return Err(EIO),
                    _ => Live::new(),
                },
            }))
        })
    }

    fn attach<'bound, 'x>(
        device: &'bound KunitDevice<Core<'_>, EARLY>,
        data: Pin<&'x Data<'bound, EARLY>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        note(device, "attach");
        // The entry borrows the data, and uses it when it ends.
        scope.at_end(move || note(data.second.device, "scope"))?;
        match mode(device) {
            FAIL_ATTACH => Err(EIO),
            _ => Ok(()),
        }
    }

    fn unbind<'bound>(
        device: &'bound KunitDevice<Core<'_>, EARLY>,
        data: Pin<&Data<'bound, EARLY>>,
    ) {
        // The data borrows the same device that is being unbound.
        crate::kunit_assert!(core::ptr::eq(data.first.device.as_raw(), device.as_raw()));
        note(device, "unbind");
    }
}

/// Waits until `condition` holds, for at most a minute. A second is enough even on a slow machine.
#[track_caller]
pub(crate) fn wait_until(mut condition: impl FnMut() -> bool) {
    for _ in 0..6000 {
        if condition() {
            return;
        }
        fsleep(Delta::from_millis(10));
    }
    super::fail(format_args!("it does not happen"));
}
