#!/bin/busybox sh
# The guest's one start: what a shell and USB tools expect of a machine, then the agent and nothing else.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
/bin/busybox --install -s /bin 2>/dev/null
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mkdir -p /dev/pts
mount -t devpts pts /dev/pts
mount -t debugfs debug /sys/kernel/debug
mkdir -p /var /pumpbench
[ -e /var/run ] || ln -s /run /var/run
[ -e /etc/passwd ] || echo root:x:0:0:root:/tmp:/bin/sh > /etc/passwd
ldconfig
ip link set lo up
ip addr add 10.0.2.15/24 dev eth0
ip link set eth0 up
ip route add default via 10.0.2.2
for udevd in /lib/systemd/systemd-udevd /usr/lib/systemd/systemd-udevd; do
    [ -x $udevd ] && { $udevd --daemon --resolve-names=never; break; }
done
mount -t squashfs -o ro /dev/vdb /pumpbench
export PYTHONPATH=/pumpbench PYTHONDONTWRITEBYTECODE=1 HOME=/tmp PYTHONUNBUFFERED=1
cd /tmp
python3 -m pumpbench.hil.guest.agent
poweroff -f
