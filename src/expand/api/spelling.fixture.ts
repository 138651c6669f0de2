/** For tests: values of each member of a template that are accepted, and that are not, by Larder and by any API server. */
import fc from 'fast-check';
import type { templateSchema } from './template.ts';

export type Member = Exclude<keyof typeof templateSchema.shape, 'enabled' | 'providerConfig'>;
const percentages: readonly Member[] = ['threshold', 'inodesThreshold'];
const sizes: readonly Member[] = ['minScaleUp', 'minIncrease', 'maxStep', 'maxSize', 'initialSize'];
const durations: readonly Member[] = ['cooldown', 'expandWhenFullWithin'];

export const spelledAlike: readonly (readonly [
  members: readonly Member[],
  good: readonly unknown[],
  bad: readonly unknown[],
])[] = [
  [
    percentages,
    [85, 1, 99, '85', '85%', '85.0', '85.5%', '05', '9.25', '98.9999%', '99', '99.0%'],
    [0, 100, -1, 85.5, '0', '0.5', '100', '99.5', '850', '85 %', '%', '', 'high', '85%%', '1e1', '85.12345', true, {}],
  ],
  [
    sizes,
    [1, 1073741824, '1', '10Gi', '1.5Gi', '.5Ti', '100G', '1e9', '1E3', '5m', '+5Gi', '2000Gi', '7E'],
    [0, -5, 1.5, '0', '0Gi', '-1Gi', '', 'Gi', '1 Gi', '10GB', '10gi', 'big', '0.0', '1e', 'unlimited', true, []],
  ],
  [
    ['increase'],
    ['25%', '0.5%', '1000%', '1000.0%', '050%', '5Gi', '1e9', '20'],
    [25, 1, '0%', '0.0%', '1000.1%', '1001%', '-5%', '', '%', '5 %', 'lots', '0'],
  ],
  [
    durations,
    ['0', '15m', '1h30m', '2d', '1.5h', '100ms', '5µs', '24h', '0s'],
    ['', '15', '5 minutes', '-5m', '1w', 'm', '1h-30m', 15, '1:30', '1e3s'],
  ],
  [
    ['window'],
    ['always', 'Mon-Fri 22:00-06:00 Europe/Berlin', '22:00-24:00', 'Mon,Wed 1:00-5:00; Sat,Sun 00:00-24:00 UTC'],
    ['', 'nights', 'Mon-Fri', '22-6', 'Montag 22:00-06:00', 7],
  ],
  [['approvalAbove'], ['never', '500Gi', 1073741824], ['', 'ever', '0', -1]],
  [['snapshotAbove'], ['never', '20%', '0%', '0.5%', '1000%'], ['', '20', '1001%', 'ever', 20]],
  [['provider'], ['aws', 'generic', 'a', 'my-provider', 'a.b'], ['', 'AWS', '-a', 'a-', 'a b', 7]],
];

/** Texts near what is accepted: parts of good ones, put together anew. */
export const near = fc
  .array(
    fc.constantFrom(
      '0',
      '1',
      '5',
      '9',
      '10',
      '85',
      '99',
      '100',
      '1000',
      '.',
      '.5',
      '%',
      'Gi',
      'Mi',
      'k',
      'm',
      'h',
      'd',
      'e3',
      'E2',
      '-',
      '+',
      ' ',
      's',
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(''));
