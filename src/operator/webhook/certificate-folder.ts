/** A certificate that somebody else keeps (cert-manager, for example): read again and again from a folder, `tls.crt` and `tls.key`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPair, validityOf } from '../../kube/certificate.ts';
import type { ServingCertificate } from '../../kube/webhook.ts';
import { type Clock, sleep } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { CertificateState, Keeper } from './keeper.ts';

export interface FolderOptions {
  readonly folder: string;
  readonly serve: (serving: ServingCertificate) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A kubelet puts a changed Secret into the folder within a minute or so. */
const LOOK_AGAIN_MS = 10_000;

export function createCertificateFolder(options: FolderOptions): Pick<Keeper, 'run' | 'state'> {
  const { clock, folder, log, serve } = options;
  let served = '';
  let state: CertificateState = { kind: 'starting' };

  const look = async (): Promise<void> => {
    const [certificate, key] = await Promise.all(
      ['tls.crt', 'tls.key'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    if (certificate === undefined || key === undefined || certificate + key === served) return;
    const validity = validityOf(certificate);
    // Between two files that change one after the other there is a moment in which they do not belong together.
    if (!validity || !isPair({ certificate, key })) throw new Error(`${folder}: tls.key does not belong to tls.crt`);
    serve({ certificate, key });
    served = certificate + key;
    state = { kind: 'serving', until: validity.until, registered: undefined };
    log.info({ folder, until: new Date(validity.until).toISOString() }, 'the webhook has a new certificate');
  };

  return {
    state: () => state,
    async run(signal) {
      while (!signal.aborted) {
        await look().catch((err: unknown) => {
          const reason = err instanceof Error ? err.message : String(err);
          const repeated = state.kind === 'failed' && state.reason === reason;
          if (!repeated)
            log.error({ code: 'LARDER_WEBHOOK_CERTIFICATE', err }, 'the certificate of the webhook could not be read');
          const until = state.kind === 'serving' || state.kind === 'failed' ? state.until : undefined;
          state = { kind: 'failed', reason, until };
        });
        await sleep(clock, LOOK_AGAIN_MS, signal).catch(() => undefined); // only the signal rejects
      }
    },
  };
}
