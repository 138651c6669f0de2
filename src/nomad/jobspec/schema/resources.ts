import { affinity, constraint } from './constraint.ts';
import { network } from './network.ts';
import { integer, labelled, many, one, type Schema, text, texts } from './spec.ts';

const device = {
  count: integer('Count', 1),
  constraint: many('Constraints', () => constraint),
  affinity: many('Affinities', () => affinity),
} as const satisfies Schema;

const numa = {
  affinity: text('Affinity'),
  devices: texts('Devices'),
} as const satisfies Schema;

export const resources = {
  cpu: integer('CPU'),
  cores: integer('Cores'),
  memory: integer('MemoryMB', 300),
  memory_max: integer('MemoryMaxMB'),
  disk: integer('DiskMB'),
  network: many('Networks', () => network),
  device: labelled('Devices', () => device),
  numa: one('NUMA', () => numa),
  secrets: integer('SecretsMB'),
  iops: integer('IOPS'),
} as const satisfies Schema;
