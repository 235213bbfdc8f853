#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# What an editor gets from rust-analyzer with the file that `make rust-analyzer` writes: hints,
# completion, and definitions, in a new driver, in one that brings crates, and in this tree. This is
# the editor: it speaks the Language Server Protocol with rust-analyzer. RUST_ANALYZER=<program>
# names another one than that in PATH.

set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tests/scripts/tap.sh
. tests/scripts/tap.sh
export LC_ALL=C
# The first that runs: one of rustup's may stand for a component that is not installed.
server=
while read -r file; do
	if "$file" --version >/dev/null 2>&1; then
		server=$file
		break
	fi
done < <(type -aP "${RUST_ANALYZER:-rust-analyzer}")
[ -n "$server" ] || skip_all "no rust-analyzer: on Debian it is in the package rust-web-analyzer"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# --- the protocol ---------------------------------------------------------------------------------

# send TEXT: one message.
send() {
	printf 'Content-Length: %d\r\n\r\n%s' "${#1}" "$1" >&"${editor[1]}"
}

# receive: sets `message` to the next one.
receive() {
	local line length=
	while IFS= read -r -t 300 line <&"${editor[0]}" && [ "$line" != $'\r' ]; do
		[[ $line != Content-Length:* ]] || length=$(tr -cd 0-9 <<<"$line")
	done
	[ -n "$length" ] || return
	message=$(head -c "$length" <&"${editor[0]}")
	# What the server asks for itself is granted.
	if [[ $message == *'"method":'* && $message =~ ^\{\"jsonrpc\":\"2.0\",\"id\":([^,]*), ]]; then
		send '{"jsonrpc":"2.0","id":'"${BASH_REMATCH[1]}"',"result":null}'
	fi
}

# request METHOD PARAMETERS: sets `message` to the answer.
request() {
	asked=$((asked + 1))
	send '{"jsonrpc":"2.0","id":'"$asked"',"method":"'"$1"'","params":'"$2"'}'
	while receive; do
		[[ $message != *'"id":'"$asked",* || $message == *'"method":'* ]] || return 0
	done
	return 1
}

# open DIRECTORY: starts the server for the project there, and waits until it has read all of it.
open() {
	local start=$SECONDS
	asked=0
	coproc editor { exec "$server" 2>>"$work/server.log"; }
	request initialize '{"processId":null,"rootUri":"file://'"$1"'","capabilities":{"experimental":{"serverStatusNotification":true},
		"textDocument":{"hover":{"contentFormat":["plaintext"]}}},"initializationOptions":{"linkedProjects":["'"$1"'/rust-project.json"],
		"checkOnSave":false,"cachePriming":{"enable":false},"numThreads":2}}'
	send '{"jsonrpc":"2.0","method":"initialized","params":{}}'
	health=
	while receive; do
		[[ $message != *experimental/serverStatus*'"quiescent":true'* ]] || { health=$message && break; }
	done
	[[ $health == *'"health":"ok"'* ]] && status=0 || status=1
	printf '%s\n' "$health" >"$work/health"
	report "$status" "rust-analyzer reads $(basename "$1") ($((SECONDS - start)) s)" "$work/health"
}

close() {
	request shutdown null || true
	send '{"jsonrpc":"2.0","method":"exit"}'
	# shellcheck disable=SC2154 # coproc sets it
	wait "$editor_PID" || true
}

# at FILE LINE WORD: prints the place of WORD in the first line with LINE, as parameters without
# their end.
at() {
	awk -v line="$2" -v word="$3" -v file="$1" 'index($0, line) {
		printf "{\"textDocument\":{\"uri\":\"file://%s\"},\"position\":{\"line\":%d,\"character\":%d}", file, NR - 1,
			index(substr($0, index($0, line)), word) + index($0, line) - 2
		exit
	}' "$1"
}

# shows WHAT METHOD PLACE REGEX: good if the answer matches.
shows() {
	request "textDocument/$2" "$3}" || message='no answer'
	printf '%s\n' "$message" | cut -c1-2000 >"$work/answer"
	grep -Eq -- "$4" <<<"$message" && status=0 || status=1
	report "$status" "$1" "$work/answer"
}

# changes FILE OLD NEW: the user opens the file and types NEW in the place of OLD.
changes() {
	local text
	text=$(<"$1")
	text=${text/"$2"/"$3"}
	printf '%s\n' "$text" >"$1"
	text=${text//\\/\\\\} text=${text//\"/\\\"} text=${text//$'\t'/\\t} text=${text//$'\n'/\\n}
	send '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file://'"$1"'","languageId":"rust","version":1,"text":"'"$text"'\n"}}}'
}

# is_clean NAME FILE: nothing is reported of it.
is_clean() {
	request textDocument/diagnostic '{"textDocument":{"uri":"file://'"$2"'"}}' || message='no answer'
	printf '%s\n' "$message" | cut -c1-2000 >"$work/answer"
	! grep -E '"severity":[12]|"error"|no answer' <<<"$message" >/dev/null && status=0 || status=1
	report "$status" "$1" "$work/answer"
}

# --- a new driver ---------------------------------------------------------------------------------

driver=$work/edited file=$work/edited/edited.rs
run_into "$work/log" make new-driver NAME=edited BUS=pci DIR="$driver"
run_into "$work/log" make rust-analyzer M="$driver"
report "$status" "a new driver gets a project" "$work/log"
open "$driver"
is_clean "it finds nothing wrong" "$file"
shows "a hint: the type of a value that the crate returns" hover "$(at "$file" "let registers" registers)" "let registers: Window<'_, 16, ClaimedBar>"
shows "... what the documentation says" hover "$(at "$file" "pdev.enable_device_mem" enable)" '-> Result.*Wakes the device'
shows "the definition of a function of the crate" definition "$(at "$file" "pdev.enable_device_mem" enable)" '/rust/kernel/pci/[a-z_]*\.rs'
shows "... of a macro of the crate" definition "$(at "$file" "dev_info!" dev_info)" '/rust/kernel/device/print\.rs'
shows "... of a procedural macro" definition "$(at "$file" "kernel::module_pci_driver" module_pci)" '/rust/kernel/pci'
shows "... of a trait in core" definition "$(at "$file" "data: Pin<" Pin)" '/core/src/pin\.rs'
changes "$file" "pdev.enable_device_mem()?;" "pdev.enable_device_mem()?; pdev.vendor_id(); let _ = Some(SIZE).is_some(); let _ = registers.; let _ = std::mem::size_of::<u8>(); "
shows "completion of a method of the crate" completion "$(at "$file" "pdev.vendor_id" "endor_id")" '"label":"iomap_region_sized'
shows "... of one of core" completion "$(at "$file" "Some(SIZE).is_some" "s_some")" '"label":"is_some_and'
shows "an error is reported where it is" diagnostic '{"textDocument":{"uri":"file://'"$file"'"}' '"severity":1'
shows "there is no std" definition "$(at "$file" "std::mem" mem)" '"result":\[\]'
close

# --- a driver that brings crates ------------------------------------------------------------------

cp -r tests/outside/crates "$work/tree"
driver=$work/tree/driver file=$work/tree/driver/first.rs
run_into "$work/log" make rust-analyzer M="$driver"
report "$status" "a driver with crates gets a project" "$work/log"
open "$driver"
is_clean "it finds nothing wrong in the driver" "$file"
is_clean "... and in a crate" "$work/tree/message/lib.rs"
shows "the definition of a function of a brought crate" definition "$(at "$file" "message::Message::new" new)" "$work/tree/message/lib\.rs"
shows "... of one that this crate uses" definition "$(at "$work/tree/message/lib.rs" "checksum::crc8" crc8)" "$work/tree/checksum/src/lib\.rs"
close

# --- this tree ------------------------------------------------------------------------------------

run_into "$work/log" make rust-analyzer
report "$status" "the tree gets a project" "$work/log"
open "$PWD"
file=$PWD/rust/kernel/pci/resource.rs
is_clean "it finds nothing wrong in a file of the crate" "$file"
shows "the definition of a C function in the bindings" definition "$(at "$file" "bindings::pci_enable_device_mem" pci_enable)" '/generated/bindings\.rs'
file=$PWD/samples/pci_testdev/pci_testdev.rs
is_clean "... in a sample" "$file"
close
finish
