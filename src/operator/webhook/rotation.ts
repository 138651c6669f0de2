/**
 * When which authority signs the webhook's certificates. An authority is announced before it signs, and trusted until
 * nothing that it signed is served any more, so that at no moment a replica serves what the API server does not trust.
 * Pure: the Secret, what the webhooks trust and the time go in, one step comes out. Every step is one write; whoever is
 * stopped before or after it, and whoever is second, finds the same Secret and goes on from there.
 */
import type { KeyPair, Validity } from '../../kube/certificate.ts';

export interface Authority extends KeyPair, Validity {}

/** What the Secret holds. */
export interface Authorities {
  /** Signs; absent in a Secret that is new or was damaged. */
  readonly current?: Authority | undefined;
  /** Will sign; trusted already, or about to be. */
  readonly next?: Authority | undefined;
  /** Signed before; trusted as long as something that it signed can be served. */
  readonly previous?: Omit<Authority, 'key'> | undefined;
  /** Epoch ms at which `current` began to sign; absent for the first. */
  readonly promotedAt?: number | undefined;
}

/** Milliseconds. */
export interface Lifetimes {
  readonly authorityMs: number;
  /** An authority gets its successor when it has less than this left. */
  readonly renewalMs: number;
  readonly certificateMs: number;
  /** For API servers to hear of what was written; they watch, so it takes a moment. */
  readonly settleMs: number;
}

/** Times are those of the API server, because it is the one that checks certificates. */
export interface RotationInput {
  readonly authorities: Authorities;
  /** PEM that each registered webhook trusts. */
  readonly bundles: readonly string[];
  /** How long all of them have been seen to trust what they should. */
  readonly settledMs: number;
  readonly now: number;
  readonly lifetimes: Lifetimes;
}

export type Step =
  /** Write a first authority. */
  | { readonly kind: 'make' }
  /** Write the next authority. */
  | { readonly kind: 'announce' }
  /** Tell all webhooks to trust this PEM. */
  | { readonly kind: 'publish'; readonly bundle: string }
  /** The next authority signs from now on. */
  | { readonly kind: 'promote' }
  /** The previous authority is forgotten. */
  | { readonly kind: 'retire' }
  | { readonly kind: 'wait'; readonly ms: number };

/** More than three, so that what signed before is gone when the next one is due. */
const CERTIFICATES_PER_AUTHORITY = 4;
const LONGEST_SETTLE_MS = 60_000;

/** All from the life of a certificate: two of them are left when an authority gets its successor. */
export function lifetimesOf(certificateMs: number): Lifetimes {
  return {
    certificateMs,
    authorityMs: certificateMs * CERTIFICATES_PER_AUTHORITY,
    renewalMs: certificateMs * 2,
    settleMs: Math.min(LONGEST_SETTLE_MS, certificateMs / 10),
  };
}

export function decideRotation(input: RotationInput): Step {
  const { authorities, bundles, now } = input;
  const { current, next, previous } = authorities;
  if (!current) return { kind: 'make' };
  const bundle = bundleOf(authorities);
  if (bundles.some((each) => each !== bundle)) return { kind: 'publish', bundle };
  const retiresInMs = previous ? retirementOf(input, previous) - now : undefined;
  if (retiresInMs !== undefined && retiresInMs <= 0) return { kind: 'retire' };
  const broken = !holds(current, now);
  if (next) return successionOf(input, next, broken);
  const { renewalMs } = input.lifetimes;
  const dueInMs = current.until - renewalMs - now;
  if (broken || dueInMs <= 0) return { kind: 'announce' };
  return { kind: 'wait', ms: Math.min(dueInMs, retiresInMs ?? dueInMs) };
}

/** `broken`: what signs now does not hold, so that nothing is lost by haste. */
function successionOf(input: RotationInput, next: Authority, broken: boolean): Step {
  const { authorities, bundles, lifetimes, now, settledMs } = input;
  if (!holds(next, now)) return { kind: 'announce' };
  const unsettledMs = bundles.length === 0 || broken ? 0 : lifetimes.settleMs - settledMs;
  if (unsettledMs > 0) return { kind: 'wait', ms: unsettledMs };
  // There is one place for what signed before: its certificates have to be gone first.
  const { previous } = authorities;
  if (previous && !broken) return { kind: 'wait', ms: retirementOf(input, previous) - now };
  return { kind: 'promote' };
}

/** When nothing that it signed can be served any more; a stamp from the future is one of a clock that was put back. */
function retirementOf({ authorities, lifetimes }: RotationInput, previous: Validity): number {
  const { promotedAt } = authorities;
  const last = promotedAt === undefined ? previous.until : promotedAt + lifetimes.certificateMs + lifetimes.settleMs;
  return Math.min(last, previous.until);
}

/** What all webhooks have to trust: PEM, the one that signs first. */
export function bundleOf({ current, next, previous }: Authorities): string {
  return [current, next, previous].map((each) => each?.certificate ?? '').join('');
}

export function holds({ from, until }: Validity, now: number): boolean {
  return from <= now && now < until;
}

/** A served certificate, with who signed it. */
export interface Leaf extends KeyPair, Validity {
  /** PEM of the authority. */
  readonly signedBy: string;
  readonly hosts: readonly string[];
}

const RENEWED_AT = 1 / 3;

/** Why there has to be another certificate; undefined = the one that is served is good. */
export function renewalOf(
  leaf: Leaf | undefined,
  {
    current,
    hosts,
    lifetimes,
    now,
  }: { current: Authority; hosts: readonly string[]; lifetimes: Lifetimes; now: number },
): string | undefined {
  if (!leaf) return 'there is none yet';
  if (leaf.signedBy !== current.certificate) return 'another authority signs';
  if (hosts.some((host) => !leaf.hosts.includes(host))) return 'the webhook is asked under another name';
  if (!holds(leaf, now)) return 'it does not hold now';
  const dueAt = leaf.until - lifetimes.certificateMs * RENEWED_AT;
  // At the end of an authority's life no certificate can live longer, and another one would be no gain.
  return now >= dueAt && leaf.until < current.until ? 'it is about to end' : undefined;
}
