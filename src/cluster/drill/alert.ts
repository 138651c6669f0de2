/** A node falls silent for Prometheus: how long until Alertmanager tells people so, and whether it stops when the node is back. */
import type { Alertmanager } from '../alerts/alertmanager.ts';
import type { NodeSpec } from '../spec/cluster-spec.ts';
import { type Hands, order, RETURN_MINUTES, until } from './cluster-hands.ts';
import type { Course, Step, StepEnd } from './course.ts';
import { seconds } from './failover.ts';

/** The objective for a critical alert. */
const TOLD_WITHIN_MS = 5 * 60_000;
const OVER_WITHIN_MS = 10 * 60_000;
const EXPORTER_PORT = 9100;
const ALERT = 'NodeOffline';

/** A chain of its own, so that nothing of somebody else's is taken away with it. */
const OPEN = `for tables in iptables ip6tables; do
  command -v $tables >/dev/null || continue
  while $tables -w -D INPUT -j LARDER-DRILL 2>/dev/null; do :; done
  $tables -w -F LARDER-DRILL 2>/dev/null || true
  $tables -w -X LARDER-DRILL 2>/dev/null || true
done`;

const CLOSE = `command -v iptables >/dev/null || { echo 'there is no iptables to keep Prometheus out with' >&2; exit 1; }
${OPEN}
systemctl stop larder-drill-open.timer 2>/dev/null || true
systemctl reset-failed larder-drill-open.service 2>/dev/null || true
systemd-run --quiet --unit=larder-drill-open --on-active=${RETURN_MINUTES}min sh -c '${OPEN.replaceAll("'", `'\\''`)}'
for tables in iptables ip6tables; do
  command -v $tables >/dev/null || continue
  $tables -w -N LARDER-DRILL
  $tables -w -A LARDER-DRILL -p tcp --dport ${EXPORTER_PORT} -j DROP
  $tables -w -I INPUT -j LARDER-DRILL
done`;

export function alert(hands: Hands, node: NodeSpec, alertmanager: Alertmanager): Course {
  return {
    kind: 'alert',
    nodeIds: [node.name],
    steps: [
      nothingFires(node, alertmanager),
      {
        name: `the node exporter of ${node.name} is cut off`,
        asks: `Keep Prometheus from the node exporter of ${node.name} (port ${EXPORTER_PORT}), so that ${ALERT} fires and people are told? Nothing else stops.`,
        run: async () => {
          await order(hands, node, CLOSE);
          return { kind: 'done' };
        },
      },
      fires(hands, node, alertmanager),
    ],
    back: [opened(hands, node), endsAgain(hands, node, alertmanager)],
  };
}

async function firing(node: NodeSpec, { alerts }: Alertmanager): Promise<boolean> {
  return (await alerts()).some(({ labels }) => labels['alertname'] === ALERT && labels['node'] === node.name);
}

function nothingFires(node: NodeSpec, alertmanager: Alertmanager): Step {
  return {
    name: `${alertmanager.name} answers, and ${ALERT} of ${node.name} does not fire`,
    run: async (): Promise<StepEnd> =>
      (await firing(node, alertmanager))
        ? { kind: 'aborted', why: `${ALERT} of ${node.name} fires already` }
        : { kind: 'done' },
  };
}

function fires(hands: Hands, node: NodeSpec, alertmanager: Alertmanager): Step {
  return {
    name: `${ALERT} of ${node.name} fires`,
    async run(signal): Promise<StepEnd> {
      const told = await until(
        hands,
        TOLD_WITHIN_MS,
        async () => {
          const all = await alertmanager.alerts();
          return all.find(({ labels }) => labels['alertname'] === ALERT && labels['node'] === node.name);
        },
        signal,
      );
      if (told === undefined)
        return { kind: 'failed', why: `${ALERT} did not reach Alertmanager within ${TOLD_WITHIN_MS / 60_000} minutes` };
      const { fingerprint, receivers } = told.value;
      const whom = receivers.map(({ name }) => name).join(', ');
      if (whom === '') return { kind: 'failed', why: `${ALERT} (${fingerprint}) fires, and no receiver is told` };
      return { kind: 'done', note: `after ${seconds(told.afterMs)} s, to ${whom}: alert ${fingerprint}` };
    },
  };
}

function opened(hands: Hands, node: NodeSpec): Step {
  return {
    name: `the node exporter of ${node.name} can be asked again`,
    async run(): Promise<StepEnd> {
      const done = `${OPEN}\nsystemctl stop larder-drill-open.timer 2>/dev/null || true`;
      try {
        await order(hands, node, done);
        return { kind: 'done' };
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        return {
          kind: 'failed',
          why: `${why}. The node does it itself ${RETURN_MINUTES} minutes after it was cut off`,
        };
      }
    },
  };
}

function endsAgain(hands: Hands, node: NodeSpec, alertmanager: Alertmanager): Step {
  return {
    name: `${ALERT} of ${node.name} ends`,
    async run(): Promise<StepEnd> {
      const over = await until(hands, OVER_WITHIN_MS, async () =>
        (await firing(node, alertmanager)) ? undefined : true,
      );
      if (over !== undefined) return { kind: 'done', note: `after ${seconds(over.afterMs)} s` };
      return { kind: 'failed', why: `${ALERT} still fires after ${OVER_WITHIN_MS / 60_000} minutes` };
    },
  };
}
