import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkPath,
  defaultPattern,
  isSegment,
  isStrictSegment,
  type Pattern,
  type PatternRules,
  type PatternValues,
  parsePattern,
  quote,
  renderPattern,
  SEGMENT_BYTES,
} from './pattern.ts';

const values: PatternValues = {
  name: 'data',
  namespace: 'shop',
  uid: '0e6f1c1e-0000-4000-8000-000000000001',
  volumeName: 'pvc-0e6f1c1e-0000-4000-8000-000000000001',
  labels: { app: 'web', 'app.kubernetes.io/name': 'nginx' },
  annotations: { 'volume-name': 'myapp_data', 'nfs.io/storage-path': 'here', trick: '${.PVC.name}', empty: '' },
};
const rules: PatternRules = { onMissing: 'fail', allowSlashInValues: false, strictNames: true };

function patternOf(source: string): Pattern {
  const parsed = parsePattern(source);
  assert.equal(parsed.kind, 'pattern', source);
  return parsed.kind === 'pattern' ? parsed.pattern : defaultPattern;
}

function render(source: string, change: Partial<PatternRules> = {}, given: PatternValues = values): string {
  const rendered = renderPattern(patternOf(source), given, { ...rules, ...change });
  return rendered.kind === 'path' ? rendered.path.join('|') : rendered.message;
}

test('every variable of the grammar is rendered', () => {
  assert.equal(render('glusterfs_${.PVC.annotations.volume-name}'), 'glusterfs_myapp_data');
  assert.equal(render('${.PVC.namespace}/${.PVC.name}'), 'shop|data');
  assert.equal(render('${.PVC.labels.app}-${.PVC.labels.app.kubernetes.io/name}'), 'web-nginx');
  assert.equal(render('${.PVC.annotations.nfs.io/storage-path}'), 'here');
  assert.equal(render('${.PVC.uid}'), values.uid);
  assert.equal(render('v_${.PV.name}'), `v_${values.volumeName}`);
});

test('a default stands in for a missing or empty value, may be text or variables, and may nest', () => {
  assert.equal(render('${.PVC.annotations.none:-${.PVC.name}}'), 'data');
  assert.equal(render('${.PVC.annotations.empty:-x}y'), 'xy');
  assert.equal(render('${.PVC.labels.none:-a${.PVC.annotations.none:-${.PVC.namespace}}b}c'), 'ashopbc');
  assert.equal(render('${.PVC.labels.app:-unused}'), 'web');
});

test('a value is never expanded again', () => {
  assert.match(render('${.PVC.annotations.trick}'), /a path segment must match/);
  assert.match(render('${.PVC.annotations.trick}', { strictNames: false }), /^\$\{\.PVC\.name\}$/);
});

test('a missing value is refused by name, or becomes empty where the class says so', () => {
  assert.equal(
    render('glusterfs_${.PVC.annotations.volume-nam}'),
    'pathPattern needs annotation "volume-nam" on the claim: add it to the claim',
  );
  assert.equal(render('x${.PVC.labels.tier}'), 'pathPattern needs label "tier" on the claim: add it to the claim');
  assert.equal(render('glusterfs_${.PVC.annotations.none}', { onMissing: 'empty' }), 'glusterfs_');
  assert.match(render('${.PVC.annotations.none}', { onMissing: 'empty' }), /^"": a path segment must match/);
  assert.match(render('a/${.PVC.annotations.none}/b', { onMissing: 'empty' }), /^"a\/\/b": a path segment must match/);
});

test('keys of Object.prototype are no values', () => {
  assert.match(render('${.PVC.annotations.constructor}'), /needs annotation "constructor"/);
  assert.match(render('${.PVC.labels.__proto__}'), /needs label "__proto__"/);
});

test('malformed patterns are refused with a reason', () => {
  const reasonOf = (source: string): string => {
    const parsed = parsePattern(source);
    return parsed.kind === 'malformed' ? parsed.reason : 'accepted';
  };
  assert.match(reasonOf('/'), /whole export/);
  assert.match(reasonOf('a${.PVC.name'), /no closing brace/);
  assert.match(reasonOf('${.PVC.name:-x'), /no closing brace/);
  assert.match(reasonOf('${.PVC.annotations.a:-${.PVC.name}'), /no closing brace/);
  assert.match(reasonOf('${.PVC.size}'), /"\$\{\.PVC\.size\}" is not known/);
  assert.match(reasonOf('${.PVC.labels.}'), /is not known/);
  assert.match(reasonOf('${}'), /is not known/);
  assert.match(reasonOf(`${'${.PVC.name:-'.repeat(20)}x${'}'.repeat(20)}`), /nested deeper/);
});

test('the default pattern is namespace, name and volume name, shortened with a hash where it is too long', () => {
  assert.equal(render(''), `shop-data-${values.volumeName}`);
  const long = { ...values, namespace: 'n'.repeat(63), name: 'c'.repeat(253) };
  const other = { ...long, name: `${'c'.repeat(252)}d` };
  const [one, two] = [render('', {}, long), render('', {}, other)];
  assert.equal(one.length, SEGMENT_BYTES);
  assert.match(one, new RegExp(`^${'n'.repeat(63)}-c+-[0-9a-f]{16}-${values.volumeName}$`));
  assert.notEqual(one, two);
});

test('hostile names are refused in strict mode', () => {
  const hostile = [
    '..',
    '.',
    '',
    'a/../b',
    '/etc',
    'a//b',
    '%2e%2e',
    'a\\b',
    'a\0b',
    'a\nb',
    'x'.repeat(201),
    'x'.repeat(255),
    'x'.repeat(256),
    '🙂',
    'e\u0301',
    '\u00e9',
    '-rf',
    '.hidden',
    'a b',
    '~',
    '$HOME',
    'a;b',
    '\ud800',
    'a/',
    '*',
  ];
  for (const name of hostile) {
    const rendered = render(
      '${.PVC.annotations.x}',
      { onMissing: 'empty', allowSlashInValues: true },
      {
        ...values,
        annotations: { x: name },
      },
    );
    assert.match(rendered, /a path segment must match/, JSON.stringify(name));
  }
});

test('the names of Larder and of filesystems are reserved', () => {
  const loose = { strictNames: false };
  for (const name of ['lost+found', 'archived-x', 'archived-']) {
    assert.equal(checkPath([name], loose).kind, 'refused', name);
  }
  for (const name of ['.larder', '.trash', '.snapshot', '.snapshots', '.glusterfs']) {
    assert.equal(checkPath([name], loose).kind, 'refused', name);
  }
  assert.match(render('archived-${.PVC.name}'), /^"archived-data": the name "archived-data" is reserved/);
  assert.equal(checkPath(['a', 'archived-b'], loose).kind, 'refused', 'an archive lies beside the directory it was');
  assert.equal(checkPath(['a', 'lost+found'], loose).kind, 'path');
});

test('a slash that comes out of a value is refused unless the class allows it', () => {
  const given = { ...values, annotations: { x: 'team/data' } };
  assert.match(
    render('${.PVC.annotations.x}', {}, given),
    /^"team\/data": a path segment must match \S+: annotation "x" holds a "\/": choose/,
  );
  assert.equal(render('${.PVC.annotations.x}', { allowSlashInValues: true }, given), 'team|data');
});

test('names that are not strict must still be well-formed, visible and short enough', () => {
  const accepted = ['Größe', 'a b', '🙂', 'a+b', 'e\u0301', 'x'.repeat(200), 'ä'.repeat(100)];
  const refused = [
    '',
    '.',
    '..',
    '.a',
    '-a',
    'a ',
    'a.',
    'a/b',
    'a\u0007',
    'a\u007f',
    'a\u0085',
    '\udc00',
    'ä'.repeat(101),
  ];
  for (const name of accepted) assert.ok(isSegment(name), name);
  for (const name of refused) assert.ok(!isSegment(name), JSON.stringify(name));
});

test('depth and length of a path are limited', () => {
  assert.equal(checkPath(Array(8).fill('a'), rules).kind, 'path');
  assert.match(JSON.stringify(checkPath(Array(9).fill('a'), rules)), /at most 8 segments/);
  assert.match(JSON.stringify(checkPath(Array(6).fill('x'.repeat(200)), rules)), /at most 1024 bytes/);
});

test('whatever a claim says, every rendered segment obeys the rule and none of them is reserved or climbs', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '..',
      '.',
      '/',
      '../..',
      'a/../../b',
      '.larder',
      'archived-x',
      '${.PVC.name}',
      '\0',
      'ok',
      '',
      'a/b',
    ),
  );
  const piece = fc.constantFrom(
    'a',
    '/',
    '-',
    '..',
    '.',
    '${.PVC.name}',
    '${.PVC.namespace}',
    '${.PVC.labels.k}',
    '${.PVC.annotations.k}',
    '${.PVC.annotations.k:-${.PVC.labels.k}}',
    '${.PVC.uid}',
    '${.PV.name}',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 8 }),
      fc.record({ name: text, namespace: text, uid: text, volumeName: text, label: text, note: text }),
      fc.record({
        onMissing: fc.constantFrom('fail', 'empty'),
        allowSlashInValues: fc.boolean(),
        strictNames: fc.boolean(),
      }),
      (pieces, { label, note, ...given }, chosen) => {
        const parsed = parsePattern(pieces.join(''));
        if (parsed.kind !== 'pattern') return;
        const rendered = renderPattern(
          parsed.pattern,
          { ...given, labels: { k: label }, annotations: { k: note } },
          chosen,
        );
        if (rendered.kind !== 'path') return;
        const allowed = chosen.strictNames ? isStrictSegment : isSegment;
        assert.ok(rendered.path.length >= 1 && rendered.path.every(allowed));
        assert.ok(
          rendered.path.every((segment) => segment !== '..' && !segment.includes('/') && !segment.includes('\0')),
        );
        assert.ok(!['.larder', '.trash', 'lost+found', '.glusterfs'].includes(rendered.path[0] ?? ''));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('quoted text carries nothing that steers a terminal or hides: C1, DEL, direction and zero-width characters', () => {
  assert.equal(quote('a\x9b31m\x7f\u202eb\u200b\ufeff\u2028'), '"a\\u009b31m\\u007f\\u202eb\\u200b\\ufeff\\u2028"');
  assert.equal(quote('é 🦊'), '"é 🦊"');
});

test('quoted text is on one line, well-formed and short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      const quoted = quote(text);
      assert.ok(quoted.isWellFormed() && !/[\n\r\0]/.test(quoted) && quoted.length < 800);
    }),
    { numRuns: 300 },
  );
});
