import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../json.ts';
import { readJsonPath } from './json-path.ts';

const object: Json = {
  spec: { 'a.b': 1, list: [10, 20, 30], empty: null },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', count: 3 },
      { type: 'Lost', status: 'False', count: 1 },
    ],
  },
};

const paths: Readonly<Record<string, readonly Json[] | undefined>> = {
  '.spec.list': [[10, 20, 30]],
  '.spec.list[0]': [10],
  '.spec.list[-1]': [30],
  '.spec.list[1:]': [20, 30],
  '.spec.list[*]': [10, 20, 30],
  ".spec['a.b']": [1],
  '.spec.a\\.b': [1],
  '.spec.nothing.below': [],
  '.spec.empty': [null],
  '.status.conditions[?(@.type=="Ready")].status': ['True'],
  ".status.conditions[?(@.type == 'Lost')].count": [1],
  '.status.conditions[?(@.count>2)].type': ['Ready'],
  '.status.conditions[?(@.missing)].type': [],
  '.status.conditions[*].type': ['Ready', 'Lost'],
  '.spec.constructor': [],
  'spec.list': undefined,
  '.spec[': undefined,
};

describe('a path finds', () => {
  for (const [text, found] of Object.entries(paths)) {
    test(text, () => assert.deepEqual(readJsonPath(text)?.(object), found));
  }
});
