/** C18, two runs: what is written differently the second time is found. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { repeated } from '../../src/nomad/check/repeated.ts';
import { policySchema } from '../../src/nomad/policy.ts';
import { convertedFolder } from './converted.ts';

const { project } = convertedFolder(resolve(import.meta.dirname, '../fixtures/nomad/edited'));
const policy = policySchema.parse({});

/** Another answer each time somebody asks: what a clock or a random number within the conversion would do. */
class Fickle extends Map<string, string> {
  #asked = 0;

  override get(id: string): string | undefined {
    if (!id.endsWith('.volume.ledger.size')) return super.get(id);
    this.#asked += 1;
    return `${this.#asked}Gi`;
  }
}

test('the same jobs are written to the same bytes', () => {
  assert.deepEqual(repeated({ project, policy, answers: new Map() }), []);
});

test('a file that is written differently the second time is named', () => {
  const found = repeated({ project, policy, answers: new Fickle() });
  const files = found.map(({ file }) => file);
  assert.ok(files.includes('modules-k8s/shop/manifests/pvc-ledger.yaml'), files.join(', '));
  assert.ok(!files.includes('modules-k8s/shop/manifests/pvc-photos.yaml'), files.join(', '));
  assert.ok(found.every(({ check, severity }) => check === 'C18' && severity === 'error'));
});
