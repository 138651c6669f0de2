/** What is known about the nodes and the images: for which platforms they are. */
import { type Client, defineResource, isKubeError, type KubeObject } from '../../kube/index.ts';
import { isObject } from '../../kube/reader.ts';
import { type JsonObject, listAt, objectAt, textAt } from './manifest.ts';

interface WholeNode extends KubeObject {
  readonly whole: JsonObject;
}

const nodes = defineResource<WholeNode>(
  { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false },
  (raw) => ({ whole: isObject(raw) ? raw : {} }),
);

/** `linux/arm64` of every node; undefined where it may not be asked, or there is no node. */
export async function platforms(client: Client, signal?: AbortSignal): Promise<readonly string[] | undefined> {
  try {
    const { items } = await client.list(nodes, signal === undefined ? {} : { signal });
    const found = items.map(({ whole }) => platformOf(objectAt(whole, 'status', 'nodeInfo')));
    const known = [...new Set(found.filter((platform) => platform !== ''))].sort();
    return known.length === 0 ? undefined : known;
  } catch (cause) {
    signal?.throwIfAborted();
    if (isKubeError(cause)) return undefined; // the findings say that it was not looked at
    throw cause;
  }
}

function platformOf(info: JsonObject): string {
  const [system, architecture] = [textAt(info, 'operatingSystem'), textAt(info, 'architecture')];
  return system === '' || architecture === '' ? '' : `${system}/${architecture}`;
}

/** Of a file `images: [{image, platforms: [linux/arm64, …]}]`; what is not of that form says nothing. */
export function imagesIn(document: unknown): ReadonlyMap<string, readonly string[]> {
  return new Map(
    listAt(document, 'images').map((entry) => [
      textAt(entry, 'image'),
      listAt(entry, 'platforms').filter((platform) => typeof platform === 'string'),
    ]),
  );
}
