/** What the console does to a policy, on a real control plane: who gets ahead of it is not overwritten there either. */
import { after, before, test } from 'node:test';
import { pvcPolicies } from '../../src/expand/api/pvc-policy.ts';
import { connect, createClient, type Transport } from '../../src/kube/index.ts';
import { overtakenWorld, policyWriting } from '../../src/operator/policies/policy-writing.fixture.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { type ControlPlane, missingControlPlane, startControlPlane } from '../tools/control-plane.ts';

const skip = (await missingControlPlane()) ?? false;
let plane: ControlPlane;
let transport: Transport;

before(async () => {
  if (skip !== false) return;
  plane = await startControlPlane();
  ({ transport } = await connect({ kubeconfig: plane.kubeconfig, clock: systemClock }));
});
after(async () => {
  await transport?.close();
  await plane?.close();
});

const journeys = policyWriting(async (t) => {
  const client = createClient({ transport, clock: systemClock, random: systemRandom });
  t.after(async () => {
    const at = { namespace: 'default', name: 'mine' };
    const free = { kind: 'merge', value: { metadata: { finalizers: null } } } as const;
    await client.patch(pvcPolicies, at, free).catch(() => undefined); // most journeys leave none
    await client.delete(pvcPolicies, at).catch(() => undefined);
  });
  return overtakenWorld(transport);
});

for (const { name, run } of journeys) {
  test(`on a real control plane, ${name}`, { skip }, (t) => run(t));
}
