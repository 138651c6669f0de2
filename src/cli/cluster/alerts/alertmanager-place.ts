/** Where an Alertmanager is, as somebody writes it. */
import type { ServicePlace } from '../../../cluster/alerts/alertmanager.ts';
import { Exit, exitCodes } from '../../exit.ts';

/** As kube-prometheus-stack names it in the repository that `cluster init` writes. */
export const ALERTMANAGER_SERVICE = 'monitoring/alertmanager-operated:9093';

/** The same text. Throws Exit 2: a password in an address would be in every message and in the list of processes. */
export function alertmanagerAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '';
  if (isPlain) return text;
  throw new Exit(
    exitCodes.usage,
    '--alertmanager is not an address as http://127.0.0.1:9093; a token comes in LARDER_ALERTMANAGER_TOKEN',
  );
}

/** Throws Exit 2. */
export function alertmanagerService(text: string): ServicePlace {
  const [, namespace = '', name = '', port = ''] = /^([a-z0-9-]+)\/([a-z0-9-]+):([a-z0-9-]+)$/.exec(text) ?? [];
  if (port !== '') return { namespace, name, port };
  throw new Exit(
    exitCodes.usage,
    `${JSON.stringify(text)} is no service: write NAMESPACE/NAME:PORT, as ${ALERTMANAGER_SERVICE}`,
  );
}
