/** Which kinds the cluster serves, and where: asked once for each version of a group that the manifests name. */
import { type Client, errorOfResponse, isKubeError } from '../../kube/index.ts';
import { isObject } from '../../kube/reader.ts';
import { listAt, type Manifest, objectAt, textAt } from './manifest.ts';
import { isDefinition } from './order.ts';

export type ServedKind =
  | { readonly kind: 'served'; readonly plural: string; readonly namespaced: boolean }
  /** Not yet: a definition among the manifests will bring it. */
  | { readonly kind: 'defined'; readonly namespaced: boolean; readonly by: string }
  | { readonly kind: 'unknown'; readonly why: string };

export interface Catalog {
  of(manifest: Pick<Manifest, 'apiVersion' | 'kind'>): ServedKind;
}

interface ServedResource {
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}
type Answer =
  | { readonly kind: 'served'; readonly resources: readonly ServedResource[] }
  | { readonly kind: 'failed'; readonly why: string };

/** Rejects only when the caller aborted: what cannot be asked is unknown, and says why. */
export async function readCatalog(
  client: Client,
  manifests: readonly Manifest[],
  signal?: AbortSignal,
): Promise<Catalog> {
  const versions = [...new Set(manifests.map(({ apiVersion }) => apiVersion))];
  const answers = await Promise.all(versions.map((version) => ask(client, version, signal)));
  const served = new Map(versions.map((version, index) => [version, answers[index]]));
  const defined = definitionsIn(manifests);
  return { of: (manifest) => find(manifest, served.get(manifest.apiVersion), defined) };
}

function find(
  { apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>,
  answer: Answer | undefined,
  defined: ReadonlyMap<string, { readonly namespaced: boolean; readonly by: string }>,
): ServedKind {
  if (answer === undefined || answer.kind === 'failed')
    return { kind: 'unknown', why: answer?.why ?? `nobody asked for ${apiVersion}` };
  const resource = answer.resources.find((each) => each.kind === kind);
  if (resource) return { kind: 'served', plural: resource.plural, namespaced: resource.namespaced };
  const definition = defined.get(`${apiVersion} ${kind}`);
  if (definition) return { kind: 'defined', ...definition };
  return {
    kind: 'unknown',
    why: `the cluster serves no ${kind} of ${apiVersion}, and no definition of it is among the manifests`,
  };
}

async function ask(client: Client, apiVersion: string, signal?: AbortSignal): Promise<Answer> {
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const what = `discover ${apiVersion}`;
  if (!/^[a-z0-9.-]+(?:\/[a-z0-9]+)?$/i.test(apiVersion)) return { kind: 'failed', why: `${apiVersion} is no version` };
  try {
    const response = await client.request(
      { method: 'GET', path, headers: { accept: 'application/json' } },
      options(signal),
    );
    const body = await response.text();
    if (response.status === 404) return { kind: 'served', resources: [] };
    if (response.status !== 200) throw errorOfResponse(what, { ...response, body });
    return { kind: 'served', resources: listAt(JSON.parse(body), 'resources').flatMap(resourceOf) };
  } catch (cause) {
    signal?.throwIfAborted();
    return { kind: 'failed', why: isKubeError(cause) ? cause.message : `${what}: ${String(cause)}` };
  }
}

function options(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** Subresources have a slash in their name. */
function resourceOf(value: unknown): readonly ServedResource[] {
  if (!isObject(value)) return [];
  const [plural, kind] = [textAt(value, 'name'), textAt(value, 'kind')];
  return plural === '' || plural.includes('/') ? [] : [{ kind, plural, namespaced: value['namespaced'] === true }];
}

function definitionsIn(
  manifests: readonly Manifest[],
): ReadonlyMap<string, { readonly namespaced: boolean; readonly by: string }> {
  const pairs = manifests.filter(isDefinition).flatMap(({ object, name }) => {
    const spec = objectAt(object, 'spec');
    const namespaced = textAt(spec, 'scope') === 'Namespaced';
    const kind = textAt(spec, 'names', 'kind');
    const versions = listAt(spec, 'versions').map((version) => textAt(version, 'name'));
    return versions.map(
      (version) => [`${textAt(spec, 'group')}/${version} ${kind}`, { namespaced, by: name }] as const,
    );
  });
  return new Map(pairs);
}
