/** How the kinds of the suite are discovered: names, scope, verbs, and the parts of an object that have addresses of their own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Api } from '../target.ts';
import { kindCases } from './cases.ts';

type Parsed = Answer['json'];

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const PARTS = ['scale', 'status'];
const file = join(import.meta.dirname, '..', 'vectors', 'kinds-discovery.generated.json');

/** Group, version and plural of each case: `apps/v1/deployments`. */
export const resources: readonly string[] = Object.values(kindCases).map(({ path }) =>
  path.replace(/^\/apis?\//, '').replace('namespaces/NS/', ''),
);

/** What a server says of each, in one document and in many. */
export async function discover(api: Pick<Api, 'call'>): Promise<Readonly<Record<string, Parsed>>> {
  const whole = await Promise.all(['/api', '/apis'].map((path) => api.call(path, { headers: { accept: ACCEPT } })));
  const groups = whole.flatMap(({ json }) => json.items);
  const entries = resources.map(async (resource): Promise<[string, Parsed]> => {
    const [plural, version, group = ''] = resource.split('/').reverse();
    const served = groups.find(({ metadata }) => (metadata.name ?? '') === group);
    const found = served?.versions.find((each: Parsed) => each.version === version);
    const aggregated = found?.resources.find((each: Parsed) => each.resource === plural);
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const legacy = (await api.call(path)).json.resources.filter(
      ({ name }: Parsed) => name === plural || PARTS.some((part) => name === `${plural}/${part}`),
    );
    const subresources = aggregated?.subresources?.filter(({ subresource }: Parsed) => PARTS.includes(subresource));
    return [resource, { aggregated: { ...aggregated, subresources }, legacy: legacy.map(withoutHash) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The hash of how a server stores a kind says nothing to its users. */
function withoutHash({ storageVersionHash: _, ...resource }: Parsed): Parsed {
  return resource;
}

export function readDiscovery(): Readonly<Record<string, Parsed>> {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export async function recordDiscovery(api: Pick<Api, 'call'>): Promise<number> {
  const found = Object.entries(await discover(api));
  const lines = found.map(([name, said]) => `${JSON.stringify(name)}: ${JSON.stringify(said)}`);
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
  return found.length;
}
