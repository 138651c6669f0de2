import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drafted } from '../../ledger/draft.ts';
import { ledgerEvent } from '../../ledger/event.ts';
import { decide } from '../../ledger/rules.ts';
import { emptyState } from '../../ledger/state.ts';
import { type DriftFinding, type DriftKind, driftKindNames, driftKinds, nothing, type Unknown } from './finding.ts';
import { type IgnoreRule, withIgnored } from './ignore.ts';
import { readIgnore } from './ignore-file.ts';
import { countsByKind, type DriftReport, driftEvent, driftReport } from './report.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const ID = '8f14e45f-ceea-467f-a4f6-3d1d2b1f0a11';

function reportOf(
  findings: readonly DriftFinding[],
  unknown: readonly Unknown[] = [],
  { rules = [], kinds = driftKindNames }: { rules?: readonly IgnoreRule[]; kinds?: readonly DriftKind[] } = {},
): DriftReport {
  return driftReport({
    ...{ reportId: ID, cluster: 'home', startedAt: NOW, endedAt: NOW + 1_000, rules, kinds },
    looked: { ...nothing, findings, unknown },
    mask: (text) => text.replaceAll('hunter2', '***'),
  });
}

const web: DriftFinding = { kind: 'manifest', object: 'Deployment shop/web', message: 'spec.replicas is 3' };
const blind: Unknown = { kind: 'host', object: 'pi-1.local', why: 'cannot be reached' };

test('nothing found is clean only where everything was looked at', () => {
  assert.equal(reportOf([]).verdict, 'none');
  assert.equal(reportOf([], [blind]).verdict, 'unknown');
  assert.equal(reportOf([web], [blind]).verdict, 'drift');
});

test('every kind has its words, and is one that the ledger knows', () => {
  assert.deepEqual([...driftKindNames].sort(), Object.keys(driftKinds).sort());
  const findings = driftKindNames.map((kind) => ({ kind, object: 'x', message: 'y' }));
  assert.equal(ledgerEvent.safeParse({ type: 'drift-reported', data: driftEvent(reportOf(findings)) }).success, true);
});

const rule: IgnoreRule = { kind: 'manifest', object: 'Deployment shop/*', reason: 'the fair', expires: '2026-03-02' };

test('an ignored finding does not count until its day, and is told', () => {
  const report = reportOf([web], [], { rules: [rule] });
  assert.deepEqual([report.verdict, report.findings[0]?.ignored?.reason], ['none', 'the fair']);
  const over = reportOf([web], [], { rules: [{ ...rule, expires: '2026-03-01' }] });
  assert.deepEqual([over.verdict, over.findings[0]?.ignored], ['drift', undefined]);
  assert.match(over.notes.join(), /ended on 2026-03-01: what it was about counts again/);
  assert.match(reportOf([], [], { rules: [rule] }).notes.join(), /matches nothing/);
});

test('a pattern is no regular expression, and a message narrows it', () => {
  const odd: DriftFinding = { kind: 'orphan', object: 'ConfigMap a.b/c+(d)', message: 'x' };
  const on = (object: string, message?: string): boolean => {
    const own = { ...rule, kind: 'orphan' as const, object, ...(message === undefined ? {} : { message }) };
    return withIgnored([odd], [own], NOW).findings[0]?.ignored !== undefined;
  };
  assert.deepEqual(
    [on('ConfigMap a.b/c+(d)'), on('ConfigMap a?b/*'), on('*'), on('ConfigMap aXb/c+(d)'), on('*', 'y')],
    [true, false, true, false, false],
  );
});

test('mistakes in the list are told at once, each at its line', () => {
  const read = readIgnore('ignore:\n  - kind: weather\n    object: x\n    expires: soon\n  - {}\n');
  assert.equal(read.kind, 'malformed');
  const lines = read.kind === 'malformed' ? read.problems : [];
  assert.ok(
    lines.some((line) => line.startsWith('drift-ignore.yaml:2:11: ignore[0].kind')),
    lines.join('\n'),
  );
  assert.ok(lines.some((line) => line.startsWith('drift-ignore.yaml:4:14: ignore[0].expires')));
  assert.ok(lines.some((line) => line.includes('ignore[1].reason')));
  assert.deepEqual(readIgnore(''), { kind: 'rules', rules: [] });
  assert.equal(readIgnore('a: [').kind, 'malformed');
});

test('kinds that were not asked for are not in a report, and say so', () => {
  const report = reportOf([web], [blind], { kinds: ['orphan'] });
  assert.deepEqual([report.verdict, report.findings, report.unknown], ['none', [], []]);
  assert.equal(report.leftOut.length, driftKindNames.length - 1);
  assert.deepEqual(countsByKind(report), [{ kind: 'orphan', counted: 0, ignored: 0, unknown: 0 }]);
});

const anyFinding = fc.record({
  kind: fc.constantFrom(...driftKindNames),
  object: fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).map((text) => text.toWellFormed()),
  message: fc.string({ maxLength: 3000, unit: 'binary' }),
});
const anyUnknown = fc.record({
  kind: fc.constantFrom(...driftKindNames),
  object: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
  why: fc.string({ maxLength: 3000, unit: 'binary' }),
});

test('whatever is found, the ledger takes the report: its form, and its verdict', () => {
  fc.assert(
    fc.property(
      fc.array(anyFinding, { maxLength: 5 }),
      fc.array(anyUnknown, { maxLength: 3 }),
      fc.boolean(),
      (findings, unknown, ignores) => {
        const rules = ignores ? driftKindNames.map((kind) => ({ ...rule, kind, object: '*' })) : [];
        const data = driftEvent(reportOf(findings, unknown, { rules }));
        const event = ledgerEvent.parse({ type: 'drift-reported', data });
        const draft = drafted({
          ...{ event, id: ID, at: data.observedAt, operator: 'ana', parents: [], artifacts: [], gitCommit: null },
        });
        const broken = decide(emptyState, draft).map((each) => each.rule);
        assert.ok(!broken.includes('drift-verdict'), JSON.stringify(data));
      },
    ),
    { numRuns: 200 },
  );
});

test('what is known to be secret is in no message', () => {
  const report = reportOf([{ ...web, message: 'password is hunter2' }], [{ ...blind, why: 'hunter2 refused' }]);
  assert.ok(!JSON.stringify(report).includes('hunter2'));
});
