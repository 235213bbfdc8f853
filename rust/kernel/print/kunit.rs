// SPDX-License-Identifier: GPL-2.0

//! Tests of messages, as the kernel's log has them afterwards.

use crate::{bindings, prelude::*, str::CString};

/// Returns how many lines of the log contain the text.
fn logged(text: fmt::Arguments<'_>) -> Result<i32> {
    let text = CString::try_from_fmt(text)?;
    // SAFETY: the shim requires a C string; `text` is one.
    let count = unsafe { bindings::lb_kunit_count_logged(text.as_char_ptr()) };
    crate::error::to_result(count)?;
    Ok(count)
}

/// Shows numbered words up to `self.0`.
struct Words(u32);

impl core::fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.0).try_for_each(|i| write!(f, "<word {i:04}>"))
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

#[kunit_tests(lifebound_print)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_name_of_its_module() -> Result {
        pr_info!("kunit says {:?}\n", Some(c"x"));
        assert_eq!(logged(fmt!("lifebound: kunit says Some(\"x\")"))?, 1);
        Ok(())
    }

    #[test]
    fn a_message_longer_than_the_buffer_is_all_there() -> Result {
        // The message has 1200 bytes, more than one record of the log holds.
        pr_info!("{}\n", Words(100));
        let mut split = 0;
        for i in 0..100 {
            let whole = logged(fmt!("<word {:04}>", i))?;
            assert!(whole <= 1, "{i} is there {whole} times");
            split += 1 - whole;
        }
        // A word at a border of two pieces is whole in neither of them.
        assert!(split <= 1200 / 500, "{split} words are missing");
        Ok(())
    }

    #[test]
    fn lines_are_records_of_their_own() -> Result {
        pr_info!("kunit line one\nkunit line two\n");
        assert_eq!(logged(fmt!("lifebound: kunit line two"))?, 1);
        Ok(())
    }

    #[test]
    fn addresses_are_hashed() -> Result {
        let value = KBox::new(0_u64, GFP_KERNEL)?;
        let pointer = &raw const *value;
        pr_info!("kunit points to {:p}|\n", pointer);
        assert_eq!(logged(fmt!("kunit points to "))?, 1);
        assert_eq!(logged(fmt!("kunit points to 0x{:x}|", pointer.addr()))?, 0);
        assert_eq!(logged(fmt!("kunit points to {:016x}|", pointer.addr()))?, 0);
        assert_eq!(
            logged(fmt!("kunit points to {:p}|", pointer))?,
            1,
            "as C does"
        );
        Ok(())
    }

    #[test]
    fn bytes_that_confuse_a_terminal_are_escaped() -> Result {
        pr_info!("kunit escapes {}\n", c"\x1b[31mred\xff");
        assert_eq!(logged(fmt!("kunit escapes \\x1b[31mred\\xff"))?, 1);
        Ok(())
    }

    #[test]
    fn a_once_message_is_printed_once() -> Result {
        for _ in 0..3 {
            crate::pr_info_once!("kunit prints once\n");
        }
        assert_eq!(logged(fmt!("kunit prints once"))?, 1);
        Ok(())
    }
}
