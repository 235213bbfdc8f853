// SPDX-License-Identifier: GPL-2.0

//! Messages and settings of each kind, on controllers that print them (`spi_messages_c.c`). The
//! name of a device says what the driver does with it. See `boot` beside it.

#![forbid(unsafe_code)]

use kernel::{
    device::{Bound, Core, Device},
    prelude::*,
    scope::Scope,
    spi::{self, Mode, Settings, Transfer},
    sync::Completion,
    time::{Delta, delay::fsleep},
    workqueue::{self, Item, Job, WorkRef},
};

const WRITE: u8 = 1;
const READ: u8 = 2;
const ECHO: u8 = 3;

/// What the driver does with a device.
#[derive(Clone, Copy)]
enum Role {
    /// Tries all transfers.
    Messages,
    /// Changes settings.
    Setup,
    /// Meets what the controller cannot do.
    Partial,
}

#[pin_data(PinnedDrop)]
struct Data<'bound> {
    dev: &'bound spi::Device<Bound>,
    role: Role,
    /// The slow message is about to be sent.
    #[pin]
    begun: Completion,
}

/// The data is dropped: the device is still bound, and takes messages.
#[pinned_drop]
impl PinnedDrop for Data<'_> {
    fn drop(self: Pin<&mut Self>) {
        say(self.dev, "dropped", self.dev.write(&[WRITE]));
    }
}

/// Sends a message that takes nearly two seconds, until C gives it up.
struct Slow<'a, 'bound>(&'a Data<'bound>);

impl Job for Slow<'_, '_> {
    fn run(&self, _work: &WorkRef) {
        self.0.begun.complete_all();
        let mut two = [0; 2];
        let done = self.0.dev.sync_transfer(&mut [
            Transfer::write(&[READ, 0xf1]),
            Transfer::read(&mut two).with_speed_hz(20),
        ]);
        if done != Err(ETIMEDOUT) {
            say(self.0.dev, "slow", done);
        }
    }
}

struct Messages;

kernel::spi_device_table!(
    TABLE,
    Role,
    [
        (spi::DeviceId::new(c"lb-messages"), Role::Messages),
        (spi::DeviceId::new(c"lb-setup"), Role::Setup),
        (spi::DeviceId::new(c"lb-partial"), Role::Partial)
    ]
);

fn say<T: fmt::Debug>(dev: &spi::Device<Bound>, what: &str, result: Result<T>) {
    match result {
        Ok(value) => dev_info!(dev, "{what}: {value:x?}\n"),
        Err(error) => dev_info!(dev, "{what}: {error:?}\n"),
    }
}

/// Reads `N` bytes from a place.
fn read_at<const N: usize>(dev: &spi::Device<Bound>, place: u8) -> Result<[u8; N]> {
    let mut bytes = [0xaa; N];
    dev.write_then_read(&[READ, place], &mut bytes)?;
    Ok(bytes)
}

/// One transfer, or two.
fn single(dev: &spi::Device<Bound>) -> Result {
    // Constants of a module and memory of `vmalloc()` are as good as any.
    let constants = dev.write(&[WRITE, 0x10, 1, 2, 3, 4]);
    say(dev, "constants", constants);
    say(dev, "write and read", read_at::<4>(dev, 0x10));
    let mut bytes = VVec::from_elem(9, 4, GFP_KERNEL)?;
    let read = dev.write_then_read(&[READ, 0x11], &mut bytes);
    say(dev, "vmalloc", read);
    say(dev, "of which", Ok(&bytes[..]));
    let mut two = [9; 2];
    let read = dev.read(&mut two);
    say(dev, "read alone", read.map(|()| two));
    Ok(())
}

/// Both directions at once.
fn duplex(dev: &spi::Device<Bound>) -> Result {
    let mut answer = [9; 4];
    let both = Transfer::write_and_read(&[ECHO, 5, 6, 7], &mut answer)?;
    let done = dev.sync_transfer(&mut [both]);
    say(dev, "both", done.map(|()| answer));
    let mut bytes = [ECHO, 8, 9];
    let done = dev.sync_transfer(&mut [Transfer::exchange(&mut bytes)]);
    say(dev, "exchange", done.map(|()| bytes));
    Ok(())
}

fn several(dev: &spi::Device<Bound>) -> Result {
    let (mut first, mut second) = ([9; 2], [9; 2]);
    let mut transfers = [
        Transfer::write(&[WRITE, 0x20, 9]).with_cs_change(),
        Transfer::write(&[READ]),
        Transfer::write(&[0x10]),
        Transfer::read(&mut first),
        Transfer::read(&mut second),
    ];
    say(dev, "several", dev.sync_transfer(&mut transfers));
    // The same transfers again.
    say(dev, "again", dev.sync_transfer(&mut transfers));
    say(dev, "read", Ok((first, second)));

    let mut byte = [9];
    let mut transfers = [
        Transfer::write(&[READ, 0x20])
            .with_speed_hz(5_000)
            .with_delay(Delta::from_nanos(900))?,
        Transfer::pause().with_delay(Delta::from_millis(1))?,
        Transfer::read(&mut byte).with_bits_per_word(5),
    ];
    let done = dev.sync_transfer(&mut transfers);
    say(dev, "options", done.map(|()| byte));

    let mut many = KVec::new();
    for _ in 0..20 {
        many.push(Transfer::write(&[WRITE]), GFP_KERNEL)?;
    }
    say(dev, "many", dev.sync_transfer(&mut many));

    // The device stays selected, and the next message goes on.
    let stay = Transfer::write(&[READ, 0x12]).with_cs_change();
    say(dev, "stay", dev.sync_transfer(&mut [stay]));
    let read = dev.read(&mut first);
    say(dev, "go on", read.map(|()| first));
    Ok(())
}

fn lengths(dev: &spi::Device<Bound>) -> Result {
    say(dev, "no transfer", dev.sync_transfer(&mut []));
    say(dev, "nothing", dev.write(&[]));
    let nothing = dev.write_then_read(&[], &mut []);
    say(dev, "nothing", nothing);
    let alone = dev.write_then_read(&[READ], &mut []);
    say(dev, "write alone", alone);
    let pair = Transfer::write_and_read(&[1, 2], &mut [0]).map(|_| ());
    say(dev, "unequal", pair);
    let mut long = KVec::from_elem(9, 70_000, GFP_KERNEL)?;
    let read = dev.write_then_read(&[READ, 0x10], &mut long);
    say(dev, "long", read);
    say(dev, "of which", Ok(&long[..4]));
    say(dev, "and", Ok(&long[0xff00..0xff04]));
    let three = Transfer::write(&[1, 2, 3]).with_bits_per_word(12);
    say(dev, "half a word", dev.sync_transfer(&mut [three]));
    Ok(())
}

/// Errors in the middle: what was received is not handed on.
fn failures(dev: &spi::Device<Bound>) -> Result {
    let (mut whole, mut half) = ([0xaa; 2], [0xaa; 4]);
    let transfers = &mut [
        Transfer::write(&[WRITE, 0x30, 5]).with_cs_change(),
        Transfer::write(&[READ, 0x10]),
        Transfer::read(&mut whole).with_cs_change(),
        Transfer::write(&[READ, 0xf0]),
        Transfer::read(&mut half),
        Transfer::write(&[WRITE, 0x31, 6]),
    ];
    say(dev, "fails", dev.sync_transfer(transfers));
    say(dev, "read", Ok((whole, half)));
    say(dev, "done", read_at::<2>(dev, 0x30));
    say(dev, "hangs", read_at::<2>(dev, 0xf1));
    say(dev, "works again", read_at::<2>(dev, 0x10));
    Ok(())
}

fn messages(dev: &spi::Device<Bound>) -> Result {
    single(dev)?;
    duplex(dev)?;
    several(dev)?;
    lengths(dev)?;
    failures(dev)
}

/// What the controller says that it cannot do, and at the end what it refuses all the same.
fn refused(dev: &spi::Device<Bound>) {
    let now = dev.settings();
    let with_mode = |mode| Settings {
        mode: now.mode | mode,
        ..now
    };
    let with_speed = |max_speed_hz| Settings {
        max_speed_hz,
        ..now
    };
    let with_words = |bits_per_word| Settings {
        bits_per_word,
        ..now
    };
    for settings in [
        with_mode(Mode::LOOP),
        with_speed(20_000_001),
        with_words(3),
        with_words(33),
        with_mode(Mode::LSB_FIRST),
    ] {
        say(dev, "refused", dev.setup(settings));
        say(dev, "as before", Ok(dev.settings() == now));
    }
}

/// Changes one thing after the other.
fn setup(dev: &spi::Device<Bound>) -> Result {
    say(dev, "irq", Ok((dev.irq(), dev.chip_select())));
    let first = dev.settings();
    say(dev, "settings", Ok(first));
    let mode = Mode::MODE_2 | Mode::CS_HIGH;
    say(dev, "mode", dev.setup(Settings { mode, ..first }));
    say(dev, "message", dev.write(&[WRITE]));
    let slow = Settings {
        max_speed_hz: 2_000_000,
        ..dev.settings()
    };
    say(dev, "speed", dev.setup(slow));
    let words = Settings {
        bits_per_word: 12,
        ..dev.settings()
    };
    say(dev, "words", dev.setup(words));
    say(dev, "half a word", dev.write(&[WRITE]));
    refused(dev);
    let highest = Settings {
        max_speed_hz: 0,
        ..first
    };
    say(dev, "highest", dev.setup(highest));
    say(dev, "settings", Ok(dev.settings()));

    let mode = first.mode | Mode::THREE_WIRE;
    say(dev, "one line", dev.setup(Settings { mode, ..first }));
    let mut bytes = [ECHO, 1];
    let exchange = Transfer::exchange(&mut bytes);
    say(dev, "exchange", dev.sync_transfer(&mut [exchange]));
    say(dev, "back", dev.setup(first));
    Ok(())
}

/// A controller with limits. What is beyond them does not get to it.
fn partial(dev: &spi::Device<Bound>) -> Result {
    let limits = dev.limits();
    let sizes = (limits.max_transfer_size(), limits.max_message_size());
    say(dev, "sizes", Ok(sizes));
    let speeds = (limits.min_speed_hz(), limits.max_speed_hz());
    say(dev, "speeds", Ok(speeds));
    say(dev, "duplex", Ok(limits.is_full_duplex(dev.mode())));
    say(dev, "irq", Ok(dev.irq()));

    let eight = [WRITE, 0, 1, 2, 3, 4, 5, 6];
    say(dev, "8 bytes", dev.write(&eight));
    let nine = dev.write(&[WRITE; 9]);
    say(dev, "9 bytes", nine);
    let mut four = [0; 4];
    let mut twelve = [Transfer::write(&eight), Transfer::read(&mut four)];
    say(dev, "12 bytes", dev.sync_transfer(&mut twelve));
    let mut thirteen = [Transfer::write(&eight), Transfer::write(&eight[..5])];
    say(dev, "13 bytes", dev.sync_transfer(&mut thirteen));
    let mut byte = [0];
    let both = Transfer::exchange(&mut byte);
    say(dev, "both ways", dev.sync_transfer(&mut [both]));
    for hz in [0, 999, 100_001] {
        let transfer = Transfer::write(&[0]).with_speed_hz(hz);
        say(dev, "speed", dev.sync_transfer(&mut [transfer]));
    }
    let transfer = Transfer::write(&[0]).with_bits_per_word(9);
    say(dev, "word", dev.sync_transfer(&mut [transfer]));
    Ok(())
}

impl spi::Driver for Messages {
    type IdInfo = Role;
    type Data<'bound> = Data<'bound>;
    const SPI_ID_TABLE: Option<spi::IdTable<Role>> = Some(&TABLE);

    fn probe<'bound>(
        dev: &'bound spi::Device<Core<'_>>,
        info: Option<&'bound Role>,
    ) -> impl PinInit<Data<'bound>, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            dev_info!(dev, "probe {}\n", dev.modalias());
            let generic: &'bound Device<Bound> = (**dev).as_ref();
            let dev = <&spi::Device<Bound>>::try_from(generic)?;
            let role = *info.ok_or(EINVAL)?;
            match role {
                Role::Messages => messages(dev)?,
                Role::Setup => setup(dev)?,
                Role::Partial => partial(dev)?,
            }
            Ok(try_pin_init!(Data {
                dev,
                role,
                begun <- Completion::new(),
            }))
        })
    }

    /// Changes settings while another thread's message is under way.
    fn attach<'bound, 'x>(
        dev: &'bound spi::Device<Core<'_>>,
        data: Pin<&'x Data<'bound>>,
        scope: &'x Scope<'x>,
    ) -> Result {
        let data = data.get_ref();
        if let Role::Messages = data.role {
            let slow = Item::new(scope, workqueue::system(), Slow(data))?;
            slow.queue();
            data.begun.wait_for_completion();
            fsleep(Delta::from_millis(300));
            let settings = Settings {
                mode: Mode::MODE_1,
                ..dev.settings()
            };
            say(dev, "afterwards", dev.setup(settings));
        }
        Ok(())
    }
}

kernel::module_spi_driver! {
    type: Messages,
    name: "spi_messages",
    authors: ["The Lifebound developers"],
    description: "A driver that sends messages of each kind",
    license: "GPL",
}
