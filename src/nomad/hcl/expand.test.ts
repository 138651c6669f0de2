import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Block, type Plain, plain } from '../source/node.ts';
import { readText } from './read-hcl.fixture.ts';

type Shown = Readonly<Record<string, Plain | readonly (readonly unknown[])[]>>;

function shown({ attributes, blocks }: Pick<Block, 'attributes' | 'blocks'>): Shown {
  const inside = blocks.map((block) => [block.type, ...block.labels.map(({ text }) => text), shown(block)]);
  const values = Object.fromEntries(attributes.map(({ name, value }) => [name, plain(value)]));
  return inside.length > 0 ? { ...values, blocks: inside } : values;
}

function read(text: string): Shown {
  const { body, diagnostics } = readText(text);
  assert.deepEqual(diagnostics, []);
  return shown(body);
}

const messages = (text: string): readonly string[] =>
  readText(text).diagnostics.map(({ at, message }) => `${at?.line}: ${message}`);

test('a dynamic block is written out, in the order of what it goes through', () => {
  const port = (forEach: string): unknown =>
    read(`dynamic "port" {\n for_each = ${forEach}\n labels = [port.key]\n content {\n  to = port.value\n }\n}\n`)[
      'blocks'
    ];
  assert.deepEqual(port('["x", "y"]'), [
    ['port', '0', { to: 'x' }],
    ['port', '1', { to: 'y' }],
  ]);
  assert.deepEqual(port('{ b = 1, a = 2 }'), [
    ['port', 'a', { to: 2 }],
    ['port', 'b', { to: 1 }],
  ]);
  assert.deepEqual(port('convert(["y", "x"], set(string))'), [
    ['port', 'x', { to: 'x' }],
    ['port', 'y', { to: 'y' }],
  ]);
  assert.equal(port('[]'), undefined);
});

test('dynamic blocks nest, name their iterator, and stand where they stood', () => {
  const text = `
before {}
dynamic "group" {
  for_each = [{ name = "a", ports = [1, 2] }, { name = "b", ports = [] }]
  iterator = g
  labels   = [g.value.name]
  content {
    count = g.key + 1
    dynamic "port" {
      for_each = g.value.ports
      content {
        number = port.value
        of     = "\${g.value.name}/\${port.key}"
      }
    }
    fixed { of = g.value.name }
  }
}
after {}
`;
  assert.deepEqual(read(text)['blocks'], [
    ['before', {}],
    [
      'group',
      'a',
      {
        count: 1,
        blocks: [
          ['port', { number: 1, of: 'a/0' }],
          ['port', { number: 2, of: 'a/1' }],
          ['fixed', { of: 'a' }],
        ],
      },
    ],
    ['group', 'b', { count: 2, blocks: [['fixed', { of: 'b' }]] }],
    ['after', {}],
  ]);
  const [, group] = readText(text).body.blocks;
  assert.deepEqual([group?.at.line, group?.attributes[0]?.at.line, group?.labels[0]?.at.line], [3, 8, 6]);
});

test('a dynamic block that cannot be written out says why', () => {
  const content = 'content {\n }';
  const cases: readonly (readonly [inside: string, pattern: RegExp])[] = [
    [`for_each = 5\n ${content}`, /^2: for_each takes a list, a set or a map, not a number$/],
    [`for_each = null\n ${content}`, /not null$/],
    [`for_each = meta.x\n ${content}`, /not a string$/],
    [content, /^1: a dynamic block needs for_each$/],
    ['for_each = []', /needs one content block/],
    [`for_each = []\n ${content}\n ${content}`, /^5: .*needs one content block/],
    [`for_each = []\n iterator = "x"\n ${content}`, /^3: iterator is a name without quotes$/],
    [`for_each = []\n labels = "x"\n ${content}`, /labels is a list/],
    [`for_each = []\n colour = 1\n ${content}`, /and no colour$/],
    [`for_each = [1]\n labels = [[]]\n ${content}`, /a string is required here, not a tuple/],
  ];
  for (const [inside, pattern] of cases) assert.match(messages(`dynamic "x" {\n ${inside}\n}\n`)[0] ?? '', pattern);
});

test('locals stand in any order, and a circle is named', () => {
  const text = 'a = local.c\nlocals {\n c = "${local.b}!"\n}\nlocals {\n b = upper(local.d)\n d = "x"\n}\n';
  assert.deepEqual(read(text), { a: 'X!' });
  assert.deepEqual(read('a = local\nlocals {\n b = 1\n}\n'), { a: { b: 1 } });
  assert.deepEqual(messages('locals {\n b = local.c\n c = [local.d]\n d = local.b\n}\n'), [
    '4: locals need each other in a circle: local.b → local.c → local.d → local.b',
  ]);
  assert.deepEqual(messages('a = local.z\nlocals {\n b = 1\n}\n'), ['1: there is no local z; defined are: b']);
  assert.deepEqual(messages('locals {\n b = 1\n}\nlocals {\n b = 2\n}\n'), ['5: local b is defined twice']);
  assert.match(messages('locals {\n b = upper(1, 2)\n}\n')[0] ?? '', /^2: upper\(\)/);
});

test('names that nobody defines stay as they are written, also without quotes', () => {
  assert.deepEqual(
    read(
      'a = meta.x\nb = "${ meta.x }"\nc = "a${attr.cpu.arch}b"\nd = node.unique.name\ne = upper(meta.y)\nf = "${~ m.x ~}"\n',
    ),
    {
      a: '${meta.x}',
      b: '${ meta.x }',
      c: 'a${attr.cpu.arch}b',
      d: '${node.unique.name}',
      e: '${META.Y}',
      f: '${m.x}',
    },
  );
});

test('try and can step over a failure, but not over what the conversion does not know', () => {
  assert.deepEqual(read('a = try([1][5], "b")\nb = can(1 + "x")\nc = can(1)\nd = convert("5", number)\n'), {
    a: 'b',
    b: false,
    c: true,
    d: 5,
  });
  assert.match(messages('a = try(var.v, 1)\nvariable "v" {}\n')[0] ?? '', /variable v has no value/);
  assert.match(messages('a = can(uuidv4())\n')[0] ?? '', /uuidv4/);
});

test('a mistake that a dynamic block repeats is told once', () => {
  const text = 'dynamic "x" {\n for_each = range(100)\n content {\n  a = 1 + "b"\n }\n}\n';
  assert.deepEqual(messages(text), ['4: a number is required here, not a string']);
});
