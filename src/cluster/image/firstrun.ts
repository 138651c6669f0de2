/**
 * The first start of Raspberry Pi OS 12, which has no cloud-init: a script that the kernel's command line names, as Raspberry Pi
 * Imager leaves it there. Sources: raspberrypi/rpi-imager, src/customization_generator.cpp (words of the command line, order of
 * steps); RPi-Distro/raspberrypi-sys-mods, imager_custom and init_config (a user without a password is `!`).
 */
import { allowedOn } from '../access/principal.ts';
import { hostNameOf } from '../inventory/inventory.ts';
import { type BootFile, type FirstBoot, sshdFiles } from './first-boot.ts';

const SCRIPT = 'firstrun.sh';

/** At the end of cmdline.txt, until the script takes them away. */
export const FIRSTRUN_WORDS = [
  `systemd.run=/boot/firmware/${SCRIPT}`,
  'systemd.run_success_action=reboot',
  'systemd.unit=kernel-command-line.target',
] as const;

export function firstrun(boot: FirstBoot): readonly BootFile[] {
  return [{ path: SCRIPT, text: script(boot) }];
}

function script(boot: FirstBoot): string {
  const { spec, node, hostKey, keys } = boot;
  const user = quoted(node.ssh.user);
  const files = sshdFiles(boot, allowedOn(node));
  return `#!/bin/sh
# Written by Larder for ${node.name}. It runs once, at the first start, and takes itself away.
set -eu
imager=/usr/lib/raspberrypi-sys-mods/imager_custom
name=${quoted(hostNameOf(node))}
user=${user}

if [ -x "$imager" ]; then "$imager" set_hostname "$name"; else echo "$name" >/etc/hostname; fi
if [ -x "$imager" ]; then "$imager" set_timezone ${quoted(spec.os.timeZone)} || true; fi

# The first user gets this name and no password.
if ! id "$user" >/dev/null 2>&1; then
  if [ -x /usr/lib/userconf-pi/userconf ]; then /usr/lib/userconf-pi/userconf "$user" '!'; else useradd --create-home --shell /bin/bash "$user"; fi
fi
usermod --lock "$user"
echo "$user ALL=(ALL) NOPASSWD:ALL" >/etc/sudoers.d/010_larder
chmod 0440 /etc/sudoers.d/010_larder
${authorized(keys)}
${written(files)}
# Its own key, which is known already; what would make others is turned off.
systemctl disable regenerate_ssh_host_keys.service 2>/dev/null || true
rm -f /etc/ssh/ssh_host_*
cat >/etc/ssh/ssh_host_ed25519_key <<'LARDER'
${hostKey.privateKey.trimEnd()}
LARDER
chmod 0600 /etc/ssh/ssh_host_ed25519_key
echo ${quoted(`${hostKey.publicKey} ${node.name}`)} >/etc/ssh/ssh_host_ed25519_key.pub
systemctl enable ssh.service
${network(boot)}
# The card holds the private key until here. A Raspberry Pi reads one line of the other file.
sed -i 's| systemd\\.run[^ ]*||g; s| systemd\\.unit=kernel-command-line\\.target||g' /boot/firmware/cmdline.txt
rm -f /boot/firmware/${SCRIPT}
sync
`;
}

function authorized(keys: readonly string[]): string {
  if (keys.length === 0) return '';
  return `home=$(getent passwd "$user" | cut -d: -f6)
install -d -m 0700 -o "$user" -g "$user" "$home/.ssh"
cat >"$home/.ssh/authorized_keys" <<'LARDER'
${keys.join('\n')}
LARDER
chown "$user:" "$home/.ssh/authorized_keys"
chmod 0600 "$home/.ssh/authorized_keys"
`;
}

function written(files: readonly BootFile[]): string {
  return files
    .map(
      ({ path, text }) =>
        `install -d -m 0755 "$(dirname ${path})"\ncat >${path} <<'LARDER'\n${text}LARDER\nchmod 0644 ${path}\n`,
    )
    .join('');
}

/** NetworkManager, which Raspberry Pi OS 12 has. */
function network({ node, network: wanted }: FirstBoot): string {
  if (wanted.kind === 'dhcp') return '';
  const { gateway, prefixLength, nameservers } = wanted;
  const [family, other] = node.address.includes(':') ? ['ipv6', 'ipv4'] : ['ipv4', 'ipv6'];
  const file = '/etc/NetworkManager/system-connections/larder.nmconnection';
  const hardware = node.mac === undefined ? '' : `[ethernet]\nmac-address=${node.mac}\n`;
  return `install -d -m 0755 /etc/NetworkManager/system-connections
cat >${file} <<'LARDER'
[connection]
id=larder
type=ethernet
autoconnect-priority=100
${hardware}[${family}]
method=manual
address1=${node.address}/${prefixLength},${gateway}
${nameservers.length === 0 ? '' : `dns=${nameservers.join(';')};\n`}[${other}]
method=${other === 'ipv4' ? 'disabled' : 'link-local'}
LARDER
chmod 0600 ${file}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
