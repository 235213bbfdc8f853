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

// SAFETY: `Kind` requires that `DEVICE_OFFSET` be that of the embedded device, whose release
// function frees the whole. `dev` is the embedded device, and its release function frees the
// `platform_device`.
unsafe impl Kind for Platform {
    type Raw = bindings::platform_device;
    const DEVICE_OFFSET: usize = core::mem::offset_of!(bindings::platform_device, dev);
}

// SAFETY: `Recognized` requires that each device which `IS_KIND` accepts be embedded in a `Raw`;
// all devices of the platform bus are embedded in a `struct platform_device`.
unsafe impl Recognized for Platform {
    const IS_KIND: unsafe extern "C" fn(*const bindings::device) -> bool = bindings::lb_is_platform;
}

impl<'a> dma::Device<'a> for Device<device::Core<'a>> {}

impl<Ctx: device::DeviceContext> device::Device<Ctx, Platform> {
    /// The memory resource with this index among the device's memory resources.
    ///
    /// Context: any context.
    #[doc(alias = "platform_get_resource")]
    pub fn resource_by_index(&self, index: u32) -> Option<&Resource> {
        let kind = bindings::IORESOURCE_MEM as c_uint;
        // SAFETY: `platform_get_resource()` requires a live device: DEV-LIVE.
        let resource = unsafe { bindings::platform_get_resource(self.as_raw(), kind, index) };
        self.resource(resource)
    }

    /// The memory resource with this name.
    ///
    /// Context: any context.
    #[doc(alias = "platform_get_resource_byname")]
    pub fn resource_by_name(&self, name: &CStr) -> Option<&Resource> {
        let (kind, name) = (bindings::IORESOURCE_MEM as c_uint, name.as_char_ptr());
        // SAFETY: `platform_get_resource_byname()` requires a live device, and a name that lives
        // until the call returns; DEV-LIVE gives the first, and `name` is borrowed.
        let resource = unsafe { bindings::platform_get_resource_byname(self.as_raw(), kind, name) };
        self.resource(resource)
    }

    fn resource(&self, resource: *mut bindings::resource) -> Option<&Resource> {
        // SAFETY: `from_raw` requires RES-LIVE for as long as `self` is borrowed. A resource of the
        // device is freed with the device. Its range, name and flags do not change after the device
        // was added.
        (!resource.is_null()).then(|| unsafe { Resource::from_raw(resource) })
    }
}

impl Device<Bound> {
    /// The name with which ids are compared, without the number of the instance.
    pub(super) fn id_name(&self) -> &CStr {
        // SAFETY: the read requires a live device and a field that nobody writes; DEV-LIVE gives
        // the first, and C set the field before it added the device.
        let name = unsafe { (*self.as_raw()).name };
        // SAFETY: `from_char_ptr` requires a C string that lives as long as the result; the name
        // lives as long as the device.
        unsafe { CStr::from_char_ptr(name) }
    }

    /// Requests the memory resource with this index, so that it can be mapped.
    ///
    /// Context: any context.
    #[doc(alias(
        "devm_platform_ioremap_resource",
        "devm_platform_get_and_ioremap_resource"
    ))]
    pub fn io_request_by_index(&self, index: u32) -> Option<IoRequest<'_>> {
        let resource = self.resource_by_index(index)?;
        Some(IoRequest::new(self.as_ref(), resource))
    }

    /// Requests the memory resource with this name, so that it can be mapped.
    ///
    /// Context: any context.
    #[doc(alias = "devm_platform_ioremap_resource_byname")]
    pub fn io_request_by_name(&self, name: &CStr) -> Option<IoRequest<'_>> {
        let resource = self.resource_by_name(name)?;
        Some(IoRequest::new(self.as_ref(), resource))
    }
}
