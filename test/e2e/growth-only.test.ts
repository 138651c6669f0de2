/** `larder operator --no-provisioner`: no export anywhere, and the volumes of another driver grow. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kinds } from '../../src/kube/index.ts';
import { apiFor, exportless } from './growth-only.ts';
import { eventually, type RunningOperator, runLarder } from './larder.ts';

const GIB = 2n ** 30n;

interface Finding {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly fix: string;
}

function askOf({ console: { origin, searchParams } }: RunningOperator) {
  const token = searchParams.get('token') ?? '';
  const run = (...words: readonly string[]) =>
    runLarder(words, { LARDER_OPERATOR: origin, LARDER_OPERATOR_TOKEN: token });
  return {
    run,
    async doctor(): Promise<readonly Finding[]> {
      return JSON.parse((await run('doctor', '-o', 'json')).stdout);
    },
    async get(path: string): Promise<string> {
      const response = await fetch(new URL(path, origin), { headers: { authorization: `Bearer ${token}` } });
      return response.text();
    },
  };
}

const childrenOf = (pid: number): string => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();

test('a forgotten export is refused, with both ways out', async (t) => {
  const forgotten = await runLarder(['operator', '--kubeconfig', await apiFor(t), '--port', '0']);
  assert.notEqual(forgotten.code, 0);
  assert.match(forgotten.stderr, /give --export SERVER:\/PATH, .* say --no-provisioner/);
});

test('without an export claims of another driver grow, once somebody is asked how full they are', async (t) => {
  const { asking, client, start } = await exportless(t);
  const blind = await start();
  assert.ok(blind.lines.includes('Serves  no claims: grows the volumes of other drivers'), blind.lines.join('\n'));
  const ask = askOf(blind);
  const warned = await eventually('the doctor to miss a source', async () => {
    const findings = await ask.doctor();
    return findings.some(({ check }) => check === 'usage') ? findings : undefined;
  });
  const troubles = warned.filter(({ level }) => level !== 'ok');
  assert.deepEqual(
    troubles.map(({ check, level }) => [check, level]),
    [['usage', 'warning']],
  );
  assert.match(troubles[0]?.message ?? '', /1 claim is to grow and cannot: default\/data$/);
  assert.match(troubles[0]?.fix ?? '', /^give --kubelet direct \(chart: kubelet\.mode\) or set prometheusUrl/);
  const explained = await ask.run('explain', 'pvc/data', '-n', 'default');
  assert.match(explained.stdout, /no usage source covers it: give --kubelet direct/);
  assert.deepEqual(JSON.parse(await ask.get('/api/exports')), []);
  assert.deepEqual(JSON.parse(await ask.get('/api/trash')), { entries: [], problems: [] });
  assert.equal(childrenOf(blind.pid), '', 'a process for an export runs');
  blind.kill('SIGTERM');
  assert.equal(await blind.exited, 0);

  const seeing = await start(...asking);
  const grown = await eventually('the claim to grow', async () => {
    const claim = await client.get(kinds.PersistentVolumeClaim, { namespace: 'default', name: 'data' });
    return claim.status?.capacity?.['storage'] === '10Gi' ? undefined : claim;
  });
  assert.deepEqual([grown.spec.resources.requests['storage'], grown.status?.capacity?.['storage']], ['11Gi', '11Gi']);
  const { run, doctor } = askOf(seeing);
  assert.deepEqual(
    (await doctor()).filter(({ level }) => level !== 'ok'),
    [],
  );
  // Until the first measurement after the growth nobody knows how full it is.
  const [listed] = await eventually('the new size to be measured', async () => {
    const rows: readonly Record<string, string>[] = JSON.parse((await run('volumes', 'list', '-o', 'json')).stdout);
    assert.equal(rows.length, 1);
    return rows[0]?.['used'] === '' ? undefined : rows;
  });
  const { namespace, claim, volume, used } = listed ?? {};
  assert.deepEqual([namespace, claim, volume, used], ['default', 'data', 'pv-default-data', (9n * GIB).toString()]);
});
