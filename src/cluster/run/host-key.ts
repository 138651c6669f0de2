/** What ssh says of a host key that is not the pinned one, and what a person compares. */
import { createHash } from 'node:crypto';
import type { ClusterSpec } from '../spec/cluster-spec.ts';

const CHANGED = /REMOTE HOST IDENTIFICATION HAS CHANGED/;
const UNKNOWN = /No \S+ host key is known for/;
const REFUSED = /Host key verification failed/;

/** As `ssh-keygen -l` writes it, of `type base64`. */
export function fingerprint(hostKey: string): string {
  const [, base64 = ''] = hostKey.split(' ');
  const hash = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64');
  return `SHA256:${hash.replace(/=+$/, '')}`;
}

/** Undefined: ssh says nothing about host keys. */
export function hostKeyTrouble({ nodes }: ClusterSpec, host: string, said: string): string | undefined {
  if (!CHANGED.test(said) && !UNKNOWN.test(said) && !REFUSED.test(said)) return undefined;
  const node = nodes.find(({ name }) => name === host);
  const pinned = node?.ssh.hostKey;
  if (pinned === undefined) {
    const address = node?.address ?? host;
    return `the ssh host key of ${host} is not pinned, so nobody can tell whether it is ${host} that answers at ${address}: compare it at the machine (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then write its public key into ssh.hostKey of that node`;
  }
  const shown = /SHA256:[A-Za-z0-9+/]{43}/.exec(said)?.[0] ?? 'one that ssh does not tell';
  return `${host} shows the ssh host key ${shown}, and cluster.yaml has ${fingerprint(pinned)}: another machine answers at ${node?.address ?? host}, or it was set up anew`;
}
