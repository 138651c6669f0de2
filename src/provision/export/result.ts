/** What the process of an export answers. */
import { cloneEntryOf, cloneFiguresOf } from '../clone/clones.ts';
import { type Fields, optional } from '../fields.ts';
import { quotaResultOf } from '../quota/operation.ts';
import type { DirectoryState, Space, StorageProblem, TrashEntry, Usage } from '../storage.ts';
import type { Result } from './protocol.ts';

export interface Opened {
  readonly kind: 'opened';
  /** What the probe could not do although directories can be made, with its remedy; empty when nothing. */
  readonly warning: string;
}

export interface EntriesPage {
  readonly kind: 'entries';
  readonly entries: readonly TrashEntry[];
  /** Where the next page starts; empty: this was the last. */
  readonly next: string;
}

export interface NameList {
  readonly kind: 'list';
  readonly names: readonly { readonly name: string; readonly type: 'directory' | 'other' }[];
}

export function resultOf(fields: Fields): Result {
  const kind = fields.text('kind');
  switch (kind) {
    case 'opened':
      return { kind, warning: fields.text('warning') };
    case 'alive':
    case 'discarded':
      return { kind };
    case 'created':
      return { kind, identity: fields.text('identity') };
    case 'existed':
      return {
        kind,
        ...stateOf(fields),
        permissions: fields.oneOf('permissions', ['as-asked', 'corrected', 'kept']),
      };
    case 'directory':
      return { kind, ...stateOf(fields) };
    case 'moved':
      return { kind, entry: fields.text('entry') };
    case 'entries':
      return { kind, entries: fields.objects('entries').map(entryOf), next: fields.text('next') };
    case 'restored':
      return { kind, path: fields.path('path') };
    case 'purged':
      return { kind, remaining: fields.flag('remaining') };
    case 'cloning':
      return { kind, fresh: fields.flag('fresh'), figures: cloneFiguresOf(fields.object('figures')) };
    case 'cloned':
      return { kind, identity: fields.text('identity'), figures: cloneFiguresOf(fields.object('figures')) };
    case 'clones':
      return { kind, entries: fields.objects('entries').map(cloneEntryOf) };
    case 'removed':
      return { kind, remaining: fields.flag('remaining') };
    case 'usage':
      return usageOf(fields);
    case 'space':
      return spaceOf(fields);
    case 'list':
      return { kind, names: fields.objects('names').map(nameOf) };
    case 'supported':
    case 'limited':
    case 'lifted':
    case 'quotas':
      return quotaResultOf(kind, fields);
    case 'problem':
      return problemOf(fields);
    default:
      throw fields.wrong('kind', 'a result');
  }
}

function stateOf(fields: Fields): Omit<DirectoryState, 'kind'> {
  return {
    identity: fields.text('identity'),
    empty: fields.flag('empty'),
    mode: fields.count('mode'),
    uid: fields.count('uid'),
    gid: fields.count('gid'),
  };
}

const usageOf = (fields: Fields): Usage => ({
  kind: 'usage',
  usedBytes: fields.size('usedBytes'),
  inodes: fields.size('inodes'),
  at: fields.count('at'),
  readAt: fields.count('readAt'),
  complete: fields.flag('complete'),
  operations: fields.count('operations'),
  cpuMs: fields.count('cpuMs'),
});

const spaceOf = (fields: Fields): Space => ({
  kind: 'space',
  totalBytes: fields.size('totalBytes'),
  freeBytes: fields.size('freeBytes'),
  totalInodes: fields.size('totalInodes'),
  freeInodes: fields.size('freeInodes'),
});

const nameOf = (fields: Fields): NameList['names'][number] => ({
  name: fields.text('name'),
  type: fields.oneOf('type', ['directory', 'other']),
});

const PROBLEMS = [
  'unavailable',
  'not-mounted',
  'no-space',
  'read-only',
  'denied',
  'not-a-directory',
  'symbolic-link',
  'other-filesystem',
  'not-empty',
  'mode-differs',
  'missing',
  'exists',
  'no-quota',
  'unexpected',
] as const satisfies readonly StorageProblem['problem'][];

const problemOf = (fields: Fields): StorageProblem => ({
  kind: 'problem',
  problem: fields.oneOf('problem', PROBLEMS),
  detail: fields.text('detail'),
  errno: fields.text('errno'),
  landed: fields.oneOf('landed', ['no', 'maybe']),
});

/** One entry as it is written beside the directory; exported because the side file is read back from the export. */
export function entryOf(fields: Fields): TrashEntry {
  return {
    entry: fields.text('entry'),
    path: fields.path('path'),
    identity: fields.text('identity'),
    volumeUid: fields.text('volumeUid'),
    volumeName: fields.text('volumeName'),
    claim: fields.text('claim'),
    trashedAt: fields.count('trashedAt'),
    kind: fields.oneOf('kind', ['trash', 'archive']),
    ...optional('mistaken', fields.has('mistaken') ? fields.flag('mistaken') : undefined),
    ...optional('removing', fields.has('removing') ? fields.flag('removing') : undefined),
    ...optional('expiresAt', fields.has('expiresAt') ? fields.count('expiresAt') : undefined),
    ...optional('manifest', fields.optionalText('manifest')),
  };
}
