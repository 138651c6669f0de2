/** Files of evidence, as records name them. What a client wrote as a path is never opened: only what a record has the hash of. */
import { z } from 'zod';
import { sha256 } from '../event.ts';
import { done, notFound, refused } from './answer.ts';
import { noBody, type Operation, operation } from './operation.ts';
import { queryText } from './paging.ts';

const evidenceFileView = z.looseObject({
  path: z.string(),
  sha256,
  bytes: z.int().min(0),
  content: z.base64().meta({ description: 'As it is stored, in base64: what ends in .gz is compressed.' }),
});

export const evidenceOperations: readonly Operation[] = [
  operation({
    id: 'getEvidenceFile',
    method: 'get',
    path: '/ledger/records/{id}/evidence',
    tag: 'Ledger',
    summary: 'A file that a record names as its evidence, while it is the one that was recorded',
    query: z.strictObject({ path: queryText.meta({ description: 'One of the artifacts of the record.' }) }),
    body: noBody,
    answer: { name: 'EvidenceFile', schema: evidenceFileView },
    problems: [404, 409],
    handle({ ledger }, { params: { id = '' }, query: { path } }) {
      const record = ledger.records.find((each) => each.id === id);
      if (record === undefined) return notFound(`record ${id}`);
      const artifact = record.artifacts.find((each) => each.path === path);
      if (artifact === undefined) return notFound(`the evidence ${path} of record ${id}`);
      const found = ledger.content(artifact);
      if (found.kind === 'wrong') return refused(409, 'LARDER_LEDGER_EVIDENCE', found.why);
      return done({ ...artifact, content: Buffer.from(found.content).toString('base64') });
    },
  }),
];
