// SPDX-License-Identifier: GPL-2.0

//! Tests that take a value away from threads that use it.

use super::*;
use crate::{
    kunit::{Thread, driver::wait_until},
    prelude::*,
    sync::{
        Arc,
        atomic::{Atomic, Relaxed},
    },
};

const ALIVE: u64 = 0x600d_da7a;

/// Tells whether it was dropped, and counts its drops.
struct Value(u64, Arc<Atomic<u32>>);

impl Value {
    fn is_alive(&self) -> bool {
        core::hint::black_box(self.0) == ALIVE
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0 = 0;
        self.1.add(1, Relaxed);
    }
}

fn value() -> Result<(Arc<Revocable<Value>>, Arc<Atomic<u32>>)> {
    let drops = Arc::new(Atomic::new(0), GFP_KERNEL)?;
    let value = Ok::<_, Error>(Value(ALIVE, drops.clone()));
    Ok((Arc::pin_init(Revocable::new(value), GFP_KERNEL)?, drops))
}

#[kunit_tests(lifebound_revocable)]
mod tests {
    use super::*;

    #[test]
    fn access_until_it_is_revoked() -> Result {
        let (revocable, drops) = value()?;
        assert_eq!(revocable.try_access_with(Value::is_alive), Some(true));
        assert!(revocable.revoke() && !revocable.revoke());
        assert!(revocable.try_access().is_none());
        assert_eq!(drops.load(Relaxed), 1);
        drop(revocable);
        assert_eq!(drops.load(Relaxed), 1);
        drop(value()?);
        Ok(())
    }

    #[test]
    fn revoking_waits_for_guards() -> Result {
        let (revocable, drops) = value()?;
        let guard = revocable.try_access().ok_or(ENXIO)?;
        let other = revocable.clone();
        let revoker = Thread::spawn(move || assert!(other.revoke()))?;
        wait_until(|| revocable.try_access().is_none());
        assert!(guard.is_alive() && drops.load(Relaxed) == 0);
        drop(guard);
        drop(revoker);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn one_of_several_revokes_while_others_look() -> Result {
        for _ in 0..10 {
            let (revocable, drops) = value()?;
            let winners = Arc::new(Atomic::new(0), GFP_KERNEL)?;
            let mut threads = KVec::new();
            for i in 0..4 {
                let (revocable, winners, drops) =
                    (revocable.clone(), winners.clone(), drops.clone());
                let work = move || {
                    if i % 2 == 0 {
                        while let Some(value) = revocable.try_access() {
                            assert!(value.is_alive());
                        }
                    } else {
                        winners.add(u32::from(revocable.revoke()), Relaxed);
                        assert_eq!(drops.load(Relaxed), 1, "revoked before the drop");
                    }
                };
                threads.push(Thread::spawn(work)?, GFP_KERNEL)?;
            }
            drop(threads);
            assert_eq!(winners.load(Relaxed), 1);
        }
        Ok(())
    }
}
