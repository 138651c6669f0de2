/** `larder simulate`, typed by a person. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { runLarder, temporaryFolder } from './larder.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = resolve(ROOT, 'examples/simulate/databases.yaml');
const run = (...args: readonly string[]) => runLarder(['simulate', ...args]);

test('the example plays a year, as a table, as data and as a page', async (t) => {
  const page = join(
    temporaryFolder((remove) => t.after(remove)),
    'growth.html',
  );
  const table = await run(EXAMPLE, '--html', page);
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^CLAIM +FROM +TO +STEPS +> 95 % +FULL +UNUSED +COST USD +END\n/);
  assert.match(table.stderr, /^… the 20 of them that fare worst; --all shows all\n365d: 52 claims, /);
  const nowhere = await run(EXAMPLE, '--html', join(dirname(page), 'none', 'growth.html'));
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /none\/growth\.html cannot be written: its folder does not exist: make it first\n$/);
  const data = JSON.parse((await run(EXAMPLE, '--all', '-o', 'json')).stdout);
  assert.equal(data.claims.length, 52);
  assert.equal(data.total.violations, 0);
  assert.equal(data.total.fullMs, 0);
  const html = readFileSync(page, 'utf8');
  assert.equal(html.match(/<figure>/g)?.length, 20);
  assert.doesNotMatch(html, /https?:|<script|src=|url\(/);
});

test('what is wrong in a scenario is named with its file, line and field', async (t) => {
  const path = join(
    temporaryFolder((remove) => t.after(remove)),
    'wrong.yaml',
  );
  const example = readFileSync(EXAMPLE, 'utf8');
  const wrong = async (text: string) => {
    writeFileSync(path, text);
    const { code, stderr } = await run(path);
    assert.equal(code, 2, stderr);
    return stderr.replaceAll(path, 'wrong.yaml');
  };
  assert.equal(
    await wrong(example.replace('duration: 365d', 'duration: a year')),
    'larder: wrong.yaml:3: duration: must be a duration, for example "15m", "1h30m" or "2d"\n',
  );
  const known = 'start, duration, measuredEvery, resizeTakes, seed, configuration, objects, prices, currency, claims';
  const line = example.slice(0, example.indexOf('\nclaims:') + 1).split('\n').length;
  assert.equal(
    await wrong(example.replace('\nclaims:', '\nclaim:')),
    `larder: wrong.yaml:1: claims: is missing: a list\nwrong.yaml:${line}: claim: is not known; known here: ${known}\n`,
  );
  assert.equal(
    await wrong('claims:\n  - name: a\n    size: 1Gi\n    usage: {growht: 1Gi/d}\n'),
    'larder: wrong.yaml:4: claims.0.usage.growht: is not known; known here: start, growth, daily, jitter, bursts\n',
  );
  assert.equal(
    await wrong('claims: [{name: a, size: 1Gi, count: 0}]\n'),
    'larder: wrong.yaml:1: claims.0.count: is less than 1\n',
  );
  assert.equal(
    await wrong('claims:\n  - name: a\n  - name: b\n    size: [1Gi]\n'),
    'larder: wrong.yaml:2: claims.0.size: is missing: a text or a number\nwrong.yaml:4: claims.1.size: must be a text or a number\n',
  );
  assert.equal(await wrong('claims: []\n'), 'larder: wrong.yaml:1: claims: needs at least 1 entries\n');
  assert.match(
    await wrong(example.replace('kind: PVCPolicy', 'kind: Pod')),
    /an object of kind "Pod" has no part in a simulation/,
  );
  assert.match(await wrong('configuration: {watchInterval: soon}\nclaims: [{name: a, size: 1Gi}]\n'), /watchInterval/);
  assert.match(await wrong('claims: [\n'), /wrong\.yaml: /);
  const mapping = 'a scenario is a mapping, for example `duration: 90d` and `claims:` with a list below it';
  assert.equal(await wrong('- claims\n'), `larder: wrong.yaml:1: the file is a list: ${mapping}\n`);
  assert.equal(await wrong('claims\n'), `larder: wrong.yaml:1: the file is a single value: ${mapping}\n`);
  assert.equal(await wrong('# nothing\n'), `larder: wrong.yaml:1: the file is empty: ${mapping}\n`);
  const folder = await run(dirname(path));
  assert.deepEqual([folder.code, folder.stderr], [2, `larder: ${dirname(path)} is a folder: name a file\n`]);
});

const gp3 = {
  ...{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'gp3' } },
  ...{ provisioner: 'ebs.csi.aws.com', parameters: { type: 'gp3' }, allowVolumeExpansion: true },
};
const [FROM, DAY_MS, GIB] = [Date.UTC(2026, 0, 1), 86_400_000, 1024 ** 3];

interface Written {
  readonly configuration?: object;
  readonly provisioners?: readonly string[];
  /** Of the claim. */
  readonly more?: object;
}

/** A claim of ten days, as `larder record` writes it: 8 GiB of 10 GiB at first, 1 GiB more every day. */
function recorded({ configuration = {}, provisioners = ['larder.dev/directory'], more = {} }: Written): string {
  const head = {
    larderRecording: 1,
    from: FROM,
    to: FROM + 10 * DAY_MS,
    everyMs: 300_000,
    configuration,
    provisioners,
  };
  const annotations = { 'pvc-chonker.io/enabled': 'true', 'pvc-chonker.io/min-scale-up': '1Mi' };
  const named = { namespace: 'shop', name: 'data', uid: 'u', storageClassName: 'gp3' };
  const points = [0, 5, 10].map((day) => [FROM + day * DAY_MS, (8 + day) * GIB, 10 * GIB]);
  const claim = { ...named, request: '10Gi', annotations, ...more };
  return [head, { object: gp3 }, { claim, points }].map((line) => JSON.stringify(line)).join('\n');
}

test('what is configured about clouds counts, of a scenario and of a recording', async (t) => {
  const path = join(
    temporaryFolder((remove) => t.after(remove)),
    'played',
  );
  const played = async (text: string) => {
    writeFileSync(path, text);
    const { code, stdout, stderr } = await run(path, '-o', 'json');
    return { code, stderr: stderr.replaceAll(path, 'played'), to: code === 0 ? JSON.parse(stdout).total.endBytes : '' };
  };
  const scenario = (providerConfig: object) => {
    const usage = { start: '8Gi', growth: '1Gi/d' };
    const claims = [{ name: 'data', size: '10Gi', storageClassName: 'gp3', settings: { enabled: true }, usage }];
    return JSON.stringify({ duration: '10d', configuration: { providerConfig }, objects: [gp3], claims });
  };
  const recording = (providerConfig: object) =>
    recorded({ configuration: { providerConfig: JSON.stringify(providerConfig) } });
  const limited = { aws: { maxSize: { gp3: '13Gi' } } };
  for (const text of [scenario, recording]) {
    const [free, held, wrong] = [
      await played(text({})),
      await played(text(limited)),
      await played(text({ a: { b: 1 } })),
    ];
    assert.ok(BigInt(free.to) > BigInt(18 * GIB), `${free.stderr}${free.to}`);
    assert.equal(held.to, String(13 * GIB), held.stderr);
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.stderr,
      /^larder: played(:1)?: unknown key "a\.b" \(providerConfig\): .*keys begin with aws, gcp/,
    );
  }
  const nonsense = await played(scenario({ aws: { nonsense: '1h' } }));
  assert.match(
    nonsense.stderr,
    /unknown key "aws\.nonsense".*accepted of aws are aws\.lookups, aws\.modificationsPerDay, /,
  );
  // A directory grows by MiB, a disk of AWS by GiB.
  assert.notEqual(BigInt((await played(recorded({ provisioners: [gp3.provisioner] }))).to) % BigInt(GIB), 0n);
});

test('a recording costs what its settings or a file of prices say, by the type that its claims have', async (t) => {
  const folder = temporaryFolder((remove) => t.after(remove));
  const [path, prices] = [join(folder, 'usage.jsonl'), join(folder, 'prices.yaml')];
  writeFileSync(prices, 'currency: USD\nprices: {gp3: 730, io2: 7300}\n');
  const costOf = async (written: Written, ...args: readonly string[]): Promise<number | undefined> => {
    // What never grows has 10 GiB for 240 of the 730 hours of a month.
    writeFileSync(path, recorded({ ...written, more: { ...written.more, annotations: {} } }));
    const { stdout, stderr } = await run(path, ...args, '-o', 'json');
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout).total.cost;
  };
  assert.equal(await costOf({}), undefined);
  assert.equal(await costOf({ configuration: { prices: 'gp3=73' } }), 240);
  assert.equal(await costOf({ configuration: { prices: 'gp3=73' } }, '--prices', prices), 2_400);
  const attributesClass = { kind: 'there', driverName: gp3.provisioner, parameters: { type: 'io2' } };
  const more = { attributesClassName: 'quick', attributesClass };
  assert.equal(await costOf({ more }, '--prices', prices), 24_000);
  const table = await run(path, '--prices', prices);
  assert.match(table.stdout, /COST USD/);
  writeFileSync(prices, 'currency: USD\n');
  const none = await run(path, '--prices', prices);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /prices\.yaml: .*prices/s);
});
