// SPDX-License-Identifier: GPL-2.0

//! Attributes: the files of a directory.

use core::marker::PhantomData;

use super::{body::body_of, root};
use crate::{
    bindings, build_error,
    error::{VTABLE_DEFAULT_ERROR, from_result},
    ffi::{c_char, c_void},
    page::PAGE_SIZE,
    prelude::*,
    types::Opaque,
};

/// How the attribute `ID` of a directory is shown and stored.
///
/// Context of all methods: process context; may sleep.
#[vtable]
#[doc(alias(
    "CONFIGFS_ATTR",
    "CONFIGFS_ATTR_RO",
    "CONFIGFS_ATTR_WO",
    "configfs_attribute"
))]
pub trait AttributeOperations<const ID: u64 = 0> {
    /// The data of the directory.
    type Data;

    /// Writes the attribute's text to `page`, which is zeroed, and returns its length in bytes.
    ///
    /// # Errors
    ///
    /// The program gets the error. A length above that of the page is `EINVAL`.
    fn show(data: &Self::Data, page: &mut [u8; PAGE_SIZE]) -> Result<usize>;

    /// Takes what a program has written, all of it, of at most a page.
    ///
    /// # Errors
    ///
    /// The program gets the error.
    fn store(data: &Self::Data, page: &[u8]) -> Result {
        let _ = (data, page);
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

/// An attribute of directories with a `Data`, which `O` shows and stores.
///
/// # Invariants
///
/// CFG-ATTR: the functions are those of this `O` and `Data`.
#[repr(transparent)]
pub struct Attribute<const ID: u64, O, Data> {
    raw: Opaque<bindings::configfs_attribute>,
    _types: PhantomData<fn(O, Data)>,
}

// SAFETY: `Send` requires that any thread may own the value: it is a name and functions.
unsafe impl<const ID: u64, O, Data> Send for Attribute<ID, O, Data> {}

// SAFETY: `Sync` requires that threads may share the value: C only reads it.
unsafe impl<const ID: u64, O, Data> Sync for Attribute<ID, O, Data> {}

impl<const ID: u64, O, Data> Attribute<ID, O, Data>
where
    O: AttributeOperations<ID, Data = Data>,
{
    /// An attribute of this name. All read it; the owner of the file may write it if `O` has
    /// `store`.
    ///
    /// # Panics
    ///
    /// For a name that is empty or has a `/`. In a constant, that is an error of the build.
    pub const fn new(name: &'static CStr) -> Self {
        let mut rest = name.to_bytes();
        assert!(!rest.is_empty(), "an attribute has a name");
        while let [first, others @ ..] = rest {
            assert!(*first != b'/', "an attribute's name has no `/`");
            rest = others;
        }
        // INVARIANT: CFG-ATTR: the functions are those of this type.
        Self {
            raw: Opaque::new(bindings::configfs_attribute {
                ca_name: name.as_ptr().cast(),
                // A directory's item type has the module.
                ca_owner: core::ptr::null_mut(),
                ca_mode: if O::HAS_STORE { 0o644 } else { 0o444 },
                show: Some(Self::show),
                store: if O::HAS_STORE {
                    Some(Self::store)
                } else {
                    None
                },
            }),
            _types: PhantomData,
        }
    }

    /// [`new`](Self::new) for a name that ends in a zero.
    #[doc(hidden)]
    pub const fn __named(name: &'static str) -> Self {
        match CStr::from_bytes_with_nul(name.as_bytes()) {
            Ok(name) => Self::new(name),
            Err(_) => panic!("the name ends in a zero"),
        }
    }

    /// The attribute as an element of an [`AttributeList`]. Not in Linux 7.3.
    pub const fn listed(&'static self) -> Listed<Data> {
        Listed(&raw const self.raw, PhantomData)
    }

    /// Shows the attribute.
    ///
    /// # Safety
    ///
    /// 1. `item` must be that of a live directory with a `Data`.
    /// 2. `page` must be an initialised page that nobody else uses.
    unsafe extern "C" fn show(item: *mut bindings::config_item, page: *mut c_char) -> isize {
        let _call = root::begin_call();
        // SAFETY: `body_of` requires a live directory with this data: (1).
        let body = unsafe { body_of::<Data>(item) };
        // SAFETY: the reference requires a page that nobody else uses: (2).
        let page = unsafe { &mut *page.cast::<[u8; PAGE_SIZE]>() };
        from_result(|| match O::show(body.data(), page)? {
            // CAST: a page is smaller.
            length @ 0..=PAGE_SIZE => Ok(length as isize),
            _ => Err(EINVAL),
        })
    }

    /// Stores the attribute.
    ///
    /// # Safety
    ///
    /// 1. `item` must be that of a live directory with a `Data`.
    /// 2. `page` must point to `size` initialised bytes that do not change during the call.
    unsafe extern "C" fn store(
        item: *mut bindings::config_item,
        page: *const c_char,
        size: usize,
    ) -> isize {
        let _call = root::begin_call();
        // SAFETY: `body_of` requires a live directory with this data: (1).
        let body = unsafe { body_of::<Data>(item) };
        // SAFETY: the slice requires initialised bytes that do not change: (2).
        let page = unsafe { core::slice::from_raw_parts(page.cast(), size) };
        from_result(|| {
            O::store(body.data(), page)?;
            // CAST: a page is smaller.
            Ok(size as isize)
        })
    }
}

/// An attribute of directories with a `Data`, as an element of an [`AttributeList`]. Not in Linux
/// 7.3.
#[repr(transparent)]
pub struct Listed<Data>(
    *const Opaque<bindings::configfs_attribute>,
    PhantomData<fn(Data)>,
);

/// The attributes of directories with a `Data`.
#[repr(C)]
pub struct AttributeList<const N: usize, Data> {
    list: [Listed<Data>; N],
    /// C's end mark.
    end: *const c_void,
}

// SAFETY: `Send` requires that any thread may own the value: it points to statics.
unsafe impl<const N: usize, Data> Send for AttributeList<N, Data> {}

// SAFETY: `Sync` requires that threads may share the value: C only reads it.
unsafe impl<const N: usize, Data> Sync for AttributeList<N, Data> {}

impl<const N: usize, Data> AttributeList<N, Data> {
    /// A list of these attributes.
    pub const fn new(list: [Listed<Data>; N]) -> Self {
        Self {
            list,
            end: core::ptr::null(),
        }
    }

    /// C's list, which ends in null.
    pub(super) const fn as_raw(&'static self) -> *mut *mut bindings::configfs_attribute {
        (&raw const *self).cast_mut().cast()
    }
}
