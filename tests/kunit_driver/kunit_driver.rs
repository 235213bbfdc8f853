// SPDX-License-Identifier: GPL-2.0

//! A driver with suites of its own. See `tests/kunit-driver.sh`.

#![forbid(unsafe_code)]

use kernel::prelude::*;

/// Returns the last of the bytes.
#[inline(never)]
fn last(bytes: &[u8]) -> u8 {
    bytes[bytes.len() - 1]
}

struct Tested;

impl kernel::Module for Tested {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("the last is {}\n", last(&[1, 2]));
        Ok(Self)
    }
}

impl Drop for Tested {
    fn drop(&mut self) {
        pr_info!("ends\n");
    }
}

module! {
    type: Tested,
    name: "kunit_driver",
    description: "A driver with suites of its own",
    license: "GPL",
}

#[kunit_tests(kunit_driver)]
mod tests {
    use super::*;

    #[test]
    fn last_is_the_last() {
        assert_eq!(last(&[1, 2, 4]), 4);
    }

    #[test]
    fn memory_can_be_had() -> Result {
        let bytes = KBox::new([7; 3], GFP_KERNEL)?;
        assert!(last(&*bytes) == 7);
        Ok(())
    }
}

/// Each of these must fail.
#[kunit_tests(kunit_driver_fails)]
mod failing {
    use super::*;

    #[test]
    fn comparison() {
        assert_eq!(last(&[1, 2, 4]), 5);
    }

    #[test]
    fn error() -> Result {
        Err(EINVAL)
    }

    #[test]
    fn panics_in_the_driver() {
        last(&[]);
    }
}
