import { affinity, constraint, spread } from './constraint.ts';
import { network } from './network.ts';
import { service } from './service.ts';
import { duration, entries, flag, integer, labelled, many, one, type Schema, text, texts } from './spec.ts';
import { task } from './task.ts';
import { consul, secret, vault } from './template.ts';
import { disconnect, migrate, reschedule, restart, scaling, update } from './update.ts';
import { ephemeralDisk, volume } from './volume.ts';

const multiregionStrategy = {
  max_parallel: integer('MaxParallel'),
  on_failure: text('OnFailure'),
} as const satisfies Schema;

const multiregionRegion = {
  count: integer('Count'),
  datacenters: texts('Datacenters'),
  node_pool: text('NodePool'),
  meta: entries('Meta'),
} as const satisfies Schema;

const multiregion = {
  strategy: one('Strategy', () => multiregionStrategy),
  region: labelled('Regions', () => multiregionRegion),
} as const satisfies Schema;

const periodic = {
  enabled: flag('Enabled', true),
  cron: text('Spec'),
  crons: texts('Specs'),
  prohibit_overlap: flag('ProhibitOverlap', false),
  time_zone: text('TimeZone', 'UTC'),
} as const satisfies Schema;

const parameterized = {
  payload: text('Payload', 'optional'),
  meta_required: texts('MetaRequired'),
  meta_optional: texts('MetaOptional'),
} as const satisfies Schema;

const uiLink = {
  label: text('Label'),
  url: text('URL'),
} as const satisfies Schema;

const ui = {
  description: text('Description'),
  link: many('Links', () => uiLink),
} as const satisfies Schema;

const group = {
  count: integer('Count'),
  constraint: many('Constraints', () => constraint),
  affinity: many('Affinities', () => affinity),
  task: labelled('Tasks', () => task),
  spread: many('Spreads', () => spread),
  volume: labelled('Volumes', () => volume),
  restart: one('RestartPolicy', () => restart),
  disconnect: one('Disconnect', () => disconnect),
  reschedule: one('ReschedulePolicy', () => reschedule),
  ephemeral_disk: one('EphemeralDisk', () => ephemeralDisk),
  update: one('Update', () => update),
  migrate: one('Migrate', () => migrate),
  network: many('Networks', () => network),
  meta: entries('Meta'),
  vault: one('', () => vault),
  secret: labelled('', () => secret),
  service: many('Services', () => service),
  shutdown_delay: duration('ShutdownDelay'),
  max_run_duration: duration('MaxRunDuration'),
  stop_after_client_disconnect: duration('StopAfterClientDisconnect'),
  max_client_disconnect: duration('MaxClientDisconnect'),
  scaling: one('Scaling', () => scaling),
  consul: one('Consul', () => consul),
  prevent_reschedule_on_lost: flag('PreventRescheduleOnLost'),
} as const satisfies Schema;

export const job = {
  region: text('Region', 'global'),
  namespace: text('Namespace', 'default'),
  id: text('ID'),
  name: text('Name'),
  type: text('Type', 'service'),
  priority: integer('Priority', 50),
  all_at_once: flag('AllAtOnce', false),
  datacenters: texts('Datacenters'),
  node_pool: text('NodePool'),
  constraint: many('Constraints', () => constraint),
  affinity: many('Affinities', () => affinity),
  group: labelled('TaskGroups', () => group),
  update: one('Update', () => update),
  multiregion: one('Multiregion', () => multiregion),
  spread: many('Spreads', () => spread),
  periodic: one('Periodic', () => periodic),
  parameterized: one('ParameterizedJob', () => parameterized),
  reschedule: one('Reschedule', () => reschedule),
  migrate: one('Migrate', () => migrate),
  meta: entries('Meta'),
  ui: one('UI', () => ui),
  // given to every task, or a group of its own, by the reader of the job
  vault: one('', () => vault),
  secret: labelled('', () => secret),
  task: labelled('', () => task),
} as const satisfies Schema;
