/**
 * The lines between the provisioner and the process of an export: one JSON object per line, a request and its answer
 * joined by `id`. Sizes are decimal strings. Both sides parse here, and what does not parse is a defect, never a guess.
 */
import { type CloneOperation, type CloneResult, type Clones, cloneOperationOf } from '../clone/clones.ts';
import { Fields, optional } from '../fields.ts';
import { type QuotaOperation, type QuotaResult, quotaOperationOf } from '../quota/operation.ts';
import type {
  DirectoryPath,
  DirectoryState,
  EnsureRequest,
  EnsureResult,
  MoveRequest,
  MoveResult,
  Space,
  StorageProblem,
  Usage,
  UsageRequest,
} from '../storage.ts';
import { type EntriesPage, type NameList, type Opened, resultOf } from './result.ts';

export type Operation =
  /** (Re)opens the root and proves by a probe directory that it can be written. Always the first request. */
  | {
      readonly kind: 'open';
      readonly root: string;
      readonly allowLocal: boolean;
      /** Name of the probe directory, unique to the asking process. */
      readonly probe: string;
      /** Where to keep what is remembered of measurements; absent: in memory only. */
      readonly usageFolder?: string;
    }
  /** Asks whether the root answers, writes nothing. */
  | { readonly kind: 'probe' }
  | ({ readonly kind: 'ensure' } & EnsureRequest)
  | { readonly kind: 'discard'; readonly path: DirectoryPath }
  | ({ readonly kind: 'trash' | 'archive' } & MoveRequest)
  /** One page of at most PAGE entries, by name, after `after` (empty: from the start). */
  | { readonly kind: 'entries'; readonly after: string }
  | { readonly kind: 'restore'; readonly entry: string; readonly path?: DirectoryPath }
  | { readonly kind: 'purge'; readonly entry: string; readonly maxOperations: number }
  | { readonly kind: 'inspect'; readonly path: DirectoryPath }
  | ({ readonly kind: 'usage'; readonly freshMs: number } & Omit<UsageRequest, 'freshMs'>)
  | { readonly kind: 'weigh'; readonly entry: string; readonly maxOperations: number }
  | { readonly kind: 'space' }
  | QuotaOperation
  | CloneOperation
  | { readonly kind: 'list'; readonly path: readonly string[] };

export interface Request {
  readonly id: number;
  readonly operation: Operation;
}

export type Result =
  | Opened
  | { readonly kind: 'alive' }
  | EnsureResult
  | { readonly kind: 'discarded' }
  | MoveResult
  | EntriesPage
  | { readonly kind: 'restored'; readonly path: DirectoryPath }
  | { readonly kind: 'purged'; readonly remaining: boolean }
  | DirectoryState
  | Usage
  | Space
  | NameList
  | QuotaResult
  | CloneResult
  | Awaited<ReturnType<Clones['list' | 'remove']>>
  | StorageProblem;

export interface Response {
  readonly id: number;
  readonly result: Result;
}

/** A line that is not of this protocol. */
export interface Malformed {
  readonly kind: 'malformed';
  /** What is wrong with it. */
  readonly reason: string;
  /** The id, where there was one: the other side can be answered. */
  readonly id: number | undefined;
}

/** Entries in one answer: with manifests of 16 KiB, 3 MiB. */
export const PAGE = 200;
export const MANIFEST_BYTES = 16_384;
const READING: readonly Operation['kind'][] = [
  'open',
  'probe',
  'quota-support',
  'quota-report',
  'entries',
  'clones',
  'inspect',
  'usage',
  'weigh',
  'space',
  'list',
];

/** Whether an operation changes what is on the export: such a one may land late. */
export const changes = (operation: Operation): boolean => !READING.includes(operation.kind);

export function formatLine(message: Request | Response): string {
  return JSON.stringify(message, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

export function parseRequest(line: string): Request | Malformed {
  return parseLine(line, (fields) => operationOf(fields.object('operation')), 'operation');
}

export function parseResponse(line: string): Response | Malformed {
  return parseLine(line, (fields) => resultOf(fields.object('result')), 'result');
}

export const isMalformed = <T extends object>(parsed: T | Malformed): parsed is Malformed =>
  'kind' in parsed && parsed.kind === 'malformed';

function parseLine<const Key extends string, Value>(
  line: string,
  read: (fields: Fields) => Value,
  key: Key,
): ({ readonly id: number } & { readonly [K in Key]: Value }) | Malformed;
function parseLine(line: string, read: (fields: Fields) => unknown, key: string): object {
  let id: number | undefined;
  try {
    const fields = new Fields(JSON.parse(line), '');
    id = fields.count('id');
    return { id, [key]: read(fields) };
  } catch (cause) {
    return { kind: 'malformed', reason: cause instanceof Error ? cause.message : String(cause), id };
  }
}

function operationOf(fields: Fields): Operation {
  const kind = fields.text('kind');
  switch (kind) {
    case 'open':
      return {
        kind,
        root: fields.text('root'),
        allowLocal: fields.flag('allowLocal'),
        probe: fields.component('probe'),
        ...optional('usageFolder', fields.optionalText('usageFolder')),
      };
    case 'probe':
    case 'space':
      return { kind };
    case 'ensure':
      return { kind, ...ensureRequestOf(fields) };
    case 'discard':
    case 'inspect':
      return { kind, path: fields.path('path') };
    case 'trash':
    case 'archive':
      return { kind, ...moveRequestOf(fields) };
    case 'entries':
      return { kind, after: fields.text('after') };
    case 'restore':
      return {
        kind,
        entry: fields.text('entry'),
        ...(fields.has('path') ? { path: fields.path('path') } : {}),
      };
    case 'purge':
    case 'weigh':
      return { kind, entry: fields.text('entry'), maxOperations: fields.count('maxOperations') };
    case 'clone':
    case 'clones':
    case 'unclone':
      return cloneOperationOf(kind, fields);
    case 'usage':
      return {
        kind,
        path: fields.path('path'),
        maxOperations: fields.count('maxOperations'),
        freshMs: fields.count('freshMs'),
      };
    case 'list':
      return { kind, path: fields.components('path') };
    case 'quota-support':
    case 'quota-limit':
    case 'quota-lift':
    case 'quota-report':
      return quotaOperationOf(kind, fields);
    default:
      throw fields.wrong('kind', 'an operation');
  }
}

function ensureRequestOf(fields: Fields): EnsureRequest {
  return {
    path: fields.path('path'),
    mode: fields.count('mode') & 0o7777,
    uid: fields.count('uid'),
    gid: fields.count('gid'),
    adoption: fields.oneOf('adoption', ['allowed', 'empty-only']),
    existing: fields.oneOf('existing', ['correct', 'correct-if-root-owned', 'keep', 'fail']),
    minFreeBytes: fields.size('minFreeBytes'),
    minFreeInodes: fields.size('minFreeInodes'),
  };
}

function moveRequestOf(fields: Fields): MoveRequest {
  const manifest = fields.optionalText('manifest');
  if (manifest !== undefined && Buffer.byteLength(manifest) > MANIFEST_BYTES) {
    throw fields.wrong('manifest', `at most ${MANIFEST_BYTES} bytes`);
  }
  return {
    path: fields.path('path'),
    volumeUid: fields.text('volumeUid'),
    volumeName: fields.text('volumeName'),
    claim: fields.text('claim'),
    at: fields.count('at'),
    ...optional('identity', fields.optionalText('identity')),
    ...optional('expiresAt', fields.has('expiresAt') ? fields.count('expiresAt') : undefined),
    ...optional('manifest', manifest),
  };
}
