import { connect } from './connect.ts';
import { duration, entries, flag, integer, lists, many, one, type Schema, text, texts } from './spec.ts';
import { identity } from './template.ts';

const checkRestart = {
  limit: integer('Limit', 0),
  grace: duration('Grace', 1000),
  ignore_warnings: flag('IgnoreWarnings', false),
} as const satisfies Schema;

export const check = {
  name: text('Name'),
  type: text('Type'),
  command: text('Command'),
  args: texts('Args'),
  path: text('Path'),
  protocol: text('Protocol'),
  port: text('PortLabel'),
  expose: flag('Expose', false),
  address_mode: text('AddressMode'),
  advertise: text('Advertise'),
  interval: duration('Interval'),
  timeout: duration('Timeout'),
  initial_status: text('InitialStatus'),
  notes: text('Notes'),
  tls_server_name: text('TLSServerName'),
  tls_skip_verify: flag('TLSSkipVerify', false),
  header: lists('Header'),
  method: text('Method', 'GET'),
  check_restart: one('CheckRestart', () => checkRestart),
  grpc_service: text('GRPCService'),
  grpc_use_tls: flag('GRPCUseTLS', false),
  task: text('TaskName'),
  success_before_passing: integer('SuccessBeforePassing'),
  failures_before_critical: integer('FailuresBeforeCritical'),
  failures_before_warning: integer('FailuresBeforeWarning'),
  body: text('Body'),
  on_update: text('OnUpdate'),
} as const satisfies Schema;

const weights = {
  passing: integer('Passing'),
  warning: integer('Warning'),
} as const satisfies Schema;

export const service = {
  name: text('Name'),
  tags: texts('Tags'),
  canary_tags: texts('CanaryTags'),
  enable_tag_override: flag('EnableTagOverride', false),
  port: text('PortLabel'),
  address_mode: text('AddressMode', 'auto'),
  address: text('Address'),
  check: many('Checks', () => check),
  check_restart: one('CheckRestart', () => checkRestart),
  connect: one('Connect', () => connect),
  meta: entries('Meta'),
  canary_meta: entries('CanaryMeta'),
  tagged_addresses: entries('TaggedAddresses'),
  task: text('TaskName'),
  on_update: text('OnUpdate'),
  identity: one('Identity', () => identity),
  weights: one('Weights', () => weights),
  provider: text('Provider', 'consul'),
  cluster: text('Cluster'),
  kind: text('Kind'),
} as const satisfies Schema;
