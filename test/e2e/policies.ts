/** PVCPolicy and PVCGroup as their users meet them: through kubectl, with the requirement's own examples. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import { kinds } from '../../src/kube/index.ts';
import { createKubectl, findKubectl, type KubectlRun } from '../tools/kubectl.ts';
import { applyClaim, bound, eventsOf } from './claims.ts';
import { eventually, temporaryFolder } from './larder.ts';
import { groupExample, policyExample } from './requirement-examples.ts';
import type { Journey, Place, Site } from './site.ts';

export const policies = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name} the requirement's examples apply as they stand, wrong values are refused in words, and a policy makes a claim grow`,
    run: (t) => journey(t, place),
  },
];

/** For clusters where the requirement's namespace may be somebody's. */
export const policyGrowth = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name} wrong values of a policy are refused in words, and a policy makes a claim grow`,
    async run(t) {
      const at = await start(t, place);
      if (at === undefined) return;
      await refusals(at.run);
      await grows(at.site, at.done);
    },
  },
];

const DEFINITIONS = resolve(import.meta.dirname, '../../docs/reference/crds.yaml');

type Run = (line: string, input?: string) => Promise<KubectlRun>;

interface Start {
  readonly site: Site;
  readonly run: Run;
  /** Fails when the command does. */
  readonly done: Run;
}

async function journey(t: TestContext, place: Place): Promise<void> {
  const at = await start(t, place);
  if (at === undefined) return;
  await at.done('create namespace production');
  await examples(at.done);
  await refusals(at.run);
  await spellings(at.done);
  await grows(at.site, at.done);
}

/** Undefined: skipped, with the reason. */
async function start(t: TestContext, place: Place): Promise<Start | undefined> {
  const found = await findKubectl();
  if (found.kind === 'unavailable') {
    t.skip(found.reason);
    return undefined;
  }
  const site = await place.site(t);
  const home = temporaryFolder((remove) => t.after(remove));
  const kubectl = createKubectl({ path: found.path, kubeconfig: site.kubeconfig, home });
  const run: Run = (line, input = '') => kubectl(line.split(' '), { input });
  const done = async (line: string, input?: string): Promise<KubectlRun> => {
    const answer = await run(line, input);
    assert.equal(answer.code, 0, `${line}\n${answer.stdout}${answer.stderr}`);
    return answer;
  };
  if (site.ours) await done(`apply -f ${DEFINITIONS}`);
  await done('wait --for condition=Established crd/pvcpolicies.pvc-chonker.io crd/pvcgroups.pvc-chonker.io');
  return { site, run, done };
}

async function examples(done: Run): Promise<void> {
  const policy = await done('apply --validate=strict -f -', policyExample);
  assert.equal(policy.stdout, 'pvcpolicy.pvc-chonker.io/database-policy created\n');
  assert.doesNotMatch(policy.stderr, /unknown field|error/i);
  const group = await warned(done);
  assert.match(group.stderr, /Warning: .*spec\.status has no effect: the status of a group stands beside its spec/);
  const [head = '', row = ''] = (await done('get pvcp -n production')).stdout.split('\n');
  assert.match(head, /^NAME +PRIORITY +THRESHOLD +INCREASE +MAX +MATCHED +READY +AGE$/);
  assert.match(row, /^database-policy +0 +85% +25% +2000Gi +/);
  assert.match(
    (await done('get pvcg')).stdout,
    /^NAME +COORDINATION +MEMBERS +SIZE +READY +AGE\nelasticsearch-cluster +largest /,
  );
  const { spec } = parse((await done('get pvcp database-policy -n production -o yaml')).stdout);
  assert.deepEqual(spec, {
    priority: 0,
    selector: { matchLabels: { workload: 'database' } },
    template: { enabled: true, ...parse(policyExample).spec.template },
  });
  assert.match(
    (await done('explain pvcp.spec.template.threshold')).stdout,
    /Used share of the capacity at which a claim/,
  );
}

/** An API server takes a moment to see a policy of admission; until then the group is accepted without a word. */
async function warned(done: Run): Promise<KubectlRun> {
  return eventually('the warning', async () => {
    const answer = await done('apply --validate=strict -f -', groupExample);
    if (answer.stderr.includes('spec.status')) return answer;
    await done('delete pvcg elasticsearch-cluster');
    return undefined;
  });
}

const policyOf = (template: string, spec = 'selector: {}'): string =>
  `{apiVersion: pvc-chonker.io/v1alpha1, kind: PVCPolicy, metadata: {name: tried}, spec: {${spec}, template: {${template}}}}`;

const refused: readonly (readonly [manifest: string, message: string])[] = [
  [
    policyOf('threshold: 120%'),
    'spec.template.threshold: Invalid value: "120%": must be a percentage from 1 to 99, for example "80%" or "80"',
  ],
  [
    policyOf('increase: lots'),
    'spec.template.increase: Invalid value: "lots": must be a percentage or a quantity above zero, for example "10%" or "5Gi"',
  ],
  [
    policyOf('maxSize: 10GB'),
    'spec.template.maxSize: Invalid value: "10GB": must be a quantity above zero, for example "10Gi"',
  ],
  [
    policyOf('cooldown: 5 minutes'),
    'spec.template.cooldown: Invalid value: "5 minutes": must be a duration, for example "15m", "1h30m" or "2d"',
  ],
  [
    policyOf('minScaleUp: 1Gi, minIncrease: 2Gi'),
    'spec.template: Invalid value: minIncrease is another name of minScaleUp: write one of them, or the same in both',
  ],
  [
    policyOf('', 'selector: {matchExpressions: [{key: app, operator: In}]}'),
    'spec.selector.matchExpressions[0]: Invalid value: In and NotIn need values; Exists and DoesNotExist must have none',
  ],
];

async function refusals(run: Run): Promise<void> {
  for (const [manifest, message] of refused) {
    const { code, stderr } = await run('apply -f -', manifest);
    assert.equal(code, 1, manifest);
    assert.equal(stderr.trim(), `The PVCPolicy "tried" is invalid: ${message}`);
  }
  const unselective = await run('apply -f -', policyOf('', 'priority: 1'));
  assert.match(unselective.stderr, /spec\.selector: Required value/);
  const unknown = await run('apply -f -', policyOf('maxsize: 5Gi'));
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /strict decoding error: unknown field "spec\.template\.maxsize"/);
}

/** Each spelling of a percentage that the requirement's users know. */
async function spellings(done: Run): Promise<void> {
  for (const threshold of ['85', '85.0', '"85"', '"85%"']) {
    await done('apply --validate=strict -f -', policyOf(`threshold: ${threshold}`));
  }
  await done('delete pvcp tried');
}

async function grows(site: Site, done: Run): Promise<void> {
  const { client } = site;
  const namespace = site.named('default');
  await done(
    'apply --validate=strict -f -',
    `apiVersion: pvc-chonker.io/v1alpha1
kind: PVCPolicy
metadata: {name: small, namespace: ${namespace}}
spec:
  selector: {matchLabels: {size: small}}
  template: {threshold: 60, increase: 50%, minIncrease: 1Mi, maxSize: 40Mi, cooldown: 1s}
`,
  );
  await applyClaim(client, {
    name: 'data',
    namespace,
    size: '20Mi',
    storageClass: site.named('glusterfs-nfs'),
    annotations: { 'volume-name': 'data' },
  });
  await done('label pvc data size=small');
  await bound(client, namespace, 'data');
  writeFileSync(join(site.export, 'glusterfs_data', 'filler'), randomBytes(13 * 1024 * 1024));
  const grown = await eventually('the claim to grow', async () => {
    const { claim } = await bound(client, namespace, 'data');
    return claim.status?.capacity?.['storage'] === '20Mi' ? undefined : claim;
  });
  assert.equal(grown.spec.resources.requests['storage'], '30Mi');
  assert.match((await site.run(['explain', 'pvc/data', '-n', namespace])).stdout, /threshold +60 % +policy small/);
  await done('wait --for jsonpath={.status.matchedPVCs}=1 pvcp/small --timeout=30s');
  await done('wait --for condition=Ready pvcp/small --timeout=30s');
  await done('annotate pvc data pvc-chonker.io/policy=nobody');
  await eventually('the event', async () => {
    const events = await eventsOf(client, namespace, 'data');
    return events.find(({ message = '' }) =>
      message.startsWith('pvc-chonker.io/policy is "nobody": it must name a PVCPolicy'),
    );
  });
  const { metadata } = await client.get(kinds.PersistentVolumeClaim, { namespace, name: 'data' });
  assert.ok(metadata.annotations?.['pvc-chonker.io/history']);
}
