import type { Dashboard, Panel } from './panel.ts';

/** One series for a claim, whichever replica it comes from. */
const each = (metric: string): string => `max by (namespace, pvc) (${metric}{namespace=~"$namespace"})`;
const orNone = (expr: string): string => `${expr} or vector(0)`;
const CLAIM = '{{namespace}}/{{pvc}}';

const count = (title: string, expr: string, description: string): Panel => ({
  title,
  type: 'stat',
  description,
  width: 4,
  height: 4,
  unit: 'none',
  queries: [{ expr: orNone(expr), legend: title }],
});

const list = (title: string, unit: Panel['unit'], expr: string, description: string): Panel => ({
  title,
  type: 'bargauge',
  description,
  width: 8,
  height: 10,
  unit,
  queries: [{ expr, legend: CLAIM }],
});

export const volumes: Dashboard = {
  uid: 'larder-volumes',
  title: 'Larder / Volumes',
  description: 'How full volumes are, how fast they fill, and which of them need somebody.',
  namespacesOf: 'pvc_chonker_usage_ratio',
  panels: [
    count('Measured', `count(${each('pvc_chonker_usage_ratio')})`, 'Volumes with a figure of how full they are.'),
    count('Above 90 %', `count(${each('pvc_chonker_usage_ratio')} > 0.9)`, 'Used share of the space.'),
    count(
      'Full within a day',
      `count(${each('pvc_chonker_time_to_full_seconds')} < 86400)`,
      'At the rate at which they fill, if nothing grows.',
    ),
    count('At largest size', `sum(${each('pvc_chonker_at_max')})`, 'They need to grow and may not: raise max-size.'),
    count(
      'Stuck',
      `sum(${each('pvc_chonker_stuck')})`,
      'A growth does not progress, or gave no room: see larder explain.',
    ),
    {
      ...count('Capacity', `sum(${each('pvc_chonker_capacity_bytes')})`, 'Of all volumes, as their source reports it.'),
      unit: 'bytes',
    },
    list('Fullest', 'percentunit', `topk(15, ${each('pvc_chonker_usage_ratio')})`, 'Used share of the space.'),
    list(
      'Fullest by inodes',
      'percentunit',
      `topk(15, ${each('pvc_chonker_inodes_usage_ratio')})`,
      'Used share of the inodes, where the filesystem has a limit.',
    ),
    list(
      'Full soonest',
      's',
      `bottomk(15, ${each('pvc_chonker_time_to_full_seconds')})`,
      'Time until full at the present rate. Volumes that do not fill are not here.',
    ),
    {
      title: 'Used share over time',
      type: 'timeseries',
      description: 'Of the volumes that are fullest. A growth is a step down.',
      width: 12,
      height: 9,
      unit: 'percentunit',
      queries: [{ expr: `topk(15, ${each('pvc_chonker_usage_ratio')})`, legend: CLAIM }],
    },
    {
      title: 'Capacity over time',
      type: 'timeseries',
      description: 'Of the volumes that are largest. A growth is a step up.',
      width: 12,
      height: 9,
      unit: 'bytes',
      queries: [{ expr: `topk(15, ${each('pvc_chonker_capacity_bytes')})`, legend: CLAIM }],
    },
    {
      title: 'Used by namespace',
      type: 'timeseries',
      description: 'Of all volumes that are measured.',
      width: 12,
      height: 9,
      unit: 'bytes',
      queries: [
        {
          expr: `sum by (namespace) (${each('pvc_chonker_usage_ratio')} * ${each('pvc_chonker_capacity_bytes')})`,
          legend: '{{namespace}}',
        },
      ],
    },
    {
      title: 'Free by namespace',
      type: 'timeseries',
      description: 'Capacity that nothing is stored in. On an NFS export it is a promise: its room is shared.',
      width: 12,
      height: 9,
      unit: 'bytes',
      queries: [
        {
          expr: `sum by (namespace) ((1 - ${each('pvc_chonker_usage_ratio')}) * ${each('pvc_chonker_capacity_bytes')})`,
          legend: '{{namespace}}',
        },
      ],
    },
  ],
};
