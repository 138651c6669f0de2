/** Scale of autoscaling/v1: how many there are of something, as a part of it (pkg/printers, read in 1.36). */
import { age } from '../age.ts';
import { numberAt, textAt } from '../json.ts';
import type { Column, Kind } from '../kind.ts';

const number =
  (...path: readonly string[]): Column['cell'] =>
  (object) =>
    numberAt(object, ...path) ?? 0;

const columns: readonly Column[] = [
  {
    name: 'Name',
    description: 'Name must be unique within a namespace.',
    cell: (scale) => textAt(scale, 'metadata', 'name') ?? '',
  },
  {
    name: 'Desired',
    type: 'integer',
    description: 'replicas is the desired number of instances for the scaled object.',
    cell: number('spec', 'replicas'),
  },
  {
    name: 'Available',
    type: 'integer',
    description: 'replicas is the actual number of observed instances of the scaled object.',
    cell: number('status', 'replicas'),
  },
  {
    name: 'Age',
    description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
    cell: (scale, nowMs) => age(textAt(scale, 'metadata', 'creationTimestamp'), nowMs),
  },
];

/** Never stored: a view of something else. */
export const scaleKind: Kind = {
  group: 'autoscaling',
  version: 'v1',
  plural: 'scales',
  singular: 'scale',
  kind: 'Scale',
  shortNames: [],
  categories: [],
  namespaced: true,
  subresources: [],
  schema: 'io.k8s.api.autoscaling.v1.Scale',
  nameRule: () => [],
  counted: false,
  returnsDeleted: false,
  fields: {},
  rules: {},
  columns,
};
