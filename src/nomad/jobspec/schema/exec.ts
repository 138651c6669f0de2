/** `config` of the drivers that start a program without an image (drivers/{exec,rawexec,java} of Nomad 1.11). */
import { entries, integer, type Schema, text, texts } from './spec.ts';

const isolated = {
  args: texts(''),
  pid_mode: text(''),
  ipc_mode: text(''),
  cap_add: texts(''),
  cap_drop: texts(''),
  work_dir: text(''),
} as const satisfies Schema;

export const exec = { command: text(''), ...isolated } as const satisfies Schema;

export const rawExec = {
  command: text(''),
  args: texts(''),
  cgroup_v1_override: entries(''),
  cgroup_v2_override: text(''),
  oom_score_adj: integer(''),
  work_dir: text(''),
  denied_envvars: texts(''),
} as const satisfies Schema;

export const java = {
  class: text(''),
  class_path: text(''),
  jar_path: text(''),
  jvm_options: texts(''),
  ...isolated,
} as const satisfies Schema;
