import { z } from 'zod';
import { type Block, list, map, terraform, text } from './terraform.ts';

const affinity = z.object({
  required: z.object({
    nodeSelectorTerms: z.array(
      z.object({
        matchExpressions: z.array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()) })),
      }),
    ),
  }),
});
const volumeShape = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({
    capacity: z.object({ storage: z.string() }),
    accessModes: z.array(z.string()),
    storageClassName: z.string(),
    mountOptions: z.array(z.string()).default([]),
    claimRef: z.object({ namespace: z.string(), name: z.string() }),
    nfs: z.object({ server: z.string(), path: z.string() }).optional(),
    local: z.object({ path: z.string() }).optional(),
    nodeAffinity: affinity.optional(),
  }),
});
const claimShape = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({ accessModes: z.array(z.string()), storageClassName: z.string() }),
});

/** One volume and one claim that hold each other, neither of which `terraform destroy` removes. */
export function adoptionTerraform(manifests: readonly unknown[]): string {
  const volume = volumeShape.parse(manifests[0]);
  const claim = claimShape.parse(manifests[1]);
  const label = volume.metadata.name.replace(/[^A-Za-z0-9_-]/g, '_');
  return `${terraform([volumeBlock(label, volume), claimBlock(label, claim, volume)])}\n`;
}

const keep: Block = { name: 'lifecycle', arguments: [['prevent_destroy', 'true']] };

function volumeBlock(label: string, { metadata, spec }: z.infer<typeof volumeShape>): Block {
  const source: Block = spec.nfs
    ? {
        name: 'nfs',
        arguments: [
          ['server', text(spec.nfs.server)],
          ['path', text(spec.nfs.path)],
        ],
      }
    : { name: 'local', arguments: [['path', text(spec.local?.path ?? '')]] };
  return {
    name: 'resource',
    labels: ['kubernetes_persistent_volume', label],
    arguments: [],
    blocks: [
      {
        name: 'metadata',
        arguments: [
          ['name', text(metadata.name)],
          ['annotations', map(metadata.annotations)],
        ],
      },
      {
        name: 'spec',
        arguments: [
          ['capacity', `{ storage = ${text(spec.capacity.storage)} }`],
          ['access_modes', list(spec.accessModes)],
          ['persistent_volume_reclaim_policy', text('Retain')],
          ['storage_class_name', text(spec.storageClassName)],
          ...(spec.mountOptions.length === 0 ? [] : [['mount_options', list(spec.mountOptions)] as const]),
        ],
        blocks: [
          {
            name: 'claim_ref',
            arguments: [
              ['namespace', text(spec.claimRef.namespace)],
              ['name', text(spec.claimRef.name)],
            ],
          },
          { name: 'persistent_volume_source', arguments: [], blocks: [source] },
          ...(spec.nodeAffinity ? [affinityBlock(spec.nodeAffinity)] : []),
        ],
      },
      keep,
    ],
  };
}

function affinityBlock({ required }: z.infer<typeof affinity>): Block {
  const terms = required.nodeSelectorTerms.map(({ matchExpressions }) => ({
    name: 'node_selector_term',
    arguments: [],
    blocks: matchExpressions.map(({ key, operator, values }) => ({
      name: 'match_expressions',
      arguments: [
        ['key', text(key)],
        ['operator', text(operator)],
        ['values', list(values)],
      ] as const,
    })),
  }));
  return { name: 'node_affinity', arguments: [], blocks: [{ name: 'required', arguments: [], blocks: terms }] };
}

function claimBlock(
  label: string,
  { metadata, spec }: z.infer<typeof claimShape>,
  volume: z.infer<typeof volumeShape>,
): Block {
  const annotations =
    Object.keys(metadata.annotations).length === 0 ? [] : [['annotations', map(metadata.annotations)] as const];
  return {
    name: 'resource',
    labels: ['kubernetes_persistent_volume_claim', label],
    arguments: [],
    blocks: [
      {
        name: 'metadata',
        arguments: [['name', text(metadata.name)], ['namespace', text(metadata.namespace)], ...annotations],
      },
      {
        name: 'spec',
        arguments: [
          ['access_modes', list(spec.accessModes)],
          ['storage_class_name', text(spec.storageClassName)],
          ['volume_name', `kubernetes_persistent_volume.${label}.metadata[0].name`],
        ],
        blocks: [
          {
            name: 'resources',
            arguments: [['requests', `{ storage = ${text(volume.spec.capacity.storage)} }`]],
          },
        ],
      },
      keep,
    ],
  };
}
