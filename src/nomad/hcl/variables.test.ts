import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Plain, plain } from '../source/node.ts';
import type { GivenVariables } from './given.ts';
import { readText } from './read-hcl.fixture.ts';

/** The value of `a`, or the errors with their lines. */
function valueIn(text: string, variables: GivenVariables = {}): Plain | readonly string[] {
  const { body, diagnostics } = readText(text, { variables });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return errors.map(({ code, at, message }) => `${code} ${at?.file}:${at?.line} ${message}`);
  const [a] = body.attributes;
  return a ? plain(a.value) : null;
}

const declared = (content: string): string => `a = var.v\nvariable "v" {\n${content}\n}\n`;
const passed = (value: string): GivenVariables => ({ arguments: [{ name: 'v', value }] });

test('a later value wins: default, environment, files in their order, arguments in theirs', () => {
  const text = declared('default = "default"');
  const environment = { NOMAD_VAR_v: 'environment', NOMAD_VAR_other: 'x', HOME: '/' };
  const files = [
    { file: 'one.vars', text: 'v = "one"\n' },
    { file: 'two.json', text: '{"v": "two"}' },
  ];
  const given = [
    { name: 'v', value: 'first' },
    { name: 'v', value: 'last' },
  ];
  assert.equal(valueIn(text), 'default');
  assert.equal(valueIn(text, { environment }), 'environment');
  assert.equal(valueIn(text, { environment, files: files.slice(0, 1) }), 'one');
  assert.equal(valueIn(text, { environment, files }), 'two');
  assert.equal(valueIn(text, { environment, files: files.toReversed() }), 'one');
  assert.equal(valueIn(text, { environment, files, arguments: given }), 'last');
});

test('what is passed is a text for a string or a number, and an expression for everything else', () => {
  const cases: readonly (readonly [content: string, passed: string, value: Plain])[] = [
    ['type = string', '[1]', '[1]'],
    ['type = string', '"quoted"', '"quoted"'],
    ['', 'true', 'true'],
    ['type = number', '1.50', 1.5],
    ['type = bool', 'true', true],
    ['type = list(string)', '["a", 1]', ['a', '1']],
    ['type = list(string)', '[\n"a",\n"b"\n]', ['a', 'b']],
    ['type = set(string)', '["b", "a", "b"]', ['a', 'b']],
    ['type = map(number)', '{ a = "1", b = 2 }', { a: 1, b: 2 }],
    ['type = object({ a = string, b = optional(number, 7) })', '{ a = 1 }', { a: '1', b: 7 }],
    ['type = object({ a = optional(string) })', '{}', { a: null }],
    ['type = tuple([string, number])', '[1, "2"]', ['1', 2]],
    ['type = any', '{ a = [1, "x"] }', { a: [1, 'x'] }],
    ['default = ["x"]', '["y", "z"]', ['y', 'z']],
    ['default = 5', '7', 7],
    ['default = true', 'false', false],
  ];
  for (const [content, value, expected] of cases) assert.deepEqual(valueIn(declared(content), passed(value)), expected);
});

test('what a declaration or a value lacks is an error with its place and the way out', () => {
  const refused = (text: string, pattern: RegExp, given: GivenVariables = {}): void => {
    const found = valueIn(text, given);
    assert.match(Array.isArray(found) ? found.join('\n') : `no error: ${JSON.stringify(found)}`, pattern);
  };
  const code = 'LARDER_NOMAD_VARIABLE job.hcl';
  refused(
    declared('type = string'),
    new RegExp(`^${code}:1 variable v has no value: pass it with --var v=VALUE, --var-file FILE or NOMAD_VAR_v`),
  );
  refused('a = var.w\nvariable "v" {}\n', new RegExp(`^${code}:1 there is no variable w; declared are: v$`));
  refused(declared('type = number\ndefault = "x"'), /not of type number: a number is required/);
  refused(declared('type = list(number)'), /not of type list\(number\)/, passed('["x"]'));
  refused(declared('type = list(number)'), /value of --var v:2 this is no value/, passed('[1'));
  refused(declared('type = "string"'), /a type is written without quotes: string/);
  refused(declared('type = list'), /a type is string, number/);
  refused(declared('type = optional(string)'), /for the attributes of an object/);
  refused(declared('default = upper("x")'), /functions cannot be called here/);
  refused(declared('default = other.x'), /refers to nothing/);
  refused(declared('default = 1\ncolour = 2'), /no argument colour/);
  refused(declared('default = null\nnullable = false'), /must not be null/);
  refused('variable "v" {}\nvariable "v" {}\n', /declared twice, first in line 1/);
  refused('variable "1" {}\n', /is no name for a variable/);
  refused('variables {\n  a {}\n}\n', /holds name = default and no blocks/);
  refused(declared(''), /in your|a variable is declared in the file of the job/, {
    files: [{ file: 'x.vars', text: 'variable "v" {}\n' }],
  });
  refused(declared(''), /x.vars:1 this is no value: strings stand in double quotes/, {
    files: [{ file: 'x.vars', text: "v = 'x'\n" }],
  });
  refused(declared(''), /LARDER_NOMAD_SYNTAX x.json:1 .*JSON/, { files: [{ file: 'x.json', text: '{"v": ' }] });
});

test('a validation that says no gives its message, and sees nothing but the variable', () => {
  const rule = (condition: string): string =>
    declared(`default = 3\nvalidation {\n  condition = ${condition}\n  error_message = "Must be small."\n}`);
  assert.equal(valueIn(rule('var.v < 5 && strlen("abc") == 3')), 3);
  assert.deepEqual(valueIn(rule('var.v < 3')), [
    'LARDER_NOMAD_VARIABLE job.hcl:2 the value of variable v is refused: Must be small.',
  ]);
  assert.match(String(valueIn(rule('local.x'))), /local cannot be used here/);
  assert.match(String(valueIn(rule('"maybe"'))), /a condition is true or false/);
  assert.equal(valueIn(rule('var.v < 3'), passed('2')), 2);
});

test('what nobody uses needs no value, what nobody declares is told as a warning', () => {
  assert.equal(valueIn('a = 1\nvariable "unused" {}\n'), 1);
  assert.equal(valueIn('a = 1\nvariables {\n  x = 2\n}\n'), 1);
  const { diagnostics } = readText('a = 1\n', {
    variables: { ...passed('x'), environment: { NOMAD_VAR_w: '1' }, files: [{ file: 'v.vars', text: 'u = 1\n' }] },
  });
  assert.deepEqual(
    diagnostics.map(({ severity, message, at }) => [severity, message.slice(0, 10), at?.file]),
    [
      ['warning', 'variable u', 'v.vars'],
      ['warning', 'variable v', undefined],
    ],
  );
});

test('older variables {} blocks, var as a whole, and a variable where a name is looked up', () => {
  assert.deepEqual(valueIn('a = [var.x, var["y"]]\nvariables {\n  x = 1\n  y = "z"\n}\n'), [1, 'z']);
  assert.deepEqual(valueIn('a = var\nvariables {\n  x = 1\n  y = "z"\n}\n'), { x: 1, y: 'z' });
  assert.deepEqual(valueIn('a = [for var in ["x"] : var]\nvariables {\n  x = 1\n}\n'), ['x']);
});

test('what is made of a sensitive variable is marked, and nothing else', () => {
  const { body } = readText(`
variable "password" {
  default   = "hunter2"
  sensitive = true
}
locals {
  login = { user = "me", password = var.password }
}
plain    = "me"
direct   = var.password
within   = "postgres://me:\${var.password}@db"
call     = upper(var.password)
user     = local.login.user
password = local.login.password
list     = ["a", var.password]
each     = [for x in [var.password, "b"] : "\${x}!"]
chosen   = true ? var.password : "none"
`);
  const marks = Object.fromEntries(
    body.attributes.map(({ name, value }) => [
      name,
      value.kind === 'list'
        ? value.items.map((item) => item.kind === 'scalar' && item.sensitive === true)
        : value.kind === 'scalar' && value.sensitive === true,
    ]),
  );
  assert.deepEqual(marks, {
    plain: false,
    direct: true,
    within: true,
    call: true,
    user: false,
    password: true,
    list: [false, true],
    each: [true, false],
    chosen: true,
  });
});

test('no message shows what was passed', () => {
  const secret = 'hunter2';
  const shown = (text: string, variables: GivenVariables): string =>
    JSON.stringify(readText(text, { variables }).diagnostics);
  const files = (text: string): GivenVariables => ({ files: [{ file: 'x', text }] });
  const cases: readonly (readonly [content: string, GivenVariables])[] = [
    ['type = list(string)', passed(secret)],
    ['type = list(string)', passed(`[${secret}`)],
    ['type = list(string)', passed(`[])\nother = ("${secret}"`)],
    ['type = list(string)', passed(`"${secret}"`)],
    ['type = number', passed(secret)],
    ['type = bool', passed(`"${secret}"`)],
    ['type = string', files(`v = ${secret}\n`)],
    ['type = string', files(`v = '${secret}'\n`)],
    ['type = string', files(`v = "${secret}\n`)],
    ['type = string', files(`v = "\\q${secret}"\n`)],
    ['type = string', files(`v = "a" ${secret}\n`)],
    ['type = number', files(`v = "${secret}"\n`)],
    ['type = number', files(`{"v": "${secret}"}`)],
    ['type = number', files(`{"v": ${secret}}`)],
    ['type = number', { environment: { NOMAD_VAR_v: secret } }],
  ];
  for (const [content, given] of cases) {
    const text = shown(declared(content), given);
    assert.match(text, /"severity":"error"/, JSON.stringify(given));
    assert.ok(!text.includes(secret), text);
  }
});
