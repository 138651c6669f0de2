/**
 * pvc-autoresizer (topolvm): annotations `resize.topolvm.io/…`. Facts: its README and `constants.go`, 2026-11: a claim takes part
 * when its class says enabled and it has a storage_limit; thresholds are what is FREE, and less than that triggers.
 */
import { parseQuantity } from '../../kube/quantity.ts';
import { parseSize } from '../settings/settings.ts';
import {
  annotated,
  type Claim,
  type Conversion,
  claimsIn,
  type Difference,
  everywhere,
  keyOf,
  nameIn,
  ofKind,
  partsOf,
  type Raw,
  texts,
} from './conversion.ts';

const PREFIX = 'resize.topolvm.io/';
const DEFAULTS = { threshold: '10%', inodes: '10%', increase: '10%' } as const;

export function autoresizer(objects: readonly Raw[]): Conversion {
  const classes = ofKind(objects, 'StorageClass').map((object) => partsOf(object).metadata);
  const enabled = new Set(
    classes
      .filter(({ annotations }) => texts(annotations)[`${PREFIX}enabled`] === 'true')
      .map((each) => nameIn(each).name),
  );
  const known = new Set(classes.map((each) => nameIn(each).name));
  const differences: Difference[] = [...general];
  const manifests = claimsIn(objects).flatMap((claim) => {
    if (!Object.keys(claim.annotations).some((key) => key.startsWith(PREFIX))) return [];
    const about = keyOf(claim);
    const say = (message: string): void => void differences.push({ about, message });
    if (known.has(claim.className) && !enabled.has(claim.className)) {
      say(`its class ${claim.className} does not enable it there, so it is left out`);
      return [];
    }
    const settings = settingsOf(claim, say);
    return settings ? [annotated(claim, settings)] : [];
  });
  return { manifests, configuration: {}, differences };
}

const general: readonly Difference[] = [
  ...everywhere,
  {
    about: '',
    message:
      'its thresholds are what is free and trigger below it; here they are what is used and trigger at it: less than 10% free becomes 90% used or more',
  },
  { about: '', message: 'it has no cooldown; here claims rest for 15m after a growth (annotation cooldown)' },
];

function settingsOf(
  claim: Claim,
  say: (message: string) => void,
): Readonly<Record<string, string | undefined>> | undefined {
  const at = (name: string): string | undefined => claim.annotations[PREFIX + name];
  const limit = at('storage_limit');
  const size = limit === undefined ? undefined : parseSize(limit);
  if (!size?.ok) {
    say(
      `it has ${limit === undefined ? 'no storage_limit' : `the storage_limit "${limit}"`}, so it does not grow there either: left out`,
    );
    return undefined;
  }
  const grouped = at('initial-resize-group-by');
  if (grouped !== undefined) {
    say(
      `initial-resize-group-by "${grouped}" sizes new claims like their group; a PVCGroup with a selector for that label does the same and also keeps them alike`,
    );
  }
  return {
    enabled: 'true',
    threshold: usedOf(at('threshold') ?? DEFAULTS.threshold, claim, say),
    'inodes-threshold': inodesOf(at('inodes-threshold') ?? DEFAULTS.inodes, say),
    increase: at('increase') ?? DEFAULTS.increase,
    'max-size': limit,
  };
}

/** What is free, as a share or a size, as the share that is then used. */
function usedOf(free: string, { request }: Claim, say: (message: string) => void): string {
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(free)?.[1];
  if (percent !== undefined) return usedShare(100 - Number(percent), 'threshold', say);
  const [bytes, total] = [parseQuantity(free), parseQuantity(request)];
  if (!bytes.ok || !total.ok || total.value <= 0n) {
    say(`its threshold "${free}" cannot be read; 90% is written, look at it`);
    return '90%';
  }
  const used = 100 - Number((bytes.value * 10_000n) / total.value) / 100;
  say(
    `its threshold ${free} free is a size; of ${request} that is ${used}% used, and stays that share when the claim grows`,
  );
  return usedShare(used, 'threshold', say);
}

function inodesOf(free: string, say: (message: string) => void): string {
  const percent = Number(/^(\d{1,3}(?:\.\d+)?)%$/.exec(free)?.[1] ?? Number.NaN);
  if (percent === 0) {
    say('its inodes-threshold of 0% turns that reason off; here 99% comes nearest');
    return '99%';
  }
  return usedShare(Number.isNaN(percent) ? 90 : 100 - percent, 'inodes-threshold', say);
}

function usedShare(percent: number, name: string, say: (message: string) => void): string {
  const within = Math.min(99, Math.max(1, percent));
  if (within !== percent) say(`its ${name} is ${percent}% used; from 1% to 99% can be written, so ${within}% is`);
  return `${within}%`;
}
