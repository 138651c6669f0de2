/** Secrets are sent in by every way there is; none of them is found again in what stays or in what is answered. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { commitRecords } from '../../src/ledger/commit.ts';
import { systemDisk } from '../../src/ledger/disk.ts';
import { password, planted, run } from '../../src/ledger/secret/planted.fixture.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { apiSite, TOKEN } from './api-site.ts';
import { gitIn, incident } from './site.ts';

/** Every file below, unpacked where it is packed, the objects of git too. */
function everythingIn(root: string): string {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => {
    const content = readFileSync(join(parentPath, name));
    return name.endsWith('.gz') ? gunzipSync(content).toString() : content.toString();
  });
  return [...texts, gitIn(root, 'log', '-p', '--all')].join('\n');
}

test('planted secrets never reach a record, a file, a commit, an answer, an error or a log', async (t) => {
  const known = ['a-sentence', 'that-nobody', 'would-suspect'].join('-');
  let full = false;
  const disk = {
    ...systemDisk,
    async writeNew(path: string, content: Uint8Array) {
      if (full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      await systemDisk.writeNew(path, content);
    },
  };
  const { ask, ledger, logged, root } = await apiSite(t, { knownSecrets: [known], disk });
  const all: Readonly<Record<string, readonly [string, string]>> = {
    ...planted,
    'a known value': [`x ${known} y`, known],
  };
  const told: string[] = [];
  for (const [what, [text, secret]] of Object.entries(all)) {
    const name = `incident of ${what}`;
    const data = {
      incidentId: name,
      title: name,
      severity: 'info',
      openedAt: '2026-01-01T00:00:00Z',
      remediation: text.slice(0, 4000),
    } as const;
    const remediation = { type: 'incident-opened', data } as const;
    const outcomes = [
      await ledger.append({ event: remediation }),
      await ledger.append({
        event: incident(name),
        artifacts: [
          { folder: 'leak', name: 'small.diff', content: Buffer.from(text) },
          { folder: 'leak', name: 'large.log', content: Buffer.from(`${'all is well\n'.repeat(9000)}${text}\n`) },
        ],
      }),
    ];
    for (const outcome of outcomes) assert.equal(outcome.kind, 'secret', what);
    const answers = [
      await ask('POST', '/alerts/tests', {
        ...{ routeId: 'r', initiatedBy: 'ann', startedAt: '2026-01-01T00:00:00Z', completedAt: '2026-01-01T00:00:01Z' },
        ...{ result: 'success', notes: text },
      }),
      await ask('POST', '/incidents', remediation.data),
      await ask('GET', `/incidents/${encodeURIComponent(secret.slice(0, 100))}`),
    ];
    assert.ok(
      answers.every(({ status }) => status >= 400),
      `${what}: ${answers.map(({ status }) => status)}`,
    );
    told.push(JSON.stringify(outcomes), ...answers.slice(0, 2).map((answer) => answer.text));
  }
  assert.equal(ledger.records.length, 1);
  // What is logged at all is logged here: a record, and a failure.
  const plain = { incidentId: 'plain', title: 'x', severity: 'info', openedAt: '2026-01-01T00:00:00Z' };
  assert.equal((await ask('POST', '/incidents', plain)).status, 201);
  full = true;
  assert.equal((await ask('POST', '/incidents', { ...plain, incidentId: 'other' })).status, 503);
  full = false;
  assert.match(logged(), /recorded[\s\S]*ENOSPC[\s\S]*the ledger could not be used/);
  await commitRecords({ clock: systemClock, random: systemRandom, root, records: ledger.records });
  const stays = [everythingIn(root), logged(), ...told].join('\n');
  for (const [what, [, secret]] of Object.entries(all)) {
    // Short ones stand in other words, too.
    if (secret.length >= 8) assert.ok(!stays.includes(secret), what);
  }
  assert.ok(!stays.includes(password) && !stays.includes(run(20)) && !stays.includes(TOKEN));
});
