import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGrammar } from '../hcl/tree.ts';
import type { ConfigEntry } from './config-entry.ts';
import { readConfigFile } from './config-file.ts';

const grammar = await openGrammar();

function read(text: string, file = 'entry.hcl'): ConfigEntry | undefined {
  const files = { read: () => ({ kind: 'missing' as const }), below: () => ({ kind: 'files' as const, paths: [] }) };
  return readConfigFile({ grammar, file, text, files });
}

const short = (entry: ConfigEntry | undefined): unknown =>
  entry?.intentions.map(({ source, destination, action, precedence, line }) => [
    source,
    destination,
    action,
    precedence,
    line,
  ]);

test('sources of an intention, with their lines and precedence', () => {
  const text = `Kind = "service-intentions"
Name = "db"
Sources = [
  {
    Name   = "web"
    Action = "allow"
  },
  {
    Name   = "*"
    Action = "deny"
  }
]
`;
  assert.deepEqual(short(read(text)), [
    ['web', 'db', 'allow', 9, 4],
    ['*', 'db', 'deny', 8, 8],
  ]);
});

test('the same in JSON, alone and in a list, and with names in snake case', () => {
  const entry = `{"kind": "service-intentions", "name": "db", "sources": [{"name": "web", "action": "allow"}]}`;
  assert.deepEqual(short(read(entry, 'entry.json')), [['web', 'db', 'allow', 9, 1]]);
  assert.deepEqual(short(read(`[${entry}]`, 'entries.json')), [['web', 'db', 'allow', 9, 1]]);
});

test('permissions, also as the first version of HCL writes them', () => {
  const text = `Kind = "service-intentions"
Name = "api"
Sources = [
  {
    Name = "web"
    Permissions = [
      {
        Action = "allow"
        HTTP {
          PathPrefix = "/v1"
          Methods    = ["GET"]
          Header = [
            {
              Name   = "X-Key"
              Exact  = "1"
              Invert = true
            }
          ]
        }
      },
      {
        Action = "deny"
        HTTP { PathExact = "/admin" }
      }
    ]
  }
]
`;
  const [intention] = read(text)?.intentions ?? [];
  assert.equal(intention?.action, undefined);
  assert.deepEqual(intention?.permissions, [
    {
      action: 'allow',
      path: { kind: 'prefix', value: '/v1' },
      methods: ['GET'],
      headers: [{ name: 'X-Key', kind: 'exact', value: '1', invert: true }],
    },
    { action: 'deny', path: { kind: 'exact', value: '/admin' }, methods: [], headers: [] },
  ]);
});

test('sources of peers are told and not taken for services of the cluster', () => {
  const text = `Kind = "service-intentions"
Name = "db"
Sources = [{ Name = "web", Peer = "far", Action = "allow" }]
`;
  const entry = read(text);
  assert.deepEqual(entry?.intentions, []);
  assert.match(entry?.diagnostics[0]?.message ?? '', /web of db is of a peer/);
});

test('a permission that asks for a token lets nobody in', () => {
  const text = `Kind = "service-intentions"
Name = "db"
Sources = [{ Name = "web", Permissions = [{ Action = "allow", JWT = { Providers = [{ Name = "x" }] } }] }]
`;
  assert.equal(read(text)?.intentions[0]?.permissions[0]?.action, 'deny');
});

test('entries that shape calls are told; a file that only looks like one is told too; others are not ours', () => {
  const resolver = read('Kind = "service-resolver"\nName = "db"\nRequestTimeout = "30s"\n');
  assert.match(
    resolver?.diagnostics[0]?.message ?? '',
    /service-resolver db: .*its timeouts become a ServersTransport .* nothing is made of the rest/,
  );
  const broken = read('Kind = "service-intentions"\nName = \n');
  assert.match(broken?.diagnostics[0]?.message ?? '', /cannot be read/);
  assert.equal(read('job "x" {}\n'), undefined);
  assert.equal(read('{"kind": "Deployment"}', 'd.json'), undefined);
});
