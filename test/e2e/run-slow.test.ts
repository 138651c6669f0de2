/** A run that went well and took longer than its objective, in a real ledger: the incident, and that it keeps no other run away. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { recorderOf } from '../../src/cli/cluster/record-events.ts';
import { type RunRecords, runRecords } from '../../src/cli/cluster/run-records.ts';
import type { RunOptions } from '../../src/cli/cluster/run-session.ts';
import type { Terminal } from '../../src/cli/output.ts';
import type { RunHeader } from '../../src/cluster/run/run-state.ts';
import { readSpec } from '../../src/cluster/spec/read-spec.ts';
import { systemRandom } from '../../src/telemetry/clock.ts';
import { createManualClock } from '../../src/telemetry/manual-clock.ts';
import { ledgerSite, readJson } from './ledger-person.ts';

const MINUTE_MS = 60_000;
const NODE = 'name: a\nnodes:\n  - {name: s.local, address: 192.0.2.1, role: server-agent, storage: ssd}\n';
const terminal: Terminal = { out: () => undefined, err: () => undefined, interactive: false, columns: 80, env: {} };

test('a success within the hour is one; a slower one is recorded as one, with an incident', async (t) => {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  assert.equal((await site.ledger(['init', '--operator', 'ana'], ana)).code, 0);
  const read = readSpec(NODE, '2026-03-01');
  const spec = read.kind === 'spec' ? read.spec : assert.fail(JSON.stringify(read.findings));
  const begun = Date.now() - 3 * 60 * MINUTE_MS;
  const clock = createManualClock(begun);
  const session = {
    ...{ repository: site.root, file: join(site.root, 'cluster.yaml'), spec, secrets: [] },
    ...{ env: {}, random: systemRandom, clock },
  };
  const options: RunOptions = { file: session.file, ledger: site.root, ledgerKey: ana.key, accept: [] };
  const recorder = await recorderOf(terminal, options, site.root);
  const opened = (more: Partial<RunOptions> = {}): Promise<RunRecords> =>
    runRecords({ terminal, session, options: { ...options, ...more }, recorder });
  const headerNow = (): RunHeader => ({
    ...{ line: 'run', runId: systemRandom.uuid(), kind: 'upgrade', cluster: 'a', specSha256: 'f'.repeat(64) },
    ...{ nodes: [{ nodeId: 's.local', role: 'server-agent' }], phases: [] },
    startedAt: new Date(clock.now()).toISOString(),
  });
  const finished = async (minutes: number, more: Partial<RunOptions> = {}): Promise<string | undefined> => {
    const records = await opened(more);
    const header = headerNow();
    assert.equal(await records.started(header, header.runId, 'nothing would change\n'), true);
    await clock.advance(minutes * MINUTE_MS);
    const { runId: ledgerRunId, startedAt } = header;
    return records.finished({ header, ledgerRunId, startedAt, status: 'success', message: '', log: '' });
  };
  const last = (type: string): Readonly<Record<string, unknown>> =>
    site
      .records()
      .map((path) => readJson(join(site.root, path)))
      .filter((record) => record['type'] === type)
      .map(({ data }) => Object(data))
      .at(-1) ?? {};

  assert.equal(await finished(60), undefined);
  assert.equal(last('run-finished')['status'], 'success');
  assert.equal('incidentId' in last('run-finished'), false);

  const incident = await finished(61);
  assert.match(incident ?? '', /^run-[0-9a-f]{8}$/);
  assert.deepEqual([last('run-finished')['status'], last('run-finished')['incidentId']], ['success', incident]);
  assert.deepEqual(
    [last('incident-opened')['title'], last('incident-opened')['nodeIds']],
    ['upgrade took more than 60 minutes', ['s.local']],
  );
  // It missed its objective and left nothing broken: only after a failure the next one waits for a remediation.
  await (await opened()).check(headerNow());
  assert.equal((await site.ledger(['verify', '--no-cluster'])).code, 0);
});
