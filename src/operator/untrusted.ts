/** What Node and OpenSSL call a certificate that they do not trust. */
const CODES =
  /^(?:CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID)/;

/** Whether a request failed because the server could not prove who it is; then nothing was sent to it. */
export function isUntrusted(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && CODES.test(String(cause.code));
}
