import { test } from 'node:test';
import { policies } from './policies.ts';
import { onReal } from './real.ts';
import { embedded } from './site.ts';

const here = policies(embedded).map((journey) => ({ ...journey, skip: false }));

for (const { name, run, skip } of [...here, ...(await onReal(policies))]) {
  test(name, { skip }, run);
}
