/** What nodes of k3s show each other. Source: docs.k3s.io, "k3s token". */

/** Characters that stand in a file of systemd, of YAML and in a header of HTTP as they are. */
const PLAIN = /^[A-Za-z0-9._~-]+$/;
/** `K10<sha256 of the CA>::<user>:<password>`: what a server prints. Only its last part is a token that can be given. */
const SECURE = /^K10[0-9a-f]{64}::/;
const LEAST = 16;

/** Beside the key of the token, while a rotation is on its way. */
export function nextTokenKey(key: string): string {
  return `${key}_next`;
}

/** What is wrong with a new token, as the end of a sentence. */
export function tokenProblem(token: string): string | undefined {
  if (SECURE.test(token) || token.includes('::')) {
    return 'is one with the checksum of a cluster (K10…): give the part after its last colon';
  }
  if (!PLAIN.test(token)) return 'has characters beside letters, digits, ., _, ~ and -';
  return token.length < LEAST ? `is shorter than ${LEAST} characters` : undefined;
}
