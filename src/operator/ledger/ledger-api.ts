/** What the console asks about the ledger, and what it is answered. Times are epoch ms. Pure. */
import { z } from 'zod';
import type { Report } from '../../ledger/report.ts';

/** Where a record stands: whether it is what was signed, and part of the chain. */
export type Standing =
  /** Its text, signature, place in the chain and evidence are as they were. */
  | 'verified'
  /** Something about it is not what was signed. */
  | 'broken'
  /** It is whole by itself, and follows something that is broken or gone. */
  | 'unlinked';

export interface RecordRow {
  /** Of the record; of a file that is no record any more, as its name says. */
  readonly id: string;
  readonly seq: number;
  /** As `change-applied`. */
  readonly type: string;
  /** Undefined: the file cannot be read as a record. */
  readonly at?: number;
  /** Who signed; empty where it cannot be read. */
  readonly operator: string;
  /** In a few words. */
  readonly words: string;
  /** What it is about, as `PersistentVolumeClaim media/plex`. */
  readonly objects: readonly string[];
  /** Files of evidence. */
  readonly evidence: number;
  readonly standing: Standing;
  /** What somebody should see at once: `failed`, `corrected`, `does not count`. */
  readonly marks: readonly string[];
}

export interface LedgerFinding {
  readonly kind: string;
  /** break: the ledger is not what was signed. notice: it holds all the same. */
  readonly weight: 'break' | 'notice';
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
  readonly path?: string;
  readonly seq?: number;
}

/** Places that remember how far the ledger had come. */
export interface LookedAt {
  readonly source: string;
  /** What it said, or why it was not asked. */
  readonly said: string;
  readonly looked: boolean;
}

export interface Head {
  readonly id: string;
  readonly seq: number;
  readonly hash: string;
  readonly operator: string;
  readonly at: number;
}

export type LedgerAnswer =
  /** The operator was given no ledger. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly where: string; readonly message: string; readonly code: string }
  | {
      readonly kind: 'ledger';
      readonly where: string;
      readonly title: string;
      /** Empty where no record says it. */
      readonly ledgerId: string;
      readonly head?: Head;
      /** That hang together with the first. */
      readonly records: number;
      /** Files that are there, also those that do not. */
      readonly files: number;
      /** When all of it was last looked at, with the evidence and the places that remember; undefined: not yet. */
      readonly verifiedAt?: number;
      readonly verifying: boolean;
      /** Files of it that were looked at. */
      readonly evidence?: number;
      /** The first broken link comes first, notices last. */
      readonly findings: readonly LedgerFinding[];
      readonly looked: readonly LookedAt[];
      /** The command that looks closer. */
      readonly command: string;
    };

/** What the cluster remembers of the ledger, against its records. */
export type HeadStanding =
  /** The newest record. */
  | { readonly kind: 'same'; readonly where: string; readonly seq: number }
  /** An older record, which is here: `behind` is how many numbers lie between. */
  | { readonly kind: 'behind'; readonly where: string; readonly seq: number; readonly behind: number }
  /** A record that is not here, or something that is no head. */
  | { readonly kind: 'differs'; readonly where: string; readonly finding: LedgerFinding };

export type ClusterHeadAnswer =
  | Exclude<HeadStanding, { readonly kind: 'behind' }>
  /** `command` tells the cluster of the newest. */
  | (Extract<HeadStanding, { readonly kind: 'behind' }> & { readonly command: string })
  /** The operator was given no ledger. */
  | { readonly kind: 'none' }
  /** Nobody has told it of this ledger yet. */
  | { readonly kind: 'silent'; readonly said: string; readonly command: string }
  /** Nothing is known, which is no proof of anything. */
  | { readonly kind: 'not read'; readonly why: string };

/** A page of records, newest first. */
export const recordsQuery = z.object({
  /** As the field above the list takes it: `type:change-applied by:ana since:7d`. */
  q: z.string().max(1_000).default(''),
  /** How many of those that fit come before the page. */
  from: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export type RecordsQuery = z.infer<typeof recordsQuery>;

export interface RecordsAnswer {
  readonly rows: readonly RecordRow[];
  readonly found: number;
  readonly all: number;
}

/** One thing that was looked at about a record. */
export interface RecordCheck {
  readonly what: string;
  readonly outcome: 'holds' | 'broken' | 'unknown';
  readonly said: string;
}

export interface EvidenceFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** A tombstone says why it may be gone. */
  readonly tombstone?: string;
}

export interface LinkedRecord {
  readonly id: string;
  readonly seq: number;
  readonly words: string;
}

export interface RecordDetail extends RecordRow {
  readonly path: string;
  /** Empty where the file is no record. */
  readonly hash: string;
  /** OpenSSH, of who signed. */
  readonly key: string;
  readonly gitCommit: string;
  readonly parents: readonly LinkedRecord[];
  readonly next: readonly LinkedRecord[];
  readonly checks: readonly RecordCheck[];
  readonly findings: readonly LedgerFinding[];
  readonly files: readonly EvidenceFile[];
  /** What counts in its place, where another record corrects it. */
  readonly corrected?: { readonly by: LinkedRecord; readonly data: unknown };
  /** As it was signed; undefined where the file is no record. */
  readonly record?: unknown;
  readonly changeId?: string;
}

export const evidenceQuery = z.object({ path: z.string().min(1).max(1_000) });

export type EvidenceAnswer =
  | { readonly kind: 'text'; readonly text: string; readonly cut: boolean }
  /** Bytes that are no text. */
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'wrong'; readonly why: string };

/** What a change waits for, or what became of it. */
export const changeStages = [
  'interrupted',
  'failed',
  'waits for evidence',
  'waits for a runbook',
  'waits for approval',
  'waits for apply',
  'applied',
  'rolled back',
] as const;
export type ChangeStage = (typeof changeStages)[number];

export interface ChangeStep {
  /** Who can do it, in words. */
  readonly who: string;
  readonly why: string;
  readonly command: string;
}

export interface ChangeEvidence {
  readonly evidenceId: string;
  /** Of the record, which names the file. */
  readonly record: string;
  readonly path: string;
  readonly at: number;
  readonly summary: string;
  readonly authors: readonly string[];
}

export interface ChangeRow {
  readonly changeId: string;
  readonly summary: string;
  readonly branch: string;
  readonly author: string;
  readonly critical: boolean;
  readonly stage: ChangeStage;
  readonly manifests: readonly string[];
  readonly createdAt: number;
  /** Of the newest record about it. */
  readonly movedAt: number;
  /** What comes next; undefined: nothing. */
  readonly step?: ChangeStep;
  /** The newest. */
  readonly evidence?: ChangeEvidence;
  /** What went wrong the last time, where it did. */
  readonly trouble: readonly string[];
}

/** Something that was recorded about a change or an object. */
export interface Told {
  readonly record: string;
  readonly seq: number;
  readonly at: number;
  /** Who signed, or on whose behalf it was done. */
  readonly by: string;
  /** As `evidence attached`. */
  readonly what: string;
  readonly words: string;
  readonly failed: boolean;
}

export interface ChangesAnswer {
  readonly changes: readonly ChangeRow[];
  /** An apply that this clone began and that has not come to its record: it runs, or was cut off. */
  readonly underWay?: { readonly changeId: string; readonly startedAt: number };
}

export const changeQuery = z.object({ id: z.string().min(1).max(4_096) });

export interface ChangeDetail extends ChangeRow {
  readonly reviewers: readonly string[];
  readonly runbooks: readonly string[];
  readonly incidents: readonly string[];
  readonly approvals: readonly {
    readonly by: string;
    readonly at: number;
    readonly comment: string;
    readonly current: boolean;
  }[];
  /** Of the last apply. */
  readonly outcomes: readonly { readonly object: string; readonly outcome: string; readonly message: string }[];
  /** Newest first. */
  readonly history: readonly Told[];
}

/** A volume, by what its records call it. */
export const lifeQuery = z.object({
  namespace: z.string().max(300).default(''),
  name: z.string().max(300).default(''),
  volume: z.string().max(300).default(''),
  path: z.string().max(4_096).default(''),
});
export type LifeQuery = z.infer<typeof lifeQuery>;

export const reportQuery = z.object({ days: z.coerce.number().int().min(1).max(3_650).default(30) });

export type ReportAnswer =
  | ({ readonly kind: 'report' } & Report)
  /** Not all is as it was signed, so nothing is computed. */
  | { readonly kind: 'broken'; readonly message: string };
