/** Grow, pause, resume, approve: what the command line and the console do to one claim. */
import type { Expander } from '../expand/controller.ts';
import type { Decision } from '../expand/decision.ts';
import { readableBytes } from '../expand/readable.ts';
import { parseSize } from '../expand/settings/settings.ts';
import { summaryOf } from '../expand/summary.ts';
import type { Granted } from '../expand/wish.ts';
import { HttpError } from '../http/registry.ts';
import type { Client } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds, type PersistentVolumeClaim } from '../kube/kinds.ts';
import { bytesOf } from '../kube/quantity.ts';
import { noClaim } from './access/visible.ts';
import type { ClaimActionAnswer, ClaimActionRequest } from './claim-api.ts';

export interface ClaimActing {
  act(request: ClaimActionRequest, signal: AbortSignal): Promise<ClaimActionAnswer>;
}

interface Parts {
  readonly client: Client;
  readonly expander: Pick<Expander, 'grow'>;
  /** Why growth is off; undefined: it is not. */
  readonly growthOff: () => string | undefined;
  /** Another process may be the one that writes. */
  readonly leads: () => boolean;
  readonly claimOf: (key: string) => PersistentVolumeClaim | undefined;
}

const PAUSED = 'larder.dev/paused';
const APPROVED = 'larder.dev/approved-up-to';

export function claimActing(parts: Parts): ClaimActing {
  return {
    async act(request, signal) {
      const key = `${request.namespace}/${request.name}`;
      const object = parts.claimOf(key);
      if (!object) throw noClaim(request);
      switch (request.action) {
        case 'grow':
          return grow(parts, request, signal);
        case 'pause':
          return annotate(
            parts,
            { request, object, annotation: PAUSED, value: 'true', done: 'growth is paused' },
            signal,
          );
        case 'resume':
          return annotate(parts, { request, object, annotation: PAUSED, value: null, done: 'growth goes on' }, signal);
        case 'approve':
          return annotate(parts, { request, object, annotation: APPROVED, ...approved(request, object) }, signal);
        default:
          return request.action satisfies never;
      }
    },
  };
}

function sizeIn({ action, size }: ClaimActionRequest): bigint | undefined {
  if (size === undefined) return undefined;
  const parsed = parseSize(size);
  if (parsed.ok) return parsed.value;
  throw new HttpError('LARDER_HTTP_BAD_REQUEST', 400, `the size of ${action} is "${size}": it ${parsed.reason}`);
}

function approved(
  request: ClaimActionRequest,
  { spec }: PersistentVolumeClaim,
): { readonly value: string; readonly done: string } {
  const bytes = sizeIn(request);
  if (request.size === undefined || bytes === undefined) {
    throw new HttpError('LARDER_HTTP_BAD_REQUEST', 400, 'approve needs a size, for example 200Gi');
  }
  const present = bytesOf(spec.resources.requests['storage']) ?? 0n;
  if (bytes < present) {
    const has = readableBytes(present);
    throw refusal(
      `the claim asks for ${has} already, and approving ${request.size} would allow it nothing: name a larger size, or ${has} to take an approval back`,
    );
  }
  return { value: request.size, done: `sizes up to ${request.size} are approved` };
}

interface Writing {
  readonly request: ClaimActionRequest;
  readonly object: PersistentVolumeClaim;
  readonly annotation: string;
  /** Null: taken away. */
  readonly value: string | null;
  readonly done: string;
}

async function annotate(
  { client }: Parts,
  { request, object, annotation, value, done }: Writing,
  signal: AbortSignal,
): Promise<ClaimActionAnswer> {
  const { namespace, name, action, dryRun } = request;
  const before = object.metadata.annotations?.[annotation] ?? null;
  const answer = { claim: `${namespace}/${name}`, action };
  if (before === value) return { ...answer, changes: false, message: `nothing to do: ${done} already` };
  const written = value === null ? `${annotation} is taken away` : `${annotation}: "${value}"`;
  if (dryRun) return { ...answer, changes: true, message: `would write ${written}` };
  const patch = { kind: 'merge', value: { metadata: { annotations: { [annotation]: value } } } } as const;
  try {
    await client.patch(kinds.PersistentVolumeClaim, { namespace, name }, patch, { fieldManager: 'larder', signal });
  } catch (failure) {
    if (isKubeError(failure)) throw refusal(failure.message, failure);
    throw failure;
  }
  return { ...answer, changes: true, message: `${done} (${written})` };
}

async function grow(
  { expander, growthOff, leads }: Parts,
  request: ClaimActionRequest,
  signal: AbortSignal,
): Promise<ClaimActionAnswer> {
  const off = growthOff();
  if (off !== undefined) throw refusal(`growth is off: ${off}`);
  if (!leads()) throw refusal('another replica of the operator leads; ask that one');
  const { namespace, name, dryRun } = request;
  const key = `${namespace}/${name}`;
  const toBytes = sizeIn(request);
  const granted = await expander.grow(key, { toBytes, dryRun }, signal);
  if (!granted) throw noClaim(request);
  const { decision } = granted;
  const gate = isThere(decision, toBytes) ? undefined : stopping(decision);
  return {
    claim: key,
    action: 'grow',
    changes: granted.requested || (dryRun && decision.verdict.kind === 'Expand'),
    message: messageOf(granted, toBytes),
    verdict: decision.verdict.kind,
    ...(gate === undefined ? {} : { gate }),
    ...(decision.verdict.kind === 'Expand' ? { size: String(decision.targetBytes ?? decision.baseBytes) } : {}),
  };
}

/** Whatever else stands in its way, it has the size that is asked for. */
function isThere({ verdict, baseBytes }: Decision, toBytes: bigint | undefined): boolean {
  return verdict.kind !== 'Expand' && toBytes !== undefined && toBytes <= baseBytes;
}

function messageOf({ decision, reason }: Granted, toBytes: bigint | undefined): string {
  if (isThere(decision, toBytes)) {
    return `has ${readableBytes(decision.baseBytes)} already, and a size is never made smaller: name a larger one`;
  }
  const said = `${summaryOf(decision)}${cutText(decision, toBytes)}`;
  return reason === '' ? said : `${said}, but not now: ${reason}`;
}

/** Whoever asks for more than is allowed is told what keeps it smaller. */
function cutText({ verdict, targetBytes, gates }: Decision, toBytes: bigint | undefined): string {
  if (verdict.kind !== 'Expand' || toBytes === undefined || targetBytes === undefined || targetBytes >= toBytes)
    return '';
  const measures = gates.find(({ name }) => name === 'size')?.compared ?? [];
  const ceiling = measures.find(({ what }) => what === 'ceiling');
  if (ceiling?.unit === 'bytes')
    return `; it may not be larger than ${readableBytes(ceiling.value)} now (${ceiling.source})`;
  return '; max-step allows no more at once';
}

/** The first gate that said no with a verdict; gates that only report are no hindrance. */
function stopping({ verdict, gates }: Decision): string | undefined {
  if (verdict.kind === 'Expand') return undefined;
  if (verdict.kind === 'Blocked') return verdict.gate;
  return gates.find(({ outcome, name }) => outcome === 'fail' && !reporting.has(name))?.name;
}

const reporting: ReadonlySet<string> = new Set(['sample', 'storage', 'inodes', 'full-within', 'floor', 'breaches']);

function refusal(message: string, cause?: unknown): HttpError {
  return new HttpError('LARDER_HTTP_REFUSED', 409, message, { cause });
}
