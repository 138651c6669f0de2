/** Whose metric names are published beside our own: a row of the configuration. */
import { z } from 'zod';

export const peers = ['pvc-chonker', 'autoresizer', 'gardener', 'volume-autoscaler'] as const;
export type Peer = (typeof peers)[number];

const isPeer = (text: string): text is Peer => peers.some((peer) => peer === text);

/** A list, or its names with commas between them. */
function namesIn(raw: string | readonly string[]): readonly string[] {
  const names = typeof raw === 'string' ? raw.split(',') : raw;
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

export const compatSettings = {
  metricsCompat: z
    .union([z.string(), z.array(z.string())], 'must be a list of names')
    .transform((raw, context): ReadonlySet<Peer> => {
      const names = namesIn(raw);
      const known = names.filter(isPeer);
      if (known.length === names.length) return new Set(known);
      const unknown = names.find((name) => !isPeer(name)) ?? '';
      context.addIssue({
        code: 'custom',
        message: `names "${unknown}"; it must be a list of ${peers.map((peer) => `"${peer}"`).join(', ')}, or empty`,
      });
      return z.NEVER;
    })
    .prefault('')
    .meta({
      description:
        'Publish growth under the metric names of other tools as well, for their dashboards and alerts: a list of `pvc-chonker`, `autoresizer`, `gardener`, `volume-autoscaler`; empty = of none.',
      fallback: '',
    }),
} as const;
