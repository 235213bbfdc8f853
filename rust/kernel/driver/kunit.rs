// SPDX-License-Identifier: GPL-2.0

//! Tests of the life of a driver's data, on real `struct device`s.
//!
//! Each device has a log; see [`crate::kunit::bus`]. The word `cleanup` in it stands for the bus'
//! steps between the driver's removal and the release of managed resources. The data is dropped
//! before or after `cleanup`, by the point of the drop.

use core::sync::atomic::Ordering;

use super::*;
use crate::kunit::{
    Thread,
    bus::{Kunit, TestDevice},
    driver::{
        BIND, DEFER, Driver, FAIL_ATTACH, FAIL_BETWEEN, FAIL_FIRST, FAIL_LAST, GATE, LIVE, WAIT,
        wait_until,
    },
    for_each_failure,
};

const NAME: &CStr = c"kunit_driver";

/// The words in the device's log for the end of a binding.
fn unbound<const EARLY: bool>() -> &'static str {
    if drops_late::<Kunit<EARLY>>() {
        "unbind scope removed cleanup drop first second devres"
    } else {
        "unbind scope drop first second devres removed cleanup"
    }
}

/// The words for a binding from `probe` to its end.
fn bound_and_unbound<const EARLY: bool>() -> &'static str {
    if drops_late::<Kunit<EARLY>>() {
        "probe attach unbind scope removed cleanup drop first second devres"
    } else {
        "probe attach unbind scope drop first second devres removed cleanup"
    }
}

/// Fails the test if anything of a binding is left.
#[track_caller]
fn nothing_left(device: &TestDevice) {
    crate::kunit_assert!(!device.is_bound());
    crate::kunit_assert!(!device.has_resources());
    crate::kunit_assert_eq!(device.drvdata(), 0);
    crate::kunit_assert_eq!(LIVE.load(Ordering::Relaxed), 0);
}

fn binds_unbinds_and_binds_again<const EARLY: bool>() -> Result {
    let device = TestDevice::added(NAME, BIND)?;
    device.expect("");
    let driver = Driver::<EARLY>::register(NAME)?;
    for _ in 0..3 {
        device.expect("probe attach");
        crate::kunit_assert!(device.is_bound() && device.drvdata() != 0);
        device.unbind();
        device.expect(unbound::<EARLY>());
        nothing_left(&device);
        device.unbind();
        device.expect("");
        crate::kunit_assert!(device.attach());
    }
    drop(driver);
    Ok(())
}

fn fails_at_each_step<const EARLY: bool>() -> Result {
    let device = TestDevice::added(NAME, BIND)?;
    let driver = Driver::<EARLY>::register(NAME)?;
    device.unbind();
    for (mode, log) in [
        (FAIL_FIRST, "probe devres cleanup"),
        (FAIL_BETWEEN, "probe first devres cleanup"),
        (FAIL_LAST, "probe second first devres cleanup"),
        (
            FAIL_ATTACH,
            "probe attach scope drop first second devres cleanup",
        ),
    ] {
        device.forget_log();
        device.set_mode(mode);
        crate::kunit_assert!(!device.attach());
        device.expect(log);
        nothing_left(&device);
    }
    device.set_mode(BIND);
    crate::kunit_assert!(device.attach());
    drop(driver);
    nothing_left(&device);
    Ok(())
}

fn fails_before_our_probe<const EARLY: bool>() -> Result {
    let driver = Driver::<EARLY>::register(NAME)?;
    let mut device = TestDevice::new(NAME, BIND)?;
    device.set_dma_error(EIO.to_errno());
    // This is another driver's data, which looks like an invalid pointer.
    device.set_drvdata(0x5a5a);
    device.add()?;
    device.expect("");
    nothing_left(&device);
    device.set_dma_error(0);
    crate::kunit_assert!(device.attach());
    device.expect("probe attach");
    drop(driver);
    Ok(())
}

fn foreign_data_is_not_taken<const EARLY: bool>() -> Result {
    let driver = Driver::<EARLY>::register(NAME)?;
    let device = TestDevice::added(NAME, BIND)?;
    device.expect("probe attach");
    device.set_drvdata(0x5a5a);
    device.unbind();
    device.expect(unbound::<EARLY>());
    nothing_left(&device);
    drop(driver);
    Ok(())
}

fn driver_goes_first<const EARLY: bool>() -> Result {
    let driver = Driver::<EARLY>::register(NAME)?;
    let (one, two) = (
        TestDevice::added(NAME, BIND)?,
        TestDevice::added(NAME, BIND)?,
    );
    crate::kunit_assert_eq!(LIVE.load(Ordering::Relaxed), 2);
    drop(driver);
    for device in [one, two] {
        device.expect(bound_and_unbound::<EARLY>());
        nothing_left(&device);
        crate::kunit_assert!(!device.attach(), "the driver is gone");
    }
    Ok(())
}

fn device_goes_first<const EARLY: bool>() -> Result {
    let driver = Driver::<EARLY>::register(NAME)?;
    let parent = TestDevice::added(NAME, BIND)?;
    let mut child = TestDevice::child(NAME, BIND, &parent)?;
    child.add()?;
    child.expect("probe attach");
    child.remove();
    child.expect(unbound::<EARLY>());
    crate::kunit_assert!(!child.is_bound() && parent.is_bound());
    drop((child, parent));
    crate::kunit_assert_eq!(LIVE.load(Ordering::Relaxed), 0);
    drop(driver);
    Ok(())
}

fn leaked_registration_ends_with_the_module<const EARLY: bool>() -> Result {
    let driver = Driver::<EARLY>::register(NAME)?;
    let device = TestDevice::added(NAME, BIND)?;
    device.expect("probe attach");
    // The registration ends as if the driver had been leaked.
    crate::module_scope::end();
    device.expect(unbound::<EARLY>());
    nothing_left(&device);
    drop(driver);
    device.expect("");
    Ok(())
}

fn every_allocation_of_binding_may_fail<const EARLY: bool>() -> Result {
    let driver = Driver::<EARLY>::register(NAME)?;
    let device = TestDevice::added(NAME, BIND)?;
    device.unbind();
    device.forget_log();
    // The core ignores some failures, so the device may be bound in spite of one.
    let failures = for_each_failure(|failure| {
        if device.attach() {
            device.unbind();
        } else {
            crate::kunit_assert!(failure.happened(), "not bound for no reason");
        }
        nothing_left(&device);
    });
    crate::kunit_assert!(failures > 5, "{} allocations", failures);
    drop(driver);
    Ok(())
}

fn every_allocation_of_registering_may_fail<const EARLY: bool>() -> Result {
    let device = TestDevice::added(NAME, BIND)?;
    let failures = for_each_failure(|failure| {
        match Driver::<EARLY>::register(NAME) {
            Ok(driver) => drop(driver),
            Err(error) => crate::kunit_assert!(failure.happened() && error == ENOMEM),
        }
        nothing_left(&device);
    });
    crate::kunit_assert!(failures > 5, "{} allocations", failures);
    Ok(())
}

fn deferred_until_another_driver_is_bound<const EARLY: bool>() -> Result {
    let driver = Driver::<EARLY>::register(NAME)?;
    let device = TestDevice::added(NAME, DEFER)?;
    device.expect("probe devres cleanup");
    nothing_left(&device);
    device.set_mode(BIND);
    let other = Driver::<EARLY>::register(c"kunit_supplier")?;
    let supplier = TestDevice::added(c"kunit_supplier", BIND)?;
    crate::kunit_assert!(supplier.is_bound());
    wait_until(|| device.drvdata() != 0);
    drop(driver);
    device.expect(bound_and_unbound::<EARLY>());
    drop((supplier, other));
    Ok(())
}

fn probed_by_another_task<const EARLY: bool>() -> Result {
    GATE.store(false, Ordering::Release);
    let device = TestDevice::added(NAME, WAIT)?;
    let failing = TestDevice::added(NAME, FAIL_LAST)?;
    let driver = Driver::<EARLY, true>::register(NAME)?;
    crate::kunit_assert_eq!(LIVE.load(Ordering::Relaxed), 0, "it waits in its probe");
    let opener = Thread::spawn(|| {
        crate::time::delay::fsleep(crate::time::Delta::from_millis(20));
        GATE.store(true, Ordering::Release);
    })?;
    // The drop waits for the probe, and unbinds the device.
    drop(driver);
    drop(opener);
    device.expect(bound_and_unbound::<EARLY>());
    failing.expect("probe second first devres cleanup");
    nothing_left(&device);
    nothing_left(&failing);
    Ok(())
}

fn bound_and_unbound_by_several_threads<const EARLY: bool>() -> Result {
    let driver = Driver::<EARLY>::register(NAME)?;
    let device = crate::sync::Arc::new(TestDevice::added(NAME, BIND)?, GFP_KERNEL)?;
    let mut threads = KVec::new();
    for _ in 0..3 {
        let device = device.clone();
        let work = move || {
            for _ in 0..50 {
                device.unbind();
                device.attach();
            }
        };
        threads.push(Thread::spawn(work)?, GFP_KERNEL)?;
    }
    drop(threads);
    device.unbind();
    nothing_left(&device);
    device.forget_log();
    crate::kunit_assert!(device.attach());
    device.expect("probe attach");
    drop(driver);
    nothing_left(&device);
    Ok(())
}

/// A driver whose data both the remove callback and the core's hook try to drop.
#[cfg(lifebound_post_unbind)]
struct Both;

#[cfg(lifebound_post_unbind)]
impl Both {
    unsafe extern "C" fn probe(device: *mut bindings::lb_kunit_device) -> c_int {
        // SAFETY: `probe` requires that the bus' probe callback calls it, for the callback's
        // device; this is that callback.
        unsafe { super::probe::<Self>(device, ()) }
    }
}

#[cfg(lifebound_post_unbind)]
// SAFETY: `Ops` requires that `fill` set up only callbacks that end in the machinery's for the same
// type; probe, remove and the hook do.
unsafe impl Ops for Both {
    type Bus = Kunit<true>;
    type Data<'bound> = <Driver<true> as Ops>::Data<'bound>;
    type Id = ();

    fn parts(device: &Device<Core<'_>, Kunit<true>>, id: &()) -> <Kunit<true> as Bus>::Parts {
        <Driver<true> as Ops>::parts(device, id)
    }

    fn fill(driver: &mut bindings::lb_kunit_driver) {
        driver.probe = Some(Self::probe);
        driver.remove = Some(remove::<Self>);
        driver.driver.p_cb.post_unbind_rust = Some(post_unbind::<Self>);
    }

    fn probe<'bound>(
        device: &'bound Device<Core<'_>, Kunit<true>>,
        id: (),
    ) -> impl PinInit<Self::Data<'bound>, Error> + 'bound {
        <Driver<true> as Ops>::probe(device, id)
    }

    fn attach<'bound, 'x>(
        device: &'bound Device<Core<'_>, Kunit<true>>,
        data: Pin<&'x Self::Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        <Driver<true> as Ops>::attach(device, data, scope)
    }

    fn unbind<'bound>(
        device: &'bound Device<Core<'_>, Kunit<true>>,
        data: Pin<&Self::Data<'bound>>,
    ) {
        <Driver<true> as Ops>::unbind(device, data)
    }
}

#[cfg(lifebound_post_unbind)]
#[kunit_tests(lifebound_driver_hook)]
mod hook {
    use super::*;

    #[test]
    fn callback_and_hook_drop_the_data_once() -> Result {
        let driver = Registration::<Both>::new(NAME, crate::kunit::this_module());
        let driver = KBox::pin_init(driver, GFP_KERNEL)?;
        let mut device = TestDevice::new(NAME, BIND)?;
        // Only the hook is called, for a device that was never bound to this driver.
        device.set_dma_error(EIO.to_errno());
        device.set_drvdata(0x5a5a);
        device.add()?;
        device.expect("");
        nothing_left(&device);
        device.set_dma_error(0);
        for (mode, log) in [
            (BIND, bound_and_unbound::<true>()),
            (FAIL_FIRST, "probe devres cleanup"),
            (FAIL_LAST, "probe second first devres cleanup"),
            (
                FAIL_ATTACH,
                "probe attach scope drop first second devres cleanup",
            ),
            (BIND, bound_and_unbound::<true>()),
        ] {
            device.set_mode(mode);
            assert_eq!(device.attach(), mode == BIND);
            device.unbind();
            device.expect(log);
            nothing_left(&device);
        }
        drop(driver);
        Ok(())
    }
}

/// Makes a test of each function, which runs it with both points of the drop.
macro_rules! on_both_points {
    ($($name:ident)*) => {
        #[kunit_tests(lifebound_driver)]
        mod tests {
            $(
                #[test]
                fn $name() -> $crate::error::Result {
                    super::$name::<false>()?;
                    super::$name::<true>()
                }
            )*
        }
    };
}

on_both_points! {
    binds_unbinds_and_binds_again
    fails_at_each_step
    fails_before_our_probe
    foreign_data_is_not_taken
    driver_goes_first
    device_goes_first
    leaked_registration_ends_with_the_module
    every_allocation_of_binding_may_fail
    every_allocation_of_registering_may_fail
    deferred_until_another_driver_is_bound
    probed_by_another_task
    bound_and_unbound_by_several_threads
}
