import { duration, entries, flag, free, integer, one, type Schema, text, texts } from './spec.ts';

const wait = {
  min: duration('Min'),
  max: duration('Max'),
} as const satisfies Schema;

const changeScript = {
  command: text('Command'),
  args: texts('Args'),
  timeout: duration('Timeout', 5000),
  fail_on_error: flag('FailOnError', false),
  run_on_first_render: flag('RunOnFirstRender', false),
} as const satisfies Schema;

export const template = {
  source: text('SourcePath'),
  destination: text('DestPath'),
  data: text('EmbeddedTmpl'),
  change_mode: text('ChangeMode', 'restart'),
  change_script: one('ChangeScript', () => changeScript),
  change_signal: text('ChangeSignal'),
  once: flag('Once', false),
  splay: duration('Splay', 5000),
  perms: text('Perms', '0644'),
  uid: integer('Uid'),
  gid: integer('Gid'),
  left_delimiter: text('LeftDelim', '{{'),
  right_delimiter: text('RightDelim', '}}'),
  env: flag('Envvars', false),
  vault_grace: duration('VaultGrace'),
  wait: one('Wait', () => wait),
  error_on_missing_key: flag('ErrMissingKey', false),
} as const satisfies Schema;

export const vault = {
  policies: texts('Policies'),
  role: text('Role'),
  namespace: text('Namespace'),
  cluster: text('Cluster'),
  env: flag('Env', true),
  disable_file: flag('DisableFile', false),
  change_mode: text('ChangeMode', 'restart'),
  change_signal: text('ChangeSignal'),
  allow_token_expiration: flag('AllowTokenExpiration'),
} as const satisfies Schema;

export const secret = {
  provider: text('Provider'),
  path: text('Path'),
  config: free('Config'),
  env: entries('Env'),
} as const satisfies Schema;

export const identity = {
  name: text('Name'),
  aud: texts('Audience'),
  change_mode: text('ChangeMode'),
  change_signal: text('ChangeSignal'),
  env: flag('Env', false),
  file: flag('File', false),
  filepath: text('Filepath'),
  service_name: text('ServiceName'),
  ttl: duration('TTL'),
  extra_claims: texts('ExtraClaims'),
} as const satisfies Schema;

export const artifact = {
  source: text('GetterSource'),
  options: entries('GetterOptions'),
  headers: entries('GetterHeaders'),
  mode: text('GetterMode', 'any'),
  insecure: flag('GetterInsecure', false),
  destination: text('RelativeDest'),
  chown: flag('Chown', false),
} as const satisfies Schema;

export const consul = {
  namespace: text('Namespace'),
  cluster: text('Cluster'),
  partition: text('Partition'),
} as const satisfies Schema;
