/** What the console sees of the cluster itself. It is loaded when somebody opens that screen: storage does not wait for it. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Recorder } from '../ledger/recorder.ts';
import type { ClusterSight, OpenClusterSight } from '../operator/console/cluster-routes.ts';
import type { RecordingOptions } from './changes.ts';
import { alertmanagerAddress, alertmanagerService } from './cluster/alerts/alertmanager-place.ts';
import type { Terminal } from './output.ts';

export interface ConsoleClusterOptions extends RecordingOptions {
  readonly repository?: string;
  readonly alertmanager?: string;
  readonly alertmanagerService?: string;
}

/** Adds the options of a verb that serves the console. */
export function showingCluster(command: Command): Command {
  return command
    .option('--repository <dir>', "the operators' repository with cluster.yaml, which the console compares with")
    .addOption(
      new Option('--alertmanager <url>', 'address of the Alertmanager whose alerts the console shows').env(
        'LARDER_ALERTMANAGER',
      ),
    )
    .option('--alertmanager-service <service>', 'its NAMESPACE/NAME:PORT instead, asked through the API server');
}

/** Throws Exit 2 where an address is none: that is better said now than on the screen. */
export function consoleCluster(
  terminal: Terminal,
  options: ConsoleClusterOptions,
  recorder: Recorder | undefined,
): { readonly clusterSight: OpenClusterSight } {
  const { repository, alertmanager, alertmanagerService: service } = options;
  const setting = {
    ...(repository === undefined ? {} : { repository: resolve(repository) }),
    ...(service === undefined ? {} : { service: alertmanagerService(service) }),
    ...(alertmanager ? { address: alertmanagerAddress(alertmanager) } : {}),
    ...(recorder === undefined ? {} : { recorder }),
    env: terminal.env,
  };
  return {
    clusterSight(world) {
      let opened: Promise<ClusterSight> | undefined;
      const there = (): Promise<ClusterSight> => {
        opened ??= import('./cluster/open-sight.ts').then(({ openSight }) => openSight(world, setting));
        return opened;
      };
      return {
        nodes: async (signal) => (await there()).nodes(signal),
        certificates: async (signal) => (await there()).certificates(signal),
        alerts: async (known, signal) => (await there()).alerts(known, signal),
        acknowledge: async (order, signal) => (await there()).acknowledge(order, signal),
      };
    },
  };
}
