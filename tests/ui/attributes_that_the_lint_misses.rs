// SPDX-License-Identifier: GPL-2.0
//@ code

//! Where `unsafe` is forbidden, no attribute brings in unchecked code: assembly in the place of a
//! function, a name of C's, a section that is freed. The lint of rustc finds some of these in some
//! places; `scripts/forbidden.awk` finds the rest.

#![forbid(unsafe_code)]

use kernel as _;

#[cfg(reject)]
#[unsafe(naked)]
pub extern "C" fn naked() -> u64 {
    //~? a naked function
    core::arch::naked_asm!("mov rax, cr3", "ret")
}

pub struct Ui;

impl Ui {
    #[cfg(not(reject_2))]
    pub extern "C" fn method() {}
    #[cfg(reject_2)]
    #[unsafe(naked)]
    pub extern "C" fn method() {
        //~2? a naked function
        core::arch::naked_asm!("ud2")
    }

    #[cfg_attr(reject_3, unsafe(link_section = ".init.text"))]
    #[inline(never)]
    pub fn freed(&self) -> u32 {
        //~3? a function in the section ".init.text"
        core::hint::black_box(3)
    }
}

pub trait Provides {
    #[cfg_attr(reject_4, unsafe(export_name = "kfree"))]
    #[inline(never)]
    fn provided(&self) -> u32 {
        //~4? a function exported under the name kfree
        core::hint::black_box(4)
    }

    #[cfg_attr(reject_5, unsafe(link_section = ".text.elsewhere"))]
    #[inline(never)]
    fn placed(&self) -> u32 {
        //~5? a function in the section ".text.elsewhere"
        core::hint::black_box(5)
    }
}

impl Provides for Ui {}

pub fn call(ui: &Ui) -> u32 {
    Ui::method();
    ui.freed() + ui.provided() + ui.placed()
}

#[cfg(reject_6)]
macro_rules! written_by_a_macro {
    ($attribute:ident) => {
        #[unsafe($attribute)]
        pub extern "C" fn generated() {
            //~6? a naked function
            core::arch::naked_asm!("ud2")
        }
    };
}
#[cfg(reject_6)]
written_by_a_macro!(r#naked);

#[cfg(reject_7)]
kernel::macros::paste! {
    #[unsafe([<na ked>])] //~7? a naked function
    pub extern "C" fn pasted() {
        core::arch::naked_asm!("ud2")
    }
}

#[cfg(reject_8)]
core::arch::global_asm!("kfree: ret"); //~8 usage of `core::arch::global_asm`

#[cfg(reject_9)]
unsafe extern "C" {
    //~9^ usage of an `unsafe extern` block
    safe fn kfree(pointer: *const u8);
}

#[cfg(reject_10)]
#[unsafe(link_section = ".modinfo")]
pub static SECTION: u8 = 0; //~10^ declaration of a static with `link_section`

#[cfg(reject_11)]
impl PartialEq for Ui {
    #[unsafe(export_name = "kfree")]
    fn eq(&self, _: &Self) -> bool {
        //~11^^ declaration of a method with `export_name`
        true
    }
}

#[cfg(reject_12)]
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    //~12^ E0152
    loop {}
}
