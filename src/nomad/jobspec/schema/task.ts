import { affinity, constraint } from './constraint.ts';
import { logs } from './logs.ts';
import { resources } from './resources.ts';
import { service } from './service.ts';
import { duration, entries, flag, free, labelled, many, one, type Schema, text, texts } from './spec.ts';
import { artifact, consul, identity, secret, template, vault } from './template.ts';
import { restart, scaling } from './update.ts';
import { csiPlugin, volumeMount } from './volume.ts';

const dispatchPayload = {
  file: text('File'),
} as const satisfies Schema;

const lifecycle = {
  hook: text('Hook'),
  sidecar: flag('Sidecar', false),
} as const satisfies Schema;

const action = {
  command: text('Command'),
  args: texts('Args'),
} as const satisfies Schema;

const taskScheduleCron = {
  start: text('Start'),
  end: text('End'),
  timezone: text('Timezone'),
} as const satisfies Schema;

const taskSchedule = {
  cron: one('Cron', () => taskScheduleCron),
} as const satisfies Schema;

export const task = {
  driver: text('Driver'),
  user: text('User'),
  lifecycle: one('Lifecycle', () => lifecycle),
  config: free('Config'),
  constraint: many('Constraints', () => constraint),
  affinity: many('Affinities', () => affinity),
  env: entries('Env'),
  service: many('Services', () => service),
  resources: one('Resources', () => resources),
  restart: one('RestartPolicy', () => restart),
  meta: entries('Meta'),
  kill_timeout: duration('KillTimeout', 5000),
  logs: one('LogConfig', () => logs),
  artifact: many('Artifacts', () => artifact),
  vault: one('Vault', () => vault),
  consul: one('Consul', () => consul),
  template: many('Templates', () => template),
  dispatch_payload: one('DispatchPayload', () => dispatchPayload),
  volume_mount: many('VolumeMounts', () => volumeMount),
  csi_plugin: one('CSIPluginConfig', () => csiPlugin),
  leader: flag('Leader', false),
  shutdown_delay: duration('ShutdownDelay', 0),
  kill_signal: text('KillSignal'),
  kind: text('Kind'),
  scaling: labelled('ScalingPolicies', () => scaling),
  secret: labelled('Secrets', () => secret),
  identity: many('Identities', () => identity),
  action: labelled('Actions', () => action),
  schedule: one('Schedule', () => taskSchedule),
} as const satisfies Schema;
