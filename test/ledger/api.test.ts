/** The HTTP API: the original six operations, what was added, and what a client gets that sends something else. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemDisk } from '../../src/ledger/disk.ts';
import { recordPath } from '../../src/ledger/record.ts';
import { tokensIn } from '../../src/ledger/tokens.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { eventually } from '../e2e/larder.ts';
import { type ApiSite, apiSite, TOKEN } from './api-site.ts';
import { folder, incident, openLedger } from './site.ts';

const bootstrap = () => ({
  runId: randomUUID(),
  nodes: [{ nodeId: 'pi-cluster-1.local', role: 'server-agent' }],
  startedAt: '2026-03-01T09:00:00Z',
  completedAt: '2026-03-01T09:41:01Z',
  initiatedBy: 'ann',
});
const change = () => ({ changeId: randomUUID(), featureBranch: 'b', manifestPaths: ['a.yaml'], status: 'draft' });
const evidence = () => ({
  evidenceId: randomUUID(),
  command: 'kubectl diff',
  outputPath: 'diff.txt',
  timestamp: '2026-03-01T09:00:00Z',
});
const alertTest = () => ({
  routeId: 'pager',
  initiatedBy: 'ann',
  startedAt: '2026-03-01T09:00:00Z',
  completedAt: '2026-03-01T09:01:00Z',
  result: 'success',
});

test('a bootstrap is recorded with the status and the fields of the original contract; how long it took is whole minutes, rounded up', async (t) => {
  const { ask, ledger } = await apiSite(t);
  const body = bootstrap();
  const made = await ask('POST', '/operations/bootstrap', { ...body, site: { shelf: 3 } });
  assert.equal(made.status, 201);
  assert.equal(made.type, 'application/json');
  const { runId, triggerType, initiatedBy, startedAt, completedAt, durationMinutes, status } = made.body;
  assert.deepEqual(
    { runId, triggerType, initiatedBy, startedAt, completedAt, durationMinutes, status },
    {
      ...{ runId: body.runId, triggerType: 'bootstrap', initiatedBy: 'ann', status: 'success', durationMinutes: 42 },
      ...{ startedAt: body.startedAt, completedAt: body.completedAt },
    },
  );
  assert.equal(made.headers['location'], `/operations/runs/${body.runId}`);
  assert.equal(made.headers['larder-record'], ledger.head.id);
  assert.deepEqual(
    'site' in ledger.head.data && ledger.head.data['site'],
    { shelf: 3 },
    'what no schema names is kept',
  );
  assert.deepEqual((await ask('GET', `/operations/runs/${body.runId}`)).body, made.body);
});

test('what is yet to come is answered 409 and not recorded', async (t) => {
  const { ask, ledger } = await apiSite(t);
  const { changeId, ...created } = change();
  assert.equal((await ask('POST', '/operations/configuration-changes', { changeId, ...created })).status, 201);
  const { length } = ledger.records;
  const sent: readonly (readonly [string, Record<string, unknown>])[] = [
    ['/operations/bootstrap', { ...bootstrap(), completedAt: '2099-01-01T00:00:00Z' }],
    [`/operations/configuration-changes/${changeId}/evidence`, { ...evidence(), timestamp: '2099-01-01T00:00:00Z' }],
    ['/alerts/tests', { ...alertTest(), completedAt: '2099-01-01T00:00:00Z' }],
  ];
  for (const [path, body] of sent) {
    const { status, body: problem, text } = await ask('POST', path, body);
    assert.equal(status, 409, text);
    assert.equal(problem['code'], 'LARDER_LEDGER_REFUSED', text);
    assert.match(text, /times-past/);
  }
  assert.equal(ledger.records.length, length);
});

test('the same again is answered 200 and makes no second record; another body under the id is answered 409', async (t) => {
  const { ask, ledger } = await apiSite(t);
  const [run, created, attached, tested] = [bootstrap(), change(), evidence(), alertTest()];
  const sent: readonly (readonly [string, Record<string, unknown>])[] = [
    ['/operations/bootstrap', run],
    ['/operations/configuration-changes', created],
    [`/operations/configuration-changes/${created.changeId}/evidence`, attached],
    ['/alerts/tests', tested],
  ];
  for (const [path, body] of sent) {
    const first = await ask('POST', path, body);
    assert.equal(first.status, 201, `${path}: ${first.text}`);
    const { length } = ledger.records;
    const reordered = Object.fromEntries(Object.entries(body).reverse());
    const second = await ask('POST', path, reordered);
    assert.equal(second.status, 200, path);
    assert.deepEqual(second.body, first.body, path);
    assert.equal(ledger.records.length, length, path);
  }
  for (const [path, body] of sent.slice(0, 3)) {
    const { length } = ledger.records;
    const other = await ask('POST', path, { ...body, note: 'another' });
    assert.deepEqual([other.status, other.body['code']], [409, 'LARDER_LEDGER_CONFLICT'], path);
    assert.equal(ledger.records.length, length, path);
  }
  const retested = await ask('POST', '/alerts/tests', { ...tested, completedAt: '2026-03-01T09:02:00Z' });
  assert.equal(retested.status, 201, 'a route is tested more than once');
});

test('clients that send the same at once make one record', async (t) => {
  const { ask, ledger } = await apiSite(t);
  const body = bootstrap();
  const replies = await Promise.all(Array.from({ length: 8 }, () => ask('POST', '/operations/bootstrap', body)));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
  assert.equal(ledger.records.length, 2);
});

test('health is unknown, and nothing counts as well, until somebody has looked; the fields of the original contract are always there', async (t) => {
  const { ask } = await apiSite(t);
  const unknown = {
    ...{ controlPlaneHealthy: false, workerCount: 0, etcdQuorum: false, outstandingIncidents: 0 },
    ...{ lastAlertTest: '1970-01-01T00:00:00Z', status: 'unknown', observedAt: null },
  };
  assert.deepEqual((await ask('GET', '/health/cluster')).body, unknown);
  const probe = { observedAt: '2026-03-01T09:00:00Z', controlPlaneHealthy: true, workerCount: 1, etcdQuorum: true };
  await ask('POST', '/health/probes', probe);
  await ask('POST', '/alerts/tests', alertTest());
  await ask('POST', '/incidents', incident('flood').data);
  assert.deepEqual((await ask('GET', '/health/cluster')).body, {
    ...{ ...probe, outstandingIncidents: 1, lastAlertTest: '2026-03-01T09:01:00Z', status: 'healthy' },
  });
  await ask('POST', '/health/probes', { ...probe, observedAt: '2026-03-01T10:00:00Z', etcdQuorum: false });
  assert.equal((await ask('GET', '/health/cluster')).body['status'], 'degraded');
});

test('a change goes through its states; what contradicts the ledger is 409 with the rules, what is no change is 422 with the fields', async (t) => {
  const { ask } = await apiSite(t);
  const created = change();
  await ask('POST', '/operations/configuration-changes', created);
  const path = `/operations/configuration-changes/${created.changeId}`;
  const pending = await ask('PATCH', path, { status: 'pending-review' });
  assert.deepEqual([pending.status, pending.body['status']], [200, 'pending-review'], pending.text);
  const applied = await ask('PATCH', path, { status: 'applied' });
  assert.deepEqual(
    [applied.status, applied.body['code'], applied.type],
    [409, 'LARDER_LEDGER_REFUSED', 'application/problem+json'],
  );
  assert.ok(Array.isArray(applied.body['violations']) && applied.body['violations'].length > 0);
  const wrong = await ask('PATCH', path, { status: 'done' });
  assert.deepEqual([wrong.status, wrong.body['code']], [422, 'LARDER_LEDGER_INVALID']);
  assert.match(wrong.text, /"field":"\/status"/);
  assert.equal((await ask('PATCH', `${path}x`, { status: 'draft' })).status, 404);
  assert.equal((await ask('POST', `${path}x/evidence`, evidence())).status, 404);
  const backwards = { ...bootstrap(), startedAt: '2026-03-02T09:00:00Z' };
  assert.equal((await ask('POST', '/operations/bootstrap', backwards)).body['code'], 'LARDER_LEDGER_REFUSED');
  const named = await ask('POST', '/operations/bootstrap', { ...bootstrap(), runId: 'monday' });
  assert.deepEqual([named.status, named.body['code']], [409, 'LARDER_LEDGER_CLIENT_ID']);
});

test('a path of a client is text: whatever it says, nothing is opened', async (t) => {
  const { ask } = await apiSite(t);
  for (const path of ['/etc/passwd', '../../../etc/passwd', 'file:///etc/passwd', '\0', '/dev/zero']) {
    const made = await ask('POST', '/operations/bootstrap', { ...bootstrap(), diffArtifactsPath: path });
    assert.deepEqual([made.status, made.body['diffArtifactsPath']], [201, path]);
    assert.doesNotMatch(made.text, /root:/);
  }
});

test('lists come in parts that neither repeat nor leave out, also when something is added meanwhile', async (t) => {
  const { ask } = await apiSite(t);
  const add = async (name: string) => ask('POST', '/incidents', incident(name).data);
  for (const name of ['a', 'b', 'c', 'd', 'e']) await add(name);
  const seen: unknown[] = [];
  let next: unknown;
  do {
    const query = next === undefined ? '' : `&cursor=${next}`;
    const part = await ask('GET', `/incidents?limit=2${query}`);
    const items = part.body['items'];
    assert.ok(Array.isArray(items) && items.length <= 2, part.text);
    seen.push(...items.map(({ incidentId }) => incidentId));
    next = part.body['next'];
    if (seen.length === 4) await add('f');
  } while (next !== undefined);
  assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e', 'f']);
  assert.equal((await ask('GET', '/incidents?cursor=nowhere')).status, 404);
  for (const bad of ['limit=0', 'limit=501', 'limit=ten', 'limit=1&limit=2', 'limt=1', 'status=gone']) {
    const refused = await ask('GET', `/incidents?${bad}`);
    assert.deepEqual([refused.status, refused.body['code']], [400, 'LARDER_LEDGER_INVALID'], bad);
  }
});

test('without its token nothing is answered but the document; a token that may read writes nothing', async (t) => {
  const path = join(folder(t), 'tokens');
  const lines = ['# who', '', `ci ${TOKEN}`, `wall ${'r'.repeat(40)} read`];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  const { ask, ledger } = await apiSite(t, { tokens: await tokensIn(path) });
  for (const authorization of ['', 'Bearer ', 'Bearer x', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, TOKEN]) {
    for (const [method, url] of [
      ['GET', '/ledger/head'],
      ['POST', '/operations/bootstrap'],
      ['GET', '/nothing'],
      ['TRACE', '/drift'],
    ] as const) {
      const refused = await ask(method, url, undefined, { authorization });
      assert.deepEqual(
        [refused.status, refused.body['code']],
        [401, 'LARDER_HTTP_UNAUTHENTICATED'],
        `${authorization} ${url}`,
      );
      assert.equal(refused.headers['www-authenticate'], 'Bearer');
    }
  }
  assert.equal((await ask('GET', `/ledger/head?token=${TOKEN}`, undefined, { authorization: '' })).status, 401);
  assert.equal((await ask('GET', '/openapi.json', undefined, { authorization: '' })).status, 200);
  const reader = { authorization: `Bearer ${'r'.repeat(40)}` };
  assert.equal((await ask('GET', '/ledger/records', undefined, reader)).status, 200);
  const refused = await ask('POST', '/operations/bootstrap', bootstrap(), reader);
  assert.deepEqual([refused.status, refused.body['code']], [403, 'LARDER_LEDGER_READ_TOKEN']);
  assert.equal(ledger.records.length, 1);
  const foreign = await ask('GET', '/ledger/head', undefined, { host: 'evil.example' });
  assert.deepEqual([foreign.status, foreign.body['code']], [403, 'LARDER_HTTP_FORBIDDEN_HOST']);
});

test('a token file that others can read, or with a line that means nothing, is refused by its line and never quoted', async (t) => {
  const path = join(folder(t), 'tokens');
  const secret = 's'.repeat(40);
  const cases: readonly (readonly [string, RegExp, number?])[] = [
    [`a ${secret}`, /can be read by others/, 0o644],
    ['', /holds no token/],
    ['a short', /line 1 .* fewer than 32/],
    [`a ${secret}\nb ${secret}`, /line 2 .* again/],
    [`a ${secret} write more`, /line 1 .* more words/],
    [`a ${secret} admin`, /line 1 .* neither read nor write/],
  ];
  for (const [text, message, mode = 0o600] of cases) {
    const each = `${path}-${cases.findIndex(([known]) => known === text)}-${mode}`;
    writeFileSync(each, text, { mode });
    await assert.rejects(
      tokensIn(each),
      (failure: Error) => message.test(failure.message) && !failure.message.includes(secret),
      text,
    );
  }
  await assert.rejects(tokensIn(`${path}-none`), /cannot be read/);
});

test('another path, another method, another media type and too much are answered as such', async (t) => {
  const { ask } = await apiSite(t);
  const code = async (...request: Parameters<ApiSite['ask']>) => {
    const { status, body, type } = await ask(...request);
    assert.equal(type, 'application/problem+json', request.join(' ').slice(0, 80));
    return [status, body['code']];
  };
  assert.deepEqual(await code('GET', '/nothing'), [404, 'LARDER_HTTP_NOT_FOUND']);
  for (const method of ['GET', 'DELETE', 'PUT', 'OPTIONS', 'TRACE'] as const) {
    assert.deepEqual(await code(method, '/operations/bootstrap'), [405, 'LARDER_HTTP_METHOD_NOT_ALLOWED'], method);
  }
  assert.equal((await ask('DELETE', '/nodes/x')).headers['allow'], 'GET, HEAD, PUT');
  const text = { 'content-type': 'text/plain' };
  assert.deepEqual(await code('POST', '/operations/bootstrap', '{}', text), [415, 'LARDER_HTTP_MEDIA_TYPE']);
  const large = JSON.stringify({ ...bootstrap(), note: 'x'.repeat(2 ** 20) });
  assert.deepEqual(await code('POST', '/operations/bootstrap', large), [413, 'LARDER_HTTP_TOO_LARGE']);
  assert.deepEqual(await code('GET', `/nodes/${'n'.repeat(4_097)}`), [400, 'LARDER_LEDGER_INVALID']);
  assert.deepEqual(await code('GET', '/nodes/%E0%A4%A'), [400, 'LARDER_HTTP_BAD_REQUEST']);
});

test('an id may be any text that can be read: slashes, spaces and other scripts come back as they were', async (t) => {
  const { ask } = await apiSite(t);
  for (const [index, nodeId] of ['a/b', 'a b', 'ä€𝄞', '..%2f', '?#&'].entries()) {
    const body = { hostname: `h${index}`, role: 'worker', ipAddress: `10.0.0.${index + 1}` };
    const put = await ask('PUT', `/nodes/${encodeURIComponent(nodeId)}`, body);
    assert.deepEqual([put.status, put.body['nodeId']], [201, nodeId], put.text);
    assert.deepEqual((await ask('GET', String(put.headers['location']))).body, put.body);
    assert.equal((await ask('PUT', `/nodes/${encodeURIComponent(nodeId)}`, body)).status, 200);
  }
  for (const nodeId of ['\0', 'a\u001b[2J', '-a', ' a', 'a\u202eb']) {
    const body = { hostname: 'h', role: 'worker', ipAddress: '10.0.2.1' };
    const put = await ask('PUT', `/nodes/${encodeURIComponent(nodeId)}`, body);
    assert.deepEqual([put.status, put.body['code']], [422, 'LARDER_LEDGER_INVALID'], put.text);
  }
  const long = encodeURIComponent('\u{1d11e}'.repeat(4_096));
  assert.equal(
    (await ask('PUT', `/nodes/${long}`, { hostname: 'l', role: 'worker', ipAddress: '10.0.1.1' })).status,
    201,
  );
  assert.equal((await ask('GET', `/nodes/${long}`)).status, 200);
});

test('what others append is seen, and a record that somebody changed makes the API read-only', async (t) => {
  const { ask, ledger, root } = await apiSite(t);
  const elsewhere = await openLedger(root);
  await elsewhere.append({ event: incident('elsewhere') });
  await eventually('the record of another process', async () => {
    const { status } = await ask('GET', '/incidents/elsewhere');
    return status === 200 || undefined;
  });
  assert.equal((await ask('GET', '/ledger/verify')).body['kind'], 'whole');
  const path = join(root, recordPath(ledger.head));
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('What happened', 'What Happened'));
  const refused = await ask('POST', '/operations/bootstrap', bootstrap());
  assert.deepEqual([refused.status, refused.body['code']], [409, 'LARDER_LEDGER_BROKEN'], refused.text);
  assert.match(String(refused.body['detail']), /incident-opened/);
  const verified = await ask('GET', '/ledger/verify');
  assert.deepEqual([verified.status, verified.body['kind']], [200, 'broken']);
  assert.equal((await ask('GET', '/ledger/records')).status, 200);
  writeFileSync(path, text);
  assert.equal((await ask('POST', '/operations/bootstrap', bootstrap())).status, 201, 'mended is mended');
});

test('a secret is refused without being repeated, and stays out of the records', async (t) => {
  const { ask, ledger } = await apiSite(t);
  const planted = ['AKIA', 'QWERTYUIOP', 'ASDFGH'].join('');
  const refused = await ask('POST', '/alerts/tests', { ...alertTest(), notes: `key ${planted}` });
  assert.deepEqual([refused.status, refused.body['code']], [422, 'LARDER_LEDGER_SECRET'], refused.text);
  assert.ok(!refused.text.includes(planted));
  assert.match(refused.text, /notes/);
  assert.equal(ledger.records.length, 1);
});

test('a full disk and a clock that is behind are 503 with what to do, and nothing is half recorded', async (t) => {
  let full = false;
  let now = Date.now();
  const disk = {
    ...systemDisk,
    async writeNew(path: string, content: Uint8Array) {
      if (full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      await systemDisk.writeNew(path, content);
    },
  };
  const { ask, ledger } = await apiSite(t, { disk, clock: { ...systemClock, now: () => now } });
  const sent = bootstrap();
  full = true;
  const refused = await ask('POST', '/operations/bootstrap', sent);
  assert.deepEqual([refused.status, refused.body['code']], [503, 'LARDER_LEDGER_FILES'], refused.text);
  assert.match(refused.text, /make room/);
  assert.equal((await ask('GET', '/health/cluster')).status, 200);
  full = false;
  now -= 3_600_000;
  const behind = await ask('POST', '/operations/bootstrap', sent);
  assert.deepEqual([behind.status, behind.body['code']], [503, 'LARDER_LEDGER_CLOCK'], behind.text);
  now += 3_600_000;
  assert.equal((await ask('POST', '/operations/bootstrap', sent)).status, 201);
  assert.equal(ledger.records.length, 2);
  assert.deepEqual((await ledger.verify()).findings, []);
});
