/** A record that a client made and signed: it is taken only where it follows the newest record, and as it stands. */
import { z } from 'zod';
import { sha256, text, time } from '../event.ts';
import { artifact, parseRecord } from '../record.ts';
import { type Answer, refused } from './answer.ts';
import { type Desk, notAppended } from './desk.ts';

export const submission = z.strictObject({
  record: z.strictObject({
    schemaVersion: z.literal(1),
    seq: z.int().min(1),
    prev: sha256.nullable(),
    id: z.uuid(),
    type: text,
    at: time,
    operator: text,
    data: z.record(z.string(), z.unknown()),
    artifacts: z.array(artifact),
    gitCommit: z.string().nullable(),
    hash: sha256,
    signature: z.string(),
  }),
  artifacts: z
    .array(z.strictObject({ path: artifact.shape.path, content: z.base64() }))
    .optional()
    .meta({ description: 'The files that the record names, as they are to be stored.' }),
});

export function append(desk: Desk, { body }: { readonly body: z.infer<typeof submission> }): Promise<Answer> {
  return desk.turn(async () => {
    const { ledger } = desk;
    const there = ledger.records.find(({ id }) => id === body.record.id);
    if (there !== undefined)
      return there.hash === body.record.hash
        ? { kind: 'done', status: 200, body: there, record: there.id }
        : taken(there.id);
    if (body.record.prev !== ledger.head.hash) return stale(desk);
    // After the head: what does not follow it was signed for another history, whatever else is wrong with it.
    const parsed = parseRecord(JSON.stringify(body.record));
    if (parsed.kind === 'malformed') return refused(422, 'LARDER_LEDGER_INVALID', `record: ${parsed.why}`);
    const artifacts = (body.artifacts ?? []).map(({ path, content }) => ({
      path,
      content: Buffer.from(content, 'base64'),
    }));
    const appended = await ledger.appendSigned(parsed.record, artifacts);
    if (appended.kind === 'stale') return stale(desk);
    if (appended.kind !== 'appended') return notAppended(appended);
    desk.wrote();
    const { id } = appended.record;
    return { kind: 'done', status: 201, body: appended.record, record: id, location: `/ledger/records/${id}` };
  });
}

function stale({ ledger }: Desk): Answer {
  const { seq, hash, at } = ledger.head;
  const detail = `the record does not follow the newest one, which is number ${seq}: make it again with that as its prev`;
  return refused(409, 'LARDER_LEDGER_STALE', detail, { head: { seq, hash, at } });
}

function taken(id: string): Answer {
  return refused(409, 'LARDER_LEDGER_CONFLICT', `record ${id} is there already and says something else`, {
    record: id,
  });
}
