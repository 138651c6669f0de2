import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  configured,
  constraintsOf,
  MIB,
  MINUTE,
  NOW,
  type SituationOptions,
  sampleAt,
  situationInput,
} from './decide.fixture.ts';
import { decide } from './decide.ts';
import { type Explanation, explain, explanationToJson } from './explain.ts';
import { layersOf, resolvePolicy } from './policy/policy.ts';
import { configurationLayers } from './settings/configuration.ts';
import { fieldsOfAnnotations } from './settings/settings.ts';

const small = { request: '20Mi', annotations: { 'pvc-chonker.io/min-scale-up': '10Mi' } };
const volume = { minSize: MIB, maxSize: undefined, stepSize: MIB, volumeType: '', modifications: undefined };

function explanationOf(options: SituationOptions, notes: readonly string[] = []): Explanation {
  const input = situationInput({
    ...options,
    over: { constraints: constraintsOf({ volume, provider: 'nfs' }), ...options.over },
  });
  const decision = decide(input);
  const annotations = { 'pvc-chonker.io/enabled': 'true', ...options.annotations };
  const layers = layersOf({
    claim: { source: { level: 'claim', label: 'annotation' }, fields: fieldsOfAnnotations(annotations) },
    namespace: {
      source: { level: 'namespace', label: 'namespace default' },
      fields: fieldsOfAnnotations({ 'pvc-chonker.io/threshold': '90%' }),
    },
    configuration: configurationLayers(configured()),
  });
  return {
    decision,
    claim: input.claim,
    layers,
    resolution: resolvePolicy(layers),
    constraints: input.constraints,
    samples: input.samples,
    growths: 'growths' in input.history ? input.history.growths : [],
    grown: [],
    notes,
  };
}
const firstLine = (options: SituationOptions): string => explain(explanationOf(options)).split('\n')[0] ?? '';

test('the first line says what happens and why', () => {
  const past = { lastAt: NOW - 5 * MINUTE, growths: [] };
  const growth = {
    at: NOW - MINUTE,
    fromBytes: 10n << 20n,
    toBytes: 20n << 20n,
    trigger: 'storage' as const,
    usableBytes: 10n << 20n,
    inodes: undefined,
    origin: 'directory',
  };
  const grown = { lastAt: growth.at, growths: [growth] };
  const input = situationInput(small);
  for (const [options, line] of [
    [{ ...small, usedRatio: 0.95 }, 'default/data-0: grows from 20Mi to 30Mi (95 % used ≥ 80 %)'],
    [{ ...small, usedRatio: 0.5 }, 'default/data-0: holds at 20Mi (50 % used < 80 %), next at 16Mi used'],
    [
      { ...small, usedRatio: 0.9, samples: 1 },
      'default/data-0: holds at 20Mi (90 % used ≥ 80 %, 1 measurement so far)',
    ],
    [{ ...small, samples: 0 }, 'default/data-0: is not judged: no measurement yet'],
    [
      { ...small, samples: 0, over: { settledAt: NOW - MINUTE, history: grown } },
      'default/data-0: is not judged: it grew from 10Mi to 20Mi at 2026-01-31 11:59:00Z',
    ],
    [
      { ...small, usedRatio: 0.9, over: { history: past } },
      'default/data-0: cools down until 2026-01-31 12:10:00Z (90 % used ≥ 80 %)',
    ],
    [
      { ...small, usedRatio: 0.9, over: { claim: { ...input.claim, phase: 'Pending' } } },
      'default/data-0: does not grow: the claim is Pending, only a Bound claim can grow',
    ],
    [
      { usedRatio: 0.9, configuration: configured({ flags: { dryRun: true } }), request: '20Mi' },
      'default/data-0: would grow from 20Mi to 1044Mi (90 % used ≥ 80 %; dry run)',
    ],
  ] as const) {
    assert.equal(firstLine(options), line);
  }
});

test('it names every field with its source, who was overruled, and every gate with its numbers', () => {
  const text = explain(
    explanationOf({
      ...small,
      usedRatio: 0.95,
      annotations: { ...small.annotations, 'pvc-chonker.io/threshold': '70%' },
    }),
  );
  assert.match(text, /^ {2}threshold +70 % +annotation, over namespace default$/m);
  assert.match(text, /^ {2}cooldown +15m +built-in$/m);
  assert.match(text, /^ {2}\+ storage +used 95 % \(kubelet, node worker-1\); threshold 70 %/m);
  assert.match(text, /^Next: +the request is raised to 30Mi, now$/m);
  assert.match(text, /^Measurements$/m);
});

test('a claim that nobody manages is explained, too', () => {
  const text = explain(
    explanationOf({ ...small, annotations: { 'pvc-chonker.io/enabled': 'false' }, usedRatio: 0.97 }),
  );
  assert.match(text, /is not managed \(97 % used\): enabled is "false" \(annotation\)/);
  assert.match(text, /Unmanaged \(needs you\)/);
});

test('an invalid setting is shown with what is accepted', () => {
  const text = explain(explanationOf({ annotations: { 'pvc-chonker.io/cooldown': 'soon' } }));
  assert.match(text, /cooldown is "soon" and must be a duration, for\s+example/);
});

test('an `enabled` that cannot be read is among the settings that cannot, with its place', () => {
  const text = explain(explanationOf({ annotations: { 'pvc-chonker.io/enabled': 'yes' } }));
  assert.match(text, /^ {2}enabled +invalid$/m);
  assert.match(text, /^ {2}! enabled is "yes" \(annotation\): it must be "true" or "false"$/m);
});

test('no line is wider than 80 columns, however long the names', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9-]{1,253}$/), fc.string({ maxLength: 300 }), (name, value) => {
      const explanation = explanationOf({ ...small, annotations: { 'pvc-chonker.io/increase': value } }, [value]);
      const { decision } = explanation;
      const text = explain({ ...explanation, decision: { ...decision, claim: `default/${name}` } });
      for (const line of text.split(/\r?\n/)) assert.ok(line.length <= 80, `${line.length}: ${line}`);
    }),
    { numRuns: 100 },
  );
});

test('as JSON it carries bytes as decimal strings and the source of each setting', () => {
  const json = JSON.parse(JSON.stringify(explanationToJson(explanationOf({ ...small, usedRatio: 0.95 }))));
  assert.equal(json.targetBytes, '31457280');
  assert.equal(json.key, 'default/data-0');
  assert.deepEqual(json.settings.threshold, { value: 0.9, source: 'namespace default', overruled: ['built-in'] });
  assert.deepEqual(json.settings['max-step'], { source: 'unset', overruled: [] });
  assert.equal(json.samples[0].capacityBytes, '20971520');
  assert.equal(json.verdict.kind, 'Expand');
});

test('several measurements are listed, the newest last', () => {
  const samples = [sampleAt(NOW - 2 * MINUTE, 0.1), sampleAt(NOW - MINUTE, 0.2)];
  const text = explain({ ...explanationOf(small), samples });
  assert.ok(text.indexOf('2026-01-31 11:58:00Z') < text.indexOf('2026-01-31 11:59:00Z'));
});
