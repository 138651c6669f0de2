import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateNames } from '../decision.ts';
import { configurationSchema } from '../settings/configuration.ts';
import { settingKeys } from '../settings/settings.ts';
import { gateMeanings } from './gate-meaning.ts';
import { gates } from './gates.ts';

test('every gate has a rule, a question and what follows, in one order', () => {
  assert.deepEqual(
    gates.map(({ name }) => name),
    [...gateNames],
  );
  assert.deepEqual(Object.keys(gateMeanings), [...gateNames], 'the page is read in the order of the rules');
  for (const { asks, otherwise } of Object.values(gateMeanings)) {
    assert.ok(asks.endsWith('?') && otherwise.endsWith('.'), `${asks} ${otherwise}`);
  }
});

test('what the meanings call a setting or an annotation is one', () => {
  const known = new Set<string>([...Object.keys(configurationSchema.shape), ...Object.values(settingKeys)]);
  const other = /^(?:[A-Z]\w*|pvc-chonker\.io\/.*|larder\.dev\/.*|allowVolumeExpansion: true)$/;
  const words = Object.values(gateMeanings).flatMap(
    ({ asks, otherwise }) => `${asks} ${otherwise}`.match(/`[^`]+`/g) ?? [],
  );
  assert.ok(words.length > 20);
  for (const word of words.map((each) => each.slice(1, -1))) assert.ok(known.has(word) || other.test(word), word);
});
