// SPDX-License-Identifier: GPL-2.0

//! Faux devices: alone, below another one, and forgotten. Besides, the description of a chip, which
//! is always forgotten. See `boot` in this directory.

#![forbid(unsafe_code)]

use core::mem;

use kernel::{devres, faux, firmware::Firmware, prelude::*, soc, str::CString};

struct FauxDevice {
    /// Removed before its parent.
    _child: Option<faux::Registration>,
    _parent: Option<faux::Registration>,
}

fn refused(name: &CStr, what: &str) {
    pr_info!(
        "{what}: {:?}\n",
        faux::Registration::new(name, None).map(drop)
    );
}

impl kernel::Module for FauxDevice {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let parent = faux::Registration::new(c"faux_parent", None)?;
        dev_info!(parent, "parent\n");
        let child = faux::Registration::new(c"faux_child", Some(parent.as_ref()))?;
        dev_info!(
            child.as_ref(),
            "child of {}\n",
            parent.as_ref().name().to_str()?
        );
        drop(faux::Registration::new(c"faux_short", None)?);

        refused(c"", "without a name");
        refused(c"a/b", "with a slash");
        let managed = devres::register(child.as_ref(), 1_u32, GFP_KERNEL);
        dev_info!(child, "managed: {managed:?}\n");
        let file = Firmware::request_nowarn(c"lifebound/none.bin", child.as_ref());
        dev_info!(child, "firmware: {:?}\n", file.map(drop));

        let attributes = soc::Attributes {
            family: Some(CString::try_from_fmt(fmt!("Lifebound"))?),
            revision: Some(CString::try_from_fmt(fmt!("r{}", 2))?),
            ..Default::default()
        };
        match KBox::pin_init(soc::Registration::new(attributes), GFP_KERNEL) {
            Ok(soc) => mem::forget(soc),
            Err(error) => pr_info!("no chip: Err({error:?})\n"),
        }

        if *module_parameters::forget.value_ref() {
            mem::forget((child, parent));
            return Ok(Self {
                _child: None,
                _parent: None,
            });
        }
        Ok(Self {
            _child: Some(child),
            _parent: Some(parent),
        })
    }
}

module! {
    type: FauxDevice,
    name: "faux_device",
    authors: ["The Lifebound developers"],
    description: "Devices without hardware",
    license: "GPL",
    params: {
        forget: bool { default: false, description: "Forget the devices" },
    },
}
