/** Quotas on the lines between the provisioner and the process of an export. */

import type { Operation, Result } from '../export/protocol.ts';
import type { Fields } from '../fields.ts';
import type { DirectoryPath, StorageProblem } from '../storage.ts';
import type { LimitRequest, LimitResult, Quota, QuotaReport, Support } from './quota.ts';
import type { QuotaEntry } from './report.ts';

export type QuotaOperation =
  | { readonly kind: 'quota-support' }
  | ({ readonly kind: 'quota-limit' } & LimitRequest)
  | { readonly kind: 'quota-lift'; readonly path: DirectoryPath; readonly id: number }
  | { readonly kind: 'quota-report' };

export type QuotaResult = Support | Exclude<LimitResult, StorageProblem> | { readonly kind: 'lifted' } | QuotaReport;

type Ask = <const Kind extends Result['kind']>(
  operation: Operation,
  kinds: readonly Kind[],
  signal: AbortSignal | undefined,
) => Promise<Extract<Result, { kind: Kind }> | StorageProblem>;

/** The side of the provisioner. */
export const quotaOver = (ask: Ask): Quota => ({
  support: (signal) => ask({ kind: 'quota-support' }, ['supported'], signal),
  limit: (request, signal) => ask({ kind: 'quota-limit', ...request }, ['limited'], signal),
  lift: (request, signal) => ask({ kind: 'quota-lift', ...request }, ['lifted'], signal),
  report: (signal) => ask({ kind: 'quota-report' }, ['quotas'], signal),
});

export function quotaOperationOf(kind: QuotaOperation['kind'], fields: Fields): QuotaOperation {
  switch (kind) {
    case 'quota-support':
    case 'quota-report':
      return { kind };
    case 'quota-lift':
      return { kind, path: fields.path('path'), id: fields.count('id') };
    case 'quota-limit':
      return {
        kind,
        path: fields.path('path'),
        bytes: fields.size('bytes'),
        id: fields.count('id'),
        mark: fields.flag('mark'),
        maxOperations: fields.count('maxOperations'),
      };
    default:
      return kind satisfies never;
  }
}

export function quotaResultOf(kind: QuotaResult['kind'], fields: Fields): QuotaResult {
  switch (kind) {
    case 'supported':
      return { kind, backend: backendOf(fields) };
    case 'limited':
      return { kind, id: fields.count('id'), remaining: fields.flag('remaining') };
    case 'lifted':
      return { kind };
    case 'quotas':
      return { kind, backend: backendOf(fields), entries: fields.objects('entries').map(entryOf) };
    default:
      return kind satisfies never;
  }
}

const backendOf = (fields: Fields): Support['backend'] => fields.oneOf('backend', ['xfs', 'ext4', 'glusterfs']);

const entryOf = (fields: Fields): QuotaEntry => ({
  id: fields.count('id'),
  path: fields.text('path'),
  usedBytes: fields.size('usedBytes'),
  limitBytes: fields.size('limitBytes'),
  inodes: fields.has('inodes') ? fields.size('inodes') : undefined,
});
