/** Processes that write into one ledger, and processes that are killed while they do. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isBreak } from '../../src/ledger/finding.ts';
import { appended, incident, openLedger, repository, startLedger } from './site.ts';

const fixture = join(import.meta.dirname, 'writer.fixture.ts');

interface Ended {
  readonly output: string;
  readonly errors: string;
  readonly signal: string | null;
}

/** Runs a writer; killed when it says that it is parked. */
function writer(t: TestContext, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fixture, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (output.includes('parked')) child.kill('SIGKILL');
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) => resolve({ output, errors, signal }));
  });
}

test('two processes append 200 records together: one chain, each record once', async (t) => {
  const root = repository(t);
  await startLedger(root);
  const ended = await Promise.all([writer(t, root, 'one', '100'), writer(t, root, 'two', '100')]);
  for (const { errors } of ended) assert.equal(errors, '');
  const [one, two] = ended.map(({ output }) => output.trim().split('\n').map(Number));
  assert.equal(one?.length, 100);
  assert.equal(two?.length, 100);
  const ledger = await openLedger(root);
  assert.deepEqual(
    ledger.records.map(({ seq }) => seq),
    Array.from({ length: 201 }, (_, index) => index + 1),
  );
  assert.deepEqual(
    [...(one ?? []), ...(two ?? [])].sort((a, b) => a - b),
    Array.from({ length: 200 }, (_, index) => index + 2),
  );
  assert.equal(ledger.state.incidents.size, 200);
  assert.deepEqual((await ledger.verify()).findings, []);
  const names = [...ledger.state.incidents.keys()].map((incidentId) => incidentId.split('-')[0]);
  const turns = names.filter((each, index) => index > 0 && each !== names[index - 1]);
  t.diagnostic(`the other process wrote next ${turns.length} times`);
});

test('killed at every step of an append, a process leaves a whole ledger and no lock', async (t) => {
  const root = repository(t);
  const ledger = await startLedger(root);
  let killed = 0;
  for (let at = 0; ; at += 1) {
    const before = ledger.records.length;
    const { signal, errors } = await writer(t, root, `step${at}`, '1', String(at));
    if (signal === null) {
      assert.equal(errors, '');
      break;
    }
    killed += 1;
    await ledger.refresh();
    const { findings } = await ledger.verify();
    assert.deepEqual(findings.filter(isBreak), [], `killed before step ${at + 1}`);
    const { length } = ledger.records;
    assert.ok(length === before || length === before + 1, `${length} after ${before}`);
    appended(await ledger.append({ event: incident(`after step${at}`) }));
    const left = (await ledger.verify()).findings.filter(({ kind }) => kind !== 'artifact-unclaimed');
    assert.deepEqual(left, [], 'the next append clears away what was left');
  }
  assert.ok(killed >= 10, `killed ${killed} times`);
  t.diagnostic(`killed at ${killed} steps`);
});
