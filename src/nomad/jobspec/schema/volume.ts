import { duration, flag, integer, one, type Schema, text, texts } from './spec.ts';

const mountOptions = {
  fs_type: text('FSType'),
  mount_flags: texts('MountFlags'),
} as const satisfies Schema;

export const volume = {
  type: text('Type', 'host'),
  source: text('Source'),
  read_only: flag('ReadOnly', false),
  sticky: flag('Sticky', false),
  access_mode: text('AccessMode'),
  attachment_mode: text('AttachmentMode'),
  mount_options: one('MountOptions', () => mountOptions),
  per_alloc: flag('PerAlloc', false),
} as const satisfies Schema;

export const volumeMount = {
  volume: text('Volume'),
  destination: text('Destination'),
  read_only: flag('ReadOnly', false),
  propagation_mode: text('PropagationMode', 'private'),
  selinux_label: text('SELinuxLabel'),
} as const satisfies Schema;

export const csiPlugin = {
  id: text('ID'),
  type: text('Type'),
  mount_dir: text('MountDir'),
  stage_publish_base_dir: text('StagePublishBaseDir'),
  health_timeout: duration('HealthTimeout'),
} as const satisfies Schema;

export const ephemeralDisk = {
  sticky: flag('Sticky', false),
  migrate: flag('Migrate', false),
  size: integer('SizeMB', 300),
} as const satisfies Schema;
