/** Usage of volumes from a real Prometheus that scrapes kubelets: what it gives, what it does not, and how it is asked. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { resolveConfiguration } from '../../src/expand/settings/configuration.ts';
import type { Reading } from '../../src/expand/usage/source.ts';
import { makeAuthority, signServer } from '../../src/kube/certificate.ts';
import { createPrometheusSource, type PrometheusSource } from '../../src/operator/usage-sources.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { type FakeKubelets, type FakeNode, startKubelets } from '../kubelet/kubelet.ts';
import { frontFor } from '../tools/front.ts';
import { missingPrometheus, startPrometheus } from '../tools/prometheus.ts';
import { eventually, temporaryFolder } from './larder.ts';

const skip = await missingPrometheus();
const GIB = 2n ** 30n;

interface Settings {
  readonly [key: string]: string;
}

function sourceFor(t: TestContext, settings: Settings, secrets: { token?: string; password?: string } = {}) {
  const file = { kubeletInterval: '1s', prometheusInterval: '1s', ...settings };
  const configuration = resolveConfiguration({ flags: {}, env: {}, file });
  if (configuration.kind === 'invalid') assert.fail(configuration.problems.map(({ message }) => message).join('\n'));
  const { token, password } = secrets;
  const source = createPrometheusSource({ configuration, secrets: { token, password }, clock: systemClock });
  assert.ok(source);
  t.after(() => source.client.close());
  return source;
}

async function readingsOf(
  { source }: PrometheusSource,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Reading>> {
  const readings = new Map<string, Reading>();
  const subjects = keys.map((key) => ({ key, nodes: ['any'], sharesFilesystem: false }));
  await source.collect(
    { subjects, deliver: (reading) => void readings.set(reading.key, reading) },
    AbortSignal.timeout(20_000),
  );
  return readings;
}

/** All of the claims, once each has a sample; the last reason is told when that never happens. */
async function sampled(source: PrometheusSource, keys: readonly string[]): Promise<ReadonlyMap<string, Reading>> {
  let last = '';
  const wanted = async (): Promise<ReadonlyMap<string, Reading> | undefined> => {
    const readings = await readingsOf(source, keys);
    const missing = [...readings.values()].find(({ kind }) => kind === 'none');
    last = reasonOf(missing);
    return missing ? undefined : readings;
  };
  return eventually('samples', wanted, 20).catch((cause: unknown) => assert.fail(`${String(cause)}: ${last}`));
}

const reasonOf = (reading: Reading | undefined): string => (reading?.kind === 'none' ? reading.reason : 'a sample');

async function kubeletsFor(t: TestContext, count: number) {
  const kubelets = await startKubelets();
  t.after(() => kubelets.close());
  const nodes: FakeNode[] = [];
  for (let index = 0; index < count; index += 1) nodes.push(await kubelets.add(`node-${index}`));
  return { kubelets, nodes };
}

/** As the kubelets are usually scraped: their own label `namespace` counts, and the node is a label of the target. */
function scrapeOf(kubelets: FakeKubelets, nodes: readonly FakeNode[]): string {
  return JSON.stringify([
    {
      job_name: 'kubelet',
      scheme: 'https',
      scrape_interval: '1s',
      scrape_timeout: '1s',
      honor_labels: true,
      tls_config: { ca_file: kubelets.authorityFile },
      authorization: { credentials_file: kubelets.tokenFile },
      static_configs: nodes.map(({ name, port }) => ({ targets: [`127.0.0.1:${port}`], labels: { node: name } })),
    },
  ]);
}

const volume = (claim: string, usedBytes: bigint) => ({
  namespace: 'shop',
  claim,
  capacityBytes: 10n * GIB,
  usedBytes,
});

const PASSWORD = 'open sesame';
/** Of that password. */
const BCRYPT = '$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW';

// Each Prometheus waits five seconds for its first targets: side by side they wait once.
describe('usage from a real Prometheus', { skip, concurrency: true }, () => {
  test('a real Prometheus gives what it scraped, with the time of the scrape, and nothing that it lacks', {
    skip,
  }, async (t) => {
    const { kubelets, nodes } = await kubeletsFor(t, 3);
    const [first, second, third] = nodes;
    assert.ok(first && second && third);
    first.volumes = () => [
      { ...volume('data-0.x', 9n * GIB), inodes: { total: 100n, used: 40n } },
      volume('partial', GIB),
    ];
    first.behaviour = {
      kind: 'spoiled',
      spoil: (body) =>
        body
          .replace(/kubelet_volume_stats_available_bytes\{[^}]*"partial"\} \d+\n/, '')
          .replace(/(kubelet_volume_stats_capacity_bytes\{[^}]*"partial"\}) \d+/, '$1 1024'),
    };
    // The claim is on two nodes, as a pod that moves is: the newest counts.
    second.volumes = () => [volume('data-1', 2n * GIB), volume('nothing', 0n)];
    second.behaviour = { kind: 'spoiled', spoil: (body) => body.replaceAll(/("nothing"\}) \d+/g, '$1 NaN') };
    third.behaviour = { kind: 'hang' };
    third.volumes = () => [volume('unseen', GIB)];
    const prometheus = await startPrometheus({ scrape: scrapeOf(kubelets, nodes) });
    t.after(() => prometheus.close());
    const source = sourceFor(t, { prometheusUrl: prometheus.url });
    const keys = ['data-0.x', 'data-1', 'partial', 'nothing', 'unseen', 'data-0-x'].map((name) => `shop/${name}`);
    const begun = Date.now();
    const readings = await eventually('two scrapes', async () => {
      const found = await readingsOf(source, keys);
      return found.get('shop/data-0.x')?.kind === 'sample' && found.get('shop/data-1')?.kind === 'sample'
        ? found
        : undefined;
    });
    const data = readings.get('shop/data-0.x');
    assert.ok(data?.kind === 'sample');
    const { at, ...figures } = data.sample;
    assert.deepEqual(figures, {
      capacityBytes: 10n * GIB,
      availableBytes: GIB,
      usedBytes: 9n * GIB,
      inodes: { total: 100n, used: 40n },
      origin: 'prometheus',
      place: `127.0.0.1:${prometheus.port}`,
      everyMs: 1_000,
      abnormal: false,
    });
    // The scrape was after the start, and what it read may be a refresh of the kubelet older.
    assert.ok(at >= begun - 60_000 && at <= Date.now() - 1_000, `${at}`);
    assert.match(reasonOf(readings.get('shop/partial')), /available is absent$/);
    assert.match(reasonOf(readings.get('shop/nothing')), /capacity is malformed$/);
    assert.match(reasonOf(readings.get('shop/unseen')), /has no fresh series of this volume$/);
    assert.match(reasonOf(readings.get('shop/data-0-x')), /has no fresh series/); // the dot is a dot
    assert.deepEqual(source.source.health?.(), { asked: 1, failed: 0, example: '' });

    // As a history: the next whole step lies ahead, and sees what was scraped within five minutes before it.
    const to = Date.now() + 300_000;
    const [point, ...rest] = await source.history.series({ key: 'shop/data-0.x', uid: '', from: to - 300_000, to });
    assert.deepEqual([point?.usedBytes, point?.capacityBytes, rest], [9n * GIB, 10n * GIB, []]);
    assert.deepEqual(await source.history.series({ key: 'shop/partial', uid: '', from: to - 300_000, to }), []);
    assert.deepEqual(await source.history.series({ key: 'shop/data-0.x', uid: '', from: 0, to: 600_000 }), []);

    // A target that is gone leaves at once, because Prometheus marks its series as stale.
    second.behaviour = { kind: 'status', code: 500 };
    await eventually('the series to go stale', async () => {
      const found = await readingsOf(source, keys);
      return found.get('shop/data-1')?.kind === 'none' ? true : undefined;
    });
  });

  test('two clusters in one Prometheus are told apart by a matcher, and nothing is taken while there is none', {
    skip,
  }, async (t) => {
    const { kubelets, nodes } = await kubeletsFor(t, 2);
    const [mine, other] = nodes;
    assert.ok(mine && other);
    mine.volumes = () => [volume('data', GIB)];
    other.volumes = () => [volume('data', 9n * GIB)];
    const [job] = JSON.parse(scrapeOf(kubelets, nodes));
    job.static_configs[0].labels = { cluster: 'mine' };
    job.static_configs[1].labels = { cluster: 'other' };
    const prometheus = await startPrometheus({ scrape: JSON.stringify([job]) });
    t.after(() => prometheus.close());
    const chosen = sourceFor(t, { prometheusUrl: prometheus.url, prometheusMatchers: 'cluster="mine"' });
    const theirs = sourceFor(t, { prometheusUrl: prometheus.url, prometheusMatchers: 'cluster="other"' });
    await eventually('both to be scraped', async () => {
      const both = await Promise.all([chosen, theirs].map((source) => readingsOf(source, ['shop/data'])));
      return both.every((found) => found.get('shop/data')?.kind === 'sample') ? true : undefined;
    });
    const reading = (await readingsOf(chosen, ['shop/data'])).get('shop/data');
    assert.ok(reading?.kind === 'sample');
    assert.equal(reading.sample.usedBytes, GIB);
    const blind = sourceFor(t, { prometheusUrl: prometheus.url });
    const refused = (await readingsOf(blind, ['shop/data'])).get('shop/data');
    assert.match(reasonOf(refused), /series differ in the label cluster: name one with the setting prometheusMatchers/);
  });

  test('TLS with a CA of its own and basic authentication, as Prometheus itself has them', async (t) => {
    const { kubelets, nodes } = await kubeletsFor(t, 1);
    for (const node of nodes) node.volumes = () => [volume('data', GIB)];
    const folder = temporaryFolder((remove) => t.after(remove));
    const validity = { from: Date.now() - 60_000, until: Date.now() + 3_600_000 };
    const authority = await makeAuthority('prometheus-ca', validity);
    const server = await signServer(authority, { name: 'prometheus', hosts: ['127.0.0.1'] }, validity);
    const [ca, cert, key, password] = ['ca.crt', 'tls.crt', 'tls.key', 'password'].map((name) => join(folder, name));
    assert.ok(ca && cert && key && password);
    writeFileSync(ca, authority.certificate);
    writeFileSync(cert, server.certificate);
    writeFileSync(key, server.key);
    writeFileSync(password, `${PASSWORD}\n`);
    const text = `tls_server_config: { cert_file: ${cert}, key_file: ${key} }\nbasic_auth_users: { larder: '${BCRYPT}' }\n`;
    const authorization = `Basic ${Buffer.from(`larder:${PASSWORD}`).toString('base64')}`;
    const prometheus = await startPrometheus({ scrape: scrapeOf(kubelets, nodes), web: { text, authorization } });
    t.after(() => prometheus.close());
    const settings = { prometheusUrl: prometheus.url, prometheusCaFile: ca, prometheusUser: 'larder' };
    const good = sourceFor(t, { ...settings, prometheusPasswordFile: password });
    await sampled(good, ['shop/data']);
    const fromEnvironment = sourceFor(t, settings, { password: PASSWORD });
    assert.equal((await readingsOf(fromEnvironment, ['shop/data'])).get('shop/data')?.kind, 'sample');
    const wrong = sourceFor(t, settings, { password: 'not the password' });
    const refusal = reasonOf((await readingsOf(wrong, ['shop/data'])).get('shop/data'));
    assert.match(refusal, /answered 401: it does not accept the token, password or tenant that it is given$/);
    assert.doesNotMatch(refusal, /not the password/);
    const unknown = sourceFor(t, { prometheusUrl: prometheus.url, prometheusUser: 'larder' }, { password: PASSWORD });
    const unverified = (await readingsOf(unknown, ['shop/data'])).get('shop/data');
    assert.match(reasonOf(unverified), /cannot be verified \(.*\); it was sent nothing: set prometheusCaFile$/);
  });

  test('mutual TLS, a bearer token that is rotated, a tenant and a path before the API; pages of claims by their names', {
    skip,
  }, async (t) => {
    const claims = Array.from({ length: 450 }, (_, index) => `data-${index}`);
    const { kubelets, nodes } = await kubeletsFor(t, 1);
    for (const node of nodes) node.volumes = () => claims.map((claim, index) => volume(claim, BigInt(index)));
    const prometheus = await startPrometheus({
      scrape: scrapeOf(kubelets, nodes),
      rules: `groups: [{ name: larder, interval: 1s, rules: [
      { record: 'storage:capacity', expr: 'label_replace(kubelet_volume_stats_capacity_bytes, "pvc", "$1", "persistentvolumeclaim", "(.*)")' },
      { record: 'storage:available', expr: 'label_replace(kubelet_volume_stats_available_bytes, "pvc", "$1", "persistentvolumeclaim", "(.*)")' } ] }]`,
    });
    t.after(() => prometheus.close());
    const folder = temporaryFolder((remove) => t.after(remove));
    const front = await frontFor(t, { to: prometheus.url, prefix: '/select' });
    const token = join(folder, 'token');
    writeFileSync(token, 'first\n');
    const files = { ca: front.authority, crt: front.client.certificate, key: front.client.key };
    for (const [name, pem] of Object.entries(files)) writeFileSync(join(folder, `client.${name}`), pem);
    const settings = {
      prometheusUrl: `${front.url}/select/`,
      prometheusCaFile: join(folder, 'client.ca'),
      prometheusTokenFile: token,
      prometheusTenant: 'team-a',
      prometheusClaimLabel: 'pvc',
      prometheusCapacityQuery: 'storage:capacity{$matchers}',
      prometheusAvailableQuery: 'storage:available{$matchers}',
      prometheusUsedQuery: '',
      prometheusInodesQuery: '',
    };
    const certificate = {
      prometheusCertificateFile: join(folder, 'client.crt'),
      prometheusKeyFile: join(folder, 'client.key'),
    };
    const keys = claims.map((claim) => `shop/${claim}`);
    const source = sourceFor(t, { ...settings, ...certificate });
    front.accept = { authorization: 'Bearer first', tenant: 'team-a' };
    const readings = await sampled(source, keys);
    assert.equal(readings.size, 450);
    const last = readings.get('shop/data-449');
    assert.ok(last?.kind === 'sample');
    assert.deepEqual([last.sample.usedBytes, last.sample.inodes], [449n, undefined]);
    assert.deepEqual(source.source.health?.(), { asked: 3, failed: 0, example: '' });
    assert.deepEqual([...new Set(front.asked)], ['POST /select/api/v1/query']);

    // Whoever rotates a token writes the file first; the refusal of the old one makes it read again.
    writeFileSync(token, 'second\n');
    front.accept = { authorization: 'Bearer second', tenant: 'team-a' };
    await sampled(source, keys.slice(0, 1));
    const unknown = sourceFor(t, settings);
    const refused = await readingsOf(unknown, keys.slice(0, 1));
    assert.match(reasonOf(refused.get('shop/data-0')), /certificate|socket|closed|ECONNRESET/i);
    front.accept = { authorization: 'Bearer second', tenant: 'team-b' };
    const foreign = await readingsOf(source, keys.slice(0, 1));
    assert.match(reasonOf(foreign.get('shop/data-0')), /answered 403: it does not accept/);
    assert.doesNotMatch(JSON.stringify([...readings.values()].map(reasonOf)), /first|second/);
  });
});
