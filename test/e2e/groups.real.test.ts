import { test } from 'node:test';
import { groups } from './groups.ts';
import { onReal } from './real.ts';
import { embedded } from './site.ts';

const here = groups(embedded).map((journey) => ({ ...journey, skip: false }));

for (const { name, run, skip } of [...here, ...(await onReal(groups))]) {
  test(name, { skip }, run);
}
