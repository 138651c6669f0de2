/** What the API knows of one kind. The table of them is kinds.ts; a new kind is a new row. */
import type { FieldProblem } from './field.ts';
import type { Json, JsonObject } from './json.ts';
import type { StructShape } from './schema.ts';
import type { Reading } from './store.ts';
import type { Stored } from './stored.ts';

export interface Column {
  readonly name: string;
  /** `string`, `integer`, `boolean`, `date`. Default `string`. */
  readonly type?: string;
  /** `name` marks the column that names the object. */
  readonly format?: string;
  /** 0 is always shown, 1 with `-o wide`. Default 0. */
  readonly priority?: number;
  readonly description: string;
  /** `nowMs` is the time of the answer, for ages. */
  readonly cell: (object: JsonObject, nowMs: number) => Json;
}

export type Subresource = 'status' | 'finalize' | 'binding' | 'scale' | 'token';

export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly Subresource[];
  /** The definition in the published schema. */
  readonly schema: string;
  /** Where the subresource `scale` finds its numbers; absent: the kind has none. */
  readonly scaling?: Scaling;
  readonly nameRule: (name: string) => readonly string[];
  /** Whether `metadata.generation` counts changes of what is neither metadata nor status. */
  readonly counted: boolean;
  /** `once`: the generation is 1 for ever. `late`: it is absent until the first change. */
  readonly counting?: 'once' | 'late';
  /** Whether a PUT makes what is not there. Default false. */
  readonly putCreates?: boolean;
  /** Whether a PUT must say which version it replaces. Default false. */
  readonly putNeedsVersion?: boolean;
  /** Whether a removal answers with the removed object instead of a Status. */
  readonly returnsDeleted: boolean;
  /** Fields beside metadata.name and metadata.namespace that a field selector may name. */
  readonly fields: Readonly<Record<string, (object: JsonObject) => string | undefined>>;
  /** What is said of another field, where the kind has words of its own. */
  readonly unknownField?: (field: string) => string;
  readonly rules: Rules;
  /** What everybody is told who asks for the kind, when it is on its way out. */
  readonly deprecation?: string;
  /** What happens here because of an object, for the reference page; absent: it is stored, and that is all. */
  readonly effect?: string;
  /** What else is known of a kind that a definition describes. */
  readonly custom?: Custom;
  /** Without the age, which every kind ends with unless `columns` has its own. */
  readonly columns: readonly Column[];
}

export interface Custom {
  readonly listKind: string;
  readonly shape: StructShape;
  /** What the schema does not name is left out and told; `fill`: what is absent gets its default. */
  readonly decode: (
    raw: JsonObject,
    fill: boolean,
  ) => { readonly object: JsonObject; readonly unknown: readonly string[] };
  /** An object of this version as it is stored. */
  readonly store: (object: JsonObject) => JsonObject;
  /** An object as this version of the kind shows it. */
  readonly present: (stored: Stored) => Stored;
  /** The version in which objects are stored. */
  readonly storageVersion: string;
  /** The version as it is defined. */
  readonly version: JsonObject;
  /** What is told to whoever uses a version that shall not be used any more; empty: nothing. */
  readonly deprecation: string;
}

export interface Scaling {
  /** How many there shall be: `['spec', 'replicas']`. */
  readonly replicas: readonly string[];
  /** How many there are. */
  readonly current: readonly string[];
  /** What selects them, as text; empty for nothing. */
  readonly selector: (object: JsonObject) => string;
}

export interface Rules {
  /** Values for what was left out; also of stored objects that a later version reads. */
  readonly defaults?: (object: JsonObject) => JsonObject;
  /** A new object: what the client may not set is reset. */
  readonly create?: (object: JsonObject, nowMs: number) => JsonObject;
  /** A change: what the client may not change is taken from `current`. The status is kept by the API already. */
  readonly update?: (object: JsonObject, current: JsonObject) => JsonObject;
  /** What only somebody who sees everything can choose, such as an address that nobody else has. */
  readonly allocate?: (object: JsonObject, reading: Reading, current: JsonObject | undefined) => JsonObject;
  /** A change of the status; the spec is kept by the API already. */
  readonly updateStatus?: (object: JsonObject, current: JsonObject, nowMs: number) => JsonObject;
  /** `current` is absent for a new object. */
  readonly problems?: (object: JsonObject, current?: JsonObject) => readonly FieldProblem[];
  readonly updateProblems?: (object: JsonObject, current: JsonObject) => readonly FieldProblem[];
  readonly statusProblems?: (object: JsonObject, current: JsonObject) => readonly FieldProblem[];
  /** What is told of an object that is accepted; `current` is absent for a new one. */
  readonly warnings?: (object: JsonObject, current?: JsonObject) => readonly string[];
  /** An object that is about to be deleted. */
  readonly beforeDelete?: (object: JsonObject, nowMs: number) => JsonObject;
  /** How long after a delete the object waits for whoever runs it, seconds; 0 = it goes at once. Absent = 0. */
  readonly graceSeconds?: (object: JsonObject, askedSeconds: number | undefined) => number;
}

/** `v1`, `storage.k8s.io/v1`. */
export function groupVersion({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}
