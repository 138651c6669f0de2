/** What rules of schemas are refused for, with the words of the API server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesOf, create, definition, newGroup, withSpec } from './definitions.ts';
import { connect } from './target.ts';

const api = await connect();
const group = newGroup();

const text = { type: 'string', maxLength: 5 };
const properties = {
  a: text,
  n: { type: 'integer' },
  l: { type: 'array', maxItems: 5, items: text },
  m: { type: 'object', maxProperties: 5, additionalProperties: text },
};

interface Case {
  readonly what: string;
  readonly rules: readonly object[];
  readonly causes: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: 'a rule that is empty',
    rules: [{ rule: '' }],
    causes: [
      'FieldValueRequired spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Required value: rule is not specified',
    ],
  },
  {
    what: 'messages that are empty or of several lines',
    rules: [
      { rule: 'true', message: ' ' },
      { rule: 'true', message: 'a\nb' },
      { rule: 'true', messageExpression: ' ' },
    ],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].message: Invalid value: " ": must be non-empty if specified',
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[1].message: Invalid value: "a\\nb": must not contain line breaks',
      'FieldValueRequired spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].messageExpression: Required value: messageExpression must be non-empty if specified',
    ],
  },
  {
    what: 'a rule of several lines without a message',
    rules: [{ rule: 'self.a == "x" ||\n  self.a == "y"' }],
    causes: [
      'FieldValueRequired spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks',
    ],
  },
  {
    what: 'a reason that there is not',
    rules: [{ rule: 'true', reason: 'Odd' }],
    causes: [
      'FieldValueNotSupported spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].reason: Unsupported value: "Odd": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ],
  },
  {
    what: 'paths that lead nowhere',
    rules: [
      { rule: 'true', fieldPath: '.zz' },
      { rule: 'true', fieldPath: 'a' },
      { rule: 'true', fieldPath: ' ' },
    ],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].fieldPath: Invalid value: ".zz": must be a valid path',
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[1].fieldPath: Invalid value: "a": must be a valid path',
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].fieldPath: Invalid value: " ": must be a valid path',
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].fieldPath: Invalid value: " ": must be non-empty if specified',
    ],
  },
  {
    what: 'a rule about a field that there is not',
    rules: [{ rule: 'self.nope == 1' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.nope == 1","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field \'nope\'\n | self.nope == 1\n | ....^',
    ],
  },
  {
    what: 'a rule about a name that nothing has',
    rules: [{ rule: 'nope == 1' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"nope == 1","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:1: undeclared reference to \'nope\' (in container \'\')\n | nope == 1\n | ^',
    ],
  },
  {
    what: 'a rule that compares what cannot be compared',
    rules: [{ rule: 'self.n + "a" == "b"' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.n + \\"a\\" == \\"b\\"","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:8: found no matching overload for \'_+_\' applied to \'(int, string)\'\n | self.n + "a" == "b"\n | .......^',
    ],
  },
  {
    what: 'a rule that calls with wrong types',
    rules: [{ rule: 'self.a.startsWith(1)' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.a.startsWith(1)","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:18: found no matching overload for \'startsWith\' applied to \'string.(int)\'\n | self.a.startsWith(1)\n | .................^',
    ],
  },
  {
    what: 'a rule that calls what there is not',
    rules: [{ rule: 'self.a.begins("a")' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.a.begins(\\"a\\")","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:14: undeclared reference to \'begins\' (in container \'\')\n | self.a.begins("a")\n | .............^',
    ],
  },
  {
    what: 'a rule that asks who may do what',
    rules: [{ rule: 'authorizer.path("/").check("get").allowed()' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"authorizer.path(\\"/\\").check(\\"get\\").allowed()","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:1: undeclared reference to \'authorizer\' (in container \'\')\n | authorizer.path("/").check("get").allowed()\n | ^',
    ],
  },
  {
    what: 'a rule that ends too early',
    rules: [{ rule: 'self.a ==' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.a ==","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:10: Syntax error: mismatched input \'<EOF>\' expecting {\'[\', \'{\', \'(\', \'.\', \'-\', \'!\', \'true\', \'false\', \'null\', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | self.a ==\n | .........^',
    ],
  },
  {
    what: 'a rule that is neither true nor false',
    rules: [{ rule: 'self.n' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.n","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool',
    ],
  },
  {
    what: 'a rule that asks for a field that there is not',
    rules: [{ rule: 'has(self.nope)' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"has(self.nope)","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:4: undefined field \'nope\'\n | has(self.nope)\n | ...^',
    ],
  },
  {
    what: 'a rule in a loop over a list',
    rules: [{ rule: 'self.l.all(x, x + 1 == 2)' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.l.all(x, x + 1 == 2)","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:17: found no matching overload for \'_+_\' applied to \'(string, int)\'\n | self.l.all(x, x + 1 == 2)\n | ................^',
    ],
  },
  {
    what: 'a rule with a pattern that is none',
    rules: [{ rule: 'self.a.matches("(")' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.a.matches(\\"(\\")","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:16: invalid matches argument\n | self.a.matches("(")\n | ...............^',
    ],
  },
  {
    what: 'a rule with a time that is none',
    rules: [{ rule: 'timestamp("x") < timestamp("2024-01-01T00:00:00Z")' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"timestamp(\\"x\\") \\u003c timestamp(\\"2024-01-01T00:00:00Z\\")","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:11: invalid timestamp argument\n | timestamp("x") < timestamp("2024-01-01T00:00:00Z")\n | ..........^',
    ],
  },
  {
    what: 'a rule that denies a text',
    rules: [{ rule: '!self.a' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"!self.a","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:1: found no matching overload for \'!_\' applied to \'(string)\'\n | !self.a\n | ^',
    ],
  },
  {
    what: 'a message that is no text',
    rules: [{ rule: 'true', messageExpression: 'self.n' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].messageExpression: Invalid value: {"Rule":"true","Message":"","MessageExpression":"self.n","Reason":null,"FieldPath":"","OptionalOldSelf":null}: messageExpression must evaluate to a string',
    ],
  },
  {
    what: 'a message about a field that there is not',
    rules: [{ rule: 'true', messageExpression: 'self.q' }],
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].messageExpression: Invalid value: {"Rule":"true","Message":"","MessageExpression":"self.q","Reason":null,"FieldPath":"","OptionalOldSelf":null}: messageExpression compilation failed: ERROR: <input>:1:5: undefined field \'q\'\n | self.q\n | ....^',
    ],
  },
];

for (const { what, rules, causes } of cases) {
  test(`a definition is refused for ${what}`, async () => {
    const schema = withSpec({ type: 'object', properties, 'x-kubernetes-validations': rules });
    const answer = await create(api, definition(group, 'foos', { schema }));
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(causesOf(answer), causes);
  });
}
