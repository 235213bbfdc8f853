// SPDX-License-Identifier: GPL-2.0

//! [`dbg!`](crate::dbg) for the kernel log.
//!
//! C header: none; it prints with [`pr_info!`](crate::pr_info).

/// Prints an expression with its value and place, and gives the value. It is for debugging only,
/// not for finished drivers.
///
/// The macro prints at level `KERN_INFO`, as `{:#?}` shows the value. Each value is moved through;
/// give a reference to keep it. Several expressions give a tuple; without any, the macro prints the
/// place alone.
///
/// Context: any context.
///
/// # Examples
///
/// ```no_run
/// # use kernel::{module::{ModuleMetadata, ThisModule}, str::CStr};
/// # struct LocalModule;
/// # impl ModuleMetadata for LocalModule {
/// #     const NAME: &'static CStr = c"example";
/// #     const THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// # }
/// # fn main() {
/// let register = 0x1234;
/// let low = kernel::dbg!(register & 0xff);
/// let (a, b) = kernel::dbg!(low, "text");
/// # let _ = (a, b);
/// # }
/// ```
#[macro_export]
macro_rules! dbg {
    () => {
        $crate::pr_info!("[{}:{}:{}]\n", $crate::__core::file!(), $crate::__core::line!(), $crate::__core::column!())
    };
    ($val:expr $(,)?) => {
        // A `match` keeps the temporaries of the expression alive until the value is used.
        match $val {
            value => {
                $crate::pr_info!(
                    "[{}:{}:{}] {} = {:#?}\n",
                    $crate::__core::file!(),
                    $crate::__core::line!(),
                    $crate::__core::column!(),
                    $crate::__core::stringify!($val),
                    &value,
                );
                value
            }
        }
    };
    ($($val:expr),+ $(,)?) => {
        ($($crate::dbg!($val)),+,)
    };
}
