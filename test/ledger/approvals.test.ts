/** An approval is about files: whichever way it comes, they are read before it is recorded. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { drafted, sealed } from '../../src/ledger/draft.ts';
import type { LedgerEvent } from '../../src/ledger/event.ts';
import type { Ledger, NewEvent } from '../../src/ledger/ledger.ts';
import { SIGNATURE_NAMESPACE, unsignedText } from '../../src/ledger/record.ts';
import { apiSite } from './api-site.ts';
import { ann, appended, bob, openLedger, repository, startLedger } from './site.ts';

const created: LedgerEvent = {
  type: 'change-created',
  data: {
    ...{ changeId: 'web', featureBranch: 'main', manifestPaths: ['web.yaml'], status: 'draft', critical: true },
    runbookUpdates: ['docs/runbooks/web.md'],
  },
};
const approval = (evidenceId: string): LedgerEvent => ({
  type: 'change-approved',
  data: { changeId: 'web', evidenceId },
});

function evidence(evidenceId: string, outputPath: string): LedgerEvent {
  const timestamp = '2026-03-01T12:00:00Z';
  return {
    type: 'evidence-attached',
    data: { changeId: 'web', evidenceId, command: 'kubectl diff', outputPath, timestamp },
  };
}

const filed = (evidenceId: string): NewEvent => ({
  event: ([stored]) => evidence(evidenceId, stored?.path ?? ''),
  artifacts: [{ folder: 'web', name: 'change.diff', content: Buffer.from('+ a\n') }],
});

/** Begun by ann with bob beside her, with a change of hers; the path of the file of its evidence. */
async function changeOf(ledger: Ledger): Promise<string> {
  const keys = [bob.publicKey];
  appended(
    await ledger.append({ event: { type: 'operator-added', data: { operatorId: 'bob', role: 'operator', keys } } }),
  );
  appended(await ledger.append({ event: created }));
  return appended(await ledger.append(filed('e1'))).record.artifacts[0]?.path ?? '';
}

test('evidence that is missing, altered or only a path in words is not approved', async (t) => {
  const root = repository(t);
  const path = await changeOf(await startLedger(root));
  const bobs = await openLedger(root, { signer: bob });
  const before = bobs.records.length;
  const content = readFileSync(join(root, path));
  const refused = async (id: string, why: RegExp): Promise<void> => {
    await assert.rejects(bobs.append({ event: approval(id) }), { code: 'LARDER_LEDGER_EVIDENCE', message: why });
    assert.equal(bobs.records.length, before);
  };
  writeFileSync(join(root, path), '+ b\n');
  await refused('e1', /the evidence e1 cannot be approved: .*change\.diff was changed/);
  rmSync(join(root, path));
  await refused('e1', /change\.diff is missing/);
  writeFileSync(join(root, path), content);
  appended(await bobs.append({ event: approval('e1') }));
  const anns = await openLedger(root);
  appended(await anns.append({ event: evidence('e2', 'somewhere/diff.txt') }));
  await assert.rejects(bobs.append({ event: approval('e2') }), /its record has no hash of somewhere\/diff\.txt/);
});

test('the same for one that a client signed and sent', async (t) => {
  const { ledger, ask, root } = await apiSite(t);
  const path = await changeOf(ledger);
  const content = readFileSync(join(root, path));
  const send = async () => {
    const draft = drafted({
      ...{ event: approval('e1'), id: randomUUID(), operator: 'bob', parents: [ledger.head], artifacts: [] },
      ...{ at: new Date(Math.max(Date.now(), Date.parse(ledger.head.at))).toISOString(), gitCommit: null },
    });
    const file = sealed(draft, await bob.sign(unsignedText(draft), SIGNATURE_NAMESPACE));
    assert.ok(file.kind === 'record');
    return ask('POST', '/ledger/records', { record: file.record });
  };
  writeFileSync(join(root, path), '+ b\n');
  const refused = await send();
  assert.deepEqual([refused.status, refused.body['code']], [409, 'LARDER_LEDGER_EVIDENCE'], refused.text);
  writeFileSync(join(root, path), content);
  assert.equal((await send()).status, 201);
  assert.equal(ledger.state.changes.get('web')?.approvedBy.join(), 'bob');
  assert.notEqual(bob.publicKey, ann.publicKey);
});
