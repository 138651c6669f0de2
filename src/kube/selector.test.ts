import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKubeError } from './error.ts';
import {
  matchesFields,
  matchesRequirements,
  matchesSelector,
  parseFieldSelector,
  parseLabelSelector,
} from './selector.ts';

const labels = { app: 'db', tier: 'back', replicas: '3', empty: '' };

test('an empty selector matches everything, even an object without labels', () => {
  assert.equal(matchesSelector({}, undefined), true);
  assert.equal(matchesRequirements(parseLabelSelector(''), undefined), true);
});

test('all labels and expressions of a selector must hold', () => {
  const key = 'app';
  assert.equal(matchesSelector({ matchLabels: { app: 'db', tier: 'back' } }, labels), true);
  assert.equal(matchesSelector({ matchLabels: { app: 'db', tier: 'front' } }, labels), false);
  assert.equal(matchesSelector({ matchExpressions: [{ key, operator: 'In', values: ['web', 'db'] }] }, labels), true);
  assert.equal(matchesSelector({ matchExpressions: [{ key, operator: 'NotIn', values: ['db'] }] }, labels), false);
  assert.equal(
    matchesSelector({ matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['x'] }] }, labels),
    true,
  );
  assert.equal(matchesSelector({ matchExpressions: [{ key: 'none', operator: 'DoesNotExist' }] }, labels), true);
  assert.equal(matchesSelector({ matchExpressions: [{ key: 'none', operator: 'Exists' }] }, labels), false);
});

test('selector text is read as kubectl reads it', () => {
  const vectors: readonly (readonly [string, boolean])[] = [
    ['app=db', true],
    ['app == db , tier=back', true],
    ['app!=db', false],
    ['missing!=db', true],
    ['app in (db, web),tier notin (front)', true],
    ['app in (web)', false],
    ['empty=', true],
    ['empty in (,x)', true],
    ['app,!missing', true],
    ['!app', false],
    ['replicas>2,replicas<4', true],
    ['replicas>3', false],
    ['app>1', false],
    ['in=1', false],
  ];
  for (const [text, expected] of vectors) {
    assert.equal(matchesRequirements(parseLabelSelector(text), labels), expected, text);
  }
});

test('a selector that cannot be read is refused by name', () => {
  for (const text of [
    '=a',
    'a=b,',
    ',a',
    'a in b',
    'a in (b',
    'a b',
    'a=b=c',
    '-a=b',
    'a=b!',
    'a>x',
    'x/y/z=1',
    'UP/x=1',
    'a=-',
  ]) {
    assert.throws(
      () => parseLabelSelector(text),
      (error) => isKubeError(error, 'KUBE_INVALID') && error.message.includes(text),
      text,
    );
  }
});

test('names of built-in properties are ordinary label keys', () => {
  assert.equal(matchesRequirements(parseLabelSelector('constructor'), {}), false);
  assert.equal(matchesSelector({ matchLabels: { toString: 'x' } }, {}), false);
});

test('field selectors know equality, inequality and escapes', () => {
  const fields = (field: string): string | undefined =>
    new Map([
      ['metadata.name', 'a,b=c\\'],
      ['status.phase', 'Bound'],
    ]).get(field);
  const matches = (text: string): boolean => matchesFields(parseFieldSelector(text), fields);
  assert.equal(matches('metadata.name=a\\,b\\=c\\\\,status.phase!=Lost'), true);
  assert.equal(matches('status.phase==Bound'), true);
  assert.equal(matches('status.phase=Lost'), false);
  assert.equal(matches('spec.nodeName='), true);
  assert.equal(matches(''), true);
  for (const text of ['status.phase', '=x', 'a=b=c', 'a>b', 'a=\\']) {
    assert.throws(() => parseFieldSelector(text), /field selector/, text);
  }
});

test('property: the text of an equality selector matches exactly the label that it names', () => {
  const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/);
  fc.assert(
    fc.property(name, name, name, (key, value, other) => {
      const requirements = parseLabelSelector(`${key}=${value}`);
      assert.equal(matchesRequirements(requirements, { [key]: value }), true);
      assert.equal(matchesRequirements(requirements, { [key]: other }), other === value);
      const negated = parseLabelSelector(`${key} notin (${value})`);
      assert.equal(matchesRequirements(negated, { [key]: other }), other !== value);
    }),
  );
});
