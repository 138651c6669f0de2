import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateState } from './keeper.ts';
import { webhookFindings } from './webhook-finding.ts';

const NOW = Date.UTC(2026, 0, 31, 12);
const DAY_MS = 86_400_000;

const said = (certificate: CertificateState, asked = 0): string => {
  const [finding] = webhookFindings({ certificate, asked, askedAgoMs: asked === 0 ? undefined : 12_000 }, NOW);
  return `${finding?.level} ${finding?.message}`;
};

test('every state of the webhook is told with what to do', () => {
  assert.deepEqual(webhookFindings(undefined, NOW), []);
  const until = NOW + 3 * DAY_MS;
  assert.equal(
    said({ kind: 'serving', until, registered: 2 }),
    'ok its certificate holds until 2026-02-03T12:00:00.000Z (3 days), nobody has asked yet since the start',
  );
  assert.match(said({ kind: 'serving', until, registered: 2 }, 7), /asked 7 times, 12 s ago for the last time$/);
  assert.match(said({ kind: 'unregistered' }), /^warning the API server has no webhook of Larder/);
  assert.match(said({ kind: 'starting' }), /^unknown /);
  const reason = 'get secrets a/b: forbidden (403 Forbidden)';
  assert.match(
    said({ kind: 'failed', reason, until }),
    /^warning .*holds until 2026-02-03.*: get secrets a\/b: forbidden/,
  );
  assert.match(said({ kind: 'failed', reason, until: NOW - 1 }), /^error .*\(has ended\)/);
  assert.match(said({ kind: 'failed', reason, until: undefined }), /^error .*\(there is none\)/);
});
