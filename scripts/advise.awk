# SPDX-License-Identifier: GPL-2.0
#
# Reads the compiler's messages about a driver, and passes them on with what a driver's author can
# do about them. For mistakes that the compiler knows by the words of the language alone: attributes
# of the crate cannot change those. scripts/rustc-module runs this when a driver does not compile;
# tests/mistakes has a program for each.
#
# Variables: TREE, where this tree is. The crate's files are named relative to TREE/rust, and
# without their text.

{
	sub(/\r$/, "")
	plain = $0
	gsub(/\033\[[0-9;]*m/, "", plain)
	if (plain ~ /^ *(-->|:::) (kernel|pin-init|macros|zerocopy)\//)
		$0 = there($0)
	# A macro can warn by an item alone that is deprecated, which this one is not.
	sub(/use of deprecated constant `_::NAME`: messages/, "messages")
	if (plain ~ /^(error|warning)/) {
		finish()
		is_error = plain ~ /^error|^warning: unused .* that must be used/
	}
	# An empty line ends a message. It comes again in front of what follows.
	if (plain == "") {
		finish()
		print ""
		next
	}
	message = message plain "\n"
	print
}

END {
	finish()
}

# there LINE: with the file by its own name; the column of a file that was not looked at is 0.
function there(line) {
	sub(/ (kernel|pin-init|macros|zerocopy)\//, " " TREE "/rust&", line)
	sub(/rust /, "rust/", line)
	sub(/:0(\033|$)/, "&\001", line)
	sub(/:0\001/, "", line)
	sub(/:0\033\001/, "\033", line)
	return line
}

function has(words) {
	return index(message, words) > 0
}

function advise(text) {
	if (text == "")
		return
	print "   = to do: " text
}

function finish() {
	if (is_error && message != "")
		advise(advice())
	message = ""
}

# What to do about `message`, or nothing.
function advice() {
	if (has("cannot be shared between threads safely") && has("Device<Core<"))
		return "keep the device as `&'bound Device<Bound>`; `Device<Core<'_>>` is lent to the driver's callbacks alone, " \
			"which get it again at each call"
	if (has("error[E0261]") && has("`'bound`") && has("Driver for"))
		return "data lives as long as the binding, whether it borrows or not: `type Data<'bound> = ..;`"
	if (has("lifetime may not live long enough") && has("must outlive `'static`"))
		return "data lives as long as the binding, and nothing in it for ever: `type Data<'bound> = Data<'bound>;`"
	if (has("lifetime may not live long enough") && has("Device<Core<"))
		return "leave the signature as it is, and keep the device as `&'bound Device<Bound>`; what a callback is lent as " \
			"`Device<Core<'_>>` cannot be kept"
	if (has("error[E0277]") && has("cannot be shared between threads safely"))
		return "several CPUs use what a driver keeps at the same time: keep the value in a `Mutex` or `SpinLock`, or as `Atomic`"
	if (has("error[E0277]") && has("cannot be sent between threads safely"))
		return "what a driver keeps is used and dropped by any thread: keep no raw pointers, but what they stand for (`KBox`, " \
			"`Arc`, `ARef`, a reference for `'bound`)"
	if (has("error[E0277]") && has("`?` operator") && has("PinInit<"))
		return "an initialiser is returned, which runs later: put the steps into " \
			"`pin_init::pin_init_scope(move || { ..?; Ok(Data { .. }) })`"
	if (has("error[E0700]") && has("PinInit<") && (has("Core<'_>") || has("&'_") || has("anonymous lifetime")))
		return "give each lifetime a name: `fn make<'bound, 'c>(dev: &'bound Device<Core<'c>>) -> impl PinInit<Data<'bound>, Error> + " \
			"use<'bound, 'c>`; with `Device<Bound>` instead of `Core`, `+ 'bound` is enough"
	if (has("error[E0700]") && has("PinInit<"))
		return "the initialiser has captured a device that is lent: name the lifetime of `Core<'c>` and add `+ use<'bound, 'c>`, or " \
			"make a `&'bound Device<Bound>` of it first"
	if (has("expected because of the type of the static") && has("PinInit<"))
		return "a lock in a `static` is made by `kernel::sync::global_lock!`"
	if (has("found opaque type") && has("PinInit<"))
		return "an initialiser is put into its field by an arrow: `field <- new_mutex!(..)`, not `field: ..`"
	if (has("found `<-`"))
		return "`field <- ..` belongs into `try_pin_init!`: `Ok(try_pin_init!(Data { field <- .., }))`"
	if (has("PinInit<") && has("<'static>") && (has("error[E0803]") || has("error[E0477]") || has("lifetime may not live")))
		return "data lives as long as the binding: `type Data<'bound> = Data<'bound>;`, not `Data<'static>`"
	if (has("lifetime parameters") && has("`Data`"))
		return "data lives as long as the binding, whether it borrows or not: `type Data<'bound> = ..;`"
	if (has("error[E0407]") && has("is not a member of trait") && (has("`remove`") || has("`disconnect`") || has("`release`")))
		return "the end of a binding is `unbind` (on USB `disconnect`), and after it the data is dropped: what `Drop` undoes needs no callback"
	if (has("error[E0599]") && has("Device<kernel::device::Bound, "))
		return "a method that a bound device does not have may be for callbacks alone: those of `Device<Core<'_>>` are called in " \
			"`probe`, `attach` and `unbind`, on their argument"
	if (has("error[E0599]") && has("Device<kernel::device::Normal, "))
		return "a method that a device of no known state does not have may need `Device<Bound>`: pass that on, as the driver's " \
			"callbacks have it"
	if (has("error[E0308]") && has("expected `Error`, found integer"))
		return "errors are constants: `EINVAL` for C's `-EINVAL`; `Error::from_errno(-22)` makes one of a number"
	if (has("expected `&CStr`, found `&str`"))
		return "names for C end with a zero byte: write `c\"..\"`"
	if (has("Bounded<") && has(", 1>: From<{integer}>"))
		return "a field of one bit is `true` or `false`"
	if (has("Bounded<") && has(">: From<{integer}>"))
		return "a value has to fit into its field: `with_const_field::<VALUE>()` checks it while building, `try_with_field(value)` at run time"
	if (has("error[E0308]") && has("{ inner: "))
		return "a register's value is built of its fields, `NAME::zeroed().with_field(..)`, or of all its bits, `NAME::from_raw(..)`"
	if ((has("error[E0282]") || has("error[E0283]")) && has(".as_ref()"))
		return "a device is several things by `as_ref()`: name the one, as in `let dev: &Device<Bound> = interface.as_ref();`"
	if ((has("error[E0515]") || has("error[E0505]")) && (has("Bar<") || has("Bar ") || has("bar") || has("Data {")))
		return "if both belong into the driver's data, `kernel::types::Nest` keeps a value and what borrows from it; what is only " \
			"called back is made in `attach`, which borrows the data"
	if (has("error[E0046]") && match(message, /missing `(ACPI_|OF_|I2C_|SPI_)?ID_TABLE`/))
		return "a driver has the ids that it serves: make `TABLE` by the bus' macro, `pci_device_table!` for PCI, then " \
			"`const ID_TABLE: pci::IdTable<()> = &TABLE;`"
	if (has("warning: unused") && has("`detach` leaves it to the scope"))
		return "write `.detach()` behind it, or keep it in a variable or a field; `let _ = ..` ends it at once, too"
	if (has("UsePinnedDropInsteadOfDrop"))
		return "`Drop` could move a pinned field: write `#[pin_data(PinnedDrop)]` above the struct, and " \
			"`#[pinned_drop] impl PinnedDrop for ..` with `fn drop(self: Pin<&mut Self>)`"
	if (has("error[E0277]") && has("`bool: ") && has("FromBytes` is not satisfied"))
		return "not every byte is a `bool`: make the field a `u8`, and compare it with 0"
	if (has("error[E0107]") && has("-> Result<") && has("enum takes 2 generic arguments"))
		return "`use kernel::prelude::*;` has the kernel\047s `Result`, its errors, and the macros for messages"
	if (has("error[E0046]") && has("ATTRIBUTE_VTABLE"))
		return "write `#[vtable]` above this `impl`; without it, the optional methods would never be called"
	return ""
}
