import { type SpecRule, twice } from './rule.ts';

export const recordRules: readonly SpecRule[] = [
  {
    id: 'release-in-channel',
    meaning: 'A channel of one minor holds releases of that minor.',
    severity: 'error',
    broken({ k3s: { channel, version } }) {
      const fits = version === undefined || !channel.startsWith('v') || version.startsWith(`${channel}.`);
      return fits ? [] : [{ path: ['k3s', 'version'], message: `${version} is no release of channel ${channel}` }];
    },
  },
  {
    id: 'operators-unique',
    meaning: 'An operator and a key stand once: a signature names one person.',
    severity: 'error',
    broken: ({ operators }) => [
      ...twice(
        operators.map(({ id }, index) => ({ value: id, path: ['operators', index, 'id'], of: id })),
        'operator',
      ),
      ...twice(
        operators.map(({ id, sshKey }, index) => ({
          value: sshKey.split(' ').slice(0, 2).join(' '),
          path: ['operators', index, 'sshKey'],
          of: id,
          shown: '',
        })),
        'key',
      ),
    ],
  },
  {
    id: 'routes-unique',
    meaning: 'The id of an alert route stands once: tests and acknowledgements name it.',
    severity: 'error',
    broken: ({ alerts }) =>
      twice(
        alerts.routes.map(({ id, alert }, index) => ({
          value: id,
          path: ['alerts', 'routes', index, 'id'],
          of: alert,
        })),
        'route',
      ),
  },
  {
    id: 'secrets-named',
    meaning: 'A bootstrap needs the token of the cluster, encrypted in the repository.',
    severity: 'warning',
    broken: ({ secrets }) =>
      secrets === undefined
        ? [
            {
              path: [],
              message: 'no secrets: the token of the cluster must be in an encrypted file before the first bootstrap',
            },
          ]
        : [],
  },
  {
    id: 'critical-routes',
    meaning: 'A critical alert that nobody gets is none.',
    severity: 'warning',
    broken: ({ alerts }) =>
      alerts.routes.some(({ severity }) => severity === 'critical')
        ? []
        : [
            {
              path: alerts.routes.length === 0 ? [] : ['alerts', 'routes'],
              message: 'no route takes critical alerts: a node that is offline would be told to nobody',
            },
          ],
  },
];
