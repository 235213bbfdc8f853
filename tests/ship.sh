#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What a driver's module says of itself, how it is installed and signed, and that a kernel that
# enforces signatures loads it, and no other. KERNEL=7.3 does this for another kernel.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
export KERNEL=${KERNEL:-stock}
driver=$work/shipped module=$work/shipped/shipped.ko root=$work/root
cp -r tests/outside/shipped "$driver"

# --- modinfo --------------------------------------------------------------------------------------

builds_quietly "a driver of two files" "$work/log" make M="$driver"
release=$(modinfo -F vermagic "$module" | cut -d' ' -f1)
kdir=$(if [ "$KERNEL" = stock ]; then scripts/toolchain --default-kdir; else scripts/fetch-kernel headers --release "$KERNEL"; fi)

# field NAME VALUE..: modinfo prints these values, in any order.
field() {
	local name=$1
	shift
	check "modinfo: $name" diff <(modinfo -F "$name" "$module" | sort) <(printf '%s\n' "$@" | sort)
}
field author 'A. Author <author@example.org>' 'B. Author'
field description 'All that modinfo shows'
field license GPL
field version 1.2.3
field name shipped
field firmware shipped.bin
field alias shipped-by-name 'pci:v00001B36d00000005sv*sd*bc*sc*i*'
field parm 'level:How much (byte)'
field depends ''
check "modinfo: vermagic is that of the kernel's own modules" \
	test "$(modinfo -F vermagic "$module")" = "$release SMP preempt mod_unload$(grep -qx CONFIG_MODVERSIONS=y "$kdir/include/config/auto.conf" && echo ' modversions') "
builds_quietly "a driver that needs another module" "$work/log" make M="$PWD/samples/usb_inquiry" OUT="$work/usb"
check "modinfo: depends names it" test "$(modinfo -F depends "$work/usb/usb_inquiry.ko")" = usbcore

# The sum of the sources: the same wherever they are, another with each of their files.
first=$(modinfo -F srcversion "$module")
check "modinfo: srcversion" grep -qxE '[0-9A-F]{23}' <<<"$first"
cp -r tests/outside/shipped "$work/again"
make M="$work/again" >/dev/null 2>&1
check "... is the same elsewhere" test "$(modinfo -F srcversion "$work/again/shipped.ko")" = "$first"
sed -i 's/read32(0x4)/read32(0x8)/' "$work/again/registers.rs"
make M="$work/again" >/dev/null 2>&1
check "... is another if the second file is" test "$(modinfo -F srcversion "$work/again/shipped.ko")" != "$first"

# --- install --------------------------------------------------------------------------------------

# A root with what depmod reads of a kernel's own modules.
{ read -r _ && read -r theirs; } < <(scripts/fetch-kernel stock --release "$release" 2>/dev/null)
mkdir -p "$root/lib/modules/$release"
cp "$theirs"/modules.{order,builtin} "$root/lib/modules/$release/"
[ ! -e "$theirs/modules.builtin.modinfo" ] || cp "$theirs/modules.builtin.modinfo" "$root/lib/modules/$release/"
updates=$root/lib/modules/$release/updates
# As an expression: a release may have a plus.
there=.*/lib/modules/${release//+/[+]}

run_into "$work/log" make install M="$driver" INSTALL_MOD_PATH="$root"
says "install" 0 "$work/log" "INSTALL +$there/updates/shipped.ko.xz" "DEPMOD +$there \([0-9]+ s\)" \
	"note: not signed, as there is no key; a kernel that enforces signatures refuses that"
check "... compresses, as this kernel wants" sh -c "xz -dc '$updates/shipped.ko.xz' | cmp - '$module'"
check "... leaves nothing else" test "$(ls -A "$updates")" = shipped.ko.xz
check "... and the device's alias finds it" \
	test "$(modprobe -d "$root" -S "$release" -R pci:v00001B36d00000005sv00001AF4sd00001100bc00sc00i00 2>/dev/null)" = shipped
check "... builds nothing" sh -c "! grep -E 'RUSTC|BUILD|CHOSE' '$work/log'"
run_into "$work/log" make modules_install M="$driver" INSTALL_MOD_PATH="$work/stage" INSTALL_MOD_DIR=extra INSTALL_MOD_STRIP=1
says "modules_install, into an empty directory" 0 "$work/log" "INSTALL +$there/extra/shipped.ko.xz" \
	"no kernel's directory, and depmod was not run"
check "... without debug information" test "$(xz -dc "$work/stage/lib/modules/$release/extra/shipped.ko.xz" | wc -c)" -lt $(($(stat -c %s "$module") / 4))

# refused WHAT TEXT TARGET VARIABLE..: with status 2 and that text.
refused() {
	local what=$1 text=$2
	shift 2
	run_into "$work/log" make "$@"
	says "$what" 2 "$work/log" "$text"
}
refused "install without a driver" "install needs M=<absolute directory>" install
refused "a root that is not absolute" "INSTALL_MOD_PATH='root' is not absolute" install M="$driver" INSTALL_MOD_PATH=root
mkdir "$work/unbuilt" && touch "$work/unbuilt/Kbuild"
refused "a driver that is not built" "there is no module in .*/unbuilt'" install M="$work/unbuilt" INSTALL_MOD_PATH="$root"
: >"$work/file"
refused "a place that cannot be written" "cannot be written by the user .*" install M="$driver" INSTALL_MOD_PATH="$work/file"
refused "headers of another kernel" "KDIR '$work' is not of ${release//+/[+]}," install M="$driver" INSTALL_MOD_PATH="$root" KDIR="$work"

# --- signatures -----------------------------------------------------------------------------------

for name in own other; do
	openssl req -new -x509 -newkey rsa:2048 -nodes -sha256 -days 36500 -subj "/CN=the $name key/" \
		-keyout "$work/$name.key" -out "$work/$name.pem" 2>/dev/null
done
key=(SIGN_KEY="$work/own.key" SIGN_CERT="$work/own.pem")
refused "sign without a key" "sign needs SIGN_KEY=<private key> and SIGN_CERT=<its certificate>" sign M="$driver"
refused "a key that is not there" "SIGN_KEY='/absent': there is no such file" sign M="$driver" SIGN_KEY=/absent
refused "a key without a certificate" "has no certificate in it, and SIGN_CERT= does not name one" sign M="$driver" SIGN_KEY="$work/own.key"
refused "another key's certificate" "could not be signed, see above" sign M="$driver" SIGN_KEY="$work/own.key" SIGN_CERT="$work/other.pem"
check "... leaves the module unsigned, and nothing else" test "$(modinfo -F signer "$module")$(ls "$driver"/*.new 2>/dev/null)" = ""

cp "$module" "$work/unsigned.ko"
run_into "$work/log" make sign M="$driver" "${key[@]}"
says "sign" 0 "$work/log" "SIGN +$module \(the own key\)"
cp "$module" "$work/signed.ko"
run_into "$work/log" make sign M="$driver" SIGN_KEY="$work/other.key" SIGN_CERT="$work/other.pem"
says "sign with another key" 0 "$work/log" "SIGN +$module \(the other key\)"
cp "$module" "$work/foreign.ko"
check "... takes the first signature away" \
	cmp -n "$(stat -c %s "$work/unsigned.ko")" "$work/unsigned.ko" "$module"
check "... of which nothing is left" test "$(grep -ac 'Module signature appended' "$module")" = 1
refused "stripping of a signed module" "INSTALL_MOD_STRIP would take the signature away" \
	install M="$driver" INSTALL_MOD_PATH="$root" INSTALL_MOD_STRIP=1
# The kernel's own build keeps both in one file.
cat "$work/own.key" "$work/own.pem" >"$work/both.pem"
run_into "$work/log" make install M="$driver" INSTALL_MOD_PATH="$root" INSTALL_MOD_STRIP=1 SIGN_KEY="$work/both.pem"
says "install, stripped and signed, with key and certificate in one file" 0 "$work/log" "INSTALL +$there/updates/shipped.ko.xz"
check "... has that signature" test "$(modinfo -F signer "$updates/shipped.ko.xz")" = "the own key"
check "... over a module without debug information" sh -c "xz -dc '$updates/shipped.ko.xz' >'$work/installed.ko' && ! readelf -S '$work/installed.ko' | grep -q debug_info"

# boots WHAT STATUS MODULE TEXT OPTION..: boots the kernel that enforces signatures with MODULE.
boots() {
	local what=$1 wanted=$2 from=$3 text=$4 start=$SECONDS
	shift 4
	mkdir -p "$work/boot"
	cp "$from" "$work/boot/shipped.ko"
	run_into "$work/log" scripts/run-sample "$PWD/tests/outside/shipped" "$work/boot/shipped.ko" --kernel "$KERNEL" \
		--append module.sig_enforce=1 "$@"
	says "$what ($((SECONDS - start)) s)" "$wanted" "$work/log" "$text"
}
# The status is that of BusyBox' insmod: EKEYREJECTED.
boots "a kernel that enforces signatures refuses the unsigned module" 129 "$work/unsigned.ko" "Loading of unsigned module is rejected"
boots "... and a signature that it does not trust" 129 "$work/foreign.ko" "module with unavailable key is rejected" --trust "$work/own.pem"
boots "... and loads what is installed and signed with a key that the machine trusts" 0 "$work/installed.ko" "'shipped' passed" --trust "$work/own.pem"
finish
