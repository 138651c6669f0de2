import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { auditedRequests, writesByClient } from './audit.ts';

function line(username: string, verb: string, code: number, subresource?: string): string {
  const objectRef = { resource: 'persistentvolumeclaims', subresource, namespace: 'shop', name: 'data' };
  return `${JSON.stringify({ verb, user: { username }, userAgent: `${username}/1`, objectRef, responseStatus: { code } })}\n`;
}

test('accepted writes are counted by who made them, and a line that is still being written is left out', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'larder-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'audit.log');
  const lines = [
    line('one', 'create', 201),
    line('one', 'get', 200),
    line('one', 'patch', 409),
    line('other', 'patch', 200, 'status'),
    line('one', 'delete', 200),
    line('one', 'create', 201).slice(0, 30),
  ];
  writeFileSync(path, lines.join(''));
  const requests = auditedRequests(path);
  assert.equal(requests.length, 5);
  assert.deepEqual(writesByClient(requests), { one: 2, other: 1 });
  assert.deepEqual(
    writesByClient(requests, ({ resource, verb }) => `${verb} ${resource}`),
    {
      'create persistentvolumeclaims': 1,
      'delete persistentvolumeclaims': 1,
      'patch persistentvolumeclaims/status': 1,
    },
  );
  assert.deepEqual(auditedRequests(join(folder, 'none')), []);
});
