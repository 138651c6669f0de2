/** The settings of a policy as a form has them. Pure. */

export interface PolicyField {
  /** Where it stands in the object. */
  readonly path: readonly string[];
  readonly name: string;
  /** What is accepted, with an example. */
  readonly hint: string;
}

interface FieldGroup {
  readonly name: string;
  readonly fields: readonly PolicyField[];
}

const setting = (key: string, name: string, hint: string): PolicyField => ({
  path: ['spec', 'template', key],
  name,
  hint,
});
const config = (key: string, name: string, hint: string): PolicyField => ({
  path: ['spec', 'template', 'providerConfig', key],
  name,
  hint,
});

export const fieldGroups: readonly FieldGroup[] = [
  {
    name: 'When',
    fields: [
      setting('threshold', 'Grow at', 'used share, as 80%'),
      setting('expandWhenFullWithin', 'Also when full within', 'a duration, as 24h; 0 is off'),
      setting('inodesThreshold', 'Grow at inodes', 'used share, as 80%'),
      setting('cooldown', 'Not again for', 'a duration, as 15m or 6h'),
      setting('window', 'Only in', 'days and hours, as Sat,Sun 02:00-06:00'),
    ],
  },
  {
    name: 'How far',
    fields: [
      setting('increase', 'By', 'a share or a size, as 10% or 5Gi'),
      setting('minScaleUp', 'At least by', 'a size, as 1Gi'),
      setting('maxStep', 'At most by', 'a size, as 100Gi'),
      setting('maxSize', 'Up to', 'a size, as 500Gi'),
      setting('initialSize', 'New claims at least', 'a size, as 10Gi'),
    ],
  },
  {
    name: 'With care',
    fields: [
      setting('approvalAbove', 'Ask above', 'a size, as 200Gi, or never'),
      setting('snapshotAbove', 'Snapshot above', 'a share of the size, as 20%, or never'),
      setting('provider', 'Provider', 'whose limits count, as aws'),
      config('volumeType', 'Volume type', 'as gp3'),
      config('iops', 'IOPS', 'advice only, as 3000'),
    ],
  },
];

/** Written as numbers where they are numbers. */
export const numeric: ReadonlySet<string> = new Set(['priority', 'iops']);
