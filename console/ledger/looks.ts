/** Shapes and words for where a record, a check and a change stand. Pure. */
import type { ChangeStage, RecordCheck, Standing } from '../../src/operator/ledger/ledger-api.ts';
import type { StateLook } from '../words/state.ts';

export type Look = Omit<StateLook, 'rank'>;

export const standingLooks: Readonly<Record<Standing, Look>> = {
  verified: { shape: 'circle', tone: 'ok', word: 'verified' },
  broken: { shape: 'square', tone: 'danger', word: 'broken' },
  unlinked: { shape: 'dashed', tone: 'warn', word: 'not verified' },
};

export const checkLooks: Readonly<Record<RecordCheck['outcome'], Look>> = {
  holds: { shape: 'circle', tone: 'ok', word: 'holds' },
  broken: { shape: 'square', tone: 'danger', word: 'broken' },
  unknown: { shape: 'dashed', tone: 'quiet', word: 'not known' },
};

export const stageLooks: Readonly<Record<ChangeStage, Look>> = {
  interrupted: { shape: 'square', tone: 'danger', word: 'interrupted' },
  failed: { shape: 'square', tone: 'danger', word: 'failed' },
  'waits for evidence': { shape: 'diamond', tone: 'warn', word: 'waits for evidence' },
  'waits for a runbook': { shape: 'diamond', tone: 'warn', word: 'waits for a runbook' },
  'waits for approval': { shape: 'triangle', tone: 'warn', word: 'waits for approval' },
  'waits for apply': { shape: 'triangle', tone: 'warn', word: 'waits for apply' },
  applied: { shape: 'circle', tone: 'ok', word: 'applied' },
  'rolled back': { shape: 'bars', tone: 'quiet', word: 'rolled back' },
};

export const verdictLooks = {
  met: { shape: 'circle', tone: 'ok', word: 'met' },
  missed: { shape: 'square', tone: 'danger', word: 'missed' },
  'not-known': { shape: 'dashed', tone: 'quiet', word: 'not known' },
} as const satisfies Readonly<Record<string, Look>>;
