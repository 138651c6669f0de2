import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyInput } from './any-input.fixture.ts';
import { baseBytesOf } from './claim.ts';
import { configured, constraintsOf, GIB, MIB, MINUTE, NOW, sampleAt, situationInput } from './decide.fixture.ts';
import { decide } from './decide.ts';
import { countWithin, type Growth } from './history.ts';
import type { Sample } from './usage/source.ts';

const DAY = 24 * 60 * MINUTE;

/** A claim that has every reason to grow but for what the property varies. */
const eager = fc.record({
  request: fc.bigInt({ min: 1n, max: 4_000n }).map((mebibytes) => `${mebibytes}Mi`),
  step: fc.constantFrom(MIB, 64n * MIB, GIB),
  increase: fc.constantFrom('1%', '10%', '33%', '200%', '3Mi', '5Gi'),
  minScaleUp: fc.constantFrom('1Mi', '10Mi', '1Gi'),
  maxSize: fc.bigInt({ min: 1n, max: 6_000n }).map((mebibytes) => `${mebibytes}Mi`),
});

test('whatever comes in, a decision comes out, and a growth obeys every bound', () => {
  let grown = 0;
  fc.assert(
    fc.property(anyInput, (input) => {
      const { verdict, targetBytes } = decide(input);
      if (verdict.kind !== 'Expand') return targetBytes === undefined || verdict.kind === 'WouldExpand';
      grown += 1;
      assert.ok(targetBytes !== undefined);
      const { settings } = input.resolution;
      const { stepSize, maxSize } = input.constraints.volume;
      assert.ok(targetBytes - baseBytesOf(input.claim) >= stepSize, 'it grows by at least a step');
      assert.ok(targetBytes > input.claim.requestBytes, 'a request never falls');
      assert.equal(targetBytes % stepSize, 0n);
      assert.ok(settings.maxSize.value === 'unlimited' || targetBytes <= settings.maxSize.value);
      assert.ok(maxSize === undefined || targetBytes <= maxSize);
      assert.ok('growths' in input.history && countWithin(input.history, DAY, input.now) < 6);
      return true;
    }),
    { numRuns: 3_000 },
  );
  assert.ok(grown > 20, `only ${grown} of the inputs grew: the property looked at nothing`);
});

test('a size is a multiple of the step, above the base, and within the maximum, or there is none', () => {
  let sized = 0;
  fc.assert(
    fc.property(eager, ({ request, step, increase, minScaleUp, maxSize }) => {
      const annotations = {
        'pvc-chonker.io/increase': increase,
        'pvc-chonker.io/min-scale-up': minScaleUp,
        'pvc-chonker.io/max-size': maxSize,
      };
      const volume = { minSize: step, maxSize: undefined, stepSize: step, volumeType: '', modifications: undefined };
      const input = situationInput({
        request,
        usedRatio: 0.95,
        annotations,
        over: { constraints: constraintsOf({ volume }) },
      });
      const { verdict, targetBytes } = decide(input);
      const limit = input.resolution.settings.maxSize.value;
      assert.ok(typeof limit === 'bigint');
      if (targetBytes === undefined) {
        assert.equal(verdict.kind, 'AtMax');
        assert.ok((limit / step) * step - input.claim.requestBytes < step, 'only the maximum is a reason');
        return;
      }
      sized += 1;
      assert.equal(targetBytes % step, 0n);
      assert.ok(targetBytes <= limit && targetBytes - input.claim.requestBytes >= step);
    }),
    { numRuns: 1_000 },
  );
  assert.ok(sized > 100);
});

test('more used never means less growth', () => {
  const ratio = fc.double({ min: 0, max: 1, noNaN: true });
  const rank = { Hold: 0, Expand: 1 } as const;
  fc.assert(
    fc.property(ratio, ratio, (a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)].map((usedRatio) => decide(situationInput({ usedRatio })));
      assert.ok(less && more);
      const lower = less.verdict.kind;
      const upper = more.verdict.kind;
      assert.ok((lower === 'Hold' || lower === 'Expand') && (upper === 'Hold' || upper === 'Expand'));
      assert.ok(rank[lower] <= rank[upper]);
      assert.ok((less.targetBytes ?? 0n) <= (more.targetBytes ?? 0n));
    }),
    { numRuns: 500 },
  );
});

test('without a trusted measurement nothing grows', () => {
  fc.assert(
    fc.property(anyInput, fc.constantFrom('none', 'stale', 'future', 'impossible'), (input, flaw) => {
      const samples: Record<typeof flaw, readonly Sample[]> = {
        none: [],
        stale: [sampleAt(NOW - 4 * MINUTE, 0.99), sampleAt(NOW - 3 * MINUTE - 1, 0.99)],
        future: [sampleAt(NOW + 3 * MINUTE + 1, 0.99)],
        impossible: [sampleAt(NOW - 1_000, 0.99, { availableBytes: 11n * GIB })],
      };
      const { verdict } = decide({ ...input, samples: samples[flaw] });
      assert.notEqual(verdict.kind, 'Expand');
    }),
    { numRuns: 500 },
  );
});

test('followed over days, a claim that fills without end grows at most as often as allowed, and stops at its maximum', () => {
  const perDay = fc.integer({ min: 1, max: 8 });
  const cooldown = fc.constantFrom('0s', '15m', '5h');
  fc.assert(
    fc.property(perDay, cooldown, (limit, pause) => {
      const configuration = configured({
        flags: { expansionsPerDay: limit, defaultMaxSize: '40Gi', defaultCooldown: pause },
      });
      let size = 10n * GIB;
      let growths: readonly Growth[] = [];
      for (let now = NOW; now < NOW + 4 * DAY; now += 20 * MINUTE) {
        const input = situationInput({ configuration, request: `${size}` });
        const capacityBytes = size;
        const samples = [1, 0].map((back) => sampleAt(now - 1_000 - back * MINUTE, 0.99, { capacityBytes }));
        const settledAt = growths.at(-1)?.at;
        const decision = decide({ ...input, samples, now, settledAt, history: { lastAt: settledAt, growths } });
        if (decision.verdict.kind !== 'Expand' || decision.targetBytes === undefined) continue;
        const { targetBytes } = decision;
        growths = [
          ...growths,
          {
            at: now,
            fromBytes: size,
            toBytes: targetBytes,
            trigger: 'storage',
            usableBytes: size,
            inodes: undefined,
            origin: 'kubelet',
          },
        ];
        size = targetBytes;
      }
      const times = growths.map(({ at }) => at);
      for (const start of times) assert.ok(times.filter((at) => at >= start && at < start + DAY).length <= limit);
      assert.ok(size <= 40n * GIB && growths.length > 0);
    }),
    { numRuns: 20 },
  );
});
