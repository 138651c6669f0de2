import { test } from 'node:test';
import { journey } from './journey.ts';
import { embedded } from './site.ts';

for (const { name, run } of journey(embedded)) {
  test(name, run);
}
