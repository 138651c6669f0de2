import { type DockerConfig, dockerConfig, type PodmanConfig, podmanConfig } from '../../jobspec/config.ts';
import type { Row } from '../account.ts';
import type { Rule, Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';

/** Keys that both drivers have, and of the same type. */
export type DriverConfig = Pick<DockerConfig, keyof DockerConfig & keyof PodmanConfig & DriverKey>;
type DriverKey =
  | 'args'
  | 'auth_soft_fail'
  | 'cap_add'
  | 'cap_drop'
  | 'command'
  | 'cpu_cfs_period'
  | 'cpu_hard_limit'
  | 'extra_hosts'
  | 'force_pull'
  | 'hostname'
  | 'image'
  | 'image_pull_timeout'
  | 'init'
  | 'labels'
  | 'network_mode'
  | 'pids_limit'
  | 'privileged'
  | 'readonly_rootfs'
  | 'security_opt'
  | 'sysctl'
  | 'tty'
  | 'ulimit';

export interface DriverScope extends TaskScope {
  readonly config: DriverConfig;
  readonly driver: 'docker' | 'podman';
}

type Words = Omit<Row, 'id' | 'nomad'> & { readonly key: string; readonly nomad?: string };
type Apply<Scope> = (scope: Scope, use: Use) => void;

/** A row that holds for both drivers: two rules with one way to do it. */
export function both(words: Words, apply: Apply<DriverScope>): readonly Rule<TaskScope>[] {
  const rule = (
    driver: 'docker' | 'podman',
    read: (scope: TaskScope) => DriverConfig | undefined,
  ): Rule<TaskScope> => ({
    ...rowOf(driver, words),
    apply: (scope, use) => {
      const config = read(scope);
      if (config) apply({ ...scope, config, driver }, use);
    },
  });
  return [rule('docker', ({ task }) => dockerConfig(task)), rule('podman', ({ task }) => podmanConfig(task))];
}

export function onDocker(words: Words, apply: Apply<TaskScope & { readonly config: DockerConfig }>): Rule<TaskScope> {
  return {
    ...rowOf('docker', words),
    apply: (scope, use) => {
      const config = dockerConfig(scope.task);
      if (config) apply({ ...scope, config }, use);
    },
  };
}

export function onPodman(words: Words, apply: Apply<TaskScope & { readonly config: PodmanConfig }>): Rule<TaskScope> {
  return {
    ...rowOf('podman', words),
    apply: (scope, use) => {
      const config = podmanConfig(scope.task);
      if (config) apply({ ...scope, config }, use);
    },
  };
}

function rowOf(driver: string, { key, nomad, ...words }: Words): Row {
  return { ...words, id: `${driver}.${key}`, nomad: `${driver}: ${nomad ?? key}` };
}
