#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# The build as a user meets it: it has no warnings, does nothing twice, leaves nothing in source
# directories, and builds drivers elsewhere.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh

kdir=$(scripts/toolchain --default-kdir)
out=$PWD/build/$(cat "$kdir/include/config/kernel.release")
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# sources: every file there, whether git knows it or not.
sources() {
	find samples drivers rust scripts tests -type f | sort
}
sources >"$work/sources"

run_into "$work/first" make
report "$status" "make" "$work/first"

# Where usbcore is a module, one that refers to it needs it loaded.
check "a module refers to its own bus" sh -c "nm -u '$out/usb_inquiry.ko' | grep -q ' usb_bulk_msg'"
check "... and to no other" sh -c "! nm -u '$out/minimal.ko' '$out/pci_testdev.ko' | grep ' usb_'"

find "$out"/*.ko "$out/lib" -type f | xargs stat -c '%n %Y %Z' | sort >"$work/before"
begin=$(date +%s%N)
run_into "$work/second" make
elapsed=$((($(date +%s%N) - begin) / 1000000))
find "$out"/*.ko "$out/lib" -type f | xargs stat -c '%n %Y %Z' | sort >"$work/after"
check "a second make changes nothing (took $elapsed ms)" cmp "$work/before" "$work/after"
check "a second make runs no compiler" sh -c "! grep -E 'RUSTC|CC |LD |BUILD|MODULE' '$work/second'"

# Time of the processors, which does not depend on what else the machine does.
touch samples/minimal/minimal.rs
TIMEFORMAT='%U %S'
{ time run_into "$work/touch" make; } 2>"$work/time"
took=$(awk '{ printf "%d", ($1 + $2) * 1000 }' "$work/time")
check "touching a driver rebuilds that driver alone (took $took ms)" sh -c "
	[ \$(grep -c 'RUSTC' '$work/touch') = 1 ] && grep -q 'RUSTC.*minimal' '$work/touch'"
check "... in under 5 s" test "$took" -lt 5000

# An older 6.12: the name of the only driver that may be bound is a field of the platform device.
flags=$(sed -n 's/^LB_CFLAGS := //p' "$out/flags.mk")
include=$(tr ' ' '\n' <<<"$flags" | sed -n 's/^-I//p' | while read -r directory; do
	[ ! -e "$directory/linux/platform_device.h" ] || printf '%s\n' "$directory"
done | head -n 1)
mkdir -p "$work/older/linux"
sed 's/device_set_driver_override/device_set_nothing/' "$include/linux/device.h" >"$work/older/linux/device.h"
sed 's/.*platform_device_id.*\*id_entry;/&\n\tconst char *driver_override;/' "$include/linux/platform_device.h" >"$work/older/linux/platform_device.h"
# faux [FLAG]: compiles the part for faux devices for that kernel.
faux() (
	cd "$kdir"
	# shellcheck disable=SC2086 # these are several flags
	"$(sed -n 's/^LB_CC := *//p' "$out/flags.mk")" -I"$work/older" $flags -I"$OLDPWD/rust/helpers" -I"$OLDPWD/rust/machines" \
		-Wno-missing-prototypes "$@" -c -o "$work/faux.o" "$OLDPWD/rust/machines/faux.c" >"$work/faux" 2>&1
)
faux && status=0 || status=$?
report "$status" "faux devices, for an older 6.12" "$work/faux"
check "... which has no function for that" eval '! faux -DLB_DEVICE_DRIVER_OVERRIDE'

# The stock kernel's headers, as if it were built without some buses, for the copy below.
cp -r "$kdir" "$work/fewer"
for link in scripts tools; do
	[ ! -L "$kdir/$link" ] || ln -sfn "$(readlink -f "$kdir/$link")" "$work/fewer/$link"
done
sed -i -E '/CONFIG_(AUXILIARY_BUS|COMMON_CLK|I2C|PCI|REGULATOR|SERIAL_DEV_BUS|SPI|USB)(_MODULE)?[= ]/d' "$work"/fewer/include/{config/auto.conf,generated/autoconf.h}
fewer=6.12.0-fewer-buses
echo $fewer >"$work/fewer/include/config/kernel.release"

# A copy, with two of the drivers: other suites build from this tree at the same time.
copy=$work/copy
mkdir "$copy"
git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t "$copy"
echo 'obj-m += samples/' >"$copy/Kbuild"
echo 'obj-m += minimal/ platform_regs/' >"$copy/samples/Kbuild"
# A bindgen that, once, writes half of its file, and has all of this make killed.
cat >"$work/bindgen" <<-EOF_BINDGEN
	#!/bin/sh
	if [ -e '$work/kill' ]; then
	    for argument; do
	        [ "\$previous" != -o ] || { rm '$work/kill'; echo 'pub const HALF: u32 = 1;' >"\$argument"; kill -9 0; }
	        previous=\$argument
	    done
	fi
	exec '$(sed -n 's/^BINDGEN := //p' "$out/toolchain.mk")' "\$@"
EOF_BINDGEN
chmod +x "$work/bindgen"
touch "$work/kill"
{ run_into "$work/killed" setsid -w bash -c 'make -C "$1" KDIR="$2" BINDGEN="$3"' - "$copy" "$work/fewer" "$work/bindgen"; } 2>/dev/null
check "a make that is killed while bindings are made" test "$status" -ne 0 -a ! -e "$work/kill"
check "... leaves no half of them" test ! -e "$copy/build/$fewer/generated/bindings.rs"
# With all in the environment that could take flags away from cargo and from compilers, or add some.
builds_quietly "make, of another copy, for a kernel without PCI, USB, I2C, SPI, serial devices, auxiliary devices, clocks and regulators" "$work/anew" \
	env RUSTFLAGS=-Ctarget-cpu=native CARGO_ENCODED_RUSTFLAGS= RUSTC=/absent RUSTC_WRAPPER=/absent CARGO_BUILD_TARGET=absent \
	CARGO_PROFILE_KERNEL_OPT_LEVEL=absent BINDGEN_EXTRA_CLANG_ARGS=--absent CPATH=/absent KCFLAGS=--absent ARCH=absent CC=/absent \
	make -C "$copy" KDIR="$work/fewer" BINDGEN="$work/bindgen"
# Times are set back from here on: contents count.
printf '\n/// A change.\npub const CHANGE: usize = 1;\n' >>"$copy/rust/kernel/sizes.rs"
touch -d 2001-01-01 "$copy/rust/kernel/sizes.rs"
run_into "$work/crate" make -C "$copy" KDIR="$work/fewer" BINDGEN="$work/bindgen"
check "a changed crate file rebuilds the crate and its drivers" sh -c "
	grep -q 'BUILD.*crates' '$work/crate' && grep -q 'RUSTC.*minimal' '$work/crate' && grep -q 'RUSTC.*platform_regs' '$work/crate'"
echo '/* A change. */' >>"$copy/rust/helpers/slab.c"
touch -d 2001-01-01 "$copy/rust/helpers/slab.c"
run_into "$work/shim" make -C "$copy" KDIR="$work/fewer" BINDGEN="$work/bindgen"
check "a changed C shim is linked into the drivers" grep -q 'RUSTC.*minimal' "$work/shim"

for name in several composite traced; do
	cp -r "tests/outside/$name" "$work/"
	builds_quietly "a driver directory elsewhere: $name" "$work/$name.log" make M="$work/$name"
done
check "several modules in one directory" bash -c "ls '$work/several/'{one,two-words,plain_c}.ko"
check "a module of Rust and C" sh -c "ls '$work/composite/mixed.ko'"
check "nothing but modules is added there" sh -c "
	[ \"\$(ls -A '$work/composite' | tr '\n' ' ')\" = 'Kbuild mixed.ko mixed_main.rs mixed_part.c ' ]"

run_into "$work/clean" make M="$work/composite" clean
report "$status" "make clean for one directory" "$work/clean"
check "... removes its module" sh -c "[ \"\$(ls -A '$work/composite' | tr '\n' ' ')\" = 'Kbuild mixed_main.rs mixed_part.c ' ]"
check "... and nothing else" sh -c "ls '$work/several/one.ko' '$out/lib/.stamp'"
run_into "$work/composite.log" make M="$work/composite"
report "$status" "and back" "$work/composite.log"

refused() {
	run_into "$work/refused" make M="$2"
	says "$1" 2 "$work/refused" "$3"
}
mkdir "$work/empty"
refused "a directory that is not absolute" tests/outside/several "is not absolute"
refused "a directory that does not exist" "$work/absent" "has no Kbuild"
refused "a directory without a Kbuild" "$work/empty" "has no Kbuild"
refused "a directory with a space" "$work/a b" "space in its name"

mkdir "$work/readme"
sed -n '/^```rust$/,/^```$/p' README.md | grep -v '^```' >"$work/readme/blinker.rs"
echo 'obj-m := blinker.o' >"$work/readme/Kbuild"
builds_quietly "the driver in README" "$work/readme.log" make M="$work/readme"

# Of a module of several objects, and of one: they are linked at different times.
for module in mixed_main one; do
	rm -rf "$work/checked"
	mkdir "$work/checked"
	cp tests/outside/*/"$module.rs" tests/outside/composite/mixed_part.c "$work/checked/"
	echo "obj-m := checked.o" >"$work/checked/Kbuild"
	if [ $module = one ]; then
		mv "$work/checked/one.rs" "$work/checked/checked.rs"
	else
		echo "checked-y := mixed_main.o mixed_part.o" >>"$work/checked/Kbuild"
	fi
	sed -i 's/^        pr_info!.*/        kernel::build_assert!(kernel::current!().pid() == 1);/' "$work/checked/"*.rs
	line=$(grep -n build_assert "$work/checked/"*.rs | cut -d: -f1)
	for time in once "and once more"; do
		run_into "$work/checked.log" make M="$work/checked"
		says "a failed check while building is shown with its line, $module, $time" 2 "$work/checked.log" \
			"^error: $work/checked/[a-z_]*.rs:$line: a check fails"
	done
done

printf 'fn broken( {\n' >>"$work/several/one.rs"
run_into "$work/broken" make M="$work/several"
says "a mistake in a driver is shown with its own file's name" 2 "$work/broken" "--> $work/several/one.rs:"

sources >"$work/sources-after"
check "nothing is written into source directories" cmp "$work/sources" "$work/sources-after"

# Stack frames above CONFIG_FRAME_WARN cause a warning: frames of a driver's functions and of
# generic functions, at every size that C warns of.
mkdir "$work/frames"
echo 'obj-m := frames.o' >"$work/frames/Kbuild"
cat >"$work/frames/frames.rs" <<-'EOF_FRAMES'
	//! Frames of several sizes.
	use kernel::prelude::*;

	#[inline(never)]
	fn fill<const N: usize>(x: u8) -> u64 {
	    let mut bytes = [x; N];
	    for (i, byte) in bytes.iter_mut().enumerate() {
	        *byte = byte.wrapping_add(i as u8);
	    }
	    sum(&bytes)
	}

	#[inline(never)]
	fn sum(bytes: &[u8]) -> u64 {
	    bytes.iter().map(|&byte| u64::from(byte)).sum()
	}

	#[inline(never)]
	fn plain(x: u8) -> u64 {
	    sum(&[x; 20000])
	}

	struct Frames;

	impl kernel::Module for Frames {
	    fn init(_module: &'static ThisModule) -> Result<Self> {
	        pr_info!("{} {} {}\n", fill::<1500>(1), fill::<2100>(2), plain(3));
	        Ok(Self)
	    }
	}

	module! { type: Frames, name: "frames", license: "GPL" }
EOF_FRAMES
run_into "$work/frames.log" make M="$work/frames"
says "a frame that is too large is warned of, with its function, place and size" 0 "$work/frames.log" \
	"^$work/frames/frames.rs:[0-9]+: warning: the stack frame of \`frames::plain\` has 200[0-9][0-9] bytes, which is more than 2048" \
	"^$work/frames/frames.rs:5: warning: the stack frame of \`frames::fill::<2100[^>]*>\` has 21[0-9][0-9] bytes"
check "... and one that is not too large is not" test "$(grep -c warning: "$work/frames.log")" = 2
check "the sizes are not in the module" sh -c "! readelf -SW '$work/frames/frames.ko' | grep stack_sizes"

expected() {
	scripts/boot --module "$work/several/two-words.ko" --module "$work/several/plain_c.ko" \
		--module "$work/composite/mixed.ko" --module "$work/readme/blinker.ko" \
		--device pci-testdev --script "$work/guest" >"$work/boot" 2>&1 &&
		grep -q 'two_words: hello from two-words' "$work/boot" && grep -q 'mixed: the C part says 42' "$work/boot" &&
		grep -q 'plain_c: hello from C' "$work/boot" && grep -q 'blinker .*: offset 0x' "$work/boot"
}
# shellcheck disable=SC2016 # for the guest
echo 'set -e; cd $MODULES; for m in two-words plain_c mixed blinker; do insmod $m.ko; done
grep "\[mixed\]" /sys/kernel/tracing/available_filter_functions
rmmod two-words mixed plain_c blinker' >"$work/guest"
expected && status=0 || status=1
report $status "they load" "$work/boot"
check "ftrace knows the functions in C of a module of Rust and C" grep -q '^mixed_answer \[mixed\]' "$work/boot"

# The tables for the unwinder are made of the code that is left. "?" marks a frame that the unwinder
# did not reach.
# shellcheck disable=SC2016 # for the guest
run_into "$work/trace" scripts/boot --module "$work/traced/traced.ko" -- sh -c 'insmod $MODULES/traced.ko'
says "a warning names its place, and goes on" 70 "$work/trace" 'WARNING: .* at rust/helpers/bug.c:[0-9]+ lb_WARN_ON.*\[traced\]' \
	'traced: warn_on!\(depth == 0\) at traced.rs:[0-9]+ in _R.*inner$' 'inner at .*traced.rs:[0-9]+' 'traced: back with 7'
sed -n 's/^.*\] *\([a-zA-Z0-9_]*\)+0x[0-9a-f]*\/0x[0-9a-f]* \[traced\]$/\1/p' "$work/trace" | grep -o -e 'inner$' -e 'outer$' -e '^init_module' |
	head -n 5 | tr '\n' ' ' >"$work/frames-seen"
check "... and its trace has each frame of the module" grep -qx 'inner outer inner outer init_module ' "$work/frames-seen"
finish
