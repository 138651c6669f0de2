/** PVCGroup as its users meet it: the requirement's example acts, once the members' namespace lets it; so does our own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { pvcGroups } from '../../src/expand/api/pvc-group.ts';
import { type Client, kinds } from '../../src/kube/index.ts';
import { createKubectl, findKubectl } from '../tools/kubectl.ts';
import { applyClaim, bound, eventsOf } from './claims.ts';
import { eventually, temporaryFolder } from './larder.ts';
import { groupExample } from './requirement-examples.ts';
import type { Journey, Place, Site } from './site.ts';

export const groups = (place: Place): readonly Journey[] => [
  {
    name: `on ${place.name} the requirement's group acts when the namespace of its members grants it, and the example for Elasticsearch sizes a new node`,
    run: (t) => journey(t, place),
  },
];

const ROOT = resolve(import.meta.dirname, '../..');
const MEMBERS = ['data-es-master-0', 'data-es-master-1'];

async function journey(t: TestContext, place: Place): Promise<void> {
  const found = await findKubectl();
  if (found.kind === 'unavailable') return t.skip(found.reason);
  const site = await place.site(t);
  const home = temporaryFolder((remove) => t.after(remove));
  const kubectl = createKubectl({ path: found.path, kubeconfig: site.kubeconfig, home });
  const done = async (line: string, input = ''): Promise<string> => {
    const answer = await kubectl(line.split(' '), { input });
    assert.equal(answer.code, 0, `${line}\n${answer.stdout}${answer.stderr}`);
    return answer.stdout;
  };
  const { client } = site;
  const elastic = site.named('elastic');
  if (site.ours) await done(`apply -f ${resolve(ROOT, 'docs/reference/crds.yaml')}`);
  await done('wait --for condition=Established crd/pvcgroups.pvc-chonker.io');
  await done(`create namespace ${elastic}`);
  for (const [index, name] of MEMBERS.entries()) {
    const storageClass = site.named('larder');
    await applyClaim(client, { name, namespace: elastic, size: `${4 + index}Gi`, storageClass });
    await bound(client, elastic, name);
  }
  await done('apply --validate=strict -f -', here(site, groupExample));
  const refused = await condition(
    client,
    { namespace: site.named('default'), name: 'elasticsearch-cluster' },
    'MembersRefused',
  );
  const both = `${elastic}/data-es-master-0, ${elastic}/data-es-master-1`;
  assert.ok(refused.startsWith(`${both}: their namespace does not let`), refused);
  const first = { namespace: elastic, name: 'data-es-master-0' };
  const { spec } = await client.get(kinds.PersistentVolumeClaim, first);
  assert.equal(spec.resources.requests['storage'], '4Gi');
  await done(`annotate namespace ${elastic} larder.dev/allow-group-from=${site.named('default')}`);
  await follows(client, first, '5Gi');
  const [event] = (await eventsOf(client, elastic, 'data-es-master-0')).filter(
    ({ reason }) => reason === 'GroupCoordinated',
  );
  assert.equal(
    event?.message,
    `raised the request from 4Gi to 5Gi (group es-data (largest: ${elastic}/data-es-master-1): 5Gi)`,
  );
  await done('delete pvcg elasticsearch-cluster');
  await example(site, done);
}

interface Name {
  readonly namespace: string;
  readonly name: string;
}

/** What stands in the repository for users, as it stands. */
async function example(site: Site, done: (line: string, input?: string) => Promise<string>): Promise<void> {
  const namespace = site.named('elastic');
  const textOf = (file: string): string =>
    here(site, readFileSync(resolve(ROOT, 'examples/elasticsearch', file), 'utf8'));
  await done('apply -f -', textOf('group.yaml'));
  const third = textOf('claims.yaml').split('---\n').at(-1) ?? '';
  await done(
    'apply -f -',
    third.replaceAll('data-es-master-1', 'data-es-master-2').replace('storage: 5Gi', 'storage: 1Gi'),
  );
  for (const name of MEMBERS) await done(`label pvc ${name} -n ${namespace} app=elasticsearch`);
  await follows(site.client, { namespace, name: 'data-es-master-2' }, '5Gi');
  const group = `pvcg/elasticsearch-cluster -n ${namespace} --timeout=60s`;
  await done(`wait --for jsonpath={.status.memberCount}=3 ${group}`);
  await done(`wait --for jsonpath={.status.currentSize}=5Gi ${group}`);
}

/** Another place has other names for the two namespaces, and for the class. */
const here = (site: Site, manifest: string): string =>
  manifest
    .replaceAll(/(namespace: "?)(elastic|default)\b(?!-)/g, (_, field, name) => `${field}${site.named(name)}`)
    .replaceAll('storageClassName: larder', `storageClassName: ${site.named('larder')}`);

async function follows(client: Client, claimed: Name, size: string): Promise<void> {
  const { namespace, name } = claimed;
  await eventually(`${name} to have ${size}`, async () => {
    const { claim } = await bound(client, namespace, name);
    return claim.status?.capacity?.['storage'] === size ? claim : undefined;
  });
}

/** The message of a condition that is True. */
async function condition(client: Client, where: Name, type: string): Promise<string> {
  return eventually(`the condition ${type}`, async () => {
    const { status } = await client.get(pvcGroups, where);
    const found = status?.conditions?.find((each) => each.type === type && each.status === 'True');
    return found?.message;
  });
}
