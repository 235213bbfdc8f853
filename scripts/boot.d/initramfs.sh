# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # shares variables with scripts/boot, which sources it
#
# The guest's file system: a base with BusyBox, the same for every boot and kept in the cache, and
# an overlay with the modules, files and script of one boot. The kernel unpacks both, one after the
# other, from one file. Sourced by scripts/boot.

# pack DIRECTORY: writes DIRECTORY as a cpio archive to stdout. Times, owners and order do not
# depend on the machine, so equal content gives equal archives.
pack() {
	find "$1" -exec touch -h -d @0 {} +
	(cd -- "$1" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort |
		cpio --create --format=newc --owner=0:0 --reproducible --quiet)
}

# find_busybox: prints the path of a statically linked BusyBox.
find_busybox() {
	local busybox
	busybox=$(command -v busybox) || die_with "$STATUS_HOST" "BusyBox is missing" \
		"On Debian it is in the package 'busybox-static'; scripts/install-deps installs it."
	busybox=$(readlink -f -- "$busybox")
	if readelf -l -- "$busybox" 2>/dev/null | grep -q INTERP; then
		die_with "$STATUS_HOST" "$busybox is linked dynamically, so it cannot run alone in the guest" \
			"On Debian: apt-get install busybox-static (it replaces the package 'busybox')."
	fi
	printf '%s\n' "$busybox"
}

# base_archive: prints the path of the base, and builds it if the cache has none for this BusyBox
# and these guest files.
base_archive() {
	local busybox key archive tree command temporary
	busybox=$(find_busybox)
	key=$(cat -- "$busybox" "$parts"/guest/* "$parts/reports.awk" "$parts/initramfs.sh" | sha256sum | cut -c 1-32)
	archive=$cache/boot/base-$key.cpio
	if ! in_cache "$archive"; then
		tree=$scratch/base
		mkdir -p -- "$tree"/{bin,dev,proc,sys,run,tmp,root,etc,modules,lib/modules} "$cache/boot"
		ln -s bin "$tree/sbin"
		# Nobody writes to it: `read -t 0.1 _ <>/run/never` waits without a process of its
		# own.
		mkfifo -m 644 -- "$tree/run/never"
		cp -- "$busybox" "$tree/bin/busybox"
		for command in $("$busybox" --list); do
			[ "$command" = busybox ] || ln -s busybox "$tree/bin/$command"
		done
		install -m 755 -- "$parts/guest/init" "$tree/init"
		install -m 755 -- "$parts"/guest/{guest-end,host-monitor,reserve-slots,rounds,unload,until-there} "$tree/bin"
		install -m 644 -- "$parts/reports.awk" "$tree/lib/reports.awk"
		temporary=$(mktemp -- "$cache/boot/.new.XXXXXX")
		pack "$tree" >"$temporary"
		into_cache "$temporary" "$archive"
	fi
	printf '%s\n' "$archive"
}

# copy_module FILE DIRECTORY: copies a module there, unpacked, so that the guest need not do it.
copy_module() {
	local name=${1##*/}
	case $name in
	*.ko) cp -- "$1" "$2/$name" ;;
	*.ko.xz) xz -dc -- "$1" >"$2/${name%.xz}" ;;
	*.ko.zst) zstd -qdc -- "$1" >"$2/${name%.zst}" ;;
	*.ko.gz) gzip -dc -- "$1" >"$2/${name%.gz}" ;;
	*) die_with "$STATUS_HOST" "module $1 is packed in an unknown way" ;;
	esac
}

# stock_module NAME DIRECTORY: copies the kernel's own module NAME and what it depends on. Succeeds
# without a copy if it is built in; fails if the kernel has no such module.
stock_module() {
	local plan word path
	[ -n "$kernel_modules" ] || return 1
	plan=$(modprobe -C /dev/null -d "${kernel_modules%/lib/modules/*}" -S "$kernel_release" \
		--show-depends -- "$1" 2>/dev/null) || return 1
	while read -r word path _; do
		[ "$word" != insmod ] || copy_module "$path" "$2"
	done <<<"$plan"
}

# overlay_modules TREE: puts the modules in place and indexes them for modprobe.
overlay_modules() {
	local tree=$1 library=$1/lib/modules/$kernel_release name file
	mkdir -p -- "$library/kernel" "$library/updates" "$tree/modules"
	# The console of the script; see guest/init. A kernel may lack it, or have it built in.
	stock_module ttyprintk "$library/kernel" || true
	for name in "${kernel_module_names[@]}"; do
		stock_module "$name" "$library/kernel" ||
			die_with "$STATUS_USAGE" "the kernel $kernel_release has no module '$name'"
	done
	for file in "${module_files[@]}"; do
		name=${file##*/}
		[ ! -e "$tree/modules/$name" ] ||
			die_with "$STATUS_USAGE" "two modules are called $name; only one can be loaded"
		cp -- "$file" "$library/updates/$name"
		ln -s "../lib/modules/$kernel_release/updates/$name" "$tree/modules/$name"
	done
	if [ -n "$kernel_modules" ]; then
		for name in modules.builtin modules.builtin.modinfo modules.order; do
			[ ! -e "$kernel_modules/$name" ] || cp -- "$kernel_modules/$name" "$library/$name"
		done
	fi
	depmod -b "$tree" "$kernel_release" 2>"$scratch/depmod.log" ||
		die_with "$STATUS_HOST" "depmod failed: $(tail -n 3 -- "$scratch/depmod.log")"
	# BusyBox reads the text files only.
	rm -f -- "$library"/modules.{*.bin,order,builtin.modinfo,devname,softdep,weakdep,symbols}
}

# overlay_files TREE: the script, and the files that the user asked for.
overlay_files() {
	local tree=$1 entry host guest
	for entry in "${files[@]}"; do
		host=${entry%%:*} guest=${entry#"$host"}
		guest=${guest#:}
		guest=$tree/${guest:-root/${host##*/}}
		mkdir -p -- "$(dirname -- "$guest")"
		cp -RL -- "$host" "$guest"
	done
	install -m 755 -- "$script" "$tree/script"
}

# build_initramfs: sets initramfs to the path of the finished file.
build_initramfs() {
	local base tree=$scratch/overlay
	base=$(base_archive)
	mkdir -p -- "$tree"
	if [ -n "$kernel_release" ]; then
		overlay_modules "$tree"
	fi
	overlay_files "$tree"
	initramfs=$scratch/initramfs
	{ cat -- "$base" && pack "$tree"; } >"$initramfs"
}
