import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { driftKindNames, nothing } from '../finding.ts';
import { type DriftReport, driftReport } from '../report.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { textfile } from './textfile.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function reportOf(message: string, object = 'Deployment shop/web'): DriftReport {
  return driftReport({
    ...{ reportId: 'r', cluster: 'home', startedAt: NOW, endedAt: NOW + 1_500, kinds: driftKindNames },
    looked: {
      ...nothing,
      findings: [
        { kind: 'manifest', object, message },
        { kind: 'orphan', object: 'ConfigMap a/b', message: 'left' },
      ],
      unknown: [{ kind: 'host', object: 'pi-1.local', why: message }],
    },
    rules: [{ kind: 'orphan', object: '*', reason: 'known', expires: '2026-04-01' }],
    mask: (text) => text,
  });
}

test('JUnit: a failure counts, what is ignored is skipped, what is unknown is an error, what is clean has passed', () => {
  const text = junit(reportOf('spec.replicas is 3'));
  assert.match(text, /<testsuite name="manifest" tests="1" failures="1" errors="0" skipped="0">/);
  assert.match(text, /<testsuite name="orphan" tests="1" failures="0" errors="0" skipped="1">/);
  assert.match(text, /<testsuite name="host" tests="1" failures="0" errors="1" skipped="0">/);
  assert.match(text, /<testcase classname="node" name="no drift"\/>/);
  assert.match(text, /time="1\.500"/);
});

test('JUnit stays XML whatever an object is called', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (odd) => {
      const text = junit(reportOf(`m${odd}`, `o${odd}`));
      const values = [...text.matchAll(/="([^"]*)"/g)].map(([, value = '']) => value);
      assert.ok(values.every((value) => !/[<>]/.test(value) && !/&(?!#\d+;)/.test(value)));
      // Between the values nothing but the tags of this file is left.
      assert.match(text.replaceAll(/="[^"]*"/g, ''), /^[a-z<>/?\s]+$/);
    }),
  );
});

test('Markdown: nothing of what an object is called is markup, and no row breaks', () => {
  const text = markdown(reportOf('a | b\n# not a heading <script> [x](y) `z`'));
  assert.ok(!text.includes('<script>') && !/^# not/m.test(text));
  const rows = text.split('\n').filter((line) => line.startsWith('| manifest |'));
  assert.ok(rows.length === 2 && rows.every((row) => row.endsWith('|')), rows.join('\n'));
  assert.match(text, /until 2026-04-01: known/);
  assert.match(text, /## Could not be looked at/);
});

test('metrics: every kind has its series, so that an alert that is over goes away', () => {
  const text = textfile(reportOf('x'));
  for (const kind of driftKindNames)
    assert.match(text, new RegExp(`^larder_cluster_drift_findings\\{cluster="home",kind="${kind}"\\} \\d+$`, 'm'));
  assert.match(text, /^larder_cluster_drift_findings\{cluster="home",kind="manifest"\} 1$/m);
  assert.match(text, /^larder_cluster_drift_ignored\{cluster="home",kind="orphan"\} 1$/m);
  assert.match(text, /^larder_cluster_drift_unknown\{cluster="home",kind="host"\} 1$/m);
  assert.match(
    text,
    new RegExp(`^larder_cluster_drift_last_run_timestamp_seconds\\{cluster="home"\\} ${NOW / 1000}$`, 'm'),
  );
  assert.match(text, /^larder_cluster_drift_duration_seconds\{cluster="home"\} 1\.5$/m);
});
