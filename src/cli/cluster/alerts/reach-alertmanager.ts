import { dirname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import {
  type Alertmanager,
  alertmanager,
  byAddress,
  byService,
  type ServicePlace,
} from '../../../cluster/alerts/alertmanager.ts';
import { WatchError } from '../../../cluster/registry.ts';
import type { ClusterSpec } from '../../../cluster/spec/cluster-spec.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import type { RecordingOptions } from '../../changes.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { kept } from '../../ledger/place.ts';
import type { Terminal } from '../../output.ts';
import { type ApiOptions, reachingApi, withApi } from '../reach-api.ts';
import { SPEC_FILE, specOf } from '../spec-file.ts';

export interface AlertsOptions extends ApiOptions, RecordingOptions {
  readonly file: string;
  readonly alertmanager?: string;
  readonly service: string;
}

/** As kube-prometheus-stack names it in the repository that `cluster init` writes. */
const SERVICE = 'monitoring/alertmanager-operated:9093';

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
    .option('--service <service>', 'NAMESPACE/NAME:PORT of its service, asked through the API server', SERVICE);
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
    const way = byAddress(address(options.alertmanager), terminal.env['LARDER_ALERTMANAGER_TOKEN']);
    return kept(() => work({ ...place, alerts: alertmanager(way, systemClock) }));
  }
  const service = serviceOf(options.service);
  return withApi(terminal, { ...options, name: spec.name }, (api) => {
    if (typeof api === 'string')
      throw new WatchError(
        'LARDER_ALERTS_UNREACHABLE',
        `Alertmanager cannot be asked through the API server: ${api}; name its address with --alertmanager URL`,
      );
    return work({ ...place, alerts: alertmanager(byService(api.client, service), systemClock) });
  });
}

/** A password in an address would be in every message and in the list of processes. */
function address(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '';
  if (isPlain) return text;
  throw new Exit(
    exitCodes.usage,
    '--alertmanager is not an address as http://127.0.0.1:9093; a token comes in LARDER_ALERTMANAGER_TOKEN',
  );
}

function serviceOf(text: string): ServicePlace {
  const [, namespace = '', name = '', port = ''] = /^([a-z0-9-]+)\/([a-z0-9-]+):([a-z0-9-]+)$/.exec(text) ?? [];
  if (port !== '') return { namespace, name, port };
  throw new Exit(exitCodes.usage, `${JSON.stringify(text)} is no service: write NAMESPACE/NAME:PORT, as ${SERVICE}`);
}
