// SPDX-License-Identifier: GPL-2.0

//! A field of the type that the struct dereferences to is not a field of the struct.

pub struct Inner {
    pub a: u8,
}

pub struct Outer {
    pub inner: Inner,
}

impl std::ops::Deref for Outer {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl std::ops::DerefMut for Outer {
    fn deref_mut(&mut self) -> &mut Inner {
        &mut self.inner
    }
}

pub fn outer() -> impl pin_init::Init<Outer> {
    #[cfg(not(reject))]
    return pin_init::init!(Outer {
        inner: Inner { a: 1 }
    });
    #[cfg(reject)]
    return pin_init::init!(Outer { a: 1 }); //~ E0560 struct `Outer` has no field named `a`
}
