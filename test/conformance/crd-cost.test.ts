/** Rules that could take too long are refused with their definition; these are the bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesOf, create, definition, newGroup, withSpec } from './definitions.ts';
import { connect } from './target.ts';

const api = await connect();

interface Case {
  readonly what: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** None: the rule is cheap enough. */
  readonly causes: readonly string[];
}

const cases: readonly Case[] = [
  {
    what: 'a loop over a list without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'integer' } } },
      'x-kubernetes-validations': [{ rule: 'self.a.all(x, x > 0)' }],
    },
    causes: [],
  },
  {
    what: 'a loop over texts without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string' } } },
      'x-kubernetes-validations': [{ rule: 'self.a.all(x, x.startsWith("a"))' }],
    },
    causes: [],
  },
  {
    what: 'a loop in a loop over lists without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string' } } },
      'x-kubernetes-validations': [{ rule: 'self.a.all(x, self.a.all(y, x == y))' }],
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'a loop in a loop over bounded lists',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string', maxLength: 10 }, maxItems: 1000 } },
      'x-kubernetes-validations': [{ rule: 'self.a.all(x, self.a.all(y, x == y))' }],
    },
    causes: [],
  },
  {
    what: 'a loop in a loop over longer lists',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 3000 } },
      'x-kubernetes-validations': [{ rule: 'self.a.all(x, self.a.exists(y, x == y))' }],
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 41.4x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 4.1x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'a pattern on a text without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'self.a.matches("^[a-z0-9]+([-.][a-z0-9]+)*$")' }],
    },
    causes: [],
  },
  {
    what: 'a comparison of texts without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'self.a == self.b' }],
    },
    causes: [],
  },
  {
    what: 'a search in a text without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'self.a.contains(self.b)' }],
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'a rule for every item of a list without an end',
    spec: {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          items: {
            type: 'object',
            properties: { b: { type: 'string' } },
            'x-kubernetes-validations': [{ rule: 'self.b.startsWith("x")' }],
          },
        },
      },
    },
    causes: [],
  },
  {
    what: 'a costly rule for every item of a list without an end',
    spec: {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          items: {
            type: 'object',
            properties: { b: { type: 'string' } },
            'x-kubernetes-validations': [{ rule: 'self.b.contains("abcdefghij" + self.b)' }],
          },
        },
      },
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].properties[a].items.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].properties[a].items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'a rule for every item of a bounded list',
    spec: {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          items: {
            type: 'object',
            properties: { b: { type: 'string', maxLength: 1000 } },
            'x-kubernetes-validations': [{ rule: 'self.b.matches("^[a-z]+$")' }],
          },
          maxItems: 500,
        },
      },
    },
    causes: [],
  },
  {
    what: 'a rule for every member without an end',
    spec: {
      type: 'object',
      properties: {
        a: {
          type: 'object',
          additionalProperties: {
            type: 'object',
            properties: { b: { type: 'array', items: { type: 'string', maxLength: 100 } } },
            'x-kubernetes-validations': [{ rule: 'self.b.all(x, x.size() > 2)' }],
          },
        },
      },
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].properties[a].additionalProperties.x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].properties[a].additionalProperties.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'a sorted list without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string' } } },
      'x-kubernetes-validations': [{ rule: 'self.a.isSorted()' }],
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'lists made in a loop',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string', maxLength: 30 }, maxItems: 2000 } },
      'x-kubernetes-validations': [{ rule: 'self.a.map(x, x.lowerAscii()).filter(x, x in self.a).size() > 0' }],
    },
    causes: [],
  },
  {
    what: 'sizes in a loop',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string', maxLength: 20 }, maxItems: 1000 } },
      'x-kubernetes-validations': [
        { rule: 'self.a.all(x, isQuantity(x) && quantity(x).isGreaterThan(quantity("1Gi")))' },
      ],
    },
    causes: [],
  },
  {
    what: 'a text put together in a loop',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string', maxLength: 50 }, maxItems: 5000 } },
      'x-kubernetes-validations': [{ rule: 'self.a.map(x, x + "suffix").join(",").size() < 100' }],
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'exactly one of many',
    spec: {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          items: { type: 'object', properties: { b: { type: 'string', maxLength: 63 } } },
          maxItems: 4000,
        },
      },
      'x-kubernetes-validations': [{ rule: 'self.a.all(x, self.a.exists_one(y, x.b == y.b))' }],
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 51.2x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 5.1x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'what was there before, of an item without a key',
    spec: {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          items: { type: 'string', maxLength: 5, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
          maxItems: 5,
        },
      },
    },
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].properties[a].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[a]',
    ],
  },
  {
    what: 'what was there before, deep inside of an item',
    spec: {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              b: {
                type: 'array',
                items: {
                  type: 'object',
                  properties: { c: { type: 'string', maxLength: 5 } },
                  'x-kubernetes-validations': [{ rule: 'self.c == oldSelf.c' }],
                },
                maxItems: 5,
              },
            },
          },
          maxItems: 5,
        },
      },
    },
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].properties[a].items.properties[b].items.x-kubernetes-validations[0].rule: Invalid value: "self.c == oldSelf.c": oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[a]',
    ],
  },
  {
    what: 'a word about what was there before in a rule that does not ask',
    spec: {
      type: 'object',
      properties: { a: { type: 'string', maxLength: 5 } },
      'x-kubernetes-validations': [{ rule: 'self.a != ""', optionalOldSelf: true }],
    },
    causes: [
      'FieldValueInvalid spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule',
    ],
  },
  {
    what: 'many rules that are costly together',
    spec: {
      type: 'object',
      properties: {
        a: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        b: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        c: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        d: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        e: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        f: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        g: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        h: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        i: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        j: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        k: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        l: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        m: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        n: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        o: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
        p: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 800 },
      },
      'x-kubernetes-validations': [
        { rule: 'self.a.all(x, self.a.exists(y, x == y))' },
        { rule: 'self.b.all(x, self.b.exists(y, x == y))' },
        { rule: 'self.c.all(x, self.c.exists(y, x == y))' },
        { rule: 'self.d.all(x, self.d.exists(y, x == y))' },
        { rule: 'self.e.all(x, self.e.exists(y, x == y))' },
        { rule: 'self.f.all(x, self.f.exists(y, x == y))' },
        { rule: 'self.g.all(x, self.g.exists(y, x == y))' },
        { rule: 'self.h.all(x, self.h.exists(y, x == y))' },
        { rule: 'self.i.all(x, self.i.exists(y, x == y))' },
        { rule: 'self.j.all(x, self.j.exists(y, x == y))' },
        { rule: 'self.k.all(x, self.k.exists(y, x == y))' },
        { rule: 'self.l.all(x, self.l.exists(y, x == y))' },
        { rule: 'self.m.all(x, self.m.exists(y, x == y))' },
        { rule: 'self.n.all(x, self.n.exists(y, x == y))' },
        { rule: 'self.o.all(x, self.o.exists(y, x == y))' },
        { rule: 'self.p.all(x, self.p.exists(y, x == y))' },
      ],
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[10].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[11].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[12].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[13].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[14].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[15].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[1].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[1].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[2].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[3].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[3].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[4].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[5].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[6].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[7].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[8].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[9].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.9x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 4.7x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'a set of names that is unique by a loop',
    spec: {
      type: 'object',
      properties: {
        a: {
          type: 'array',
          items: { type: 'object', properties: { name: { type: 'string', maxLength: 63 } } },
          maxItems: 300,
        },
      },
      'x-kubernetes-validations': [{ rule: 'self.a.all(x, self.a.filter(y, y.name == x.name).size() == 1)' }],
    },
    causes: [],
  },
  {
    what: 'a replacement in texts without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'self.a.replace("a", "bb").size() < 10' }],
    },
    causes: [],
  },
  {
    what: 'a split text without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'self.a.split(",").all(x, x.size() < 10)' }],
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 2.0x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
  {
    what: 'choices without an end',
    spec: {
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'string', enum: ['one', 'two'] } } },
      'x-kubernetes-validations': [{ rule: 'self.a.all(x, self.a.exists(y, x == y))' }],
    },
    causes: [
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema',
      'FieldValueForbidden spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
      'FieldValueForbidden spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
    ],
  },
];

for (const { what, spec, causes } of cases) {
  test(`${what} is ${causes.length === 0 ? 'accepted' : 'refused'}`, async () => {
    const answer = await create(api, definition(newGroup(), 'foos', { schema: withSpec(spec) }));
    assert.deepEqual(causesOf(answer), causes);
    assert.equal(answer.status, causes.length === 0 ? 201 : 422, answer.text);
  });
}
