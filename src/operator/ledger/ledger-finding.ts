/** Findings of `larder ledger verify` as they travel, each with what to do. Pure. */
import { type Finding, findingKinds } from '../../ledger/finding.ts';
import type { LedgerFinding } from './ledger-api.ts';

export function ledgerFinding({ kind, message, path, seq }: Finding): LedgerFinding {
  const { weight, remedy } = findingKinds[kind];
  return {
    kind,
    weight,
    message,
    remedy: remedy.replaceAll('`', ''),
    ...(path === undefined ? {} : { path }),
    ...(seq === undefined ? {} : { seq }),
  };
}

const kinds = new Map<string, (typeof findingKinds)[keyof typeof findingKinds]>(Object.entries(findingKinds));

export interface ServedFinding {
  readonly kind: string;
  readonly message: string;
  readonly path?: string | undefined;
  readonly seq?: number | undefined;
}

/** From a server, which may be newer: of a kind that is not known here the worst is believed. */
export function servedFinding({ kind, message, path, seq }: ServedFinding): LedgerFinding {
  const entry = kinds.get(kind);
  return {
    kind,
    weight: entry?.weight ?? 'break',
    message,
    remedy: (entry?.remedy ?? 'Run larder ledger verify where the ledger is served.').replaceAll('`', ''),
    ...(path === undefined ? {} : { path }),
    ...(seq === undefined ? {} : { seq }),
  };
}
