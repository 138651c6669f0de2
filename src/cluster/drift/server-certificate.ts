/** The certificate that an API server shows, as a client that trusts the cluster's CA sees it. */
import { connect, type PeerCertificate } from 'node:tls';
import { type Clock, withDeadline } from '../../telemetry/clock.ts';

export interface ServerCertificateOptions {
  readonly host: string;
  readonly port: number;
  /** PEM of the cluster's CA. */
  readonly ca: string;
  /** Name that the certificate is for, where it is not the host. */
  readonly servername?: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export type ServerCertificate =
  | { readonly kind: 'shown'; readonly endsAt: number }
  /** It is the cluster's, and no client takes it: it has ended, or is for another name. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The cluster's CA has not signed it: whatever answers there, nobody can tell that it is this API server. */
  | { readonly kind: 'strange'; readonly why: string }
  | { readonly kind: 'unreachable'; readonly why: string };

const ANSWER_MS = 10_000;

export async function serverCertificate(options: ServerCertificateOptions): Promise<ServerCertificate> {
  const { clock, host, port, signal } = options;
  try {
    return await withDeadline(clock, `${host}:${port}`, ANSWER_MS, (within) => shown(options, within), signal);
  } catch (cause) {
    signal?.throwIfAborted();
    return { kind: 'unreachable', why: cause instanceof Error ? cause.message : String(cause) };
  }
}

function shown(
  { host, port, ca, servername }: ServerCertificateOptions,
  signal: AbortSignal,
): Promise<ServerCertificate> {
  return new Promise((done) => {
    const socket = connect({ host, port, ca, ...(servername === undefined ? {} : { servername }) });
    const end = (said: ServerCertificate): void => {
      socket.destroy();
      done(said);
    };
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.once('secureConnect', () => end({ kind: 'shown', endsAt: endOf(socket.getPeerCertificate()) }));
    socket.once('error', (cause) => {
      const code = 'code' in cause ? String(cause.code) : '';
      end({ kind: kindOf(code), why: cause.message });
    });
  });
}

/**
 * Codes of OpenSSL (`X509_V_ERR_…`) and Node about the certificate itself, not about the way there. Whether the CA has signed
 * it is checked first, so that these are about a certificate of the cluster.
 */
const OF_ITS_OWN = /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|INVALID_PURPOSE|ERR_TLS_CERT_ALTNAME)/;
const OF_CERTIFICATES = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT)/;

function kindOf(code: string): 'refused' | 'strange' | 'unreachable' {
  if (OF_ITS_OWN.test(code)) return 'refused';
  return OF_CERTIFICATES.test(code) ? 'strange' : 'unreachable';
}

function endOf({ valid_to }: PeerCertificate): number {
  return Date.parse(valid_to);
}
