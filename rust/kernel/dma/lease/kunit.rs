// SPDX-License-Identifier: GPL-2.0

//! Tests of leases that are dropped, forgotten or kept, and of their end while the binding ends.

use super::*;
use crate::{
    kunit::{Thread, bus::TestDevice, driver::BIND, driver::Driver, each_allocation_fails},
    sync::atomic::{Atomic, Relaxed},
    time::{Delta, delay::udelay},
};

/// A device to which the test's driver is bound.
struct Bench {
    _driver: Pin<KBox<crate::driver::Registration<Driver<false>>>>,
    device: TestDevice,
}

impl Bench {
    fn named(name: &'static CStr) -> Result<Self> {
        Ok(Self {
            _driver: Driver::register(name)?,
            device: TestDevice::added(name, BIND)?,
        })
    }

    fn bound(&self) -> &Device<Bound> {
        self.device.bound::<false>().as_ref()
    }

    /// A lease of a payload that counts its drops.
    fn lease(&self, drops: &'static Atomic<u32>) -> Result<Lease<Payload>> {
        let payload = Payload {
            canary: ALIVE,
            drops,
        };
        Lease::new(self.bound(), payload, GFP_KERNEL)
    }
}

const ALIVE: u64 = 0x1ea5_ed00;

/// A payload without memory of its own: nothing leaks with it.
struct Payload {
    canary: u64,
    drops: &'static Atomic<u32>,
}

impl Payload {
    fn is_alive(&self) -> bool {
        core::hint::black_box(self.canary) == ALIVE
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        crate::kunit_assert!(self.is_alive());
        self.canary = 0;
        self.drops.store(self.drops.load(Relaxed) + 1, Relaxed);
    }
}

#[kunit_tests(lifebound_dma_leases)]
mod tests {
    use super::*;

    #[test]
    fn dropped_in_service() -> Result {
        static DROPS: Atomic<u32> = Atomic::new(0);
        let bench = Bench::named(c"kunit_lease")?;
        drop(bench.lease(&DROPS)?);
        assert_eq!(DROPS.load(Relaxed), 1);
        bench.device.unbind();
        assert_eq!(DROPS.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn kept_after_the_binding() -> Result {
        static DROPS: Atomic<u32> = Atomic::new(0);
        let bench = Bench::named(c"kunit_lease")?;
        let (one, two) = (bench.lease(&DROPS)?, bench.lease(&DROPS)?);
        bench.device.unbind();
        assert!(bench.device.attach());
        // The payload is there, also in the next binding, which has nothing to do with it.
        assert!(one.payload().is_alive());
        drop(one);
        assert!(two.payload().is_alive());
        assert_eq!(two.into_payload().err(), Some(ENODEV));
        bench.device.unbind();
        assert_eq!(DROPS.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn forgotten_with_the_binding() -> Result {
        static DROPS: Atomic<u32> = Atomic::new(0);
        let bench = Bench::named(c"kunit_lease")?;
        drop(bench.lease(&DROPS)?.within(bench.bound())?);
        assert_eq!(DROPS.load(Relaxed), 1);
        core::mem::forget(bench.lease(&DROPS)?.within(bench.bound())?);
        assert_eq!(DROPS.load(Relaxed), 1);
        bench.device.unbind();
        assert_eq!(DROPS.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn of_another_binding() -> Result {
        static DROPS: Atomic<u32> = Atomic::new(0);
        let (bench, other) = (
            Bench::named(c"kunit_lease")?,
            Bench::named(c"kunit_other_lease")?,
        );
        let refused = bench.lease(&DROPS)?.within(other.bound());
        assert_eq!(refused.err(), Some(EINVAL));
        assert_eq!(DROPS.load(Relaxed), 1);
        other.device.unbind();
        let refused = bench.lease(&DROPS)?.within(other.bound());
        assert_eq!(refused.err(), Some(EPERM));
        assert_eq!(DROPS.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn taken_back() -> Result {
        static DROPS: Atomic<u32> = Atomic::new(0);
        let bench = Bench::named(c"kunit_lease")?;
        let payload = bench.lease(&DROPS)?.into_payload()?;
        bench.device.unbind();
        assert!(payload.is_alive());
        assert_eq!(DROPS.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn every_allocation_may_fail() -> Result {
        static DROPS: Atomic<u32> = Atomic::new(0);
        let bench = Bench::named(c"kunit_lease")?;
        let mut asked = 0;
        let count = each_allocation_fails(|| {
            asked += 1;
            bench.lease(&DROPS).map(drop)
        });
        assert_eq!(count, 1, "the entry, with the payload");
        assert_eq!(DROPS.load(Relaxed), asked);
        bench.device.unbind();
        Ok(())
    }

    #[test]
    fn lease_and_binding_end_it_at_most_once() -> Result {
        static DROPS: Atomic<u32> = Atomic::new(0);
        let bench = Bench::named(c"kunit_lease")?;
        for round in 0..40 {
            let lease = bench.lease(&DROPS)?;
            let before = DROPS.load(Relaxed);
            let thread = Thread::spawn(move || {
                udelay(Delta::from_micros(i64::from(round) * 10));
                assert!(lease.payload().is_alive());
                drop(lease);
            })?;
            bench.device.unbind();
            drop(thread);
            assert!(DROPS.load(Relaxed) - before <= 1);
            assert!(bench.device.attach());
        }
        Ok(())
    }
}
