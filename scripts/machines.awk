# SPDX-License-Identifier: GPL-2.0
#
# Finds which scripts can share one machine, in one guest. Reads lines of three fields, with tabs
# between them: a script's name, how long it takes, and a part of its machine as scripts/run-sample
# --machine prints it. A script that needs no part has one line with an empty part. `what` says what
# is printed:
#
#     check    nothing if all scripts can share a machine; otherwise two that cannot and the reason,
#              with exit status 1
#     hide     each script that must not see some devices of others: its name and their PCI slots
#     pack     the guests for all scripts, the longest first: how long each takes, and its
#              scripts. A guest has at most `most` scripts, and fewer if machines differ
#
# A slot is a device on the root bus with everything behind it. Two machines fit together if no slot
# has different devices in them. Devices of other kinds do not disturb a script. But a driver binds
# all devices of its kind, so the devices of other scripts that are of this kind are hidden from the
# script. Devices behind a USB controller, and ACPI devices, cannot be hidden. So two scripts have
# different machines if their USB controllers differ, or if both have an ACPI device of one name.

BEGIN { FS = "\t"; most = most ? most : 6 }

# Two options are ignored for the guests of a kernel: kmemleak=off on a kernel without kmemleak, and
# --one-thread on the debug kernel, which has one thread in any case (see tests/boot.sh). If no
# kernel is given, both are ignored.
kernel != "debug" && $3 == "--append kmemleak=off" { $3 = "" }
(kernel == "debug" || kernel == "") && $3 == "--one-thread" { $3 = "" }

{
	if (!($1 in weight)) names[n++] = $1
	weight[$1] = $2
	if ($3 ~ /^--device /) device($1, substr($3, 10))
	else if ($3 ~ /^ACPI device /) { acpi[$1, $3]; devices[$3] }
	else if ($3 !~ /^--qemu-arg / && $3 != "") fixed[$1] = fixed[$1] " " $3
}

# property SPEC NAME: its value, or nothing.
function property(spec, name) {
	return match(spec, "," name "=[^,]*") ? substr(spec, RSTART + length(name) + 2, RLENGTH - length(name) - 2) : ""
}

# device NAME SPEC: adds it to its slot, which is that of the device before it if it does not say.
function device(name, spec,  slot, owner, id, kind) {
	kind = spec
	sub(/,.*/, "", kind)
	owner = property(spec, "bus")
	sub(/\..*/, "", owner)
	slot = property(spec, "addr")
	if (owner != "") slot = slot_of[name, owner]
	if (slot == "") slot = last[name]
	last[name] = slot
	id = property(spec, "id")
	if (id != "") { slot_of[name, id] = slot; ids[id] }
	if (!((name, slot) in text)) root[name, slot] = kind
	text[name, slot] = text[name, slot] " " spec
	# What is behind a root port is what is tested.
	end[name, slot] = kind
	if (kind ~ /^usb-/ || root[name, slot] ~ /xhci/) fast[name, slot]
	slots[slot]
}

# has NAME KIND: whether it has a slot with that.
function has(name, kind,  slot) {
	for (slot in slots) if ((name, slot) in end && end[name, slot] == kind) return 1
	return 0
}

# conflict A B: why they cannot share a guest, or nothing.
function conflict(a, b,  slot, other, id) {
	if (fixed[a] != fixed[b]) return "'" fixed[a] "' and '" fixed[b] "'"
	for (id in ids)
		if ((a, id) in slot_of && (b, id) in slot_of && slot_of[a, id] != slot_of[b, id])
			return id " in slot " slot_of[a, id] " and in slot " slot_of[b, id]
	for (id in devices) if ((a, id) in acpi && (b, id) in acpi) return "both have the " id
	for (slot in slots) {
		if ((a, slot) in text && (b, slot) in text) {
			if (text[a, slot] != text[b, slot]) return text[a, slot] " and " text[b, slot]
		} else for (other in slots) {
			if (((a, slot) in fast && (b, other) in fast) || ((b, slot) in fast && (a, other) in fast))
				return "USB controllers in slots " slot " and " other
		}
	}
	return ""
}

# fits NAME GUEST: whether it can be in that guest.
function fits(name, guest,  i) {
	for (i = 0; i < count[guest]; i++) if (conflict(name, member[guest, i]) != "") return 0
	return 1
}

function check(  i, j, why) {
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++) {
			why = conflict(names[j], names[i])
			if (why != "") { print "'" names[j] "' and '" names[i] "' need different machines: " why; exit 1 }
		}
}

function hide(  i, j, slot, line, done) {
	for (i = 0; i < n; i++) {
		line = ""
		split("", done)
		for (j = 0; j < n; j++)
			for (slot in slots)
				if ((names[j], slot) in end && !((names[i], slot) in end) && !(slot in done) &&
				    has(names[i], end[names[j], slot])) {
					line = line " " slot
					done[slot]
				}
		if (line != "") print names[i] line
	}
}

# The longest first, each to the guest that has least to do.
function pack(  i, j, k, best, guests, name, full) {
	for (i = 1; i < n; i++) {
		name = names[i]
		for (j = i; j > 0 && weight[names[j - 1]] < weight[name]; j--) names[j] = names[j - 1]
		names[j] = name
	}
	for (i = 0; i < n; i++) alike[fixed[names[i]]]++
	for (i = 0; i < n; i++) {
		name = names[i]
		best = -1
		for (k = 0; k < guests; k++)
			if (class[k] == fixed[name] && fits(name, k) && (best < 0 || sum[k] < sum[best])) best = k
		# As many as are needed for all of the class are begun before any gets a second.
		full = int((alike[fixed[name]] + most - 1) / most)
		if (best < 0 || begun[fixed[name]] < full) {
			best = guests++
			class[best] = fixed[name]
			begun[fixed[name]]++
		}
		member[best, count[best]++] = name
		sum[best] += weight[name]
	}
	for (k = 0; k < guests; k++) {
		printf "%d", sum[k]
		for (i = 0; i < count[k]; i++) printf " %s", member[k, i]
		print ""
	}
}

END {
	if (what == "check") check()
	else if (what == "hide") hide()
	else pack()
}
