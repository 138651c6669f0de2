/**
 * Runs in the ledger, with the real Ansible and small playbooks on this machine: what is recorded before and after, what a
 * failure asks for before the next run, and that no secret is in any of it.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readJson, type Site } from '../e2e/ledger-person.ts';
import { stage, TOKEN } from './stage.ts';

function events(site: Site): readonly Record<string, unknown>[] {
  return site.records().map((path) => readJson(join(site.root, path)));
}

/** Everything that is kept of a run, evidence unpacked. */
function everything(site: Site): string {
  const below = ['docs', '.larder'].map((folder) => join(site.root, folder));
  return below
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)))
    .map((content) => (content[0] === 0x1f ? gunzipSync(content) : content).toString())
    .join('\n');
}

test('a run that fails is recorded with its evidence, opens an incident, and the next one needs its remediation', async (t) => {
  const made = await stage(t);
  if (typeof made === 'string') return t.skip(made);
  const { site, ana, place, larder } = made;
  writeFileSync(join(place, 'broken'), '');
  const first = await larder('bootstrap', '--yes');
  assert.equal(first.code, 1, first.stderr);
  assert.match(first.stderr, /w\.local: task "Start the worker" \(playbooks\/k3s-agents\.yml:\d+\)/);
  assert.ok(existsSync(join(place, 'base-os-w.local')) && existsSync(join(place, 'post-bootstrap-s.local')));
  assert.equal(existsSync(join(place, 'post-bootstrap-w.local')), false, 'a later phase began on the host that failed');
  const [, started, incident, finished] = events(site);
  assert.deepEqual(
    [started?.['type'], incident?.['type'], finished?.['type']],
    ['run-started', 'incident-opened', 'run-finished'],
  );
  const data = Object(started?.['data']);
  assert.equal(data.triggerType, 'bootstrap');
  assert.match(
    readFileSync(join(site.root, data.diffArtifactsPath), 'utf8'),
    /# base-os: s\.local, w\.local[\s\S]*\+made/,
  );
  const incidentId: string = Object(incident?.['data']).incidentId;
  assert.equal(Object(finished?.['data']).incidentId, incidentId);
  assert.match(readFileSync(join(site.root, Object(finished?.['data']).logsPath), 'utf8'), /PLAY RECAP/);

  const again = await larder('bootstrap', '--yes');
  assert.deepEqual([again.code, /says what is done about that/.test(again.stderr)], [3, true], again.stderr);
  const resumed = await larder('resume', '--yes');
  assert.deepEqual([resumed.code, /says what is done about that/.test(resumed.stderr)], [3, true], resumed.stderr);
  const event = join(site.folder, 'remedy.json');
  const remedy = { type: 'incident-updated', data: { incidentId, remediation: 'another token' } };
  writeFileSync(event, JSON.stringify(remedy));
  assert.equal((await site.ledger(['append', event], ana)).code, 0);
  rmSync(join(place, 'broken'));

  assert.ok(first.stderr.includes('refused'), 'the failure says nothing');
  for (const [where, text] of [
    ['what was printed', first.stdout + first.stderr],
    ['what is kept', everything(site)],
  ] as const)
    assert.ok(
      !text.includes(TOKEN) && !text.includes(Buffer.from(TOKEN).toString('base64')),
      `the token is in ${where}`,
    );

  // The cluster itself is not there: what is left comes through, and is found out at the API.
  const third = await larder('resume', '--yes', '--incident', incidentId);
  assert.equal(third.code, 1, third.stderr);
  assert.match(third.stderr, /the API cannot be asked.*\(LARDER_RUN_VERIFY\)/s);
  assert.ok(existsSync(join(place, 'post-bootstrap-w.local')), 'the rest was not played');
  assert.doesNotMatch(third.stderr, /\] base-os/, 'a phase was repeated');
  assert.equal((await site.ledger(['verify', '--no-cluster'], undefined)).code, 0);
});
