import { test } from 'node:test';
import { convertsAll, readsAll } from './fuzz.ts';

test('1,500 random jobs convert', () => convertsAll(1500));

test('2,500 broken files are told with their place', () => readsAll(2500));
