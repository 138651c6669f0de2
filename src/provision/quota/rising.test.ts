import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume } from '../../kube/kinds.ts';
import { Rising } from './rising.ts';

const volume = (storage: string, resourceVersion = '1'): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv', uid: 'u', resourceVersion },
  spec: { capacity: { storage } },
});

test('a volume counts with what it is about to become, until the cache shows another version of it', () => {
  const rising = new Rising();
  assert.equal(rising.bytesOf(volume('1Gi')), 1n << 30n);
  rising.note(volume('1Gi'), 2n << 30n);
  assert.equal(rising.bytesOf(volume('1Gi')), 2n << 30n);
  assert.equal(rising.bytesOf(volume('1Gi', '2')), 1n << 30n, 'it was changed, and did not grow');
  assert.equal(rising.bytesOf(volume('1Gi')), 1n << 30n);
  rising.note(volume('1Gi'), 2n << 30n);
  rising.forget(volume('1Gi'));
  assert.equal(rising.bytesOf(volume('1Gi')), 1n << 30n, 'refused');
});

test('what is asked of one directory is done one after the other, also after a failure; of two directories at once', async () => {
  const rising = new Rising();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const began: string[] = [];
  const work = (name: string, until: Promise<void>) => async (): Promise<string> => {
    began.push(name);
    await until;
    return name;
  };
  const one = rising.inTurn('/a', work('one', first.promise));
  const two = rising.inTurn('/a', work('two', second.promise));
  assert.equal(await rising.inTurn('/b', work('elsewhere', Promise.resolve())), 'elsewhere');
  assert.deepEqual(began, ['one', 'elsewhere']);
  first.reject(new Error('the export is gone'));
  await assert.rejects(one, /the export is gone/);
  second.resolve();
  assert.equal(await two, 'two');
  assert.deepEqual(began, ['one', 'elsewhere', 'two']);
});
