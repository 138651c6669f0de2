/**
 * What Nomad's server writes into a job that did not say it. `nomad job inspect` prints all of it; a member with such a
 * value says no more than its absence. The values are those of Nomad's API package, by the names of the API.
 */
export type Defaults = Readonly<Record<string, string | number | boolean | null>>;

const SECOND = 1_000_000_000;
const HOUR = 3600 * SECOND;

const SERVICE_RESTART: Defaults = {
  Attempts: 2,
  Delay: 15 * SECOND,
  Interval: HOUR / 2,
  Mode: 'fail',
  RenderTemplates: false,
};
const BATCH_RESTART: Defaults = { ...SERVICE_RESTART, Attempts: 3, Interval: 24 * HOUR };

const SERVICE_RESCHEDULE: Defaults = {
  Attempts: 0,
  Delay: 30 * SECOND,
  DelayFunction: 'exponential',
  Interval: 0,
  MaxDelay: HOUR,
  Unlimited: true,
};
const BATCH_RESCHEDULE: Defaults = {
  Attempts: 1,
  Delay: 5 * SECOND,
  DelayFunction: 'constant',
  Interval: 24 * HOUR,
  MaxDelay: 0,
  Unlimited: false,
};
const NO_RESCHEDULE: Defaults = {
  Attempts: 0,
  Delay: 0,
  DelayFunction: '',
  Interval: 0,
  MaxDelay: 0,
  Unlimited: false,
};

/** By the name of the block in a jobspec; what the schemas know as a default is not repeated here. */
const BLOCKS: Readonly<Record<string, Defaults>> = {
  job: { NodePool: 'default' },
  artifact: { RelativeDest: 'local/' },
  check: { OnUpdate: 'require_healthy' },
  consul: { Cluster: 'default' },
  csi_plugin: { MountDir: '/csi', StagePublishBaseDir: '/local/csi', HealthTimeout: 30 * SECOND },
  identity: { Name: 'default' },
  logs: { MaxFiles: 10, MaxFileSizeMB: 10 },
  migrate: { MaxParallel: 1, HealthCheck: 'checks', MinHealthyTime: 10 * SECOND, HealthyDeadline: 300 * SECOND },
  resources: { CPU: 100 },
  port: { HostNetwork: 'default' },
  proxy: { ConnectTimeout: 5 * SECOND },
  scaling: { Type: 'horizontal' },
  service: { OnUpdate: 'require_healthy', Cluster: 'default' },
  sidecar_task: { KillTimeout: 5 * SECOND },
  template: { ChangeSignal: 'SIGHUP' },
  vault: { Cluster: 'default', ChangeSignal: 'SIGHUP' },
};

export function defaultsOf(block: string, jobType: string): Defaults {
  if (block === 'restart') return jobType === 'service' || jobType === 'system' ? SERVICE_RESTART : BATCH_RESTART;
  if (block !== 'reschedule') return BLOCKS[block] ?? {};
  if (jobType === 'service') return SERVICE_RESCHEDULE;
  return jobType === 'batch' ? BATCH_RESCHEDULE : NO_RESCHEDULE;
}

/** The server gives every job these blocks; one with nothing but defaults in it was not written by anybody. */
export const FILLED: ReadonlySet<string> = new Set([
  'check_restart',
  'consul',
  'ephemeral_disk',
  'identity',
  'logs',
  'mesh_gateway',
  'migrate',
  'proxy',
  'reschedule',
  'resources',
  'restart',
  'update',
]);

/** Zero says something here, because its absence says something else. */
export const ZERO_COUNTS: ReadonlySet<string> = new Set([
  'attempts',
  'count',
  'delay',
  'gid',
  'healthy_deadline',
  'interval',
  'max',
  'max_delay',
  'max_parallel',
  'min',
  'min_healthy_time',
  'percent',
  'render_templates',
  'uid',
  'unlimited',
]);

/** Set by the server and no part of what a job asks for, by the block's name in a jobspec. */
export const SERVER_SIDE: Readonly<Record<string, readonly string[]>> = {
  job: [
    'ConsulNamespace',
    'ConsulToken',
    'CreateIndex',
    'DispatchIdempotencyToken',
    'Dispatched',
    'JobModifyIndex',
    'ModifyIndex',
    'NomadTokenID',
    'ParentID',
    'Payload',
    'Stable',
    'Status',
    'StatusDescription',
    'Stop',
    'SubmitTime',
    'VaultNamespace',
    'VaultToken',
    'Version',
    'VersionTag',
  ],
  check: ['CheckID', 'Id'],
  periodic: ['SpecType'],
  scaling: ['CreateIndex', 'ID', 'ModifyIndex', 'Namespace', 'Target'],
  service: ['Id', 'Namespace'],
  volume: ['Name'],
  envoy_gateway_bind_addresses: ['Name'],
};
