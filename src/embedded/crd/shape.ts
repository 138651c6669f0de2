/** A definition's schema as server-side apply sees it: which fields can be owned one by one. */
import type { ListShape, MapShape, Shape, StructShape } from '../schema.ts';
import { structOf } from '../schema.ts';
import type { Structural } from './structural.ts';

const LEAF: Shape = { kind: 'leaf', type: 'any' };

/** Of values of which nothing is known: objects member by member, lists as a whole. */
const deduced: MapShape = {
  kind: 'map',
  deduced: true,
  atomic: false,
  get values() {
    return deduced;
  },
};

const METADATA = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** `name` is the kind. */
export function shapeOf(root: Structural, name: string): StructShape {
  const text: Shape = { kind: 'leaf', type: 'string' };
  return withMembers(structShape(root, name), {
    apiVersion: text,
    kind: text,
    metadata: structOf(METADATA),
  });
}

function withMembers(shape: StructShape, more: Readonly<Record<string, Shape>>): StructShape {
  const members = new Map(shape.members);
  for (const [name, inner] of Object.entries(more)) {
    members.set(name, { shape: inner, fallback: undefined, required: false, dropsZero: false });
  }
  return { ...shape, members };
}

function anyShape(node: Structural): Shape {
  if (node.intOrString) return LEAF;
  switch (node.type) {
    case 'object':
      return objectShape(node);
    case 'array':
      return listShape(node);
    case '':
      return node.preserve ? deduced : LEAF;
    default:
      return LEAF;
  }
}

function objectShape(node: Structural): Shape {
  const { additional, properties, preserve, mapType } = node;
  if (additional) return { kind: 'map', values: anyShape(additional), atomic: mapType === 'atomic' };
  if (properties.size === 0 && preserve && mapType !== 'atomic') return deduced;
  const shape = structShape(node, '');
  if (!node.embedded) return shape;
  return withMembers(shape, { apiVersion: LEAF, kind: LEAF, metadata: structOf(METADATA) });
}

function structShape(node: Structural, name: string): StructShape {
  const members = [...node.properties].map(
    ([field, inner]) =>
      [field, { shape: anyShape(inner), fallback: inner.fallback, required: false, dropsZero: false }] as const,
  );
  const shape: StructShape = { kind: 'struct', name, members: new Map(members), atomic: node.mapType === 'atomic' };
  return node.preserve ? { ...shape, rest: deduced } : shape;
}

function listShape(node: Structural): ListShape {
  const { items, listType, listKeys } = node;
  return {
    kind: 'list',
    items: items ? anyShape(items) : deduced,
    owned: listType === 'set' || listType === 'map' ? listType : 'atomic',
    keys: listKeys,
    patched: { kind: 'replace' },
    retainKeys: false,
  };
}
