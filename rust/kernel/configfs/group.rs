// SPDX-License-Identifier: GPL-2.0

//! Directories: those of subsystems, and the groups that user space makes.

use core::marker::{PhantomData, PhantomPinned};

use super::{
    attribute::AttributeList,
    body::{Body, body_of},
    item_type::ItemType,
    root::{self, Root, unregister},
};
use crate::{
    bindings, build_error,
    error::VTABLE_DEFAULT_ERROR,
    ffi::{c_char, c_void},
    module_scope::{Kept, Room},
    prelude::*,
    str::{CString, file_name},
    sync::{Arc, ArcBorrow, UniqueArc},
    types::ScopeGuard,
};

/// A directory in the root of configfs. Dropping this removes it; see the [module's
/// documentation](super). If this was forgotten, the directory is removed when the module is
/// unloaded.
///
/// # Invariants
///
/// CFG-LISTED: the payload is the memory of a registered subsystem. The entry in the module's list
/// removes it, once.
#[doc(alias(
    "configfs_subsystem",
    "configfs_register_subsystem",
    "configfs_unregister_subsystem"
))]
pub struct Subsystem<Data> {
    kept: Kept<Body<Data>>,
    // Linux's own crate has a pinned type as well.
    _pinned: PhantomPinned,
}

impl<Data: Send + Sync + 'static> Subsystem<Data> {
    /// Makes a directory of this name.
    ///
    /// Context of the initialiser: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The error of `data`.
    /// - `EINVAL` for a name that is no name of a file; see
    ///   [`NodeOptions::new`](crate::miscdevice::NodeOptions::new).
    /// - `EEXIST` if the name is taken, `ENOMEM`, and other errors of C's
    ///   `configfs_register_subsystem()`.
    ///
    /// There is no directory then.
    pub fn new(
        name: &'static CStr,
        item_type: &'static ItemType<Self, Data>,
        data: impl PinInit<Data, Error>,
    ) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            file_name::check(c"a directory of configfs", name, file_name::LONGEST)?;
            let root = Arc::new(Root::default(), GFP_KERNEL)?;
            let body = Body::new(Some(root), data);
            let start = |body: Pin<&Body<Data>>| {
                let head = body.get_ref().head();
                // SAFETY: `init` requires (1) a new head, (2) the type of a directory with this
                // head. (1) It was made above. (2) CFG-TYPE.
                unsafe { head.init(name, item_type.as_raw()) }?;
                // SAFETY: `register` requires an initialised head that stays in place: the line
                // above has initialised it, and the payload is in memory of its own.
                unsafe { head.register() }?;
                Ok((&raw const *body).cast_mut().cast::<c_void>())
            };
            // INVARIANT: CFG-LISTED: `start` registers the subsystem.
            // SAFETY: `fill` requires
            // 1. that what `start` returned is fit for `unregister`: it is a registered subsystem,
            //    which any thread may remove;
            // 2. that nothing uses the payload after the end: C waits for the callbacks of a
            //    directory that it removes;
            // 3. that the end waits for no code that runs here: the callbacks are those that
            //    `run_here` knows;
            // 4. that any thread may drop the payload: `Data` is `Send`.
            let kept = unsafe { Room::new()?.fill(body, start, unregister, root::run_here) }?;
            Ok(Self {
                kept,
                _pinned: PhantomPinned,
            })
        })
    }

    /// The data of the directory. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn data(&self) -> &Data {
        self.kept.payload().get_ref().data()
    }
}

/// A directory that user space has made with `mkdir`.
///
/// C uses it until user space removes the directory. Whoever has a share of it keeps the data, not
/// the directory.
#[pin_data]
#[repr(C)]
#[doc(alias("config_group", "config_group_init_type_name", "config_group_put"))]
pub struct Group<Data: 'static> {
    #[pin]
    body: Body<Data>,
    name: CString,
    item_type: &'static ItemType<Group<Data>, Data>,
}

impl<Data: Send + Sync + 'static> Group<Data> {
    /// Returns an initialiser for a directory, which [`GroupOperations::make_group`] returns.
    ///
    /// # Errors
    ///
    /// The error of `data`.
    pub fn new(
        name: CString,
        item_type: &'static ItemType<Self, Data>,
        data: impl PinInit<Data, Error>,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            body <- Body::new(None, data),
            name,
            item_type,
        })
    }

    /// The data of the directory. Not in Linux 7.3.
    ///
    /// Context: any context.
    pub fn data(&self) -> &Data {
        self.body.data()
    }

    /// Makes the new group a directory of `root`, for C.
    fn start(mut self: Pin<&mut Self>, root: Arc<Root>) -> Result {
        self.as_mut().project().body.head_mut().set_root(root);
        // SAFETY: `init` requires (1) a new head, (2) the type of a directory with this head. (1)
        // The group was just built, and this is the one call. (2) CFG-TYPE.
        unsafe { self.body.head().init(&self.name, self.item_type.as_raw()) }
    }
}

/// A directory's data that has groups.
///
/// Context of all methods: process context; may sleep. C holds a lock of the subsystem.
#[vtable]
#[doc(alias = "configfs_group_operations")]
pub trait GroupOperations {
    /// The data of the groups.
    type Child: 'static;

    /// Makes a group, for a `mkdir` of this name.
    ///
    /// # Errors
    ///
    /// The program gets the error, or that of the initialiser.
    fn make_group(&self, name: &CStr) -> Result<impl PinInit<Group<Self::Child>, Error>>;

    /// Called when user space has removed a group, before the data is dropped.
    fn drop_item(&self, child: ArcBorrow<'_, Group<Self::Child>>) {
        let _ = child;
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A container of a `Data`: [`Subsystem`] or [`Group`].
///
/// # Safety
///
/// The operations must be fit for the items of the container. Only this module implements it.
pub unsafe trait HasGroup<Data>: sealed::Sealed {
    /// The operations of the container's items.
    #[doc(hidden)]
    const ITEM_OPERATIONS: *const bindings::configfs_item_operations;
}

impl<Data> sealed::Sealed for Subsystem<Data> {}

// SAFETY: `HasGroup` requires fit operations: there are none, and the owner frees a subsystem.
unsafe impl<Data> HasGroup<Data> for Subsystem<Data> {
    const ITEM_OPERATIONS: *const bindings::configfs_item_operations = core::ptr::null();
}

impl<Data: 'static> sealed::Sealed for Group<Data> {}

// SAFETY: `HasGroup` requires fit operations: `release` is that of a group with this data.
unsafe impl<Data: Send + Sync + 'static> HasGroup<Data> for Group<Data> {
    const ITEM_OPERATIONS: *const bindings::configfs_item_operations =
        &raw const *Operations::<Data>::ITEM;
}

impl<Container: HasGroup<Data>, Data: 'static> ItemType<Container, Data> {
    /// The type of directories without groups.
    pub const fn new<const N: usize>(attributes: &'static AttributeList<N, Data>) -> Self {
        // SAFETY: `of` requires operations of this container: `HasGroup` has such, and there are
        // none for groups.
        unsafe { Self::of(attributes, Container::ITEM_OPERATIONS, core::ptr::null()) }
    }

    /// The type of directories in which user space makes groups. Linux 7.3 has another name.
    pub const fn new_with_child<Child, const N: usize>(
        attributes: &'static AttributeList<N, Data>,
    ) -> Self
    where
        Data: GroupOperations<Child = Child> + Send + Sync,
        Child: Send + Sync + 'static,
    {
        let groups = &raw const *Operations::<Data>::GROUP;
        // SAFETY: `of` requires operations of this container: `HasGroup` has such, and those for
        // groups are those of this data.
        unsafe { Self::of(attributes, Container::ITEM_OPERATIONS, groups) }
    }
}

/// The functions that C calls for directories with a `Data`.
struct Operations<Data>(PhantomData<Data>);

impl<Data: Send + Sync + 'static> Operations<Data> {
    const ITEM: &'static bindings::configfs_item_operations = &bindings::configfs_item_operations {
        release: Some(Self::release),
        allow_link: None,
        drop_link: None,
    };

    /// Gives up C's share of a group.
    ///
    /// # Safety
    ///
    /// `item` must be that of a group with a `Data`, from `make_group`. C must not use it any more.
    unsafe extern "C" fn release(item: *mut bindings::config_item) {
        let _call = root::begin_call();
        // SAFETY: `from_raw` requires a pointer of `into_raw`, and a share: `make_group` has given
        // C both, and the caller passes them. A group begins with its head (CFG-HEAD).
        let group = unsafe { Arc::from_raw(item.cast::<Group<Data>>()) };
        let root = group.body.head().root().cloned();
        drop(group);
        // The subsystem waits for this.
        if let Some(root) = root {
            root.leave();
        }
    }
}

impl<Data> Operations<Data>
where
    Data: GroupOperations + Send + Sync + 'static,
    Data::Child: Send + Sync + 'static,
{
    const GROUP: &'static bindings::configfs_group_operations =
        &bindings::configfs_group_operations {
            make_group: Some(Self::make_group),
            drop_item: if Data::HAS_DROP_ITEM {
                Some(Self::drop_item)
            } else {
                None
            },
            // SAFETY: `zeroed` requires a type of which zeroes are a value: the other fields are
            // functions that may be null.
            ..unsafe { core::mem::zeroed() }
        };

    /// Makes a group.
    ///
    /// # Safety
    ///
    /// 1. `parent` must be a live directory with a `Data`, which is a part of configfs.
    /// 2. `name` must be a C string.
    unsafe extern "C" fn make_group(
        parent: *mut bindings::config_group,
        name: *const c_char,
    ) -> *mut bindings::config_group {
        let _call = root::begin_call();
        // SAFETY: `body_of` requires a live directory with this data: (1).
        let parent = unsafe { body_of::<Data>(parent.cast()) };
        // SAFETY: `from_char_ptr` requires a C string that stays during the call: (2).
        let name = unsafe { CStr::from_char_ptr(name) };
        match make_child(parent, name) {
            Ok(child) => Arc::into_raw(child).cast_mut().cast(),
            Err(error) => error.to_ptr(),
        }
    }

    /// Tells the driver that a group was removed, and gives up the reference to it.
    ///
    /// # Safety
    ///
    /// 1. `parent` must be a live directory with a `Data`.
    /// 2. `item` must be that of a group that `make_group` has made there, with a reference, which
    ///    passes to this function.
    unsafe extern "C" fn drop_item(
        parent: *mut bindings::config_group,
        item: *mut bindings::config_item,
    ) {
        let _call = root::begin_call();
        // SAFETY: `body_of` requires a live directory with this data: (1).
        let parent = unsafe { body_of::<Data>(parent.cast()) };
        // SAFETY: `from_raw` requires a pointer of `into_raw` of this type, and a share that stays:
        // C has the share of `make_group` (2) until the line below.
        let child = unsafe { ArcBorrow::from_raw(item.cast::<Group<Data::Child>>()) };
        parent.data().drop_item(child);
        // SAFETY: `config_item_put()` requires a reference to give up: (2).
        unsafe { bindings::config_item_put(item) };
    }
}

/// Makes a group of `parent`. The result counts as one of the root's.
fn make_child<Data>(parent: &Body<Data>, name: &CStr) -> Result<Arc<Group<Data::Child>>>
where
    Data: GroupOperations,
    Data::Child: Send + Sync + 'static,
{
    let root = parent.head().root().ok_or(ENODEV)?;
    root.enter()?;
    let counted = ScopeGuard::new(|| root.leave());
    let group = parent.data().make_group(name)?;
    let mut child = UniqueArc::new_uninit(GFP_KERNEL)?.pin_init_with(group)?;
    child.as_mut().start(root.clone())?;
    counted.dismiss();
    Ok(Arc::from(child))
}
