#!/bin/bash
# One machine of a rig, inside its namespace: prepare NAME ADDRESS GATEWAY | power NAME | cut NAME | answers NAME BOOT | end -
set -eu
verb=$1 name=$2 place=/mnt/$2
# The kernel has one tree of groups for all rigs: each has a branch of its own in it.
branch=/sys/fs/cgroup/$(cat /mnt/branch)

prepare() {
  mkdir -p "$place"/{upper,work,root}
  mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$place/upper,workdir=$place/work" "$place/root"
  local root=$place/root
  echo "${name%%.*}" >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "${name%%.*}" >"$root/etc/hosts"
  # Nobody answers names here; without it each one that is not in the file above costs 20 seconds.
  echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
  # The swap file of Raspberry Pi OS is there, and takes none of the memory that the machine's disk is in.
  echo CONF_SWAPSIZE=1 >"$root/etc/dphys-swapfile"
  rm -f "$root"/etc/ssh/ssh_host_*
  ssh-keygen -q -t ed25519 -N '' -f "$root/etc/ssh/ssh_host_ed25519_key"
  echo "${1%/*} $(cut -d' ' -f1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")" >>/mnt/known_hosts
  # Before 80-container-host0.network, which asks for an address.
  printf '[Match]\nName=host0\n[Network]\nAddress=%s\nGateway=%s\nLinkLocalAddressing=no\n' "$1" "$2" >"$root/etc/systemd/network/10-host0.network"
  for unit in systemd-networkd.service ssh.service; do
    ln -sf "/lib/systemd/system/$unit" "$root/etc/systemd/system/multi-user.target.wants/$unit"
  done
  ln -sf /dev/null "$root/etc/systemd/system/systemd-networkd-wait-online.service"
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants" "$root/root/.ssh"
  cp /mnt/id.pub "$root/root/.ssh/authorized_keys"
  chroot "$root" useradd --create-home --shell /bin/bash larder
  mkdir -p "$root/home/larder/.ssh"
  cp /mnt/id.pub "$root/home/larder/.ssh/authorized_keys"
  chroot "$root" sh -c 'chown -R larder: ~larder'
  chmod 700 "$root/home/larder/.ssh" "$root/root/.ssh"
  echo 'larder ALL=(ALL) NOPASSWD:ALL' >"$root/etc/sudoers.d/larder"
}

# In a session of its own: it outlives the command that gave the power, which therefore waits until it is in it.
power() {
  mkdir -p "$branch/$name"
  rm -f "$place/pid"
  setsid bash "$0" supervise "$name" </dev/null >>"$place/console" 2>&1 &
  while [ ! -s "$place/pid" ]; do sleep 0.02; done
}

# Starts it again after a reboot; ends with it when the power is cut.
supervise() {
  local status
  echo $$ >"$place/pid"
  while true; do
    status=0
    # A group of its own, so that each systemd finds itself at the top of one.
    sh -c 'echo $$ >"$1"/cgroup.procs; shift; exec "$@"' run "$branch/$name" \
      /mnt/nspawn --quiet --boot --directory="$place/root" --machine="${name%%.*}" --register=no --keep-unit \
      --network-bridge=br0 --link-journal=no --resolv-conf=off --timezone=off ${BINDS:-} || status=$?
    [ "$status" = "$REBOOTED" ] || exit "$status"
  done
}

cut_power() {
  kill -9 "$(cat "$place/pid")" 2>/dev/null || true
  echo 1 >"$branch/$name/cgroup.kill"
  while grep -q 'populated 1' "$branch/$name/cgroup.events"; do sleep 0.02; done
  ip link delete "vb-${name%%.*}" 2>/dev/null || true
}

# Everything that ran here ends, and leaves no group behind. NAME is any.
end() {
  mkdir -p "$branch"
  echo 1 >"$branch/cgroup.kill"
  while grep -q 'populated 1' "$branch/cgroup.events"; do sleep 0.02; done
  find "$branch" -depth -type d -exec rmdir {} +
}

# Waits for ssh, in another boot than BOOT.
answers() {
  local now end=$((SECONDS + 40))
  while ((SECONDS < end)); do
    if now=$($SSH cat /proc/sys/kernel/random/boot_id 2>"$place/ssh") && [ "$now" != "$1" ]; then exit 0; fi
    sleep 0.1
  done
  tail -n 20 "$place/ssh" "$place/console" >&2
  exit 1
}

case $verb in
prepare) prepare "$3" "$4" ;;
power) power ;;
supervise) supervise ;;
cut) cut_power ;;
end) end ;;
answers) answers "$3" ;;
esac
