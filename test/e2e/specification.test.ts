import { test } from 'node:test';
import { embedded } from './site.ts';
import { tell } from './specification.ts';

test(`the specification on ${embedded.name}`, (t) => tell(t, embedded));
