/** `config` of the podman driver, as its page in Nomad's documentation lists the keys. */
import { any, entries, flag, integer, one, type Schema, text, texts } from './spec.ts';

const podmanAuth = {
  username: text(''),
  password: text(''),
  tls_verify: flag(''),
} as const satisfies Schema;

const podmanLogging = {
  driver: text(''),
  options: entries(''),
} as const satisfies Schema;

export const podman = {
  image: text(''),
  apparmor_profile: text(''),
  args: texts(''),
  auth: one('', () => podmanAuth),
  auth_soft_fail: flag(''),
  cap_add: texts(''),
  cap_drop: texts(''),
  command: text(''),
  cpu_cfs_period: integer(''),
  cpu_hard_limit: flag(''),
  devices: texts(''),
  // text, and a list since 0.5
  entrypoint: any(''),
  extra_hosts: texts(''),
  force_pull: flag(''),
  hostname: text(''),
  image_pull_timeout: text(''),
  init: flag(''),
  init_path: text(''),
  labels: entries(''),
  logging: one('', () => podmanLogging),
  memory_reservation: text(''),
  memory_swap: text(''),
  memory_swappiness: integer(''),
  network_mode: text(''),
  pids_limit: integer(''),
  port_map: entries(''),
  ports: texts(''),
  privileged: flag(''),
  readonly_rootfs: flag(''),
  security_opt: texts(''),
  selinux_opts: texts(''),
  shm_size: text(''),
  socket: text(''),
  sysctl: entries(''),
  tmpfs: texts(''),
  tty: flag(''),
  ulimit: entries(''),
  userns: text(''),
  volumes: texts(''),
  working_dir: text(''),
} as const satisfies Schema;
