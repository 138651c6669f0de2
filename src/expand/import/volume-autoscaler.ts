/**
 * Kubernetes-Volume-Autoscaler (DevOps-Nirvana): annotations `volume.autoscaler.kubernetes.io/…`, and every claim takes part that
 * does not say otherwise. Facts: its README and `helpers.py`, 2026-11.
 */
import {
  annotated,
  type Claim,
  type Conversion,
  claimsIn,
  type Difference,
  everywhere,
  keyOf,
  type Raw,
} from './conversion.ts';

const PREFIX = 'volume.autoscaler.kubernetes.io/';
const DEFAULTS = {
  'scale-above-percent': '80',
  'scale-up-percent': '20',
  'scale-up-min-increment': '1000000000',
  'scale-up-max-increment': '16000000000000',
  'scale-up-max-size': '16000000000000',
  'scale-cooldown-time': '22200',
} as const;
type Name = keyof typeof DEFAULTS;

export function volumeAutoscaler(objects: readonly Raw[]): Conversion {
  const differences: Difference[] = [...general];
  const manifests = claimsIn(objects).flatMap((claim) => {
    const say = (message: string): void => void differences.push({ about: keyOf(claim), message });
    if (claim.annotations[`${PREFIX}ignore`] === 'true') {
      say('it is ignored there: left out, and nothing grows it here unless something enables it');
      return [];
    }
    return [annotated(claim, settingsOf(claim, say))];
  });
  return { manifests, configuration: { breaches: '5' }, differences };
}

const general: readonly Difference[] = [
  ...everywhere.slice(1),
  {
    about: '',
    message:
      'it acts after five intervals above the threshold; the configuration has breaches: 5 for that (from 97 % on one is enough here)',
  },
  {
    about: '',
    message:
      'every claim takes part there; here those that are listed do: a PVCPolicy with an empty selector takes in those to come',
  },
  {
    about: '',
    message: 'it counts the used percentage in whole numbers, rounded up, so it acts up to one percent earlier',
  },
  { about: '', message: 'its sizes are bytes, not multiples of a step, so they are up to a step smaller' },
];

function settingsOf(
  { annotations }: Claim,
  say: (message: string) => void,
): Readonly<Record<string, string | undefined>> {
  const number = (name: Name): string => {
    const text = annotations[PREFIX + name];
    if (text === undefined || /^\d{1,20}$/.test(text)) return text ?? DEFAULTS[name];
    say(`its ${name} "${text}" is not a whole number; the default ${DEFAULTS[name]} is written, look at it`);
    return DEFAULTS[name];
  };
  if (annotations[`${PREFIX}scale-after-intervals`] !== undefined) {
    say('scale-after-intervals is a setting of the installation here (breaches), the same for all claims');
  }
  const percent = Math.min(99, Math.max(1, Number(number('scale-above-percent'))));
  return {
    enabled: 'true',
    threshold: `${percent}%`,
    'inodes-threshold': `${percent}%`,
    increase: `${number('scale-up-percent')}%`,
    'min-scale-up': number('scale-up-min-increment'),
    'max-step': number('scale-up-max-increment'),
    'max-size': number('scale-up-max-size'),
    cooldown: `${number('scale-cooldown-time')}s`,
  };
}
