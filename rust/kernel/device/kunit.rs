// SPDX-License-Identifier: GPL-2.0

//! Tests of contexts and of reference counting, on a real device.

use super::*;
use crate::kunit::{
    Thread,
    bus::{KunitDevice, TestDevice},
    driver::{BIND, Driver},
};

const NAME: &CStr = c"kunit_device";

#[kunit_tests(lifebound_device)]
mod tests {
    use super::*;

    #[test]
    fn each_context_is_the_same_device() -> Result {
        let driver = Driver::<false>::register(NAME)?;
        let device = TestDevice::added(NAME, BIND)?;
        let bound: &KunitDevice<Bound, false> = device.bound();
        let normal: &KunitDevice<Normal, false> = bound;
        let generic: &Device<Bound> = bound.as_ref();
        let plain: &Device = generic;
        assert!(core::ptr::eq(bound.as_raw(), normal.as_raw()));
        assert!(core::ptr::eq(generic.as_raw(), plain.as_raw()));
        assert!(core::ptr::eq(generic.as_raw(), normal.as_raw_device()));
        assert!(generic.name().to_bytes().starts_with(b"lifebound_kunit."));
        drop(driver);
        Ok(())
    }

    #[test]
    fn a_device_of_the_bus_is_recognized() -> Result {
        let driver = Driver::<false>::register(NAME)?;
        let device = TestDevice::added(NAME, BIND)?;
        let generic: &Device<Bound> = device.bound::<false>().as_ref();
        let same: &KunitDevice<Bound, false> = generic.try_into()?;
        assert!(core::ptr::eq(same, device.bound()));
        drop(driver);
        Ok(())
    }

    #[test]
    fn a_counted_device_outlives_its_removal() -> Result {
        let device = TestDevice::added(NAME, BIND)?;
        let counted: ARef<KunitDevice<Normal, false>> = device.normal::<false>().into();
        let other = counted.clone();
        drop(device);
        let thread = Thread::spawn(move || {
            assert!(
                other
                    .as_generic()
                    .name()
                    .to_bytes()
                    .starts_with(b"lifebound_kunit.")
            );
            drop(other);
        })?;
        drop(thread);
        assert!(
            counted
                .as_generic()
                .name()
                .to_bytes()
                .starts_with(b"lifebound_kunit.")
        );
        Ok(())
    }
}
