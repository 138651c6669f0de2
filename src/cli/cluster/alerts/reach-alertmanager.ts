import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { type Alertmanager, alertmanager, byAddress, byService } from '../../../cluster/alerts/alertmanager.ts';
import { WatchError } from '../../../cluster/registry.ts';
import type { ClusterSpec } from '../../../cluster/spec/cluster-spec.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import type { RecordingOptions } from '../../changes.ts';
import { kept } from '../../ledger/place.ts';
import type { Terminal } from '../../output.ts';
import { type ApiOptions, reachingApi, withApi } from '../reach-api.ts';
import { SPEC_FILE, specOf } from '../spec-file.ts';
import { ALERTMANAGER_SERVICE, alertmanagerAddress, alertmanagerService } from './alertmanager-place.ts';

export interface AlertsOptions extends ApiOptions, RecordingOptions {
  readonly file: string;
  readonly alertmanager?: string;
  readonly service: string;
}

export function aboutCluster(command: Command): Command {
  return command.option('-f, --file <file>', 'the cluster', SPEC_FILE);
}

export function reachingAlertmanager(command: Command): Command {
  return reachingApi(aboutCluster(command))
    .addOption(
      new Option('--alertmanager <url>', 'address of Alertmanager (default: through the API server)').env(
        'LARDER_ALERTMANAGER',
      ),
    )
    .option(
      '--service <service>',
      'NAMESPACE/NAME:PORT of its service, asked through the API server',
      ALERTMANAGER_SERVICE,
    );
}

export interface Reached {
  readonly spec: ClusterSpec;
  /** The folder of cluster.yaml. */
  readonly repository: string;
  readonly alerts: Alertmanager;
}

/** `work` runs with an Alertmanager that nobody has asked yet. */
export function withAlertmanager<T>(
  terminal: Terminal,
  options: AlertsOptions,
  work: (reached: Reached) => Promise<T>,
): Promise<T> {
  const spec = specOf(terminal, options.file);
  const place = { spec, repository: resolve(dirname(options.file)) };
  if (options.alertmanager) {
    const way = byAddress(alertmanagerAddress(options.alertmanager), terminal.env['LARDER_ALERTMANAGER_TOKEN']);
    return kept(() => work({ ...place, alerts: alertmanager(way, systemClock) }));
  }
  const service = alertmanagerService(options.service);
  return withApi(terminal, { ...options, name: spec.name }, (api) => {
    if (typeof api === 'string')
      throw new WatchError(
        'LARDER_ALERTS_UNREACHABLE',
        `Alertmanager cannot be asked through the API server: ${api}; name its address with --alertmanager URL`,
      );
    return work({ ...place, alerts: alertmanager(byService(api.client, service), systemClock) });
  });
}
