// SPDX-License-Identifier: GPL-2.0

//! A device node whose files use data of a scope.

use super::{files::Files, operations::operations, shared::NodeShared};
use crate::{
    bindings, calls,
    device::{Bound, Device},
    fmt,
    init::into_error,
    poll::Queue,
    prelude::*,
    scope::{Handle, Registered, Scope},
    str::{CString, file_name},
    sync::Arc,
};

/// The name of a node, and its other properties.
pub struct NodeOptions<'a> {
    name: CString,
    queue: Option<&'a Queue>,
    parent: Option<&'a Device<Bound>>,
    mode: u16,
}

impl<'a> NodeOptions<'a> {
    /// Options for a node `/dev/<name>`. The name is copied.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - `ENOMEM`.
    /// - `EINVAL` if the name is empty, `.` or `..`, or longer than 255 bytes.
    /// - `EINVAL` if the name has a `/`, a `!`, a NUL or another control character in it.
    pub fn new(name: fmt::Arguments<'_>) -> Result<Self> {
        let name = CString::try_from_fmt(name)?;
        file_name::check(c"a node", &name, file_name::LONGEST)?;
        Ok(Self {
            name,
            queue: None,
            parent: None,
            mode: 0,
        })
    }

    /// Makes threads that wait for an event of a file wait in `queue`, so that the driver can wake
    /// them.
    pub fn queue(mut self, queue: &'a Queue) -> Self {
        self.queue = Some(queue);
        self
    }

    /// Puts the node's directory in sysfs into that of `parent`. That directory exists, because
    /// `parent` is bound.
    pub fn parent(mut self, parent: &'a Device<Bound>) -> Self {
        self.parent = Some(parent);
        self
    }

    /// Sets the permissions of the node, as for `chmod()`. By default only root may open the node.
    pub fn mode(mut self, mode: u16) -> Self {
        self.mode = mode & 0o777;
        self
    }
}

/// A device node for as long as its scope lasts. A `T` has the methods of its files.
///
/// Dropping it ends the node early, as the [module's documentation](super) describes. Forgetting it
/// leaves that to the scope. If a method of `T` drops it, or the `open` of any misc device does,
/// the drop does not wait. The node then ends right after that method has returned.
///
/// # Examples
///
/// ```no_run
/// use kernel::{
///     fs::{File, file::Offset},
///     iov::IovIterDest,
///     miscdevice::{Files, Node, NodeOptions, OpenFile},
///     prelude::*,
///     scope::Scope,
///     sync::atomic::{Atomic, Relaxed},
/// };
///
/// /// Part of the driver's data.
/// struct Counter(Atomic<u32>);
///
/// #[vtable]
/// impl Files for &Counter {
///     type File = ();
///
///     fn open(&self, _file: &File) -> Result {
///         Ok(())
///     }
///
///     fn read_iter(
///         &self,
///         _file: &OpenFile<'_, ()>,
///         _pos: &mut Offset,
///         iov: &mut IovIterDest<'_>,
///     ) -> Result<usize> {
///         iov.write(&self.0.fetch_add(1, Relaxed))?;
///         Ok(size_of::<u32>())
///     }
/// }
///
/// // In `attach`, which gets the data and the scope:
/// fn publish<'x>(counter: &'x Counter, scope: &'x Scope<'x>) -> Result {
///     let options = NodeOptions::new(fmt!("counter"))?.parent(scope.device());
///     Node::new(scope, options, counter)?.detach();
///     Ok(())
/// }
/// ```
#[must_use = "to drop it ends it at once; `detach` leaves it to the scope"]
#[doc(alias("misc_register", "misc_deregister"))]
pub struct Node<T: Files>(Handle<NodePayload<T>>);

impl<T: Files> Node<T> {
    /// Makes a node, for data that may borrow from the scope.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The initialiser's error.
    /// - `ENOMEM`.
    /// - `EBUSY` if there is no minor number left.
    /// - `EEXIST` if the name is taken.
    /// - `ENODEV` if the scope is ending.
    /// - `EDEADLK` in the `open` of a misc device.
    ///
    /// There is no node then.
    pub fn new<'x, E>(
        scope: &Scope<'x>,
        options: NodeOptions<'_>,
        files: impl PinInit<T, E>,
    ) -> Result<Self>
    where
        T: 'x,
        Error: From<E>,
    {
        calls::not_in_misc_open()?;
        let queue = match options.queue {
            Some(queue) => queue.clone(),
            None => Queue::new(GFP_KERNEL)?,
        };
        let misc = bindings::miscdevice {
            fops: operations::<T>(),
            parent: options.parent.map_or(core::ptr::null_mut(), Device::as_raw),
            mode: options.mode,
            ..Default::default()
        };
        let shared = NodeShared::new(options.name, misc, queue, into_error(files));
        let shared = Arc::<NodeShared<T>>::pin_init::<Error>(shared, GFP_KERNEL)?;
        scope
            .enter::<_, core::convert::Infallible>(NodePayload(shared), |payload| {
                NodeShared::start(&payload.get_ref().0)
            })
            .map(Self)
    }

    /// Makes a node for a device, with data that borrows nothing. It may be called in `probe`.
    ///
    /// Context: process context; may sleep.
    ///
    /// # Errors
    ///
    /// - The errors of [`new`](Self::new).
    /// - `EPERM` if no driver of this module has bound the device.
    pub fn new_static<E>(
        device: &Device<Bound>,
        options: NodeOptions<'_>,
        files: impl PinInit<T, E>,
    ) -> Result<Self>
    where
        T: 'static,
        Error: From<E>,
    {
        Self::new(Scope::of(device)?, options, files)
    }

    /// Leaves the node to its scope.
    ///
    /// Context: any context.
    pub fn detach(self) {
        self.0.detach();
    }
}

/// The payload that the scope owns.
struct NodePayload<T: Files>(Arc<NodeShared<T>>);

impl<T: Files> Registered for NodePayload<T> {
    fn stop(self: Pin<&Self>) {
        self.0.stop();
    }

    fn is_called_here(self: Pin<&Self>) -> bool {
        calls::in_misc_open() || calls::is_running(self.0.key())
    }
}
