/** The journeys for a user's cluster, as tests: `cluster.ts` runs this file and reads their outcomes. */
import { test } from 'node:test';
import { groups } from '../e2e/groups.ts';
import { journey } from '../e2e/journey.ts';
import { policyGrowth } from '../e2e/policies.ts';
import type { Journey, Place } from '../e2e/site.ts';
import { usersCluster } from './place.ts';
import { readTarget } from './target.ts';

/** What the suite asks of a place that is nobody else's, and why a user's cluster is not one. */
const elsewhere: readonly (readonly [name: string, why: string])[] = [
  ['the two examples of the requirement as they stand', 'their namespaces production and elastic may be somebody’s'],
  ['the admission webhook', 'the API server would have to reach the operator, which runs on this machine'],
  ['nodes that mount the directories', 'the exports are in a temporary folder of this machine'],
  ['faults and load: killed API servers, bursts, the soak', 'the cluster may be in use'],
];

const found = readTarget(process.env['LARDER_CLUSTER_KUBECONFIG'] ?? '', process.env['LARDER_CLUSTER_CONTEXT']);
if (found.kind === 'unusable') throw new Error(found.reason);
const { target } = found;
const run = process.env['LARDER_CLUSTER_RUN'] ?? '';
if (!/^larder-test-[a-z0-9]+$/.test(run)) throw new Error('LARDER_CLUSTER_RUN names the run: use npm run test:cluster');

const families: readonly ((place: Place) => readonly Journey[])[] = [journey, policyGrowth, groups];
// One counter for all of them, so that no two journeys share a name on the cluster.
const place = usersCluster({ target, run });
for (const of of families) {
  for (const { name, run: journeyed } of of(place)) test(name, journeyed);
}
for (const [name, why] of elsewhere) test(name, { skip: why }, () => undefined);
