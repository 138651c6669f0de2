import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanText } from '../../ledger/secret/scan.ts';
import { diffText } from './diff-text.ts';
import type { JsonObject } from './manifest.ts';
import { masked } from './masking.ts';
import { shieldOf } from './secret-shield.ts';

const secret = (data: unknown, more: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', ...more },
  data,
});
const nothing = (): boolean => false;
const id = { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 's' };

test('values of a Secret say only whether they changed', () => {
  const { before, after } = masked(
    {
      before: secret({ same: 'b25l', changed: 'b25l', gone: 'b25l' }),
      after: secret({ same: 'b25l', changed: 'dHdv', come: 'dHdv' }),
    },
    nothing,
  );
  assert.deepEqual(before?.['data'], { same: '***', changed: '*** (before)', gone: '***' });
  assert.deepEqual(after?.['data'], { same: '***', changed: '*** (after)', come: '***' });
});

test('a Secret in a list, in a template and in last-applied is masked, too', () => {
  const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"stringData":{"a":"kestrel-nest"}}' };
  const inner = secret({ a: 'a2VzdHJlbC1uZXN0' }, { annotations: { ...lastApplied, harmless: 'yes' } });
  const { after } = masked({ after: { kind: 'Thing', spec: { objects: [{ template: inner }] } } }, nothing);
  const text = JSON.stringify(after);
  assert.doesNotMatch(text, /kestrel|a2VzdHJl/);
  assert.match(text, /"harmless":"yes"/);
});

test('what a Secret holds is masked elsewhere, but the name of a user is not', () => {
  const shield = shieldOf([secret({ password: Buffer.from('osprey-nest-7').toString('base64'), user: 'YXBw' })]);
  const config = { kind: 'ConfigMap', data: { url: 'x://app:osprey-nest-7@db/app', name: 'app' } };
  const text = diffText({ ...id, kind: 'ConfigMap' }, { after: config }, shield);
  assert.doesNotMatch(text, /osprey/);
  assert.match(text, /^\+ {2}name: app$/m);
});

test('a password in the environment is masked by its name, whatever its place in the list', () => {
  const env = (...list: readonly object[]): JsonObject => ({ spec: { env: list } });
  const before = env({ name: 'A', value: '1' }, { name: 'DB_PASSWORD', value: 'old-harrier-1' });
  const after = env({ name: 'DB_PASSWORD', value: 'new-harrier-2' }, { name: 'A', value: '1' });
  const text = diffText(id, { before, after }, shieldOf([]));
  assert.doesNotMatch(text, /harrier/);
  assert.match(text, /\*\*\* \(before\)/);
  assert.match(text, /\*\*\* \(after\)/);
});

const word = fc.stringMatching(/^[A-Za-z0-9]{12,24}$/);

test('for every Secret: no value of either side is in the diff, and a change of one always shows', () => {
  const map = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), word, { maxKeys: 4 });
  fc.assert(
    fc.property(map, map, fc.boolean(), (one, other, plain) => {
      const sides = (values: Readonly<Record<string, string>>): JsonObject => {
        const encoded = Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
        return plain ? { ...secret({}), stringData: values } : secret(Object.fromEntries(encoded));
      };
      const [before, after] = [sides(one), sides(other)];
      const text = diffText(id, { before, after }, shieldOf([before, after]));
      for (const value of [...Object.values(one), ...Object.values(other)]) {
        assert.ok(!text.includes(value) && !text.includes(Buffer.from(value).toString('base64')), text);
      }
      assert.equal(text === '', JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      assert.deepEqual(scanText('change.diff', text), [], 'the ledger takes it');
    }),
  );
});

const sorted = (values: Readonly<Record<string, string>>): unknown => Object.entries(values).toSorted();
