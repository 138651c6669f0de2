/**
 * Bodies of the original contract at the edge: strings are strings there, whatever they hold. What the ledger asks beyond that
 * stands in the document, and is judged as a rule: a client of the original document is refused (409), never told that its
 * well-formed body is malformed. Members that no schema names are kept.
 */
import { z } from 'zod';
import {
  alertTest,
  bootstrapEvent,
  configurationChange,
  evidence,
  nodeRole,
  rebuildEvent,
  TEXT_AT_MOST,
  upgradeEvent,
} from '../event.ts';
import { type Refusal, refused } from './answer.ts';

const text = z.string().meta({ maxLength: TEXT_AT_MOST });
const name = z.string().meta({ minLength: 1, maxLength: TEXT_AT_MOST });
const clientId = z.string().meta({ format: 'uuid' });

export const bootstrapBody = bootstrapEvent.extend({
  runId: clientId,
  nodes: z.array(z.looseObject({ nodeId: name, role: nodeRole })).min(1),
  initiatedBy: text,
  diffArtifactsPath: text.optional(),
});

export const rebuildBody = rebuildEvent.extend({
  runId: clientId,
  nodeId: name,
  initiatedBy: text,
  logsPath: text.optional(),
});

/** Not of the original contract, and like its two kin. */
export const upgradeBody = upgradeEvent.extend({ runId: clientId });

export const changeBody = configurationChange.extend({
  changeId: clientId,
  featureBranch: text,
  manifestPaths: z.array(text),
  diffSummary: text.optional(),
  reviewers: z.array(text).optional(),
  runbookUpdates: z.array(text).optional(),
});

export const evidenceBody = evidence.extend({
  evidenceId: clientId,
  command: text,
  outputPath: text,
  operatorId: text.optional(),
});

export const alertTestBody = alertTest.extend({ routeId: name, initiatedBy: text, notes: text.optional() });

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Sending something again is safe only where nobody else can have chosen the same id. */
export function notClientId(field: string, id: string): Refusal | undefined {
  if (UUID.test(id)) return undefined;
  const detail = `${field} is no UUID, and another client could choose the same: send one, as 6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001`;
  return refused(409, 'LARDER_LEDGER_CLIENT_ID', detail, { field: `/${field}` });
}
