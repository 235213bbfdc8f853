// SPDX-License-Identifier: GPL-2.0

//! The results and refusals of USB messages, with QEMU's `usb-mouse` and `usb-net`, and ids from
//! sysfs. See `boot` in this directory.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core},
    prelude::*,
    scope::Scope,
    time::{Delta, Instant, Monotonic, delay::fsleep},
    usb::{self, Bulk, In, Interrupt, Out, Recipient, Request, RequestType},
    workqueue::{self, Item, Job, WorkRef},
};

/// The role that the table gives to an interface.
#[derive(Clone, Copy, Debug)]
enum Role {
    Mouse,
    Net,
}

struct Messages;

kernel::usb_device_table!(
    TABLE,
    Role,
    [
        (
            usb::DeviceId::from_device_and_interface_info(0x0627, 1, 3, 1, 2),
            Role::Mouse
        ),
        (
            usb::DeviceId::from_device_interface_number(0x0525, 0xa4a2, 1),
            Role::Net
        ),
    ]
);

const BRIEF: Delta = Delta::from_millis(300);
/// The timeout for events that come at once: long enough for a machine that is busy.
const ENOUGH: Delta = Delta::from_secs(30);

/// The request GET_DESCRIPTOR of the device.
const DESCRIPTOR: Request =
    Request::new(RequestType::Standard, Recipient::Device, 6).with_value(0x0100);

fn expect<T: PartialEq + core::fmt::Debug>(what: &str, got: T, wanted: T) {
    if got == wanted {
        pr_info!("as it should be: {what}\n");
    } else {
        pr_err!("WRONG: {what}: {got:?} instead of {wanted:?}\n");
    }
}

fn control(interface: &usb::Interface<Core<'_>>) -> Result {
    let mut long = [0xee; 64];
    let count = interface.control_in(DESCRIPTOR, &mut long, ENOUGH);
    expect("an answer may be shorter", count, Ok(18));
    let vendor = interface.device().vendor_id().to_le_bytes();
    expect("it is the answer", long.get(8..10), Some(&vendor[..]));
    expect("the rest stays", long.get(18), Some(&0xee));
    let nothing = interface.control_in(DESCRIPTOR, &mut [], ENOUGH);
    expect("no bytes are no error", nothing, Ok(0));
    let unknown = Request::new(RequestType::Vendor, Recipient::Device, 0x5a);
    let stalled = interface.control_in(unknown, &mut long, ENOUGH);
    expect("an unknown request is refused", stalled, Err(EPIPE));
    let again = interface.control_in(DESCRIPTOR, &mut long, ENOUGH);
    expect("the next one is not", again, Ok(18));
    let mut huge = KVec::zeroed(0x1_0000, GFP_KERNEL)?;
    let count = interface.control_in(DESCRIPTOR, &mut huge, ENOUGH);
    expect("16 bits of length", count, Err(EINVAL));
    let idle = Request::new(RequestType::Class, Recipient::Interface, 0x0a);
    let sent = interface.control_out(idle, &[], ENOUGH);
    expect("a request without data", sent, Ok(()));
    for number in [5, 9, 11] {
        let request = Request::new(RequestType::Standard, Recipient::Device, number);
        let sent = interface.control_out(request, &[], ENOUGH);
        expect("what is the core's is refused", sent, Err(EPERM));
    }
    let never = interface.control_in(DESCRIPTOR, &mut long, Delta::from_millis(0));
    expect("no time is no time limit", never, Err(EINVAL));
    expect("no string 0", interface.string(0).err(), Some(EINVAL));
    expect("no such string", interface.string(200).err(), Some(EINVAL));
    Ok(())
}

fn mouse(interface: &usb::Interface<Core<'_>>) -> Result {
    control(interface)?;
    expect(
        "a mouse has no bulk endpoint",
        interface.endpoint::<Bulk, In>().err(),
        Some(ENXIO),
    );
    let buttons = interface.endpoint::<Interrupt, In>()?;
    let number = buttons.info().number();
    expect(
        "an endpoint is found by its number",
        interface.endpoint_at::<Interrupt, In>(number).is_ok(),
        true,
    );
    expect(
        "and by no other",
        interface.endpoint_at::<Interrupt, In>(9).err(),
        Some(ENXIO),
    );
    let mut report = [0; 8];
    let start = Instant::<Monotonic>::now();
    expect(
        "time is up",
        buttons.read(&mut report, BRIEF),
        Err(ETIMEDOUT),
    );
    expect(
        "and not much before",
        start.elapsed().as_millis() >= BRIEF.as_millis() - 20,
        true,
    );
    expect("no other setting", interface.set_altsetting(5), Err(EINVAL));
    expect("settings", interface.altsettings().len(), 1);
    if module_parameters::wait.read() {
        pr_info!("waiting for the mouse\n");
        let got = buttons.read(&mut report, Delta::from_secs(8));
        pr_info!("the mouse: {got:?}\n");
        let got = buttons.read(&mut report, BRIEF);
        pr_info!("the mouse: {got:?}\n");
    }
    Ok(())
}

fn net(interface: &usb::Interface<Core<'_>>) -> Result {
    expect("setting 0", interface.altsetting().number(), 0);
    expect(
        "it has no endpoints",
        interface.endpoint::<Bulk, In>().err(),
        Some(ENXIO),
    );
    expect("setting 1", interface.set_altsetting(1), Ok(()));
    expect("it is in force", interface.altsetting().number(), 1);
    let from = interface.endpoint::<Bulk, In>()?;
    let to = interface.endpoint::<Bulk, Out>()?;
    let mut frame = [0; 64];
    expect("no frame", from.read(&mut frame, BRIEF), Err(ETIMEDOUT));
    expect("a frame", to.write(&[0xff; 60], ENOUGH), Ok(60));
    expect("back to 0", interface.set_altsetting(0), Ok(()));
    expect("stale in", from.read(&mut frame, BRIEF), Err(ESTALE));
    expect("stale out", to.write(&[0xff; 60], ENOUGH), Err(ESTALE));
    expect("stale halt", to.clear_halt(), Err(ESTALE));
    expect("setting 1 again", interface.set_altsetting(1), Ok(()));
    expect("a frame again", to.write(&[0xff; 60], ENOUGH), Ok(60));
    Ok(())
}

struct Data<'bound> {
    interface: &'bound usb::Interface<Bound>,
    role: Option<Role>,
}

/// Receives a few bytes, at the same time as others.
struct Receive<'x>(&'x usb::Interface<Bound>);

impl Job for Receive<'_> {
    fn run(&self, _work: &WorkRef) {
        let answer = self.0.control_in(DESCRIPTOR, &mut [0; 18], ENOUGH);
        let report = (self.0.endpoint::<Interrupt, In>())
            .and_then(|buttons| buttons.read(&mut [0; 8], Delta::from_secs(3)));
        pr_info!("at once: {answer:?}, {report:?}\n");
    }
}

/// Waits for the mouse, in a thread of the kernel's.
struct Watch<'x>(&'x usb::Interface<Bound>);

impl Job for Watch<'_> {
    fn run(&self, _work: &WorkRef) {
        let got = self
            .0
            .endpoint::<Interrupt, In>()
            .and_then(|buttons| buttons.read(&mut [0; 8], Delta::from_secs(50)));
        pr_info!("in flight: {got:?}\n");
    }
}

impl usb::Driver for Messages {
    type IdInfo = Role;
    type Data<'bound> = Data<'bound>;
    const ID_TABLE: usb::IdTable<Role> = &TABLE;
    const SOFT_UNBIND: bool = false;

    fn probe<'bound>(
        interface: &'bound usb::Interface<Core<'_>>,
        id: &usb::DeviceId,
        role: Option<&'bound Role>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pr_info!(
            "{}: id {:04x?}:{:04x?}, {role:?}\n",
            interface.device().product_id(),
            id.vendor(),
            id.product()
        );
        pin_init::pin_init_scope(move || {
            match role {
                Some(Role::Mouse) => mouse(interface)?,
                Some(Role::Net) => net(interface)?,
                None => pr_info!("an id from sysfs\n"),
            }
            Ok(Data {
                interface,
                role: role.copied(),
            })
        })
    }

    fn attach<'bound, 'x>(
        interface: &'bound usb::Interface<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        if module_parameters::watch.read() && matches!(data.role, Some(Role::Mouse)) {
            let item = Item::<Watch<'x>>::new(
                scope,
                workqueue::system_unbound(),
                Watch(data.get_ref().interface),
            )?;
            item.queue();
            item.detach();
            fsleep(Delta::from_millis(500));
            let switched = interface.set_altsetting(0);
            expect("no switching under a transfer", switched, Err(EBUSY));
            let cleared = interface.endpoint::<Interrupt, In>()?.clear_halt();
            expect("no clearing under a transfer", cleared, Err(EBUSY));
        }
        if module_parameters::many.read() {
            // A line of the debug kernel has room for two of their buffers. With 40, some will
            // meet.
            for _ in 0..20 {
                let receive = Receive(data.get_ref().interface);
                let item = Item::<Receive<'x>>::new(scope, workqueue::system_unbound(), receive)?;
                item.queue();
                item.detach();
            }
        }
        Ok(())
    }

    fn disconnect<'bound>(interface: &'bound usb::Interface<Core<'_>>, data: Pin<&Data<'bound>>) {
        if let Some(Role::Mouse) = data.role {
            // The interface was not unbound softly: the endpoint is off, and the device itself
            // still answers if it is there.
            let read = data
                .interface
                .endpoint::<Interrupt, In>()
                .and_then(|buttons| buttons.read(&mut [0; 8], ENOUGH));
            let asked = interface.control_in(DESCRIPTOR, &mut [0; 18], ENOUGH);
            pr_info!("at the end: {read:?}, {asked:?}\n");
        }
    }
}

kernel::module_usb_driver! {
    type: Messages,
    name: "usb_messages",
    authors: ["The Lifebound developers"],
    description: "Tries what USB messages give and refuse",
    license: "GPL",
    params: {
        many: bool {
            default: false,
            description: "Receive in several threads at once",
        },
        wait: bool {
            default: false,
            description: "Wait for the mouse to move while probing",
        },
        watch: bool {
            default: false,
            description: "Wait for the mouse to move while bound",
        },
    },
}
