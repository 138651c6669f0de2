/**
 * What the webhook costs a claim that concerns nobody: asked over HTTPS as an API server asks it, one question after the
 * other on a kept connection, among policies of which none selects the claim. The limit in the same run is a handler
 * that says yes without looking; the last row is a claim that gets another size.
 */
import { Pool } from 'undici';
import { createEmbedded } from '../src/embedded/cluster.ts';
import { createAdmission } from '../src/expand/admission.ts';
import { definitions } from '../src/expand/api/definition.ts';
import { pvcGroups } from '../src/expand/api/pvc-group.ts';
import { pvcPolicies } from '../src/expand/api/pvc-policy.ts';
import { resolveConfiguration } from '../src/expand/settings/configuration.ts';
import type { Surroundings } from '../src/expand/situation.ts';
import { podIndexes, policyIndexes, quotaIndexes, viewOf } from '../src/expand/view.ts';
import { createCache } from '../src/kube/cache.ts';
import { makeAuthority, signServer } from '../src/kube/certificate.ts';
import { type Client, createClient } from '../src/kube/client.ts';
import { kinds } from '../src/kube/kinds.ts';
import { createWebhook } from '../src/kube/webhook.ts';
import { createProviders } from '../src/providers/index.ts';
import { systemClock, systemRandom } from '../src/telemetry/clock.ts';
import { silentLog } from '../src/telemetry/log.ts';
import { type BenchReport, type BenchRow, distribution } from './report.ts';

const POLICIES = 50;
const QUESTIONS = 5_000;
const WARM_UP = 1_000;
const BAR_MS = 5;
const DAY_MS = 86_400_000;

const tools = { clock: systemClock, random: systemRandom, log: silentLog };

export async function run(): Promise<BenchReport> {
  const embedded = await createEmbedded(tools);
  const client = createClient({ ...tools, transport: embedded.transport });
  await fill(client);
  const stop = new AbortController();
  const surroundings = await surroundingsOf(client, stop.signal);
  const admission = createAdmission({
    surroundings,
    ready: async () => undefined,
    reserved: () => false,
    providerNames: surroundings.providers.names ?? [],
    log: silentLog,
  });
  const webhook = createWebhook({
    handlers: { '/trivial': () => ({ kind: 'allowed' }), '/claims': admission.claim },
    clock: systemClock,
    log: silentLog,
  });
  const validity = { from: Date.now() - DAY_MS, until: Date.now() + DAY_MS };
  const authority = await makeAuthority('bench-ca', validity);
  webhook.secure(await signServer(authority, { name: 'bench', hosts: ['localhost'] }, validity));
  const port = await webhook.listen({ host: '127.0.0.1', port: 0 });
  const connect = { ca: authority.certificate, servername: 'localhost' };
  const pool = new Pool(`https://127.0.0.1:${port}`, { connect, connections: 1 });
  try {
    await askAll(pool, WARM_UP);
    return reportOf(await askAll(pool, QUESTIONS));
  } finally {
    await pool.destroy();
    stop.abort();
    await webhook.close();
    embedded.close();
  }
}

const questions = {
  trivial: { path: '/trivial', workload: 'none' },
  unmatched: { path: '/claims', workload: 'none' },
  sized: { path: '/claims', workload: 'w7' },
} as const;
type Question = keyof typeof questions;
const order = ['trivial', 'unmatched', 'sized'] as const satisfies readonly Question[];

/** Milliseconds of each. */
type Samples = Readonly<Record<Question, number[]>>;

/** In turns, so that whatever else the machine does meets all of them. */
async function askAll(pool: Pool, count: number): Promise<Samples> {
  const samples: Samples = { trivial: [], unmatched: [], sized: [] };
  for (let index = 0; index < count; index += 1) {
    for (const question of order) samples[question].push(await ask(pool, question, index));
  }
  return samples;
}

async function ask(pool: Pool, question: Question, index: number): Promise<number> {
  const { path, workload } = questions[question];
  const body = reviewOf(index, workload);
  const begun = performance.now();
  const response = await pool.request({ path: `${path}?timeout=3s`, method: 'POST', body });
  const text = await response.body.text();
  const tookMs = performance.now() - begun;
  const { response: answer }: { response: { allowed: boolean; patch?: string } } = JSON.parse(text);
  const expected = answer.allowed && (answer.patch !== undefined) === (question === 'sized');
  if (!expected) throw new Error(`the bench asks something else than it says: ${text}`);
  return tookMs;
}

function reportOf(samples: Samples): BenchReport {
  const limit = distribution(samples.trivial);
  const row = (what: string, question: Question): BenchRow => {
    const spread = distribution(samples[question]);
    const ratio = { to: 'says yes without looking', value: spread.median / limit.median };
    const met = spread.median < BAR_MS && spread.p99 - limit.p99 < BAR_MS;
    return { what, unit: 'ms', ...spread, ratio, bar: { text: `< ${BAR_MS}, p99 < ${BAR_MS} more than that`, met } };
  };
  return {
    about: `${QUESTIONS.toLocaleString('en')} questions of each kind to the webhook over HTTPS, in turns, with ${POLICIES} policies in the namespace`,
    rows: [
      { what: 'says yes without looking', unit: 'ms', ...limit },
      row('a claim that no policy selects', 'unmatched'),
      row('a claim that gets another size', 'sized'),
    ],
  };
}

function reviewOf(index: number, workload: string): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: `uid-${index}`,
      operation: 'CREATE',
      resource: { group: '', version: 'v1', resource: 'persistentvolumeclaims' },
      namespace: 'default',
      name: `data-${index}`,
      object: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: `data-${index}`, namespace: 'default', labels: { workload } },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'fast',
          resources: { requests: { storage: '10Gi' } },
        },
      },
      oldObject: null,
    },
  });
}

async function fill(client: Client): Promise<void> {
  for (const definition of definitions) {
    await post(client, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  }
  await client.create(kinds.StorageClass, {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'fast' },
    provisioner: 'topolvm.io',
    allowVolumeExpansion: true,
  });
  for (let index = 0; index < POLICIES; index += 1) {
    await post(client, '/apis/pvc-chonker.io/v1alpha1/namespaces/default/pvcpolicies', {
      apiVersion: 'pvc-chonker.io/v1alpha1',
      kind: 'PVCPolicy',
      metadata: { name: `policy-${index}`, namespace: 'default' },
      spec: { selector: { matchLabels: { workload: `w${index}` } }, template: { initialSize: '40Gi' } },
    });
  }
}

async function post(client: Client, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await client.request({ method: 'POST', path, headers, body: JSON.stringify(body) });
  if (response.status !== 201) throw new Error(await response.text());
}

async function surroundingsOf(client: Client, signal: AbortSignal): Promise<Surroundings> {
  const world = { ...tools, client };
  const caches = {
    claims: createCache({ ...world, resource: kinds.PersistentVolumeClaim }),
    volumes: createCache({ ...world, resource: kinds.PersistentVolume }),
    classes: createCache({ ...world, resource: kinds.StorageClass }),
    namespaces: createCache({ ...world, resource: kinds.Namespace }),
    quotas: createCache({ ...world, resource: kinds.ResourceQuota, indexes: quotaIndexes }),
    pods: createCache({ ...world, resource: kinds.Pod, indexes: podIndexes }),
    policies: createCache({ ...world, resource: pvcPolicies, optional: true, indexes: policyIndexes }),
    groups: createCache({ ...world, resource: pvcGroups, optional: true }),
  };
  for (const cache of Object.values(caches)) void cache.run(signal);
  await Promise.all(Object.values(caches).map((cache) => cache.synced(signal)));
  const configuration = resolveConfiguration({ flags: {}, env: {}, file: undefined });
  if (configuration.kind !== 'resolved') throw new Error('the built-in configuration is not accepted');
  return { view: viewOf(caches), providers: createProviders(), configuration };
}
