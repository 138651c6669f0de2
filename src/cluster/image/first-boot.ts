/** What a card must know so that a blank machine becomes one that is reached: nothing of it is a password. */
import type { ClusterSpec, NodeSpec } from '../spec/cluster-spec.ts';

/** The node's own key, made in advance: the first contact is then no leap of faith. */
export interface HostKey {
  /** PEM of OpenSSH. A secret. */
  readonly privateKey: string;
  /** `type base64`. */
  readonly publicKey: string;
}

export type Network =
  /** The router keeps the address for the machine. */
  | { readonly kind: 'dhcp' }
  | {
      readonly kind: 'static';
      readonly gateway: string;
      readonly prefixLength: number;
      readonly nameservers: readonly string[];
    };

export interface FirstBoot {
  readonly spec: ClusterSpec;
  readonly node: NodeSpec;
  readonly hostKey: HostKey;
  readonly network: Network;
  /** Public keys of people that the node lets in beside certificates. */
  readonly keys: readonly string[];
  /** Public key of the certificate authority, where there is one. */
  readonly authority?: string | undefined;
}

export interface BootFile {
  readonly path: string;
  readonly text: string;
}

/** How a system learns who it is. `firstrun`: Raspberry Pi OS 12; it has no cloud-init. */
export type Method = 'cloud-init' | 'firstrun';

export function methodFor({ os: { release } }: ClusterSpec, { arch }: NodeSpec): Method {
  return release === 'bookworm' && arch === 'arm64' ? 'firstrun' : 'cloud-init';
}

/** Files below /etc/ssh that make sshd trust the authority; the role `access` writes the same and more. */
export function sshdFiles(
  { node, authority, keys }: FirstBoot,
  allowed: Readonly<Record<string, readonly string[]>>,
): readonly BootFile[] {
  const certificates = authority
    ? ['TrustedUserCAKeys /etc/ssh/larder/user_ca.pub', 'AuthorizedPrincipalsFile /etc/ssh/larder/principals/%u']
    : [];
  const settings = [
    '# Written at the first start. The role access of Larder takes over from here.',
    ...certificates,
    ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PermitRootLogin no'],
    ...(authority && keys.length === 0 ? ['AuthorizedKeysFile none'] : []),
  ];
  const principals = authority
    ? [
        { path: '/etc/ssh/larder/user_ca.pub', text: `${authority}\n` },
        { path: `/etc/ssh/larder/principals/${node.ssh.user}`, text: `${(allowed[node.ssh.user] ?? []).join('\n')}\n` },
      ]
    : [];
  return [...principals, { path: '/etc/ssh/sshd_config.d/10-larder-access.conf', text: `${settings.join('\n')}\n` }];
}
