/** docs/reference/ledger-api.md and ledger-api.json, from the operations that are served. */
import { z } from 'zod';
import { operations, original } from '../../../src/ledger/api/operations.ts';
import { openapi } from '../../../src/ledger/openapi.ts';
import { errors } from '../../../src/ledger/registry.ts';
import { code, markdownTable, page } from './markdown.ts';

export function ledgerApiDocument(): string {
  return `${JSON.stringify(openapi(), undefined, 2)}\n`;
}

const schemas = z.object({
  components: z.object({
    schemas: z.record(
      z.string(),
      z.looseObject({
        properties: z.record(z.string(), z.looseObject({})).optional(),
        required: z.array(z.string()).optional(),
      }),
    ),
  }),
});

type Field = Readonly<Record<string, unknown>>;

const intro = `\`larder ledger serve\` prints the address and a token. The document that clients are generated from is [ledger-api.json](ledger-api.json), and is served at \`/openapi.json\` without a token.

\`\`\`sh
larder ledger serve --init
curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:7490/health/cluster
curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"runId":"6f1c2a9e-4f6b-4c1d-9a53-0d7be2c1a001","nodeId":"pi-cluster-2.local","initiatedBy":"alice","status":"success","startedAt":"2026-03-08T18:00:00Z","completedAt":"2026-03-08T18:51:30Z"}' \\
  http://127.0.0.1:7490/operations/rebuild
\`\`\``;

const rules = `- Everything is JSON. Times are RFC 3339 with an offset. A path that a client sends, as \`logsPath\`, is kept as text and never opened.
- A thing has an id of the client's. The ids of runs, changes and evidence are UUIDs. The same body again is answered 200 with what is there, another body under the id 409. A fact without an id, as the test of an alert route, is the same when every field is.
- 201 is for what is new. \`Larder-Record\` in the answer is the id of the record; \`Location\` is where the thing is.
- A list comes in parts: \`limit\` (1 to 500, else 100), and \`next\` of an answer as \`cursor\` of the next request.
- What was not done is told as \`application/problem+json\` (RFC 9457) with a \`code\` from the table below. 422: a field is not as its schema says (\`fields\` names each). 409: it contradicts itself or the ledger (\`violations\` names each rule). Nothing was recorded then.
- A broken ledger can be read, and nothing is added to it: 409 with \`LARDER_LEDGER_BROKEN\`.
- What another process or git brings into the folder is seen within a second, and is part of what the next record follows.
- A body may have 1 MiB, one with a signed record and its artifacts 32 MiB. An address may send 60,000 requests a minute.
- Records that the API makes are signed by the key of the server. A client that has a key of its own signs by itself and sends the record to \`/ledger/records\`: that is what \`--ledger URL\` does.`;

const tokenRules = `\`--token-file\` names a file with a line for each token: a name for the log, the token of 32 characters or more, and \`read\` where it may only read. Nobody but its owner may be able to read the file.

\`\`\`text
ci     8f0b…   the token as openssl rand -hex 32 makes it
wall   77aa…   read
\`\`\``;

export function ledgerApiPage(): string {
  return page(
    'HTTP API of the ledger',
    intro,
    '## Rules',
    rules,
    '## Tokens',
    tokenRules,
    '## Operations',
    `The six operations of the original contract are marked with *. At their paths no other method is served.`,
    markdownTable(
      ['Request', 'Operation', 'What it does', 'Body', 'Answer'],
      operations.map(({ method, path, id, summary, body, answer }) => [
        code(`${method.toUpperCase()} ${path}`),
        `${code(id)}${original.includes(id) ? ' *' : ''}`,
        summary,
        body.name === '' ? '' : `[${body.name}](#${body.name.toLowerCase()})`,
        `[${answer.name}](#${answer.name.toLowerCase()})`,
      ]),
    ),
    '## Codes of problems',
    markdownTable(
      ['Code', 'Meaning', 'What to do'],
      Object.entries(errors)
        .filter(([name]) => told.includes(name))
        .map(([name, { meaning, remedy }]) => [code(name), meaning, remedy]),
    ),
    '## Bodies and answers',
    'Members that a table does not name are kept in the bodies of the original contract, and refused in others.',
    ...Object.entries(schemas.parse(openapi()).components.schemas).flatMap(([name, schema]) => [
      `### ${name}`,
      markdownTable(
        ['Field', 'Type', 'Needed'],
        Object.entries(schema.properties ?? {}).map(([field, type]) => [
          code(field),
          typeText(type),
          (schema.required ?? []).includes(field) ? 'yes' : '',
        ]),
      ),
    ]),
  );
}

const told: readonly string[] = [
  ...['INVALID', 'REFUSED', 'CONFLICT', 'CLIENT_ID', 'UNFIT', 'UNKNOWN', 'SECRET', 'BROKEN', 'STALE', 'READ_TOKEN'],
  ...['LOCKED', 'FILES', 'CLOCK', 'GIT', 'KEY_UNUSABLE'],
].map((name) => `LARDER_LEDGER_${name}`);

/** As a person says it. */
function typeText(type: Field): string {
  const { $ref, anyOf, items, properties, description } = type;
  const said = typeof description === 'string' ? `. ${description}` : '';
  if (typeof $ref === 'string') return link($ref.split('/').at(-1) ?? '');
  if (Array.isArray(anyOf)) return anyOf.map((each) => typeText(asField(each))).join(' or ');
  if (type['const'] !== undefined) return code(JSON.stringify(type['const']));
  if (Array.isArray(type['enum'])) return type['enum'].map((each) => code(String(each))).join(', ');
  if (type['type'] === 'array')
    return `list${bounds(type, 'minItems', 'at least')} of ${typeText(asField(items))}${said}`;
  if (typeof properties === 'object' && properties !== null)
    return `object with ${Object.keys(properties).map(code).join(', ')}`;
  const format = typeof type['format'] === 'string' ? ` (${type['format']})` : '';
  return `${type['type'] ?? 'anything'}${format}${type['minLength'] === 1 ? ', not empty' : ''}${bounds(type, 'maxLength', 'at most')}${said}`;
}

function link(name: string): string {
  return `[${name}](#${name.toLowerCase()})`;
}

function bounds(type: Field, name: string, words: string): string {
  const value = type[name];
  return typeof value === 'number' ? `, ${words} ${value}` : '';
}

function asField(value: unknown): Field {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
