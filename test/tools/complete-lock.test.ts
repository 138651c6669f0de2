import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { type LockFile, missingPackages, platformEntry } from './complete-lock.ts';

test('the platform of a package is read off its name', () => {
  const entry = (name: string) => platformEntry({ name, version: '1.2.3' });
  assert.deepEqual(entry('@a/cli-win32-arm64'), { version: '1.2.3', cpu: ['arm64'], optional: true, os: ['win32'] });
  assert.deepEqual(entry('@a/binding-linux-arm-musleabihf').libc, ['musl']);
  assert.deepEqual(entry('@a/binding-linux-x64-gnu').libc, ['glibc']);
  assert.throws(() => entry('@a/fsevents'), /no platform in the name/);
});

test('the lock file has an entry for every platform package, so that npm ci works on every machine', () => {
  const lock: LockFile = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package-lock.json'), 'utf8'));
  assert.ok(Object.keys(lock.packages).length > 150, 'this is not the lock file');
  assert.deepEqual(missingPackages(lock), [], 'run: node test/tools/complete-lock.ts');
});

test('a package that is nested below its parent is not missing', () => {
  const packages = { 'node_modules/p': { optionalDependencies: { q: '1' } }, 'node_modules/p/node_modules/q': {} };
  assert.deepEqual(missingPackages({ packages }), []);
  assert.deepEqual(missingPackages({ packages: { 'node_modules/p': packages['node_modules/p'] } }), [
    { name: 'q', version: '1' },
  ]);
});
