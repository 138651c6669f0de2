/** What the API knows of one kind. The table of them is kinds.ts; a new kind is a new row. */
import type { FieldProblem } from './field.ts';
import type { Json, JsonObject } from './json.ts';

export interface Column {
  readonly name: string;
  /** Default `string`. */
  readonly type?: 'string' | 'integer' | 'boolean';
  /** `name` marks the column that names the object. */
  readonly format?: 'name';
  /** 0 is always shown, 1 with `-o wide`. Default 0. */
  readonly priority?: 0 | 1;
  readonly description: string;
  /** `nowMs` is the time of the answer, for ages. */
  readonly cell: (object: JsonObject, nowMs: number) => Json;
}

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
  readonly subresources: readonly ('status' | 'finalize' | 'binding')[];
  /** The definition in the published schema. */
  readonly schema: string;
  readonly nameRule: (name: string) => readonly string[];
  /** Whether `metadata.generation` counts changes of the spec. */
  readonly counted: boolean;
  /** Whether a removal answers with the removed object instead of a Status. */
  readonly returnsDeleted: boolean;
  /** Fields beside metadata.name and metadata.namespace that a field selector may name. */
  readonly fields: Readonly<Record<string, (object: JsonObject) => string | undefined>>;
  readonly rules: Rules;
  /** Without the age, which every kind ends with unless `columns` has its own. */
  readonly columns: readonly Column[];
}

export interface Rules {
  /** Values for what was left out; also of stored objects that a later version reads. */
  readonly defaults?: (object: JsonObject) => JsonObject;
  /** A new object: what the client may not set is reset. */
  readonly create?: (object: JsonObject, nowMs: number) => JsonObject;
  /** A change: what the client may not change is taken from `current`. The status is kept by the API already. */
  readonly update?: (object: JsonObject, current: JsonObject) => JsonObject;
  /** A change of the status; the spec is kept by the API already. */
  readonly updateStatus?: (object: JsonObject, current: JsonObject, nowMs: number) => JsonObject;
  readonly problems?: (object: JsonObject) => readonly FieldProblem[];
  readonly updateProblems?: (object: JsonObject, current: JsonObject) => readonly FieldProblem[];
  readonly statusProblems?: (object: JsonObject, current: JsonObject) => readonly FieldProblem[];
  /** How long after a delete the object waits for whoever runs it, seconds; 0 = it goes at once. Absent = 0. */
  readonly graceSeconds?: (object: JsonObject, askedSeconds: number | undefined) => number;
}

/** `v1`, `storage.k8s.io/v1`. */
export function groupVersion({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}
