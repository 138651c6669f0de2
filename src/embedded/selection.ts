/** Label and field selectors of a list, a watch or a removal, as one predicate. */
import { isKubeError } from '../kube/error.ts';
import {
  type FieldRequirement,
  type LabelRequirement,
  matchesFields,
  matchesRequirements,
  parseFieldSelector,
  parseLabelSelector,
} from '../kube/selector.ts';
import type { Target } from './call.ts';
import { stringsAt } from './json.ts';
import type { Kind } from './kind.ts';
import { badRequest } from './refusal.ts';
import type { Stored } from './stored.ts';

export interface Selection {
  /** Neither labels nor fields are asked for. */
  readonly everything: boolean;
  matches(stored: Stored): boolean;
}

/** @throws Refusal 400 when a selector cannot be read or names a field that the kind does not offer. */
export function readSelection(target: Target, query: URLSearchParams): Selection {
  const labels = parsed('labelSelector', query, parseLabelSelector);
  const fields = [...parsed('fieldSelector', query, parseFieldSelector), ...nameRequirement(target)];
  for (const { field } of fields) checkField(target.kind, field);
  const everything = labels.length === 0 && fields.length === 0;
  return {
    everything,
    matches: everything ? () => true : (stored) => matchesAll(target.kind, labels, fields, stored),
  };
}

function matchesAll(
  kind: Kind,
  labels: readonly LabelRequirement[],
  fields: readonly FieldRequirement[],
  stored: Stored,
): boolean {
  if (!matchesRequirements(labels, stringsAt(stored.object, 'metadata', 'labels'))) return false;
  return matchesFields(fields, (field) => {
    if (field === 'metadata.name') return stored.name;
    if (field === 'metadata.namespace') return stored.namespace;
    return kind.fields[field]?.(stored.object);
  });
}

/** A watch may address a single object by its path. */
function nameRequirement({ name }: Target): readonly FieldRequirement[] {
  return name === '' ? [] : [{ field: 'metadata.name', equal: true, value: name }];
}

function checkField(kind: Kind, field: string): void {
  const shared = field === 'metadata.name' || field === 'metadata.namespace';
  if (shared || Object.hasOwn(kind.fields, field)) return;
  const quoted = JSON.stringify(field);
  throw badRequest(
    Object.keys(kind.fields).length === 0 && !kind.custom
      ? `${quoted} is not a known field selector: only "metadata.name", "metadata.namespace"`
      : (kind.unknownField?.(field) ?? `field label not supported: ${field}`),
  );
}

function parsed<T>(name: string, query: URLSearchParams, parse: (text: string) => readonly T[]): readonly T[] {
  const text = query.get(name);
  if (text === null || text === '') return [];
  try {
    return parse(text);
  } catch (cause) {
    if (!isKubeError(cause)) throw cause;
    throw badRequest(`unable to parse requirement: ${cause.message}`);
  }
}
