/**
 * Files of cloud-init's NoCloud on a boot partition: Ubuntu for the Raspberry Pi, Raspberry Pi OS 13 and newer (which looks at
 * /boot/firmware), and any image with cloud-init from a volume named CIDATA. Source: docs.cloud-init.io (NoCloud, modules ssh,
 * users and groups, write files; network configuration version 2), tried with cloud-init 22.4.
 */
import { yamlText } from '../../kube/yaml-text.ts';
import { allowedOn } from '../access/principal.ts';
import { hostNameOf } from '../inventory/inventory.ts';
import { type BootFile, type FirstBoot, sshdFiles } from './first-boot.ts';

/** The card holds the private host key until then. */
const FORGET =
  'for file in /boot/firmware/user-data /boot/user-data; do [ ! -f "$file" ] || printf "#cloud-config\\n# done\\n" >"$file"; done; sync';

export function cloudConfig(boot: FirstBoot): readonly BootFile[] {
  return [
    { path: 'user-data', text: `#cloud-config\n${yamlText(userData(boot))}` },
    { path: 'meta-data', text: yamlText(metaData(boot)) },
    { path: 'network-config', text: yamlText(networkConfig(boot)) },
  ];
}

/** Another key is another machine: cloud-init then does everything again. */
function metaData({ node, hostKey }: FirstBoot): object {
  const id = hostKey.publicKey.slice(-12).replaceAll(/[^A-Za-z0-9]/g, '');
  return { 'instance-id': `larder-${hostNameOf(node)}-${id}`, 'local-hostname': hostNameOf(node) };
}

function userData(boot: FirstBoot): object {
  const { spec, node, hostKey, keys } = boot;
  return {
    hostname: hostNameOf(node),
    ...(node.name === hostNameOf(node) ? {} : { fqdn: node.name }),
    timezone: spec.os.timeZone,
    users: [
      {
        name: node.ssh.user,
        gecos: 'Larder',
        shell: '/bin/bash',
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        lock_passwd: true,
        ...(keys.length === 0 ? {} : { ssh_authorized_keys: [...keys] }),
      },
    ],
    ssh_pwauth: false,
    disable_root: true,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: `${hostKey.publicKey} ${node.name}` },
    write_files: sshdFiles(boot, allowedOn(node)).map(({ path, text }) => ({
      path,
      content: text,
      owner: 'root:root',
      permissions: '0644',
    })),
    runcmd: [
      ['systemctl', 'enable', '--now', 'ssh.service'],
      ['sh', '-c', FORGET],
    ],
  };
}

/** By its MAC where cluster.yaml knows it; else the one cable that there is. */
function networkConfig({ node, network }: FirstBoot): object {
  const match = node.mac === undefined ? { name: 'e*' } : { macaddress: node.mac };
  const address =
    network.kind === 'dhcp'
      ? { dhcp4: true }
      : {
          dhcp4: false,
          addresses: [`${node.address}/${network.prefixLength}`],
          routes: [{ to: node.address.includes(':') ? '::/0' : '0.0.0.0/0', via: network.gateway }],
          ...(network.nameservers.length === 0 ? {} : { nameservers: { addresses: [...network.nameservers] } }),
        };
  return { version: 2, ethernets: { cluster: { match, ...address } } };
}
