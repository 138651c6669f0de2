import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inverted, type Requirement, requirementOf } from './requirement.ts';

const same = (text: string): string => text;

/** As the scheduler of Kubernetes decides; `undefined` is a node without the label. */
function fits({ operator, values = [] }: Requirement, label: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'Gt':
      return label !== undefined && Number(label) > Number(values[0]);
    case 'Lt':
      return label !== undefined && Number(label) < Number(values[0]);
    default:
      return operator satisfies never;
  }
}

/** As Nomad decides (checkConstraint of its scheduler). */
const nomad: Readonly<Record<string, (label: string | undefined, text: string) => boolean>> = {
  '=': (label, text) => label === text,
  '==': (label, text) => label === text,
  is: (label, text) => label === text,
  '!=': (label, text) => label !== text,
  not: (label, text) => label !== text,
  '>': (label, text) => label !== undefined && Number(label) > Number(text),
  '>=': (label, text) => label !== undefined && Number(label) >= Number(text),
  '<': (label, text) => label !== undefined && Number(label) < Number(text),
  '<=': (label, text) => label !== undefined && Number(label) <= Number(text),
  is_set: (label) => label !== undefined,
  is_not_set: (label) => label === undefined,
  regexp: (label, text) => label !== undefined && new RegExp(text).test(label),
};

test('each operator chooses the nodes that Nomad would, with and without the label', () => {
  const number = fc.integer({ min: -50, max: 50 }).map(String);
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(nomad)),
      number,
      fc.option(number, { nil: undefined }),
      (operator, text, label) => {
        const required = requirementOf(operator, text.replace('-', operator === 'regexp' ? '' : '-'), same);
        if (required.kind === 'none')
          return assert.ok(operator === 'regexp' || text.startsWith('-'), `${operator} ${text}`);
        assert.equal(fits(required.of, label), nomad[operator]?.(label, text), `${operator} ${text} on ${label}`);
      },
    ),
  );
});

test('a regular expression is a list only where it names whole words', () => {
  const list = (text: string) => requirementOf('regexp', text, same);
  assert.deepEqual(list('^(a|b-c)$'), { kind: 'requirement', of: { operator: 'In', values: ['a', 'b-c'] } });
  assert.deepEqual(list('^(?:a|b)$'), { kind: 'requirement', of: { operator: 'In', values: ['a', 'b'] } });
  assert.deepEqual(list('^node1\\.lan$'), { kind: 'requirement', of: { operator: 'In', values: ['node1.lan'] } });
  // without both anchors, with alternatives outside of them, or with any class it matches more
  for (const text of ['a|b', '^a', 'a$', '^a|b$', '^(a|b)', '^n[12]$', '^a.b$', '^(a)(b)$', '^$', '^(a|)$']) {
    assert.equal(list(text).kind, 'none', text);
  }
});

test('a list of Nomad is one value of a label', () => {
  assert.deepEqual(requirementOf('set_contains_any', 'ssd, nvme', same), {
    kind: 'requirement',
    of: { operator: 'In', values: ['ssd', 'nvme'] },
  });
  assert.deepEqual(requirementOf('set_contains', 'ssd', same), {
    kind: 'requirement',
    of: { operator: 'In', values: ['ssd'] },
  });
  assert.equal(requirementOf('set_contains_all', 'ssd,nvme', same).kind, 'none');
});

test('what no label can say is not written', () => {
  for (const [operator, text] of [
    ['version', '>= 1.2'],
    ['semver', '>= 1.2.0'],
    ['>', '1.5'],
    ['<', 'abc'],
    ['=', 'with a space'],
    ['=', 'x'.repeat(64)],
    ['near', 'x'],
  ] as const) {
    assert.equal(requirementOf(operator, text, same).kind, 'none', `${operator} ${text}`);
  }
});

test('the opposite of a condition holds where the condition does not', () => {
  const number = fc.integer({ min: -50, max: 50 });
  const requirement: fc.Arbitrary<Requirement> = fc.oneof(
    fc.array(number.map(String), { minLength: 1 }).map((values) => ({ operator: 'In' as const, values })),
    fc.array(number.map(String), { minLength: 1 }).map((values) => ({ operator: 'NotIn' as const, values })),
    fc.constantFrom({ operator: 'Exists' as const }, { operator: 'DoesNotExist' as const }),
    number.map((value) => ({ operator: 'Gt' as const, values: [String(value)] })),
    number.map((value) => ({ operator: 'Lt' as const, values: [String(value)] })),
  );
  fc.assert(
    fc.property(requirement, number.map(String), (of, label) => {
      assert.notEqual(fits(of, label), fits(inverted(of), label));
      assert.deepEqual(inverted(inverted(of)), of);
    }),
  );
});
