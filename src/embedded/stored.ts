/** One version of one object, as readers and watchers see it. */
import type { JsonObject } from './json.ts';

export interface Stored {
  /** `namespace/name`, or `name` for kinds without a namespace. */
  readonly key: string;
  /** Empty for kinds without a namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  /** Never mutated. `kind` and `apiVersion` come first, so that `text` begins the same for every object of a kind. */
  readonly object: JsonObject;
  /** `object` as JSON, made once per version. */
  readonly text: string;
}

export type Change =
  | { readonly type: 'ADDED'; readonly revision: number; readonly current: Stored; readonly previous?: undefined }
  | { readonly type: 'MODIFIED'; readonly revision: number; readonly current: Stored; readonly previous: Stored }
  /** `current` is the last state, with the revision of the removal. */
  | { readonly type: 'DELETED'; readonly revision: number; readonly current: Stored; readonly previous: Stored };

export function keyFor(namespace: string, name: string): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

export function makeStored(namespace: string, name: string, revision: number, draft: JsonObject): Stored {
  const { kind, apiVersion, metadata, ...rest } = draft;
  const meta = { ...(typeof metadata === 'object' ? metadata : {}), resourceVersion: String(revision) };
  const object = { kind: kind ?? null, apiVersion: apiVersion ?? null, metadata: meta, ...rest };
  return { key: keyFor(namespace, name), namespace, name, revision, object, text: JSON.stringify(object) };
}
