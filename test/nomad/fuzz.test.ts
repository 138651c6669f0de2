import { test } from 'node:test';
import { convertsAll, readsAll } from './fuzz.ts';

// `node test/nomad/fuzz.ts 10000` makes as many of both as one likes; each run has other seeds.
test('random jobs convert: nothing is thrown, every check of the result holds, two runs are the same', () =>
  convertsAll(100));

test('broken files are told with their place', () => readsAll(200));
