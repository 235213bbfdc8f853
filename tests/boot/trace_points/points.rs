// SPDX-License-Identifier: GPL-2.0

//! A tracepoint that a driver triggers: watched and not watched. See `boot` in this directory.

use kernel::{debugfs, ffi::c_char, prelude::*};

kernel::declare_trace! {
    /// A number and a text.
    ///
    /// # Safety
    ///
    /// `text` must be a C string.
    pub unsafe fn lifebound_number(number: c_int, text: *const c_char);
}

struct TracePoints {
    _dir: debugfs::Dir,
    /// Triggers the tracepoint when it is read.
    _file: Pin<KBox<debugfs::File<c_int>>>,
}

impl TracePoints {
    fn trace(number: c_int) {
        // SAFETY: `lifebound_number` requires a C string; it is a literal.
        unsafe { lifebound_number(number, c"some text".as_char_ptr()) };
    }

    fn show(number: &c_int, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::trace(*number);
        writeln!(f, "{number}")
    }
}

impl kernel::Module for TracePoints {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Self::trace(-5);
        let dir = debugfs::Dir::new(c"trace_points");
        let file = KBox::pin_init(
            dir.read_callback_file::<_, Error, _>(c"trigger", Ok(7), &Self::show),
            GFP_KERNEL,
        )?;
        Ok(Self {
            _dir: dir,
            _file: file,
        })
    }
}

impl Drop for TracePoints {
    fn drop(&mut self) {
        Self::trace(8);
    }
}

module! {
    type: TracePoints,
    name: "trace_points",
    authors: ["The Lifebound developers"],
    description: "A tracepoint",
    license: "GPL",
}
