/** Label selectors as the schema of our kinds has them: an API server refuses those that no claim could ever match. */
import { z } from 'zod';
import type { LabelSelector } from '../../kube/kinds.ts';
import type { Parsed } from '../settings/settings.ts';

const KEY =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const MOST = 50;
const LONGEST_KEY = 317;

const label = z.string().max(63).regex(VALUE);
const key = z.string().max(LONGEST_KEY).regex(new RegExp(KEY));

const expression = z
  .strictObject({
    key: key.meta({ description: 'The label that is looked at.' }),
    operator: z
      .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
      .meta({ description: 'How the label and the values relate.' }),
    values: z.array(label).max(MOST).optional().meta({
      description: 'For In and NotIn: at least one. For the others: none.',
      'x-kubernetes-list-type': 'atomic',
    }),
  })
  .refine(({ operator, values = [] }) => (operator === 'In' || operator === 'NotIn') === values.length > 0)
  .meta({
    'x-kubernetes-validations': [
      {
        rule: "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0 : !has(self.values) || size(self.values) == 0",
        message: 'In and NotIn need values; Exists and DoesNotExist must have none',
      },
    ],
  });

export const selectorSchema = z
  .strictObject({
    matchLabels: z
      .record(z.string(), label)
      .refine(
        (labels) =>
          Object.keys(labels).length <= MOST && Object.keys(labels).every((one) => key.safeParse(one).success),
      )
      .optional()
      .meta({
        description: 'Labels that a claim must have.',
        maxProperties: MOST,
        'x-kubernetes-validations': [
          {
            rule: `self.all(key, size(key) <= ${LONGEST_KEY} && key.matches('${KEY}'))`,
            message: 'every key must be the name of a label, for example app.kubernetes.io/name',
          },
        ],
      }),
    matchExpressions: z
      .array(expression)
      .max(MOST)
      .optional()
      .meta({ description: 'What else must hold; all of them.', 'x-kubernetes-list-type': 'atomic' }),
  })
  .meta({ 'x-kubernetes-map-type': 'atomic' });

/** What cannot be read must not pass for a selector that matches nothing. */
export function readSelector(raw: unknown): Parsed<LabelSelector> {
  const read = selectorSchema.safeParse(raw);
  if (!read.success) return { ok: false, reason: 'must be a label selector; an empty one ({}) selects every claim' };
  const { matchLabels, matchExpressions } = read.data;
  return {
    ok: true,
    value: {
      ...(matchLabels && { matchLabels }),
      ...(matchExpressions && {
        matchExpressions: matchExpressions.map(({ values, ...rest }) => ({ ...rest, ...(values && { values }) })),
      }),
    },
  };
}
