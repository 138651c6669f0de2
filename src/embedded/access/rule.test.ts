import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeRules, fullAuthority, type Rule, readRule, ruleAllows, uncovered } from './rule.ts';

const some = (...words: readonly string[]) => fc.subarray([...words], { minLength: 1 });

const resourceRule: fc.Arbitrary<Rule> = fc.record({
  verbs: some('get', 'list', '*'),
  apiGroups: some('', 'apps', '*'),
  resources: some('pods', 'pods/log', '*/log', '*'),
  resourceNames: fc.subarray(['a', 'b']),
  nonResourceURLs: fc.constant([]),
});

const pathRule: fc.Arbitrary<Rule> = fc.record({
  verbs: some('get', '*'),
  apiGroups: fc.constant([]),
  resources: fc.constant([]),
  resourceNames: fc.constant([]),
  nonResourceURLs: some('/a', '/a/*', '/a/b', '*'),
});

const rules = fc.array(fc.oneof(resourceRule, pathRule), { maxLength: 4 });

const asked = fc.record({
  kind: fc.constant('resource' as const),
  verb: fc.constantFrom('get', 'list', 'watch'),
  group: fc.constantFrom('', 'apps', 'batch'),
  resource: fc.constantFrom('pods', 'jobs'),
  subresource: fc.constantFrom('', 'log'),
  namespace: fc.constant('x'),
  name: fc.constantFrom('', 'a', 'c'),
});

test('rules cover themselves, and everything is covered by all rights', () => {
  fc.assert(
    fc.property(rules, (own) => {
      assert.deepEqual(uncovered(own, own), []);
      assert.deepEqual(uncovered(fullAuthority, own), []);
    }),
  );
});

test('whoever covers rules may do all that they allow', () => {
  fc.assert(
    fc.property(rules, rules, asked, (owned, wanted, attributes) => {
      if (uncovered(owned, wanted).length > 0) return;
      const allows = (list: readonly Rule[]): boolean => list.some((rule) => ruleAllows(rule, attributes));
      assert.ok(!allows(wanted) || allows(owned));
    }),
    { numRuns: 500 },
  );
});

test('missing rights are told verb by verb for each thing, sorted', () => {
  const wanted = [
    readRule({ verbs: ['list', 'get'], apiGroups: [''], resources: ['pods', 'nodes'] }),
    readRule({ verbs: ['get'], nonResourceURLs: ['/metrics'] }),
  ];
  assert.equal(
    describeRules(uncovered([], wanted)),
    [
      '{APIGroups:[""], Resources:["nodes"], Verbs:["list" "get"]}',
      '{APIGroups:[""], Resources:["pods"], Verbs:["list" "get"]}',
      '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
    ].join('\n'),
  );
});
