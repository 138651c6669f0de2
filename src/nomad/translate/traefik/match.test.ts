import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hostsOf, type Match, parseMatch, plainHost, printMatch } from './match.ts';
import { modernMatch } from './modern-match.ts';

function parsed(text: string): Match {
  const result = parseMatch(text);
  if (result.kind === 'refused') assert.fail(`${text}: ${result.expected} at ${result.at}`);
  return result.match;
}

const modern = (text: string): string => printMatch(modernMatch(parsed(text)));

test('a rule is read and written again', () => {
  for (const text of [
    'Host(`a.example.org`)',
    'Host(`a.example.org`) && PathPrefix(`/x`) || !Method(`GET`)',
    '(Host(`a`) || Host(`b`)) && !(Path(`/c`) || Query(`k`, `v`))',
    '!!Host(`a`)',
    'HostSNI(`*`)',
  ]) {
    assert.equal(printMatch(parsed(text)), text);
  }
  assert.equal(
    printMatch(parsed('Host("a.example.org")&&Path("/x\\"y")')),
    'Host(`a.example.org`) && Path(`/x"y`)'
      .replaceAll('`a.example.org`', '"a.example.org"')
      .replace('`/x"y`', '"/x\\"y"'),
  );
});

test('what is no rule is refused with its place', () => {
  for (const [text, at] of [
    ['', 0],
    ['Host(`a`', 8],
    ['Host(a)', 5],
    ['Host(`a`) Path(`/`)', 10],
    ['Host(`a`) &&', 12],
    ['(Host(`a`)', 10],
    ['Host(`a`) & Path(`/`)', 10],
  ] as const) {
    const result = parseMatch(text);
    assert.equal(result.kind === 'refused' ? result.at : -1, at, text);
  }
});

const value = fc.stringMatching(/^[a-z0-9./*{}"\\ -]{1,12}$/);
const matcher = fc.record(
  {
    kind: fc.constant('matcher' as const),
    name: fc.constantFrom('Host', 'PathPrefix', 'Header', 'Method', 'ClientIP'),
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
    quote: fc.constantFrom('`' as const, '"' as const),
  },
  { noNullPrototype: true },
);
const { match } = fc.letrec<{ match: Match; unit: Match; all: Match }>((tie) => ({
  unit: fc.oneof(
    { depthSize: 'small' },
    matcher,
    fc.record({ kind: fc.constant('not' as const), match: tie('unit') }, { noNullPrototype: true }),
    fc.record({ kind: fc.constant('group' as const), match: tie('match') }, { noNullPrototype: true }),
  ),
  all: fc
    .array(tie('unit'), { minLength: 1, maxLength: 3 })
    .map((matches): Match => (matches.length === 1 && matches[0] ? matches[0] : { kind: 'all', matches })),
  match: fc
    .array(tie('all'), { minLength: 1, maxLength: 3 })
    .map((matches): Match => (matches.length === 1 && matches[0] ? matches[0] : { kind: 'any', matches })),
}));

test('property: what is written is read as the same', () => {
  fc.assert(
    fc.property(match, (each) => assert.deepEqual(parsed(printMatch(each)), each)),
    { numRuns: 500 },
  );
});

test('property: no text makes the reader throw, and what it reads it writes again', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('H', '(', ')', '`', '"', ',', '!', '&', '|', ' ', '\\', 'a') }),
      (text) => {
        const result = parseMatch(text);
        if (result.kind === 'match') assert.deepEqual(parsed(printMatch(result.match)), result.match);
      },
    ),
    { numRuns: 2000 },
  );
});

test('what only Traefik 2 understands is written as Traefik 3 does', () => {
  for (const [old, now] of [
    ['Host(`a`, `b`)', 'Host(`a`) || Host(`b`)'],
    ['Host(`a`,`b`) && PathPrefix(`/x`)', '(Host(`a`) || Host(`b`)) && PathPrefix(`/x`)'],
    ['!Host(`a`, `b`)', '!(Host(`a`) || Host(`b`))'],
    ['Headers(`X`, `1`)', 'Header(`X`, `1`)'],
    ['HeadersRegexp(`X`, `.*`)', 'HeaderRegexp(`X`, `.*`)'],
    ['HostHeader(`a`)', 'Host(`a`)'],
    ['Query(`k=v`)', 'Query(`k`, `v`)'],
    ['HostRegexp(`{sub:[a-z]{2,3}}.example.org`)', 'HostRegexp(`^[a-z]{2,3}\\.example\\.org$`)'],
    ['HostRegexp(`{sub}.example.org`)', 'HostRegexp(`^[^.]+\\.example\\.org$`)'],
    ['Path(`/items/{id:[0-9]+}`)', 'PathRegexp(`^/items/[0-9]+$`)'],
    ['PathPrefix(`/{lang}/docs`)', 'PathRegexp(`^/[^/]+/docs`)'],
  ] as const) {
    assert.equal(modern(old), now);
  }
});

test('a rule of Traefik 3 stays the object that it was', () => {
  for (const text of [
    'Host(`a`) && PathRegexp(`^/x{2,3}$`)',
    'HostRegexp(`^[a-z]{2,3}\\.example\\.org$`)',
    'Header(`A`, `b`)',
    'Query(`a`, `b`)',
  ]) {
    const before = parsed(text);
    assert.equal(modernMatch(before), before, text);
  }
});

test('a plain host is one name and nothing else', () => {
  assert.equal(plainHost(parsed('Host(`a.example.org`)')), 'a.example.org');
  assert.equal(plainHost(parsed('(Host(`a.example.org`))')), 'a.example.org');
  for (const text of ['Host(`a`, `b`)', 'Host(`*.a`)', 'Host(`a`) && Path(`/`)', '!Host(`a`)', 'HostRegexp(`a`)']) {
    assert.equal(plainHost(parsed(text)), undefined, text);
  }
  assert.deepEqual(hostsOf(parsed('Host(`a`) || (Host(`b`) && !Host(`c`))')), ['a', 'b']);
});
