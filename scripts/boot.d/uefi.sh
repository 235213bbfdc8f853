# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shares variables with scripts/boot, which sources it
#
# UEFI firmware that trusts certificates: a store of variables whose `db` lists them. A kernel with
# CONFIG_LOAD_UEFI_KEYS takes them into a keyring of its own. Sourced by scripts/boot.

# Where the firmware and its empty store of variables are, with the store's size, in Debian's
# package `ovmf`.
UEFI_CODE=/usr/share/OVMF/OVMF_CODE_4M.fd
UEFI_VARIABLES=/usr/share/OVMF/OVMF_VARS_4M.fd

# little BYTES NUMBER: prints a number of that many bytes, the lowest byte first.
little() {
	local i
	for ((i = 0; i < $1; i++)); do
		# shellcheck disable=SC2059 # an octal escape
		printf "\\$(printf '%03o' $(($2 >> (8 * i) & 255)))"
	done
}

# guid TEXT: prints the 16 bytes of a GUID.
guid() {
	local a b c d e i
	IFS=- read -r a b c d e <<<"$1"
	little 4 $((16#$a)) && little 2 $((16#$b)) && little 2 $((16#$c))
	for ((i = 0; i < 4; i += 2)); do little 1 $((16#${d:i:2})); done
	for ((i = 0; i < 12; i += 2)); do little 1 $((16#${e:i:2})); done
}

# signature_list CERTIFICATE.der: prints an EFI_SIGNATURE_LIST with this one certificate.
signature_list() {
	local size
	size=$(($(stat -c %s -- "$1") + 16))
	guid a5c059a1-94e4-4aa7-87b5-ab155c2bf072 # EFI_CERT_X509_GUID
	little 4 $((size + 28)) && little 4 0 && little 4 "$size"
	guid 6c69662d-6265-0000-0000-000000000001 # who owns it
	cat -- "$1"
}

# variable GUID NAME FILE: prints the variable with the contents of FILE, as the store keeps it
# (AUTHENTICATED_VARIABLE_HEADER).
variable() {
	local i
	little 2 $((0x55aa)) && little 1 $((0x3f)) && little 1 0
	# Not volatile, for the boot and for the kernel. Neither count, time nor key.
	little 4 7 && little 8 0 && little 8 0 && little 8 0 && little 4 0
	little 4 $((2 * ${#2} + 2)) && little 4 "$(stat -c %s -- "$3")"
	guid "$1"
	for ((i = 0; i < ${#2}; i++)); do printf '%s\0' "${2:i:1}"; done
	little 2 0
	cat -- "$3"
}

# make_firmware CERTIFICATE...: sets firmware_args to QEMU's options for firmware that trusts these.
make_firmware() {
	local certificate header store=$scratch/uefi
	[ -r "$UEFI_CODE" ] && [ -r "$UEFI_VARIABLES" ] ||
		die_with "$STATUS_HOST" "UEFI firmware for QEMU is missing: there is no $UEFI_CODE" \
			"On Debian it is in the package 'ovmf': apt-get install ovmf (as root)."
	: >"$store.db"
	for certificate; do
		if openssl x509 -in "$certificate" -outform DER -out "$store.der" 2>/dev/null; then
			signature_list "$store.der"
		else
			usage_error "'$certificate' is no certificate"
		fi
	done >"$store.db"
	cp -- "$UEFI_VARIABLES" "$store"
	chmod u+w -- "$store"
	# The store begins after the header of its volume, with a header of 28 bytes of its own.
	header=$(od -An -tu2 -j 48 -N 2 -- "$store")
	variable d719b2cb-3d3a-4596-a3bc-dad00e67656f db "$store.db" >"$store.variable"
	dd if="$store.variable" of="$store" bs=1 seek=$((header + 28)) conv=notrunc status=none
	firmware_args=(-drive "if=pflash,unit=0,format=raw,readonly=on,file=$UEFI_CODE"
		-drive "if=pflash,unit=1,format=raw,file=$store")
}
