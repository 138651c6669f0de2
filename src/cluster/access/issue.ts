/** A certificate for an operator of cluster.yaml, for some hours. */

import type { KeyObject } from 'node:crypto';
import { randomBytes } from 'node:crypto';
import { readPublicKeyLine } from '../../ledger/ssh-public-key.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { type AccessRefused, accessRefused } from './access-refused.ts';
import { LONGEST_MS } from './life.ts';
import { principalsOf } from './principal.ts';
import { certificateLine } from './ssh-certificate.ts';

/** A node whose clock is behind takes it, too. */
const EARLIER_MS = 5 * 60_000;

export type Operator = ClusterSpec['operators'][number];

export interface Issuing {
  readonly cluster: string;
  readonly operator: Operator;
  /** `type base64`: of the person, or made for this once. */
  readonly publicKey: string;
  readonly authority: KeyObject;
  /** Epoch ms. */
  readonly now: number;
  readonly lifeMs: number;
}

export interface IssuedCertificate {
  readonly line: string;
  readonly serial: string;
  /** Epoch ms. */
  readonly until: number;
}

/** Not longer than the longest, whoever asks. */
export function issueCertificate({ cluster, operator, publicKey, authority, now, lifeMs }: Issuing): IssuedCertificate {
  const serial = randomBytes(8).readBigUInt64BE() >> 1n; // as a signed number it is the same
  const until = Math.floor((now + Math.min(lifeMs, LONGEST_MS)) / 1000);
  const line = certificateLine(
    {
      ...{ publicKey, serial, principals: principalsOf(operator), keyId: `${operator.id}@${cluster}` },
      ...{ validAfter: Math.floor((now - EARLIER_MS) / 1000), validBefore: until, nonce: randomBytes(32) },
    },
    authority,
  );
  return { line, serial: String(serial), until: until * 1000 };
}

/** Who has this key in cluster.yaml. `line`: of a file `….pub`. */
export function operatorOfKey(
  { operators }: Pick<ClusterSpec, 'operators'>,
  line: string,
): { readonly kind: 'operator'; readonly operator: Operator; readonly publicKey: string } | AccessRefused {
  const read = readPublicKeyLine(line);
  if (read.kind === 'invalid') return accessRefused('LARDER_ACCESS_REFUSED', `the key ${read.why}`);
  const operator = operators.find(({ sshKey }) => plainKey(sshKey) === read.text);
  if (operator) return { kind: 'operator', operator, publicKey: read.text };
  const message =
    'no operator of cluster.yaml has this key: add it to `operators` (id, sshKey, role), or name another with --key';
  return accessRefused('LARDER_ACCESS_REFUSED', message);
}

/** Without its comment. */
export function plainKey(line: string): string {
  return line.split(' ', 2).join(' ');
}
