/** The settings that a PVCPolicy or a PVCGroup gives its claims, in the names of the requirement. */
import { z } from 'zod';
import { isObject } from '../../kube/reader.ts';
import type { Field, Fields } from '../settings/settings.ts';
import { readSpelled, spelled, spellings } from './spelling.ts';

const { percentage, increase, size, duration, window, approval, snapshotShare, name, word } = spellings;

const MOST_IOPS = 1_000_000;

const providerConfigSchema = z.strictObject({
  volumeType: spelled(word, 'Type of the volume, for the limits that depend on it, for example gp3.'),
  iops: z.int().min(1).max(MOST_IOPS).optional().meta({
    description: 'Advice for whoever reads it: Larder changes no IOPS, a VolumeAttributesClass does.',
  }),
});

export const templateSchema = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: 'Whether the claims grow.' }),
    threshold: spelled(percentage, 'Used share of the capacity at which a claim grows.'),
    inodesThreshold: spelled(percentage, 'Used share of the inodes at which a claim grows.'),
    increase: spelled(increase, 'By how much: share of the present size, or a size.'),
    minScaleUp: spelled(size, 'By how much at least.'),
    minIncrease: spelled(size, 'Another name of minScaleUp.'),
    maxStep: spelled(size, 'By how much at most at once.'),
    maxSize: spelled(size, 'Size beyond which a claim never grows.'),
    cooldown: spelled(duration, 'Least time between two expansions.'),
    expandWhenFullWithin: spelled(
      duration,
      'Grow also when the volume will be full within this time; 0 = never for that reason.',
    ),
    initialSize: spelled(size, 'Least size of a new claim.'),
    window: spelled(window, 'When claims may be changed.'),
    approvalAbove: spelled(approval, 'Larger sizes need a person: larder approve.'),
    snapshotAbove: spelled(snapshotShare, 'Growth by more than this share of the size needs a recent snapshot.'),
    provider: spelled(name, 'Whose limits count, instead of those of the provider that is found out.'),
    providerConfig: providerConfigSchema.optional().meta({ description: 'What the provider should know.' }),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '!has(self.minScaleUp) || !has(self.minIncrease) || self.minScaleUp == self.minIncrease',
        message: 'minIncrease is another name of minScaleUp: write one of them, or the same in both',
      },
    ],
  });

export interface Template {
  readonly fields: Fields;
  /** Undefined: not said, or not readable; no decision depends on it. */
  readonly iops: number | undefined;
}

const PLACE = 'spec.template';
const CONFIG = `${PLACE}.providerConfig`;

/**
 * Reads member by member, so that one that is wrong spoils itself and no other. Never throws: whatever an API server
 * let through, what cannot be read is a field that says so. `raw` undefined: nothing but the defaults.
 */
export function readTemplate(raw: unknown): Template {
  const given = raw ?? {};
  if (!isObject(given)) {
    const enabled = { ok: false, text: JSON.stringify(raw), reason: 'must be an object', key: PLACE } as const;
    return { fields: { enabled }, iops: undefined };
  }
  const config = isObject(given['providerConfig']) ? given['providerConfig'] : { volumeType: given['providerConfig'] };
  const at = (member: keyof typeof templateSchema.shape): readonly [unknown, string] => [
    given[member],
    `${PLACE}.${member}`,
  ];
  const iops = config['iops'];
  return {
    fields: {
      enabled: readSwitch(...at('enabled')),
      threshold: readSpelled(percentage, ...at('threshold')),
      inodesThreshold: readSpelled(percentage, ...at('inodesThreshold')),
      increase: readSpelled(increase, ...at('increase')),
      minScaleUp: either(readSpelled(size, ...at('minScaleUp')), readSpelled(size, ...at('minIncrease'))),
      maxStep: readSpelled(size, ...at('maxStep')),
      maxSize: readSpelled(size, ...at('maxSize')),
      cooldown: readSpelled(duration, ...at('cooldown')),
      fullWithin: readSpelled(duration, ...at('expandWhenFullWithin')),
      initialSize: readSpelled(size, ...at('initialSize')),
      window: readSpelled(window, ...at('window')),
      approvalAbove: readSpelled(approval, ...at('approvalAbove')),
      snapshotAbove: readSpelled(snapshotShare, ...at('snapshotAbove')),
      provider: readSpelled(name, ...at('provider')),
      volumeType: readSpelled(word, config['volumeType'], `${CONFIG}.volumeType`),
    },
    iops: typeof iops === 'number' && Number.isSafeInteger(iops) && iops > 0 ? iops : undefined,
  };
}

function readSwitch(raw: unknown, key: string): Field<boolean> {
  const value = raw ?? true;
  const text = JSON.stringify(value);
  return typeof value === 'boolean'
    ? { ok: true, value, text, key }
    : { ok: false, reason: 'must be true or false', text, key };
}

/** Two names of one setting: either, or both with the same meaning. */
function either(one: Field<bigint> | undefined, other: Field<bigint> | undefined): Field<bigint> | undefined {
  if (!one || !other) return one ?? other;
  if (!one.ok || !other.ok) return one.ok ? other : one;
  if (one.value === other.value) return one;
  const reason = `is another name of minScaleUp, which is "${one.text}": write one of them, or the same in both`;
  return { ok: false, reason, text: other.text, ...(other.key !== undefined && { key: other.key }) };
}
