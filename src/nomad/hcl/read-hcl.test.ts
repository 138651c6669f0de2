import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Body, type Plain, plain } from '../source/node.ts';
import { readText } from './read-hcl.fixture.ts';

/** Attributes by name, then each block as its type, its labels and what is in it. */
type Shape = readonly (Readonly<Record<string, Plain>> | Shape | string)[];

function shapeOf({ attributes, blocks }: Body): Shape {
  const values = attributes.map(({ name, value }): readonly [string, Plain] => [name, plain(value)]);
  const inside = blocks.map((block): Shape => [block.type, ...block.labels.map(({ text }) => text), ...shapeOf(block)]);
  return [Object.fromEntries(values), ...inside];
}

const folder = new URL('../../../test/fixtures/nomad/hcl/', import.meta.url);
/** What HCL itself (hashicorp/hcl v2.20.2-nomad-1, with Nomad's way with unknown names) makes of them. */
const valid: readonly [string, unknown][] = JSON.parse(readFileSync(new URL('valid.json', folder), 'utf8'));
/** The line is where HCL sees the mistake. */
const invalid: readonly [string, number][] = JSON.parse(readFileSync(new URL('invalid.json', folder), 'utf8'));

test('every text has the value that it has in HCL', (t) => {
  assert.ok(valid.length >= 240, `only ${valid.length}`);
  for (const [text, expected] of valid) {
    const { body, diagnostics } = readText(text);
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      [],
      text,
    );
    assert.deepEqual(JSON.parse(JSON.stringify(shapeOf(body))), expected, text);
  }
  t.diagnostic(`${valid.length} texts`);
});

test('what HCL refuses is refused, with the place and the line', (t) => {
  assert.ok(invalid.length >= 130, `only ${invalid.length}`);
  for (const [text] of invalid) {
    const { diagnostics } = readText(text);
    const [first] = diagnostics;
    assert.ok(first, `${JSON.stringify(text)} is accepted`);
    assert.equal(first.severity, 'error');
    assert.ok(first.at, `${JSON.stringify(text)}: no position`);
    assert.equal(
      first.excerpt,
      text
        .replace(/^\ufeff/, '')
        .split(/\r?\n/)
        [first.at.line - 1]?.slice(0, 300),
      text,
    );
    assert.ok(first.message.length > 10 && first.at.offset <= text.length, first.message);
  }
  const elsewhere = invalid.filter(
    ([text, line]) => Math.abs((readText(text).diagnostics[0]?.at?.line ?? 99) - line) > 1,
  );
  t.diagnostic(`${invalid.length} texts, ${elsewhere.length} told more than a line from where HCL tells them`);
  assert.ok(elsewhere.length <= 5, JSON.stringify(elsewhere));
});

test('a mistake is told where it is, with what is expected there', () => {
  const told = (text: string): string => {
    const [first] = readText(text).diagnostics;
    return `${first?.at?.line}:${first?.at?.column} ${first?.message}`;
  };
  const cases: Readonly<Record<string, string>> = {
    'job "web" {\n  count = 5s\n}\n': '2:12 the end of the line is expected after the value, not s',
    'job "web" {\n  group "a" {\n    count = 1\n}\n': '1:11 the block is not closed: } is missing',
    'a = [1 2]\n': '1:8 a comma is expected between two elements; here is 2',
    "a = 'x'\n": '1:5 strings stand in double quotes (")',
    'a = "${x"\n': '1:9 the } that closes ${ is expected here, not a string; $${ writes ${ as text',
    'a = "x\nb = 1\n': '1:7 a quoted string ends on its line: " is missing, or write \\n, or use a heredoc (<<EOT)',
    'a = <<EOT\nx\n': '1:5 the heredoc is not closed: EOT is missing, alone on a line that ends',
    'a = "%{ if b }x"\n': '1:16 %{ if } is not closed: %{ endif } is missing',
    'a = {\n  b 1\n}\n': '2:5 = is expected after the key, not 1',
    'a = 1\na = 2\n': '2:1 a is already set in line 1; an argument is set once',
    'a = 1 +\n2\n': '1:8 the line ends in the middle of an expression: put it on one line, or in parentheses',
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(told(text), expected);
});

test('every attribute, entry, item, block and label knows where it was written', () => {
  const text = [
    'job "web" {',
    '  tags = ["a", "é😀", "c"]',
    '  env = {',
    '    A   = "x"',
    '    "B" = 2',
    '  }',
    '  # a comment',
    '  body = <<-EOT',
    '    hello',
    '    EOT',
    '  task "one" {}',
    '}',
    '',
  ].join('\n');
  const cut = (at: { offset: number; end: { offset: number } } | undefined): string =>
    at ? text.slice(at.offset, at.end.offset) : 'nowhere';
  const { body } = readText(text, { file: 'jobs/web.hcl' });
  const [job] = body.blocks;
  assert.equal(cut(job?.labels[0]?.at), '"web"');
  assert.equal(cut(job?.blocks[0]?.at), 'task "one" {}');
  const [tags, env, template] = job?.attributes ?? [];
  assert.equal(cut(tags?.at), 'tags = ["a", "é😀", "c"]');
  const items = tags?.value.kind === 'list' ? tags.value.items : [];
  assert.deepEqual(
    items.map(({ at }) => cut(at)),
    ['"a"', '"é😀"', '"c"'],
  );
  const last = items[2]?.at;
  assert.deepEqual([last?.file, last?.line, last?.column], ['jobs/web.hcl', 2, 23]);
  const entries = env?.value.kind === 'map' ? env.value.entries : [];
  assert.deepEqual(
    entries.map(({ key, at, value }) => [key, at.line, cut(value.at)]),
    [
      ['A', 4, '"x"'],
      ['B', 5, '2'],
    ],
  );
  assert.deepEqual([template?.at.line, template?.at.end.line], [8, 10]);
});

test('a file of one million characters in one string is read, and a deep one is refused', () => {
  const long = 'x'.repeat(1_000_000);
  const [only] = readText(`a = "${long}"\n`).body.attributes;
  assert.equal(only?.value.kind === 'scalar' && only.value.value, long);
  for (const [open, close] of [
    ['[', ']'],
    ['(', ')'],
    ['{a=', '}'],
    ['"${', '}"'],
    ['-', ''],
    ['a ? b : ', ''],
    ['f(', ')'],
  ]) {
    const deep = `a = ${open?.repeat(5000)}1${close?.repeat(5000)}\n`;
    const { diagnostics } = readText(deep);
    assert.match(diagnostics[0]?.message ?? 'accepted', /nested too deep/, open);
    assert.ok(diagnostics[0]?.at);
    const cutOff = readText(`a = ${open?.repeat(5000)}\n`).diagnostics;
    assert.ok(cutOff[0]?.at, `${open} without an end`);
  }
  const blocks = `${'a {\n'.repeat(5000)}${'}\n'.repeat(5000)}`;
  assert.match(readText(blocks).diagnostics[0]?.message ?? 'accepted', /nested too deep/);
});

test('expressions that would run or grow for ever end in a diagnostic', () => {
  const doubled = Array.from(
    { length: 40 },
    (_, index) => `  l${index + 1} = "\${local.l${index}}\${local.l${index}}"`,
  );
  const strings = readText(`locals {\n  l0 = "xxxxxxxxxxxxxxxx"\n${doubled.join('\n')}\n}\n`).diagnostics;
  assert.match(strings[0]?.message ?? '', /longer than 8 MiB/);
  const lists = Array.from({ length: 40 }, (_, index) => `  l${index + 1} = [local.l${index}, local.l${index}]`);
  const grown = readText(`locals {\n  l0 = [1]\n${lists.join('\n')}\n}\na = local.l40\n`).diagnostics;
  assert.match(grown[0]?.message ?? '', /the value of a is too large/);
  const nested = 'a = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]\n';
  assert.match(readText(nested).diagnostics[0]?.message ?? '', /too many steps/);
  const within = `a = try([${nested.slice(4).trim()}], 1)\n`;
  assert.match(readText(within).diagnostics[0]?.message ?? '', /cannot be worked out/);
});
