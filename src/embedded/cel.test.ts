import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CelDeclarations, type CelType, compileCel } from './cel.ts';
import type { Json } from './json.ts';

const dyn: CelType = { kind: 'dyn' };
const text: CelType = { kind: 'string' };
const int: CelType = { kind: 'int' };
const item: CelType = { kind: 'object', name: 'item', fields: { name: text, size: int } };
const self: CelType = {
  kind: 'object',
  name: 'self',
  fields: {
    replicas: int,
    name: text,
    'host-name': text,
    namespace: text,
    ratio: { kind: 'double' },
    tags: { kind: 'list', items: text },
    items: { kind: 'list', items: item },
    labels: { kind: 'map', values: text },
    port: dyn,
    first: item,
    since: { kind: 'timestamp' },
    every: { kind: 'duration' },
  },
};
const declarations: CelDeclarations = { variables: { self, oldSelf: { kind: 'optional', of: self }, object: dyn } };

const example: Json = {
  replicas: 3,
  name: 'web',
  'host-name': 'a.b',
  namespace: 'default',
  ratio: 2,
  tags: ['a', 'b'],
  items: [{ name: 'x', size: 1 }, { name: 'y' }],
  labels: { app: 'web' },
  port: 80,
  first: { name: 'x', size: 1 },
  since: '2024-01-01T00:00:00Z',
  every: '90m',
};

function evaluate(expression: string, more: Record<string, Json> = {}): Json | string {
  const program = compileCel(expression, declarations);
  if (program.kind === 'invalid') return `invalid: ${program.message.split('\n')[0]}`;
  const outcome = program.evaluate({ self: example, object: null, ...more });
  return outcome.kind === 'error' ? `error: ${outcome.message}` : outcome.value;
}

function table(rows: Readonly<Record<string, Json>>): void {
  for (const [expression, expected] of Object.entries(rows)) {
    test(expression, () => assert.deepEqual(evaluate(expression), expected));
  }
}

describe('what an expression says', () => {
  table({
    'self.replicas > 2 && self.name == "web"': true,
    'self.host__dash__name.endsWith(".b")': true,
    'self.__namespace__ == "default"': true,
    'self.ratio * 2.0 == 4.0': true,
    'has(self.first.size) && !has(self.items[1].size)': true,
    '!has(self.labels.none) && has(self.labels.app)': true,
    'self.items.all(i, has(i.size) ? i.size > 0 : i.name == "y")': true,
    'self.items.exists(i, i.name == "y") && self.items.exists_one(i, has(i.size))': true,
    'self.items.filter(i, i.name == "y").map(i, i.name)': ['y'],
    'self.labels.all(k, k.startsWith("a"))': true,
    'self.first == self.items[0] && self.first != self.items[1]': true,
    'self.first in self.items && "a" in self.tags && "app" in self.labels': true,
    'self.port == 80 || self.port == "http"': true,
    'self.since < timestamp("2024-06-01T00:00:00Z") && self.every == duration("1h30m")': true,
    'oldSelf.hasValue() || oldSelf.orValue(self).replicas == 3': true,
    'self.?first.?size.orValue(7) + self.items[1].?size.orValue(7)': 8,
    '"%s has %d of %.2f".format([self.name, self.replicas, self.ratio])': 'web has 3 of 2.00',
  });
});

// the examples of k8s.io/apiserver/pkg/cel/library
describe("Kubernetes' functions", () => {
  table({
    'quantity("200M").compareTo(quantity("0.2G"))': 0,
    'quantity("50M").compareTo(quantity("50Mi"))': -1,
    'quantity("150Mi").isGreaterThan(quantity("100Mi")) && quantity("50M").isLessThan(quantity("100M"))': true,
    'quantity("50k").add(20).sub(quantity("100k")).sub(-50000) == quantity("20")': true,
    'isQuantity("1.3Gi") && !isQuantity("1,3G") && !isQuantity("Three")': true,
    'quantity("9999999999999999999999999999999999999G").isInteger()': false,
    'quantity("50k").sub(20000).asApproximateFloat() == 30000.0': true,
    'isIP("::1") && !isIP("127.0.0.256") && !isIP(":::1") && !isIP("::ffff:1.2.3.4") && !isIP("fe80::1%eth0")': true,
    'ip.isCanonical("2001:db8::abcd") && !ip.isCanonical("2001:DB8::ABCD") && !ip.isCanonical("2001:db8::0:0:0:abcd")': true,
    'ip("127.0.0.1").family() == 4 && ip("::1").isLoopback() && !ip("192.168.0.1").isLoopback()': true,
    'ip("169.254.169.254").isLinkLocalUnicast() && !ip("fd80::1").isLinkLocalUnicast()': true,
    'ip("192.168.0.1").isGlobalUnicast() && !ip("255.255.255.255").isGlobalUnicast()': true,
    'cidr("192.168.0.0/16").containsCIDR("192.168.10.0/24") && !cidr("192.168.1.0/24").containsIP("192.168.2.1")': true,
    'cidr("192.168.0.1/24") == cidr("192.168.0.1/24").masked()': false,
    'cidr("::1/128").prefixLength() == 128 && !isCIDR("192.168.0.0/33")': true,
    'url("https://user@example.com:80/a?k=1&k=2").getHost()': 'example.com:80',
    'url("https://example.com:8443/a%20b?k=1&k=2").getEscapedPath()': '/a%20b',
    'url("/path?k=1&k=2").getQuery()["k"]': ['1', '2'],
    'isURL("https://a.b:80/") && !isURL("../relative-path")': true,
    '"abc 123".find("[0-9]+") + "123 abc 456".findAll("[0-9]+", 1)[0]': '123123',
    '[1, 2, 2, 3].isSorted() && !["b", "a"].isSorted() && [1.0, 2.5].sum() == 3.5': true,
    '[1, 3].sum() + [1, 3].max() + [3, 1].min() + [1, 2, 1].lastIndexOf(1) + [1, 2].indexOf(7)': 9,
    'sets.contains([1, 2, 3], [3, 1]) && sets.equivalent(["a", "b", "a"], ["b", "a"]) && !sets.intersects([1], [2])': true,
    '"Hello".lowerAscii() + "a,b".split(",").join("-") + "tacocat".substring(4) + "abc".charAt(1)': 'helloa-bcatb',
    '"aXbXc".replace("X", "-", 1) + " t ".trim()': 'a-bXct',
  });
});

// as a definition with the rule answers on the API server
describe('what is wrong', () => {
  table({
    'self.nope == 1': "invalid: compilation failed: ERROR: <input>:1:5: undefined field 'nope'",
    'nope == 1': "invalid: compilation failed: ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')",
    'self.replicas + "a" == "b"':
      "invalid: compilation failed: ERROR: <input>:1:15: found no matching overload for '_+_' applied to '(int, string)'",
    'self.name.startsWith(1)':
      "invalid: compilation failed: ERROR: <input>:1:21: found no matching overload for 'startsWith' applied to 'string.(int)'",
    'self.name.begins("a")':
      "invalid: compilation failed: ERROR: <input>:1:17: undeclared reference to 'begins' (in container '')",
    'authorizer.path("/")':
      "invalid: compilation failed: ERROR: <input>:1:1: undeclared reference to 'authorizer' (in container '')",
    '!self.name':
      "invalid: compilation failed: ERROR: <input>:1:1: found no matching overload for '!_' applied to '(string)'",
    'has(self.nope)': "invalid: compilation failed: ERROR: <input>:1:4: undefined field 'nope'",
    'self.items.all(i, has(i.nope))': "invalid: compilation failed: ERROR: <input>:1:22: undefined field 'nope'",
    'has(self)': 'invalid: compilation failed: ERROR: <input>:1:5: invalid argument to has() macro',
    'timestamp("x") == timestamp("y")': 'invalid: compilation failed: ERROR: <input>:1:11: invalid timestamp argument',
    'self.name.matches("(")': 'invalid: compilation failed: ERROR: <input>:1:19: invalid matches argument',
    '1 + ':
      "invalid: compilation failed: ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    'int(self.name)': "error: type conversion error from 'string' to 'int'",
    'timestamp(self.name).getFullYear()': "error: type conversion error from 'string' to 'google.protobuf.Timestamp'",
    'size(self.port)': 'error: no such overload: size',
    'self.port.startsWith("8")': 'error: no such overload',
    'self.items[1].size > 0': 'error: no such key: size',
    'self.items[7].size > 0': 'error: index out of bounds: 7',
    'self.labels["b"] == ""': 'error: no such key: b',
    'self.replicas / 0': 'error: division by zero',
    'self.replicas % 0': 'error: modulus by zero',
    'self.replicas + 9223372036854775807': 'error: integer overflow',
    'self.port.foo': 'error: no such key: foo',
    'quantity("x").isInteger()':
      "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    'oldSelf.value().name': 'error: optional.none() dereference',
  });

  test('is marked below the expression', () => {
    const program = compileCel('self.name == "a" ||\n  self.nope', declarations);
    assert.deepEqual(program, {
      kind: 'invalid',
      message: "compilation failed: ERROR: <input>:2:7: undefined field 'nope'\n |   self.nope\n | ......^",
    });
  });

  test('a syntax error is one too', () => {
    const program = compileCel('self.name ==', declarations);
    assert.equal(program.kind === 'invalid' && program.message.includes('Syntax error'), true);
  });
});

test('the type of the result is known before it runs', () => {
  const types = ['self.replicas > 1', 'self.name', 'self.port', 'self.tags'].map((expression) => {
    const program = compileCel(expression, declarations);
    return program.kind === 'ok' ? program.type : program.message;
  });
  assert.deepEqual(types, ['bool', 'string', 'dyn', 'list<string>']);
});

test('an expression tells which names it mentions', () => {
  const program = compileCel('self.items.all(i, i.size > 0) && has(oldSelf.value().name)', declarations);
  assert.equal(program.kind, 'ok');
  assert.deepEqual(program.kind === 'ok' && [...program.names].sort(), [
    'i',
    'items',
    'name',
    'oldSelf',
    'self',
    'size',
  ]);
});

test('loops in loops over long lists are not begun', () => {
  const tags = Array.from({ length: 4000 }, (_, index) => `${index}`);
  const program = compileCel('self.tags.all(a, self.tags.all(b, a != b || a == b))', declarations);
  assert.equal(program.kind, 'ok');
  if (program.kind !== 'ok') return;
  const message = 'operation cancelled: actual cost limit exceeded';
  assert.deepEqual(program.evaluate({ self: { tags } }), { kind: 'error', message });
  assert.deepEqual(program.evaluate({ self: { tags: tags.slice(0, 100) } }), { kind: 'value', value: true });
});

test('members of prototypes are not there', () => {
  assert.equal(evaluate('has(object.constructor)', { object: {} }), false);
  assert.equal(evaluate('object.__proto__ == null', { object: {} }), 'error: no such key: __proto__');
});

test('a request as admission hands it over', () => {
  const variables: Record<string, CelType> = { object: dyn, oldObject: dyn, request: dyn };
  const program = compileCel(
    'request.operation == "CREATE" && oldObject == null && object.metadata.name.startsWith("a") && object.spec.replicas < 5',
    { variables },
  );
  assert.equal(program.kind, 'ok');
  if (program.kind !== 'ok') return;
  const values = { request: { operation: 'CREATE' }, object: { metadata: { name: 'ab' }, spec: { replicas: 3 } } };
  assert.deepEqual(program.evaluate(values), { kind: 'value', value: true });
});
