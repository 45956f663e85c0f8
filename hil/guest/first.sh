#!/bin/busybox sh
# The guest's first root: loads the modules in their order, lays a memory over the read-only system, and goes there.
bb=/bin/busybox
$bb mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
for module in /modules/*.ko; do $bb insmod "$module"; done
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 100 ]; do tries=$((tries + 1)); $bb usleep 50000; done
$bb mkdir -p /lower /memory /system
$bb mount -t squashfs -o ro /dev/vda /lower
$bb mount -t tmpfs memory /memory
$bb mkdir -p /memory/upper /memory/work
$bb mount -t overlay -o lowerdir=/lower,upperdir=/memory/upper,workdir=/memory/work system /system
$bb mount --move /dev /system/dev
exec $bb switch_root /system /bin/busybox sh /init
