/** The columns of a definition: the object's name, then what it asks for, or the age. */
import { age } from '../age.ts';
import { type Json, type JsonObject, listAt, numberAt, textAt } from '../json.ts';
import type { Column } from '../kind.ts';
import { readJsonPath } from './json-path.ts';

const NAME: Column = {
  name: 'Name',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  cell: (object) => textAt(object, 'metadata', 'name') ?? '',
};

const AGE: JsonObject = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
};

/** Of one version of a definition. */
export function columnsOf(version: JsonObject): readonly Column[] {
  const asked = listAt(version, 'additionalPrinterColumns');
  return [NAME, ...(asked.length > 0 ? asked : [AGE]).map(columnOf)];
}

function columnOf(column: Json): Column {
  const path = textAt(column, 'jsonPath') ?? '';
  const type = textAt(column, 'type') ?? 'string';
  const find = readJsonPath(path);
  return {
    name: textAt(column, 'name') ?? '',
    type,
    format: textAt(column, 'format') ?? '',
    priority: numberAt(column, 'priority') ?? 0,
    description: textAt(column, 'description') || `Custom resource definition column (in JSONPath format): ${path}`,
    cell: (object, nowMs) => {
      const [value] = find?.(object) ?? [];
      return value === undefined || value === null ? null : cellOf(type, value, nowMs);
    },
  };
}

/** Null when the value is not of the column's type. */
function cellOf(type: string, value: Json, nowMs: number): Json {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? dateCell(value, nowMs) : null;
    case 'string':
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    default:
      return null;
  }
}

function dateCell(text: string, nowMs: number): Json {
  return Number.isNaN(Date.parse(text)) ? '<invalid>' : age(text, nowMs);
}
