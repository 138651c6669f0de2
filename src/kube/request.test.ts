import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';

const PROGRAM = `
  await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
  await import(${JSON.stringify(new URL('../operator/kubelet.ts', import.meta.url).href)});
  const { createRequire } = await import('node:module');
  console.log(JSON.stringify(Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache)));
`;

describe('connections to the API and to kubelets', () => {
  it('load the parts of undici that they use, not its index with all that belongs to fetch', () => {
    const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', PROGRAM];
    const paths: string[] = JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
    const loaded = paths.filter((path) => path.includes('/node_modules/undici/'));
    const ends = (end: string): boolean => loaded.some((path) => path.endsWith(end));
    assert.ok(ends('/lib/dispatcher/pool.js') && ends('/lib/api/api-request.js'), loaded.join('\n'));
    assert.ok(!ends('/undici/index.js') && !ends('/lib/web/fetch/index.js'), 'the whole of undici was loaded');
  });
});
