/** Who writes the status of a group into its spec is told by the API server itself, and nothing is refused. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createEmbedded } from '../../embedded/cluster.ts';
import type { TransportRequest } from '../../kube/transport.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { definitions } from './definition.ts';
import { misplacedStatus } from './misplaced-status.ts';

const GROUPS = '/apis/pvc-chonker.io/v1alpha1/namespaces/default/pvcgroups';
const WARNING =
  /spec\.status has no effect: the status of a group stands beside its spec, and Larder writes it; leave it out/;
const paths: Readonly<Record<string, string>> = {
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  ValidatingAdmissionPolicy: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
};

interface Answer {
  readonly status: number;
  /** The header `warning`; empty: none. */
  readonly warning: string;
}

type Send = (method: TransportRequest['method'], path: string, body: object) => Promise<Answer>;

/** An API server that knows the kinds, and what warns. */
async function served(t: TestContext, more: readonly object[] = misplacedStatus): Promise<Send> {
  const { transport, close } = await createEmbedded({ clock: systemClock, random: systemRandom });
  t.after(() => close());
  const send: Send = async (method, path, body) => {
    const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
    const answer = await transport.send({ method, path, headers, body: JSON.stringify(body) });
    await answer.text();
    return { status: answer.status, warning: answer.headers['warning'] ?? '' };
  };
  for (const definition of [...definitions, ...more]) {
    const path = paths['kind' in definition ? String(definition.kind) : ''];
    assert.ok(path, JSON.stringify(definition));
    assert.equal((await send('POST', path, definition)).status, 201);
  }
  return send;
}

const group = (name: string, spec: object): object => ({
  apiVersion: 'pvc-chonker.io/v1alpha1',
  kind: 'PVCGroup',
  metadata: { name },
  spec: { members: [{ name: 'data-0' }], ...spec },
});

test('a group with its status inside the spec is made, and whoever made it is warned', async (t) => {
  const send = await served(t);
  const made = await send('POST', GROUPS, group('misplaced', { status: { memberCount: 3 } }));
  assert.equal(made.status, 201, 'it is accepted as the requirement draws it');
  assert.match(made.warning, WARNING);
});

test('so is whoever writes it into a group that is there, until it is taken out', async (t) => {
  const send = await served(t);
  const made = await send('POST', GROUPS, group('plain', {}));
  assert.deepEqual(made, { status: 201, warning: '' });
  const edited = await send('PATCH', `${GROUPS}/plain`, { spec: { status: { memberCount: 3 } } });
  assert.equal(edited.status, 200);
  assert.match(edited.warning, WARNING);
  const mended = await send('PATCH', `${GROUPS}/plain`, { spec: { status: null } });
  assert.deepEqual(mended, { status: 200, warning: '' });
});

test('the status at its place warns of nothing', async (t) => {
  const send = await served(t);
  await send('POST', GROUPS, group('plain', {}));
  const written = await send('PATCH', `${GROUPS}/plain/status`, { status: { memberCount: 3 } });
  assert.deepEqual(written, { status: 200, warning: '' });
});

test('it is the binding that makes the warning, and it never denies', async (t) => {
  const [policy, binding] = misplacedStatus;
  assert.ok(policy && binding);
  const send = await served(t, [policy]);
  const silent = await send('POST', GROUPS, group('misplaced', { status: {} }));
  assert.deepEqual(silent, { status: 201, warning: '' });
  assert.deepEqual(binding.spec, { policyName: policy.metadata.name, validationActions: ['Warn'] });
});
