import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Namespace } from '../../kube/kinds.ts';
import type { ExportDescription } from '../storage.ts';
import { type Budget, budgetOf, overBudget } from './budget.ts';

const GIB = 1024n ** 3n;
const place: ExportDescription = { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: '/mnt/v' };

const namespaceOf = (budget?: string): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: 'shop',
    uid: 'u',
    resourceVersion: '1',
    ...(budget === undefined ? {} : { annotations: { 'larder.dev/budget': budget } }),
  },
});

const spend = (budget: Budget, usedBytes: bigint, askedBytes: bigint): string | undefined =>
  overBudget({ budget, namespace: 'shop', export: place, usedBytes, askedBytes });

describe('budgets', () => {
  it('are the smaller of what the namespace and the class say', () => {
    const bytes = (ofClass: bigint | undefined, annotation?: string): bigint | string => {
      const budget = budgetOf(ofClass, 'shop', namespaceOf(annotation));
      return budget.kind === 'limited' ? budget.bytes : budget.kind;
    };
    assert.equal(bytes(undefined), 'unlimited');
    assert.equal(bytes(undefined, '1Gi'), GIB);
    assert.equal(bytes(2n * GIB, '1Gi'), GIB);
    assert.equal(bytes(GIB, '2Gi'), GIB);
    assert.equal(bytes(GIB), GIB);
    assert.equal(bytes(undefined, '0'), 0n);
    assert.equal(budgetOf(undefined, 'shop', undefined).kind, 'unlimited');
  });

  it('that cannot be read allow nothing, whatever the class says', () => {
    for (const text of ['', 'much', '-1Gi', '100 GB', '1Gi,2Gi']) {
      const budget = budgetOf(100n * GIB, 'shop', namespaceOf(text));
      assert.equal(budget.kind, 'unreadable', text);
      assert.match(spend(budget, 0n, 1n) ?? '', /^namespace shop has annotation larder\.dev\/budget .*: correct it/);
    }
  });

  it('are used up to the last byte, and the refusal has all figures', () => {
    const budget = budgetOf(undefined, 'shop', namespaceOf('100Gi'));
    assert.equal(spend(budget, 60n * GIB, 40n * GIB), undefined);
    assert.equal(
      spend(budget, 60n * GIB, 40n * GIB + 1024n * 1024n),
      'namespace shop has a budget of 100Gi, of which 60Gi is requested already, and 40961Mi is asked for on export 127.0.0.1:/storage/v (annotation larder.dev/budget of namespace shop): delete claims that are not needed, ask for less, or have the budget raised; it is retried by itself',
    );
    assert.match(spend(budgetOf(GIB, 'shop', undefined), GIB, 1n) ?? '', /parameter namespaceBudget of the class/);
  });

  it('never let more in than they say', () => {
    const size = fc.bigInt({ min: 0n, max: 1n << 60n });
    fc.assert(
      fc.property(size, size, size, (bytes, used, asked) => {
        const refused = spend({ kind: 'limited', bytes, by: 'test' }, used, asked) !== undefined;
        assert.equal(refused, used + asked > bytes);
      }),
    );
  });
});
