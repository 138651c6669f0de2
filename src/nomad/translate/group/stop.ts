import type { Field } from '../../jobspec/field.ts';
import { drop } from '../carry.ts';
import type { ContainerDraft } from '../draft.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { type S, Sourced, type Tree } from '../sourced.ts';

/** Containers that are ended when the pod is. */
function ended({ workload }: GroupScope): readonly ContainerDraft[] {
  return workload.pod.containers.filter(({ task, role }) => task && role !== 'init');
}

function setPreStop(container: ContainerDraft, preStop: Tree): void {
  const before = container.rest['lifecycle'];
  container.rest['lifecycle'] = { ...(isBranch(before) ? before : {}), preStop };
}

function isBranch(tree: Tree | undefined): tree is { readonly [key: string]: Tree | undefined } {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) && !(tree instanceof Sourced);
}

const shutdownDelay: Rule<GroupScope> = {
  id: 'group.shutdown_delay',
  nomad: 'shutdown_delay (group, task)',
  kubernetes: 'preStop hook that sleeps',
  class: 'approximate',
  why: 'Nomad takes the service out of discovery and waits; Kubernetes does both at once. Needs Kubernetes 1.30.',
  apply: (scope, use) => {
    const { group, workload } = scope;
    for (const container of ended(scope)) {
      const fields = [group.shutdown_delay, container.task?.shutdown_delay].filter((each) => each !== undefined);
      const wait = waitOf(fields, use);
      if (wait !== undefined) setPreStop(container, { sleep: { seconds: wait } });
    }
    for (const { task, role } of workload.pod.containers) {
      if (task && role === 'init')
        drop(use, task.shutdown_delay, { class: 'dropped', text: 'an init container ends by itself' });
    }
    if (ended(scope).length === 0) drop(use, group.shutdown_delay, { class: 'dropped', text: 'nothing is ended' });
  },
};

function waitOf(fields: readonly Field<number>[], use: Use): S<number> | undefined {
  const wait = Math.ceil(fields.reduce((sum, { value }) => sum + value, 0) / 1000);
  const written = fields.flatMap((field) => (field.written ? [field] : []));
  if (wait > 0) return use.take(written, wait);
  for (const field of written) use.leave(field, { class: 'dropped', text: 'no delay' });
  return undefined;
}

/** Signals of Linux as the API server knows them. */
const KNOWN =
  /^(ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?)$/;

/** After shutdown_delay, whose wait comes first. */
const killSignal: Rule<GroupScope> = {
  id: 'task.kill_signal',
  nomad: 'kill_signal',
  kubernetes: 'preStop hook that sends it to the first process, and waits for its end; stopSignal by policy',
  class: 'approximate',
  why: 'The hook needs a shell and kill in the image; without them SIGTERM comes. A stop signal of the container itself needs Kubernetes 1.33 with ContainerStopSignals: say stopSignals in the policy.',
  apply: (scope, use) => {
    for (const container of scope.workload.pod.containers) {
      const field = container.task?.kill_signal;
      if (!field) continue;
      const signal = field.value.replace(/^SIG/i, '').toUpperCase();
      if (signal === 'TERM') use.leave(field, { class: 'dropped', text: 'SIGTERM is what Kubernetes sends' });
      else if (container.role === 'init')
        use.leave(field, { class: 'dropped', text: 'an init container ends by itself' });
      else if (!/^[A-Z0-9+-]+$/.test(signal)) {
        use.leave(field, {
          class: 'manual',
          text: `${field.value} is no signal`,
          todo: `Decide how ${container.name} is stopped.`,
        });
      } else if (scope.project.policy.stopSignals && KNOWN.test(signal)) {
        const before = container.rest['lifecycle'];
        const stopSignal = use.take(field, `SIG${signal}`, { class: 'direct', text: `stopSignal SIG${signal}` });
        container.rest['lifecycle'] = { ...(isBranch(before) ? before : {}), stopSignal };
        // the API server takes a stop signal only beside the name of the system
        scope.workload.pod.spec['os'] = { name: 'linux' };
      } else {
        const wait = sleepOf(container);
        const script = `${wait === undefined ? '' : `sleep ${wait}; `}kill -s ${signal} 1 && while kill -s 0 1; do sleep 1; done`;
        setPreStop(container, { exec: { command: ['/bin/sh', '-c', use.take(field, script)] } });
      }
    }
  },
};

function sleepOf({ rest }: ContainerDraft): number | undefined {
  const { lifecycle } = rest;
  const stop = isBranch(lifecycle) ? lifecycle['preStop'] : undefined;
  const sleep = isBranch(stop) ? stop['sleep'] : undefined;
  const seconds = isBranch(sleep) ? sleep['seconds'] : undefined;
  const value = seconds instanceof Sourced ? seconds.value : seconds;
  return typeof value === 'number' ? value : undefined;
}

export const stopRules: readonly Rule<GroupScope>[] = [shutdownDelay, killSignal];
