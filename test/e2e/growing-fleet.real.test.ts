/** Fifty claims of a CSI driver on a real control plane: kubelets tell how full they are, and a resizer grows them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bytesOf, type Client, keyOf, kinds, type PersistentVolumeClaim } from '../../src/kube/index.ts';
import { clusterAccess, rulesOf } from '../../src/operator/rbac.ts';
import { type Fleet, type FleetClaim, startFleet } from '../kubelet/fleet.ts';
import { type FakeKubelets, startKubelets } from '../kubelet/kubelet.ts';
import { type ControlPlane, missingControlPlane } from '../tools/control-plane.ts';
import { startResizer } from '../tools/resizer.ts';
import { ACCOUNT, accountFor } from './account.ts';
import { type AuditEntry, auditOf, isWrite } from './audit.ts';
import { clientOf } from './claims.ts';
import { eventually, type RunningOperator, runLarder, startOperator } from './larder.ts';
import { addressOf, planeFor } from './site.ts';

const skip = (await missingControlPlane()) ?? false;
const GIB = 2n ** 30n;
const DRIVER = 'block.csi.example.com';
const NAMESPACE = 'shop';
const NODES = 5;
/** Looks of the operator in which nothing may be written any more. */
const QUIET_LOOKS = 5;

/** What each kind of claim is meant to end with, GiB. */
const kindsOfClaim: Readonly<Record<string, { count: number; ends: number; claim: Omit<FleetClaim, 'name'> }>> = {
  plain: { count: 20, ends: 11, claim: { gib: 10, used: 0.85 } },
  twice: { count: 3, ends: 13, claim: { gib: 10, used: 0.97, annotations: { 'pvc-chonker.io/cooldown': '0s' } } },
  node: { count: 15, ends: 11, claim: { gib: 10, used: 0.85 } },
  last: { count: 2, ends: 100, claim: { gib: 95, used: 0.9, annotations: { 'pvc-chonker.io/max-size': '100Gi' } } },
  low: { count: 6, ends: 10, claim: { gib: 10, used: 0.5 } },
  max: { count: 1, ends: 10, claim: { gib: 10, used: 0.9, annotations: { 'pvc-chonker.io/max-size': '10Gi' } } },
  off: { count: 1, ends: 10, claim: { gib: 10, used: 0.99, annotations: { 'pvc-chonker.io/enabled': 'false' } } },
  infeasible: { count: 2, ends: 0, claim: { gib: 10, used: 0.85, annotations: { 'pvc-chonker.io/increase': '50%' } } },
};
/** Of the claims that are at their largest size or infeasible. */
const OTHER_EVENTS = 6;
/** The driver of those that are called infeasible makes no more of a volume. */
const LARGEST = 12n * GIB;

const fleetClaims: readonly FleetClaim[] = Object.entries(kindsOfClaim).flatMap(([kind, { count, claim }]) =>
  Array.from({ length: count }, (_, index) => ({ ...claim, name: `${kind}-${index}` })),
);
const kindOf = (name: string): string => name.replace(/-\d+$/, '');
const meantFor = (name: string): number => kindsOfClaim[kindOf(name)]?.ends ?? 0;

test('on a real control plane, fifty claims grow to where they should, each by one patch, and then nothing is written', {
  skip,
}, async (t) => {
  const plane = await planeFor(t, { audit: true });
  const client = await clientOf(plane);
  const kubelets = await startKubelets();
  t.after(() => kubelets.close());
  const fleet = await startFleet({
    ...{ client, kubelets, namespace: NAMESPACE, nodes: NODES, provisioner: DRIVER, inFlight: 16 },
    claims: fleetClaims,
  });
  await resizerFor(t, client, fleet);
  const operator = await startOperator([
    ...['--kubeconfig', await withRoles(t, plane, client), '--leader-election', 'false', '--no-provisioner'],
    ...['--watch-interval', '1s', '--kubelet-interval', '1s', '--kubelet', 'direct'],
    ...['--kubelet-ca', kubelets.authorityFile, '--kubelet-token-file', kubelets.tokenFile],
    ...['--patches-per-second', '100', '--patch-burst', '100'],
  ]);
  t.after(() => operator.kill('SIGKILL'));

  await eventually(
    'every claim to have the size that it is meant to have',
    async () => {
      const claims = await claimsOf(client);
      return claims.every(isWhereItShouldBe) ? true : undefined;
    },
    90,
  );
  await quiet(kubelets, fleet);
  const settled = await auditOf(plane, client);
  await quiet(kubelets, fleet);
  const after = await auditOf(plane, client);
  const own = (entries: readonly AuditEntry[]) => entries.filter(({ user }) => user === ACCOUNT);
  assert.deepEqual(own(after.slice(settled.length)).filter(isWrite), [], 'written although nothing changed');
  eachWriteIsMeant(own(after), await claimsOf(client));
  await metricsAgree(operator, await claimsOf(client));
  await told(operator, kubelets);
});

/** A kubeconfig of the documented account, with the roles of an operator that makes no volumes and asks kubelets directly. */
async function withRoles(t: TestContext, plane: ControlPlane, client: Client): Promise<string> {
  const kubeconfig = await accountFor(t, plane);
  const response = await client.request({
    method: 'PATCH',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/larder',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ rules: rulesOf(clusterAccess('direct', false)) }),
  });
  assert.equal(response.status, 200, await response.text());
  return kubeconfig;
}

async function resizerFor(t: TestContext, client: Client, fleet: Fleet): Promise<void> {
  const resizer = await startResizer({
    client,
    provisioner: DRIVER,
    expand({ metadata }, toBytes) {
      const kind = kindOf(metadata.name);
      if (kind === 'infeasible' && toBytes > LARGEST) {
        return { kind: 'infeasible', message: `volume cannot be larger than ${LARGEST} bytes` };
      }
      return { kind: 'grown', node: kind === 'node' };
    },
    grown: fleet.grow,
  });
  t.after(() => resizer.close());
}

async function claimsOf(client: Client): Promise<readonly PersistentVolumeClaim[]> {
  return (await client.list(kinds.PersistentVolumeClaim, { namespace: NAMESPACE })).items;
}

const capacityOf = ({ status }: PersistentVolumeClaim): bigint => bytesOf(status?.capacity?.['storage']) ?? 0n;
const requestOf = ({ spec }: PersistentVolumeClaim): bigint => bytesOf(spec.resources.requests['storage']) ?? 0n;

function isWhereItShouldBe(claim: PersistentVolumeClaim): boolean {
  const capacity = capacityOf(claim);
  if (capacity !== requestOf(claim)) return false;
  if (kindOf(claim.metadata.name) === 'infeasible') return capacity > 10n * GIB && capacity <= LARGEST;
  return capacity === BigInt(meantFor(claim.metadata.name)) * GIB;
}

/** So many more looks at every node. */
async function quiet(_kubelets: FakeKubelets, { nodes }: Fleet): Promise<void> {
  const wanted = nodes.map(({ asked }) => asked.length + QUIET_LOOKS);
  await eventually('the operator to look some more times', async () =>
    nodes.every(({ asked }, index) => asked.length >= (wanted[index] ?? 0)) ? true : undefined,
  );
}

/** One patch for each growth and nothing else but events; the cluster is read by watches. */
function eachWriteIsMeant(entries: readonly AuditEntry[], claims: readonly PersistentVolumeClaim[]): void {
  // A patch has a precondition, so that a claim that was just changed is read and decided on again.
  const again = new Set(entries.filter(({ code }) => code === 409).map(({ resource, name }) => `${resource} ${name}`));
  // A kind that was just defined is not served for a moment: 429.
  const refused = entries.filter(({ code }) => code >= 400 && ![404, 409, 429].includes(code));
  assert.deepEqual(refused, []);
  const writes = entries.filter((entry) => isWrite(entry) && entry.code < 400);
  const patches = Map.groupBy(
    // At its start it asks what it may do, which changes nothing.
    writes.filter(({ resource }) => resource !== 'events' && resource !== 'selfsubjectaccessreviews'),
    ({ verb, resource, namespace, name }) => `${verb} ${resource} ${namespace}/${name}`,
  );
  const wanted = new Map(
    claims.flatMap((claim) => {
      const { name } = claim.metadata;
      const grew = kindOf(name) === 'twice' ? 2 : requestOf(claim) > startOf(name) ? 1 : 0;
      return grew === 0 || kindOf(name) === 'infeasible'
        ? []
        : [[`patch persistentvolumeclaims ${keyOf(claim.metadata)}`, grew] as const];
    }),
  );
  for (const [what, each] of patches) {
    // Half the increment at a time: 15, then 12 or 13, then 11 or 12 GiB, and the driver takes 12.
    if (what.includes('/infeasible-')) assert.ok(each.length >= 2 && each.length <= 4, `${what}: ${each.length}`);
  }
  const told = Map.groupBy(
    writes.filter(({ resource }) => resource === 'events'),
    ({ verb }) => verb,
  );
  const grown = [...wanted.values()].reduce((sum, count) => sum + count, 0);
  const most = 2 * grown + 2 * OTHER_EVENTS;
  const created = told.get('create')?.length ?? 0;
  assert.ok(created >= 2 * grown && created <= most, `${created} events for ${grown} growths`);
  const made = [...patches].filter(([what]) => !what.includes('/infeasible-'));
  assert.deepEqual(new Map(made.map(([what, each]) => [what, each.length])), wanted);
  const gets = entries.filter(({ verb, name }) => verb === 'get' && kindOf(name) !== 'infeasible');
  const read = gets.map(({ resource, name }) => `${resource} ${name}`);
  const cached = read.filter((what) => /^(?:persistentvolumeclaims|nodes|pods) /.test(what) && !again.has(what));
  assert.deepEqual(cached, [], 'read although there is a watch');
}

const startOf = (name: string): bigint => BigInt(kindsOfClaim[kindOf(name)]?.claim.gib ?? 0) * GIB;

async function metricsAgree({ console }: RunningOperator, claims: readonly PersistentVolumeClaim[]): Promise<void> {
  const text = await (await fetch(new URL(`/metrics${console.search}`, console))).text();
  const value = (series: string): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  for (const { metadata, ...claim } of claims) {
    const kind = kindOf(metadata.name);
    if (kind === 'off') continue;
    const labels = `pvc="${metadata.name}",namespace="${NAMESPACE}"`;
    const capacity = capacityOf({ metadata, ...claim });
    assert.equal(value(`pvc_chonker_capacity_bytes{${labels}}`), Number(capacity), metadata.name);
    const completed = value(`pvc_chonker_expansions_total{${labels},provider="generic"}`);
    if (kind === 'plain' || kind === 'node' || kind === 'last') assert.equal(completed, 1, metadata.name);
    if (kind === 'twice') assert.equal(completed, 2, metadata.name);
    if (kind === 'low' || kind === 'max') assert.ok(!(completed > 0), metadata.name);
    if (kind === 'max') assert.equal(value(`pvc_chonker_at_max{${labels}}`), 1);
  }
  for (let node = 0; node < NODES; node += 1) {
    assert.equal(value(`pvc_chonker_node_scrape_success{node="node-${node}"}`), 1);
  }
}

/** `explain` and `doctor` name source and age. */
async function told(operator: RunningOperator, { authorityFile }: FakeKubelets): Promise<void> {
  const explained = await runLarder(['explain', 'pvc/plain-0', '-n', NAMESPACE], addressOf(operator));
  assert.match(explained.stdout, /\(kubelet, node node-\d\)/);
  assert.match(explained.stdout, /\d+s ago/);
  const doctor = await runLarder(['doctor', '-o', 'json'], addressOf(operator));
  const findings: readonly { check: string; message: string }[] = JSON.parse(doctor.stdout);
  const [kubelets] = findings.filter(({ check }) => check === 'usage from kubelets');
  assert.equal(
    kubelets?.message,
    `directly, certificates verified against ${authorityFile}; ${NODES} of ${NODES} answered`,
  );
}
