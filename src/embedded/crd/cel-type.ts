/** A definition's schema as the types of expressions (k8s.io/apiserver/pkg/cel/common/schemas.go, read in 0.36). */
import type { CelType } from '../cel.ts';
import { textAt } from '../json.ts';
import type { Structural } from './structural.ts';

const TEXT: CelType = { kind: 'string' };

const METADATA: CelType = { kind: 'object', name: 'metadata', fields: { name: TEXT, generateName: TEXT } };

/** Undefined when expressions cannot see such values. `name` is for messages. */
export function celTypeOf(node: Structural, name: string, root = false): CelType | undefined {
  if (node.intOrString) return { kind: 'dyn' };
  switch (node.type) {
    case 'object':
      return objectType(node, name, root);
    case 'array': {
      const items = node.items && celTypeOf(node.items, `${name}.item`);
      return items && { kind: 'list', items };
    }
    case 'string':
      return nullable(node, textType(textAt(node.schema, 'format') ?? ''));
    case 'integer':
      return nullable(node, { kind: 'int' });
    case 'number':
      return nullable(node, { kind: 'double' });
    case 'boolean':
      return nullable(node, { kind: 'bool' });
    default:
      return undefined;
  }
}

/** A value that can be null fits no other type. */
function nullable(node: Structural, type: CelType): CelType {
  return node.nullable ? { kind: 'dyn' } : type;
}

function textType(format: string): CelType {
  switch (format) {
    case 'byte':
      return { kind: 'bytes' };
    case 'date':
    case 'date-time':
      return { kind: 'timestamp' };
    case 'duration':
      return { kind: 'duration' };
    default:
      return TEXT;
  }
}

function objectType(node: Structural, name: string, root: boolean): CelType | undefined {
  const { additional, properties } = node;
  if (additional) {
    const values = celTypeOf(additional, `${name}.value`);
    return values && { kind: 'map', values };
  }
  const own: Readonly<Record<string, CelType>> =
    root || node.embedded ? { apiVersion: TEXT, kind: TEXT, metadata: METADATA } : {};
  const fields = [...properties].flatMap(([field, below]): [string, CelType][] => {
    if (Object.hasOwn(own, field)) return [];
    const type = celTypeOf(below, `${name}.${field}`);
    return type ? [[field, type]] : [];
  });
  return { kind: 'object', name, fields: { ...Object.fromEntries(fields), ...own } };
}
