/** CustomResourceDefinition, as a row: what it defines is served by the catalog. */
import { definitionRules } from '../crd/definition.ts';
import type { Kind } from '../kind.ts';
import { row } from '../row.ts';

export const definitionKinds: readonly Kind[] = [
  row('apiextensions.k8s.io/v1', 'customresourcedefinitions', {
    counted: true,
    effect: 'makes its kind served',
    rules: definitionRules,
  }),
];
