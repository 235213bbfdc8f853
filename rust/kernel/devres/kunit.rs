// SPDX-License-Identifier: GPL-2.0

//! Tests of managed resources on a real device, and of their end while others use them.

use core::mem::ManuallyDrop;

use super::*;
use crate::{
    kunit::{
        Thread,
        bus::{KunitDevice, TestDevice, note_normal},
        driver::{BIND, Driver},
        each_allocation_fails,
    },
    sync::{
        Completion,
        atomic::{Atomic, Relaxed},
    },
    time::{Delta, delay::fsleep},
};

/// A device to which the test's driver is bound.
struct Bench {
    _driver: Pin<KBox<crate::driver::Registration<Driver<false>>>>,
    device: Arc<TestDevice>,
}

impl Bench {
    fn new() -> Result<Self> {
        Self::named(c"kunit_devres")
    }

    fn named(name: &'static CStr) -> Result<Self> {
        let driver = Driver::register(name)?;
        let device = Arc::new(TestDevice::added(name, BIND)?, GFP_KERNEL)?;
        device.forget_log();
        Ok(Self {
            _driver: driver,
            device,
        })
    }

    fn bound(&self) -> &Device<Bound> {
        self.device.bound::<false>().as_ref()
    }

    /// A value that writes `word` into the device's log when dropped.
    fn value(&self, word: &'static str) -> Value {
        let device: ARef<KunitDevice<crate::device::Normal, false>> =
            self.device.bound::<false>().into();
        Value {
            canary: ALIVE,
            device,
            word,
        }
    }
}

const ALIVE: u64 = 0x600d_da7a;

struct Value {
    canary: u64,
    device: ARef<KunitDevice<crate::device::Normal, false>>,
    word: &'static str,
}

impl Value {
    fn is_alive(&self) -> bool {
        core::hint::black_box(self.canary) == ALIVE
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        crate::kunit_assert!(self.is_alive());
        self.canary = 0;
        note_normal(&self.device, self.word);
    }
}

/// A value that borrows the device, as a register window does.
struct Window<'a>(&'a KunitDevice<Bound, false>);

impl Drop for Window<'_> {
    fn drop(&mut self) {
        crate::kunit::bus::note(self.0, "window");
    }
}

fn window(bench: &Bench) -> Result<DevresLt<crate::types::CovariantForLt!(Window<'_>)>> {
    let device = bench.device.bound::<false>();
    // SAFETY: `new` requires that the borrows of the value last until its release; the window
    // borrows the device, which lives until the end of the test.
    unsafe { DevresLt::new(device.as_ref(), Window(device)) }
}

#[kunit_tests(lifebound_devres)]
mod tests {
    use super::*;

    #[test]
    fn released_after_the_data_and_in_reverse_order() -> Result {
        let bench = Bench::new()?;
        for word in ["a", "b"] {
            register(bench.bound(), bench.value(word), GFP_KERNEL)?;
        }
        let handle = Devres::new(bench.bound(), bench.value("c"))?;
        let window = window(&bench)?;
        bench.device.unbind();
        bench
            .device
            .expect("unbind scope removed cleanup drop first second window c b a devres");
        drop((handle, window));
        bench.device.expect("");
        Ok(())
    }

    #[test]
    fn the_handle_may_end_it_first() -> Result {
        let bench = Bench::new()?;
        let (one, two) = (bench.value("one"), bench.value("two"));
        let one = Devres::new(bench.bound(), one)?;
        let two = Devres::new(bench.bound(), two)?;
        drop(one);
        bench.device.expect("one");
        drop(window(&bench)?);
        bench.device.expect("window");
        bench.device.unbind();
        bench
            .device
            .expect("unbind scope removed cleanup drop first second two devres");
        assert!(two.try_access().is_none());
        Ok(())
    }

    #[test]
    fn access_is_for_the_binding_to_which_it_was_attached() -> Result {
        let (bench, other) = (Bench::named(c"kunit_one")?, Bench::new()?);
        let handle = Devres::new(bench.bound(), bench.value("value"))?;
        assert!(handle.access(bench.bound()).is_ok_and(Value::is_alive));
        assert_eq!(handle.access(other.bound()).err(), Some(EINVAL));
        assert_eq!(handle.try_access_with(Value::is_alive), Some(true));
        let window = window(&bench)?;
        assert_eq!(window.access_with(other.bound(), |_| ()), Err(EINVAL));
        assert!(window.access(bench.bound()).is_ok());
        bench.device.unbind();
        assert!(handle.try_access().is_none() && window.try_access().is_none());
        assert!(bench.device.attach());
        assert_eq!(handle.access(bench.bound()).err(), Some(ENODEV));
        assert_eq!(window.access(bench.bound()).err(), Some(ENODEV));
        assert!(core::ptr::eq(handle.device(), &**bench.bound()));
        Ok(())
    }

    #[test]
    fn nothing_is_attached_to_an_unbound_device() -> Result {
        let bench = Bench::new()?;
        bench.device.unbind();
        bench.device.forget_log();
        let refused = Devres::new(bench.bound(), bench.value("refused"));
        assert_eq!(refused.err(), Some(EPERM));
        bench.device.expect("refused");
        let refused = register(bench.bound(), bench.value("refused"), GFP_KERNEL);
        assert_eq!(refused, Err(EPERM));
        bench.device.expect("refused");
        assert!(!bench.device.has_resources());
        Ok(())
    }

    #[test]
    fn every_allocation_may_fail() -> Result {
        let bench = Bench::new()?;
        let count = each_allocation_fails(|| {
            let handle = Devres::new(bench.bound(), bench.value("value"));
            let handle = handle.map(drop);
            bench.device.expect("value");
            handle
        });
        assert_eq!(count, 1, "the entry, with the value");
        let count = each_allocation_fails(|| {
            let result = register(bench.bound(), bench.value("kept"), GFP_KERNEL);
            bench
                .device
                .expect(if result.is_ok() { "" } else { "kept" });
            result
        });
        assert_eq!(count, 1);
        bench.device.unbind();
        bench
            .device
            .expect("unbind scope removed cleanup drop first second kept devres");
        Ok(())
    }

    #[test]
    fn a_forgotten_handle_keeps_nothing_alive() -> Result {
        let bench = Bench::new()?;
        // The handle is forgotten only until the end of the test, so that kmemleak reports nothing.
        let mut forgotten =
            ManuallyDrop::new(Devres::new(bench.bound(), bench.value("forgotten"))?);
        bench.device.unbind();
        bench
            .device
            .expect("unbind scope removed cleanup drop first second forgotten devres");
        assert!(forgotten.try_access().is_none());
        // SAFETY: `ManuallyDrop::drop` requires that the value is not used afterwards; this is its
        // last use.
        unsafe { ManuallyDrop::drop(&mut forgotten) };
        Ok(())
    }

    #[test]
    fn a_value_may_own_the_handle_of_another() -> Result {
        struct Outer {
            _inner: Devres<Value>,
            _value: Value,
        }

        let bench = Bench::new()?;
        let inner = Devres::new(bench.bound(), bench.value("inner"))?;
        let outer = Outer {
            _inner: inner,
            _value: bench.value("outer"),
        };
        let outer = Devres::new(bench.bound(), outer)?;
        bench.device.unbind();
        bench
            .device
            .expect("unbind scope removed cleanup drop first second inner outer devres");
        assert!(outer.try_access().is_none());
        assert!(bench.device.attach());
        Ok(())
    }
}

#[kunit_tests(lifebound_devres_races)]
mod races {
    use super::*;

    /// The number of rounds of each race.
    const ROUNDS: u32 = 20;

    #[test]
    fn unbinding_waits_for_those_who_have_access() -> Result {
        let bench = Bench::new()?;
        let handle = Devres::new(bench.bound(), bench.value("value"))?;
        let done = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let guard = handle.try_access().ok_or(ENXIO)?;
        let (device, flag) = (bench.device.clone(), done.clone());
        let unbinder = Thread::spawn(move || {
            device.unbind();
            flag.store(1, Relaxed);
        })?;
        crate::kunit::driver::wait_until(|| handle.try_access().is_none());
        fsleep(Delta::from_millis(20));
        assert_eq!(done.load(Relaxed), 0, "it waits");
        assert!(guard.is_alive());
        drop(guard);
        drop(unbinder);
        assert_eq!(done.load(Relaxed), 1);
        bench
            .device
            .expect("unbind scope removed cleanup drop first second value devres");
        Ok(())
    }

    #[test]
    fn nobody_has_access_to_a_dropped_value() -> Result {
        let bench = Bench::new()?;
        for _ in 0..ROUNDS {
            let handle = Devres::new(bench.bound(), bench.value("value"))?;
            let handle = Arc::new((handle, window(&bench)?), GFP_KERNEL)?;
            let started = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
            let mut threads = KVec::new();
            for _ in 0..2 {
                let (handle, started) = (handle.clone(), started.clone());
                let work = move || {
                    started.complete();
                    while let Some(value) = handle.0.try_access() {
                        assert!(value.is_alive());
                    }
                    while let Some(window) = handle.1.try_access() {
                        assert!(!window.get().0.as_raw().is_null());
                    }
                };
                threads.push(Thread::spawn(work)?, GFP_KERNEL)?;
            }
            started.wait_for_completion();
            bench.device.unbind();
            assert!(handle.0.try_access().is_none() && handle.1.try_access().is_none());
            drop(threads);
            bench
                .device
                .expect("unbind scope removed cleanup drop first second window value devres");
            assert!(bench.device.attach());
            bench.device.forget_log();
        }
        Ok(())
    }

    /// A value whose drop takes a while.
    struct Slow {
        value: Value,
        started: Arc<Completion>,
    }

    impl Drop for Slow {
        fn drop(&mut self) {
            self.started.complete();
            fsleep(Delta::from_millis(50));
            assert!(self.value.is_alive());
        }
    }

    #[test]
    fn older_resources_stay_until_a_handle_has_dropped_its_value() -> Result {
        let bench = Bench::new()?;
        register(bench.bound(), bench.value("older"), GFP_KERNEL)?;
        let started = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
        let slow = Slow {
            value: bench.value("slow"),
            started: started.clone(),
        };
        let handle = Devres::new(bench.bound(), slow)?;
        register(bench.bound(), bench.value("newer"), GFP_KERNEL)?;
        let thread = Thread::spawn(move || drop(handle))?;
        started.wait_for_completion();
        bench.device.unbind();
        drop(thread);
        bench
            .device
            .expect("unbind scope removed cleanup drop first second newer slow older devres");
        Ok(())
    }

    #[test]
    fn handle_and_binding_end_it_once() -> Result {
        let bench = Bench::new()?;
        for round in 0..ROUNDS {
            let handle = Devres::new(bench.bound(), bench.value("value"))?;
            let thread = Thread::spawn(move || {
                crate::time::delay::udelay(Delta::from_micros(i64::from(round) * 10));
                drop(handle);
            })?;
            bench.device.unbind();
            drop(thread);
            let mut buffer = [0; 256];
            let log = bench.device.take_log(&mut buffer);
            assert_eq!(log.matches("value").count(), 1, "{log}");
            assert!(bench.device.attach());
        }
        Ok(())
    }
}
