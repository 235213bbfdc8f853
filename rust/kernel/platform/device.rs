// SPDX-License-Identifier: GPL-2.0

//! A platform device, and its resources.
//!
//! C header: [`include/linux/platform_device.h`](srctree/include/linux/platform_device.h)

use crate::{
    bindings,
    device::{self, Bound, Kind, Recognized},
    dma,
    ffi::c_uint,
    io::{Resource, mem::IoRequest},
    prelude::*,
};

/// The [`Kind`] of a platform device.
pub enum Platform {}

/// A platform device, `struct platform_device`.
pub type Device<Ctx = device::Normal> = device::Device<Ctx, Platform>;

// SAFETY: `dev` is the embedded device; its release function frees the `platform_device`.
unsafe impl Kind for Platform {
    type Raw = bindings::platform_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::platform_device, dev);
}

// SAFETY: all devices of the platform bus are embedded in a `struct platform_device`.
unsafe impl Recognized for Platform {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool = bindings::lb_is_platform;
}

impl<'a> dma::Device<'a> for Device<device::Core<'a>> {}

impl<Ctx: device::DeviceContext> device::Device<Ctx, Platform> {
    /// The memory resource number `index`, counted among the device's memory resources. Any context.
    pub fn resource_by_index(&self, index: u32) -> Option<&Resource> {
        let kind = bindings::IORESOURCE_MEM as c_uint;
        // SAFETY: `platform_get_resource()` wants a live device: DEV-LIVE.
        let resource = unsafe { bindings::platform_get_resource(self.as_raw(), kind, index) };
        self.resource(resource)
    }

    /// The memory resource of this name. Any context.
    pub fn resource_by_name(&self, name: &CStr) -> Option<&Resource> {
        let (kind, name) = (bindings::IORESOURCE_MEM as c_uint, name.as_char_ptr());
        // SAFETY: as in `resource_by_index`; the name is only read, until the call returns.
        let resource = unsafe { bindings::platform_get_resource_byname(self.as_raw(), kind, name) };
        self.resource(resource)
    }

    fn resource(&self, resource: *mut bindings::resource) -> Option<&Resource> {
        // SAFETY: a resource of the device, which is freed with it, and keeps its range, name and flags from before the
        // device was added.
        (!resource.is_null()).then(|| unsafe { Resource::from_raw(resource) })
    }
}

impl Device<Bound> {
    /// The name that ids are compared with: without the number of the instance.
    pub(super) fn id_name(&self) -> &CStr {
        // SAFETY: DEV-LIVE; set before the device was added, and constant.
        let name = unsafe { (*self.as_raw()).name };
        // SAFETY: it is a C string that lives as long as the device.
        unsafe { CStr::from_char_ptr(name) }
    }

    /// Asks for the memory resource number `index`, to be mapped. Any context.
    pub fn io_request_by_index(&self, index: u32) -> Option<IoRequest<'_>> {
        let resource = self.resource_by_index(index)?;
        Some(IoRequest::new(self.as_ref(), resource))
    }

    /// Asks for the memory resource of this name, to be mapped. Any context.
    pub fn io_request_by_name(&self, name: &CStr) -> Option<IoRequest<'_>> {
        let resource = self.resource_by_name(name)?;
        Some(IoRequest::new(self.as_ref(), resource))
    }
}
