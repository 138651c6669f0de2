/** The admission webhook of the running process: its port, its certificate, its answers. All replicas serve, not only the one that leads. */
import type { Admission } from '../../expand/admission.ts';
import { listenError } from '../../http/server.ts';
import type { Client } from '../../kube/client.ts';
import type { metrics as kubeMetrics } from '../../kube/registry.ts';
import { type AdmissionHandler, createWebhook } from '../../kube/webhook.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { createCertificateFolder } from './certificate-folder.ts';
import { type CertificateState, createKeeper } from './keeper.ts';
import { CONFIGURATION, paths, SERVICE } from './manifests.ts';
import { lifetimesOf } from './rotation.ts';

/** Whose certificate is served. */
export type CertificateSource =
  /** Larder's own, from the Secret of this namespace. */
  | { readonly kind: 'own'; readonly namespace: string; readonly lifetimeMs: number }
  | { readonly kind: 'folder'; readonly folder: string };

export interface WebhookPlace {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly certificate: CertificateSource;
}

export interface AdmissionServerOptions {
  readonly place: WebhookPlace;
  readonly client: Client;
  /** What is answered. */
  readonly admission: Admission;
  readonly kubeMetrics?: Metrics<typeof kubeMetrics> | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface WebhookState {
  readonly certificate: CertificateState;
  /** Questions since the start. */
  readonly asked: number;
  /** Milliseconds since the last; undefined before the first. */
  readonly askedAgoMs: number | undefined;
}

export interface AdmissionServer {
  /** Resolves to the port. @throws HttpError when it cannot be listened on. */
  listen(): Promise<number>;
  /** Keeps the certificate until aborted, then closes. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  state(): WebhookState;
}

export function createAdmissionServer(options: AdmissionServerOptions): AdmissionServer {
  const { admission, place, clock } = options;
  let asked = 0;
  let askedMono: number | undefined;
  const counted =
    (handle: AdmissionHandler): AdmissionHandler =>
    (question, signal) => {
      asked += 1;
      askedMono = clock.monotonic();
      return handle(question, signal);
    };
  const webhook = createWebhook({
    handlers: { [paths.claims]: counted(admission.claim), [paths.settings]: counted(admission.settings) },
    clock,
    log: options.log,
    metrics: options.kubeMetrics,
  });
  const certificate = certificateOf(options, webhook.secure);
  return {
    async listen() {
      try {
        return await webhook.listen(place);
      } catch (cause) {
        throw listenError(place, cause);
      }
    },
    async run(signal) {
      await certificate.run(signal);
      await webhook.close();
    },
    state: () => ({
      certificate: certificate.state(),
      asked,
      askedAgoMs: askedMono === undefined ? undefined : clock.monotonic() - askedMono,
    }),
  };
}

function certificateOf(
  { place: { certificate }, client, clock, log }: AdmissionServerOptions,
  serve: Parameters<typeof createKeeper>[0]['serve'],
) {
  if (certificate.kind === 'folder') return createCertificateFolder({ folder: certificate.folder, serve, clock, log });
  return createKeeper({
    client,
    secret: { namespace: certificate.namespace, name: SERVICE },
    configuration: CONFIGURATION,
    lifetimes: lifetimesOf(certificate.lifetimeMs),
    serve,
    clock,
    log,
  });
}
