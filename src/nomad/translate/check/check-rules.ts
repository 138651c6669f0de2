import type { Field, Item } from '../../jobspec/field.ts';
import type { Note } from '../account.ts';
import type { WorkloadDraft } from '../draft.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';
import { type Branch, Sourced } from '../sourced.ts';
import { type Checked, checksOf, opaque, seconds, secret } from './checked.ts';
import { type Choice, choose, type Restart } from './choice.ts';

/** Nomad's own (nomad/structs: DefaultUpdateStrategy). */
const HEALTHY_DEADLINE_MS = 300_000;
/** Fewer failures end a container that is only slow. */
const PATIENCE = 5;
const STARTUP_PERIOD_MAX = 10;

function choicesOf(scope: GroupScope): readonly Choice[] {
  const { workload, project } = scope;
  return choose(checksOf(scope), () => project.policy.liveness && lasting(workload));
}

/** What is to end by itself is not restarted for being silent. */
function lasting({ kind }: WorkloadDraft): boolean {
  return kind !== 'Job' && kind !== 'CronJob';
}

const type: Rule<GroupScope> = {
  id: 'check.type',
  nomad: 'check type http, tcp, grpc, script; port, path, command, args, task',
  kubernetes: 'readinessProbe: httpGet, tcpSocket, grpc, exec; a patient livenessProbe by policy',
  class: 'direct',
  why: 'Checks of Nomad keep traffic away and hold up rollouts; only check_restart restarts. A container has one readiness probe: of several checks the others are told.',
  apply: (scope, use) => {
    const choices = choicesOf(scope);
    for (const choice of choices) writeProbes(scope, choice);
    for (const checked of checksOf(scope)) {
      const { check } = checked;
      const { type: kind, port, path, command, args, task, grpc_service: service } = check;
      const fields = [kind, port, path, command, args, task, service].filter((field) => field !== undefined);
      const items = [...(check.counted ? [check.item] : []), ...fields];
      if (items.length > 0) use.leave(items, noteOf(checked, choices));
    }
  },
};

function noteOf(checked: Checked, choices: readonly Choice[]): Note {
  const { check, outcome } = checked;
  const shown = check.name?.value ?? check.path?.value ?? check.type?.value ?? 'a check';
  const todo = `Decide how ${shown} of ${checked.block.service.port?.value ?? 'the service'} is watched.`;
  if (outcome.kind === 'none') return { class: 'manual', text: `no probe: ${outcome.why}`, todo };
  const choice = choices.find(
    ({ readiness, liveness }) => checked === readiness || same(liveness?.checked, checked) || same(readiness, checked),
  );
  if (!choice) {
    return { class: 'manual', text: 'no probe: the container has one already for another check', todo };
  }
  const ready = same(choice.readiness, checked);
  const alive = same(choice.liveness?.checked, checked);
  if (opaque(check) || check.grpc_use_tls.value) {
    const text = 'tcpSocket: the kubelet cannot make this request, so that only the port is probed';
    return { class: 'manual', text, todo };
  }
  if (!alive) return { text: 'readinessProbe' };
  const patient = choice.liveness?.restart.kind === 'patient';
  const text = `${ready ? 'readinessProbe and ' : ''}${patient ? 'a patient livenessProbe (policy liveness)' : 'livenessProbe'}`;
  return patient ? { class: 'approximate', text } : { text };
}

function same(left: Checked | undefined, right: Checked): boolean {
  return left?.check === right.check;
}

function writeProbes({ job, group }: GroupScope, { container, readiness, liveness }: Choice): void {
  const { probes } = container;
  probes.readinessProbe = { ...handlerOf(readiness), ...timing(readiness), ...thresholds(readiness) };
  if (!liveness) return;
  const { checked, restart } = liveness;
  const handler = handlerOf(checked);
  const failures = restart.kind === 'asked' ? restart.limit : PATIENCE;
  const from = restart.kind === 'asked' ? restartItems(checked) : [];
  probes.livenessProbe = {
    ...handler,
    ...timing(checked),
    failureThreshold: from.length === 0 ? failures : new Sourced(failures, from),
  };
  const deadline = (group.update ?? job.update)?.healthy_deadline.value ?? HEALTHY_DEADLINE_MS;
  const period = Math.min(seconds(checked.check.interval?.value ?? 10_000), STARTUP_PERIOD_MAX);
  const budget = Math.max(deadline, restart.kind === 'asked' ? restart.graceMs : 0);
  probes.startupProbe = {
    ...handler,
    periodSeconds: period,
    timeoutSeconds: seconds(checked.check.timeout?.value ?? 1000),
    failureThreshold: Math.max(1, Math.ceil(budget / 1000 / period)),
  };
}

function handlerOf({ outcome }: Checked): Branch {
  return outcome.kind === 'probe' ? outcome.handler : {};
}

function timing({ check: { interval, timeout } }: Checked): Branch {
  return {
    ...(interval ? { periodSeconds: new Sourced(seconds(interval.value), [interval]) } : {}),
    ...(timeout ? { timeoutSeconds: new Sourced(seconds(timeout.value), [timeout]) } : {}),
  };
}

/** Consul takes a check for critical at its first failure, Kubernetes a pod for not ready at the third. */
function thresholds({ check }: Checked): Branch {
  const { success_before_passing: success, failures_before_critical: failures } = check;
  return {
    ...(success && success.value > 1 ? { successThreshold: new Sourced(success.value, [success]) } : {}),
    failureThreshold: failures ? new Sourced(Math.max(1, failures.value), [failures]) : 1,
  };
}

function restartItems({ check, block }: Checked): readonly Item[] {
  return [check.check_restart, block.service.check_restart].flatMap((each) => {
    const fields: readonly (Field<unknown> | undefined)[] = [each?.limit, each?.grace, each?.ignore_warnings];
    return fields.flatMap((field) => (field?.written ? [field] : []));
  });
}

const interval: Rule<GroupScope> = {
  id: 'check.interval',
  nomad: 'check interval, timeout, success_before_passing, failures_before_critical',
  kubernetes: 'periodSeconds, timeoutSeconds, successThreshold, failureThreshold (1 where nothing is said)',
  class: 'direct',
  why: 'Whole seconds: what is less is rounded up.',
  apply: (scope, use) => {
    const choices = choicesOf(scope);
    for (const checked of checksOf(scope)) {
      const {
        interval: every,
        timeout,
        success_before_passing: success,
        failures_before_critical: failures,
      } = checked.check;
      const items = [every, timeout, success, failures].filter((field) => field !== undefined);
      if (items.length === 0) continue;
      const used = choices.some(
        ({ readiness, liveness }) => same(readiness, checked) || same(liveness?.checked, checked),
      );
      const rounded = [every, timeout].some((field) => field && field.value % 1000 !== 0);
      if (!used) use.leave(items, { class: 'manual', text: 'no probe for this check', todo: 'See the check itself.' });
      else use.leave(items, rounded ? { class: 'approximate', text: 'rounded up to whole seconds' } : {});
    }
  },
};

const restart: Rule<GroupScope> = {
  id: 'check.check_restart',
  nomad: 'check_restart limit, grace, ignore_warnings (service, check)',
  kubernetes: 'livenessProbe.failureThreshold; grace is in the budget of the startupProbe',
  class: 'approximate',
  why: 'A warning of a script check (exit code 1) is a failure for an exec probe.',
  apply: (scope, use) => {
    const choices = choicesOf(scope);
    const live = (item: Item): boolean =>
      choices.some(
        ({ liveness }) => liveness && asked(liveness.restart) && restartItems(liveness.checked).includes(item),
      );
    const items = new Set(checksOf(scope).flatMap(restartItems));
    for (const service of scope.group.service.concat(scope.group.task.flatMap((task) => task.service))) {
      const block = service.check_restart;
      for (const item of block ? [block.limit, block.grace, block.ignore_warnings] : [])
        if (item.written) items.add(item);
    }
    for (const item of items) {
      const note: Note = { class: 'dropped', text: 'no check restarts by it: a limit of 0, or no check' };
      use.leave(item, live(item) ? {} : note);
    }
  },
};

function asked({ kind }: Restart): boolean {
  return kind === 'asked';
}

const request: Rule<GroupScope> = {
  id: 'check.request',
  nomad: 'check protocol, method, body, header, tls_server_name, tls_skip_verify, grpc_use_tls',
  kubernetes: 'scheme, httpHeaders',
  class: 'approximate',
  why: 'A probe is a GET, and the kubelet verifies no certificate. A header with a credential is not written.',
  apply: (scope, use) => {
    for (const { check } of checksOf(scope)) {
      const { protocol, method, body, tls_server_name: server, tls_skip_verify: skip, grpc_use_tls: tls } = check;
      if (protocol)
        use.leave(
          protocol,
          protocol.value.toLowerCase() === 'https'
            ? { text: 'scheme HTTPS' }
            : { class: 'direct', text: 'scheme HTTP' },
        );
      if (method.written) use.leave(method, methodNote(method.value));
      if (body) use.leave(body, methodNote('POST'));
      if (server) use.leave(server, { text: 'the kubelet sends no server name, and verifies none' });
      if (skip.written) use.leave(skip, { class: 'dropped', text: 'the kubelet never verifies' });
      if (tls.written)
        use.leave(
          tls,
          tls.value ? { class: 'manual', text: 'tcpSocket: no gRPC over TLS in a probe', todo: 'See the check.' } : {},
        );
      for (const header of check.header) {
        const todo = `Let the path answer without the header ${header.key}, or probe with a script.`;
        const hidden: Note = { class: 'manual', text: 'a credential belongs into no manifest', todo };
        use.leave(header, secret(header.key, header.value.join()) ? hidden : { class: 'direct', text: 'httpHeaders' });
      }
    }
  },
};

function methodNote(method: string): Note {
  if (/^GET$/i.test(method)) return { class: 'direct', text: 'GET' };
  if (/^HEAD$/i.test(method)) return { text: 'GET instead of HEAD' };
  const todo = 'Probe a path that answers to GET, or with a script.';
  return { class: 'manual', text: 'tcpSocket: a probe makes no such request', todo };
}

const rest: Rule<GroupScope> = {
  id: 'check.other',
  nomad: 'check name, initial_status, notes, on_update, failures_before_warning, address_mode, advertise, expose',
  kubernetes: 'nothing: probes have no names and no warnings, and reach the application itself',
  class: 'dropped',
  why: 'A probe never aims at a port of the proxy: expose and a listener’s port lead to the application’s.',
  apply: (scope, use) => {
    for (const { check } of checksOf(scope)) {
      const { name, initial_status: initial, notes, on_update: update, failures_before_warning: warning } = check;
      const fields = [name, initial, notes, update, warning, check.address_mode, check.advertise];
      const items = fields.filter((field) => field !== undefined);
      if (items.length > 0) use.leave(items);
      if (check.expose.written) use.leave(check.expose, { text: "the probe aims at the service's own port" });
    }
  },
};

/** After the tasks: what a container is for is known then. `type` writes the probes, the others account for their parts. */
export const checkRules: readonly Rule<GroupScope>[] = [type, interval, restart, request, rest];
