/** `config` of the docker driver: the keys that its own specification has (drivers/docker/config.go of Nomad 1.11). */
import { entries, flag, integer, many, one, type Schema, text, texts } from './spec.ts';

const dockerAuth = {
  username: text(''),
  password: text(''),
  email: text(''),
  server_address: text(''),
} as const satisfies Schema;

const dockerDevice = {
  host_path: text(''),
  container_path: text(''),
  cgroup_permissions: text(''),
} as const satisfies Schema;

const dockerLogging = {
  type: text(''),
  driver: text(''),
  config: entries(''),
} as const satisfies Schema;

const dockerHealthchecks = {
  disable: flag(''),
} as const satisfies Schema;

const dockerBind = {
  propagation: text(''),
} as const satisfies Schema;

const dockerTmpfs = {
  size: integer(''),
  mode: integer(''),
} as const satisfies Schema;

const dockerVolumeDriver = {
  name: text(''),
  options: entries(''),
} as const satisfies Schema;

const dockerVolume = {
  no_copy: flag(''),
  labels: entries(''),
  driver_config: one('', () => dockerVolumeDriver),
} as const satisfies Schema;

const dockerMount = {
  type: text(''),
  target: text(''),
  source: text(''),
  readonly: flag(''),
  bind_options: one('', () => dockerBind),
  tmpfs_options: one('', () => dockerTmpfs),
  volume_options: one('', () => dockerVolume),
} as const satisfies Schema;

export const docker = {
  image: text(''),
  advertise_ipv6_address: flag(''),
  args: texts(''),
  auth: one('', () => dockerAuth),
  auth_soft_fail: flag(''),
  cap_add: texts(''),
  cap_drop: texts(''),
  cgroupns: text(''),
  command: text(''),
  container_exists_attempts: integer(''),
  cpu_cfs_period: integer(''),
  cpu_hard_limit: flag(''),
  cpuset_cpus: text(''),
  devices: many('', () => dockerDevice),
  dns_options: texts(''),
  dns_search_domains: texts(''),
  dns_servers: texts(''),
  entrypoint: texts(''),
  extra_hosts: texts(''),
  force_pull: flag(''),
  group_add: texts(''),
  healthchecks: one('', () => dockerHealthchecks),
  hostname: text(''),
  image_pull_timeout: text(''),
  init: flag(''),
  interactive: flag(''),
  ipc_mode: text(''),
  ipv4_address: text(''),
  ipv6_address: text(''),
  isolation: text(''),
  labels: entries(''),
  load: text(''),
  logging: one('', () => dockerLogging),
  mac_address: text(''),
  memory_hard_limit: integer(''),
  // both spellings stand in jobs: `mount {}` since 1.0, `mounts = [{}]` before
  mount: many('', () => dockerMount),
  mounts: many('', () => dockerMount),
  network_aliases: texts(''),
  network_mode: text(''),
  oom_score_adj: integer(''),
  pid_mode: text(''),
  pids_limit: integer(''),
  port_map: entries(''),
  ports: texts(''),
  privileged: flag(''),
  readonly_rootfs: flag(''),
  runtime: text(''),
  security_opt: texts(''),
  shm_size: integer(''),
  storage_opt: entries(''),
  sysctl: entries(''),
  tty: flag(''),
  ulimit: entries(''),
  userns_mode: text(''),
  uts_mode: text(''),
  volume_driver: text(''),
  volumes: texts(''),
  work_dir: text(''),
} as const satisfies Schema;
