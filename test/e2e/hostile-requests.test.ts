/** What a hostile visitor sends to the console port of a running Larder: each is refused or answered, none fails or stays. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { applyClaim, bound, clientOf } from './claims.ts';
import { eventually, type Larder, startLarder, temporaryFolder } from './larder.ts';

let larder: Larder;
const removals: (() => void)[] = [];

before(async () => {
  larder = await startLarder(temporaryFolder((remove) => removals.push(remove), 'larder-hostile-'));
  const client = await clientOf(larder);
  await applyClaim(client, { name: 'x', size: '1Gi', storageClass: 'larder' });
  await bound(client, 'default', 'x');
  await eventually(
    'the operator to know the claim',
    async () =>
      statusOf(await posted('/api/claims/act', json({ ...claim, action: 'pause', dryRun: true }))) === 200 || undefined,
  );
});
after(async () => {
  larder.kill('SIGTERM');
  await larder.exited;
  for (const remove of removals) remove();
});

/** A stranger brings no token. */
const headers = (stranger = false): string => {
  const { host, searchParams } = larder.console;
  const token = `Authorization: Bearer ${searchParams.get('token')}\r\n`;
  return `Host: ${host}\r\nConnection: close\r\n${stranger ? '' : token}`;
};

/** What comes back until the server closes. */
function heard(sent: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(larder.console.port), larder.console.hostname, () => socket.write(sent));
    let text = '';
    socket.setEncoding('latin1').on('data', (part) => {
      text += part;
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);

function posted(path: string, body: string | Buffer, type = 'application/json'): Promise<string> {
  const head = `POST ${path} HTTP/1.1\r\n${headers()}Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return heard(Buffer.concat([Buffer.from(head), Buffer.from(body)]));
}

const claim = { namespace: 'default', name: 'x' };
const json = (value: object): string => JSON.stringify(value);

/** What it is, where to, the body, its type, and the status. */
const bodies: readonly (readonly [string, string, string | Buffer, string, number])[] = [
  ['more than a megabyte', '/api/claims/act', json({ a: 'x'.repeat(1_100_000) }), 'application/json', 413],
  ['another type', '/api/claims/act', '<a/>', 'application/xml', 415],
  ['a form of another site', '/api/claims/act', 'a=b', 'application/x-www-form-urlencoded', 415],
  ['a text that is no JSON', '/api/claims/act', 'hello', 'text/plain', 400],
  ['UTF-16', '/api/claims/act', Buffer.from('{"a":1}', 'utf16le'), 'application/json', 400],
  ['a key that is a prototype', '/api/claims/act', '{"__proto__":{"dryRun":true}}', 'application/json', 400],
  [
    'the same further in',
    '/api/claims/settings',
    `{"namespace":"default","name":"x","settings":{"__proto__":"1"}}`,
    'application/json',
    400,
  ],
  ['a constructor', '/api/may', '{"constructor":{"prototype":{"a":1}}}', 'application/json', 400],
  ['nothing', '/api/restore', 'null', 'application/json', 400],
  ['a list', '/api/clean', '[]', 'application/json', 400],
  ['lists in lists', '/api/trends', '['.repeat(50_000) + ']'.repeat(50_000), 'application/json', 413],
  ['very many values', '/api/trends', `[${'0,'.repeat(200_000)}0]`, 'application/json', 413],
  ['a number that is none', '/api/trends', '{"from":1e999,"to":1,"points":2,"claims":[]}', 'application/json', 400],
  ['a size that is none', '/api/claims/act', json({ ...claim, action: 'grow', size: 'NaN' }), 'application/json', 400],
  ['an unknown field', '/api/cluster/alerts/acknowledge', json({ evil: 1 }), 'application/json', 400],
  ['an unknown setting', '/api/claims/settings', json({ ...claim, settings: { evil: '1' } }), 'application/json', 400],
  ['an entry that is a path', '/api/restore', json({ entry: '../../etc', dryRun: true }), 'application/json', 404],
  ['an entry with NUL', '/api/restore', json({ entry: 'a\0b', dryRun: true }), 'application/json', 404],
  ['a share below nothing', '/api/clean/plan', json({ belowFree: '-5%' }), 'application/json', 400],
  ['a very large pattern', '/api/adopt', json({ ...claim, match: `${'*a'.repeat(5_000)}b` }), 'application/json', 200],
];

/** Where to, and the status. */
const addresses: readonly (readonly [string, number])[] = [
  ['/assets/..%2f..%2fpackage.json', 404],
  ['/assets/%2e%2e', 404],
  ['/assets/a.js%00.css', 404],
  ['/%00', 404],
  ['/%zz', 400],
  ['//', 404],
  ['//[', 404],
  ['/api/claims/__proto__/constructor/explain', 404],
  ['/api/claims/default/x/series?from=NaN&to=Infinity', 400],
  ['/api/claims/default/x/series?from=1&from=2&to=3', 400],
  ['/api/volumes/..%2f..%2f/object', 400],
  [`/api/policies/a/${'x'.repeat(40_000)}`, 404],
  [`/?q=${'a'.repeat(40_000)}`, 200],
  ['/api/ledger/report?days=NaN', 400],
];

test('bodies that nobody means well are refused by name', async () => {
  for (const [what, path, body, type, status] of bodies) {
    const answer = await posted(path, body, type);
    assert.equal(statusOf(answer), status, `${what}: ${answer.slice(0, 900)}`);
  }
});

test('addresses that nobody means well lead nowhere, for strangers too', async () => {
  for (const [path, status] of addresses) {
    const answer = await heard(`GET ${path} HTTP/1.1\r\n${headers()}\r\n`);
    assert.equal(statusOf(answer), status, `${path.slice(0, 80)}: ${answer.slice(0, 900)}`);
    const asStranger = statusOf(await heard(`GET ${path} HTTP/1.1\r\n${headers(true)}\r\n`));
    assert.ok(asStranger === 401 || asStranger === 400, `a stranger at ${path.slice(0, 80)}: ${asStranger}`);
  }
});

test('what is no good request is told so, and the connection ends', async () => {
  const cases: readonly (readonly [string, number])[] = [
    [
      `POST /api/claims/act HTTP/1.1\r\n${headers()}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    [`POST /api/claims/act HTTP/1.1\r\n${headers()}Content-Length: -1\r\n\r\n`, 400],
    [
      `POST /api/claims/act HTTP/1.1\r\n${headers()}Content-Type: application/json\r\nContent-Length: 2000000000\r\n\r\n{`,
      413,
    ],
    [`GET / HTTP/1.1\r\n${headers()}X: ${'a'.repeat(100_000)}\r\n\r\n`, 431],
    [`GET /api/me HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`, 403],
    [`GET /api/me HTTP/1.1\r\n${headers()}Origin: null\r\n\r\n`, 403],
    [`HEAD /api/stream HTTP/1.1\r\n${headers()}\r\n`, 200],
    [`DELETE /api/stream HTTP/1.1\r\n${headers()}\r\n`, 404],
  ];
  for (const [sent, status] of cases) {
    const answer = await heard(sent);
    assert.equal(statusOf(answer), status, `${sent.slice(0, 60)}: ${answer.slice(0, 900)}`);
  }
});

/** Resolves with what was heard when it fits. */
function stream(id: string, until: RegExp): Promise<{ readonly socket: Socket; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = larder.console;
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET /api/stream HTTP/1.1\r\n${headers()}${id}\r\n`),
    );
    let text = '';
    socket.setEncoding('utf8').on('data', (part) => {
      text += part;
      if (until.test(text)) resolve({ socket, text });
    });
    socket.on('error', reject).on('close', () => reject(new Error(`closed after ${text.slice(0, 200)}`)));
  });
}

test('an event of another stream resumes nothing, and one person takes a hundred places at most', async () => {
  for (const id of ['deadbeef.5', 'x.-1', `x.${'9'.repeat(20_000)}`, '__proto__', '.'.repeat(1_000)]) {
    const { socket, text } = await stream(`Last-Event-ID: ${id}\r\n`, /event: beat/);
    assert.match(text, /event: snapshot/, id.slice(0, 40));
    socket.destroy();
  }
  const open = await Promise.all(Array.from({ length: 100 }, () => stream('', /event: beat/)));
  const refused = await heard(`GET /api/stream HTTP/1.1\r\n${headers()}\r\n`);
  assert.equal(statusOf(refused), 429);
  assert.match(refused, /too many pages open/);
  for (const { socket } of open) socket.destroy();
});

test('none of it was a failure of the operator', async () => {
  assert.equal(larder.stderr(), '');
  assert.equal(statusOf(await heard(`GET /healthz HTTP/1.1\r\n${headers(true)}\r\n`)), 200);
});
