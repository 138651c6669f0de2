/**
 * What the name of a field says about its value. `strong`: whatever stands there is secret (password, clientSecret).
 * `weak`: the value is secret when it looks like one (token, secret), for such fields also hold names and numbers.
 */
export type KeyStrength = 'strong' | 'weak' | 'none';

/** The last words of a name, joined; `dbPassword`, `DB_PASSWORD` and `db.password` end alike. */
const strongEndings: readonly string[] = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'passcode',
  'apikey',
  'clientsecret',
  'sharedsecret',
  'secretaccesskey',
  'privatekey',
  'clientkeydata',
  'accesstoken',
  'authtoken',
  'refreshtoken',
  'bearertoken',
  'bottoken',
  'encryptionkey',
  'signingkey',
  'masterkey',
  'presharedkey',
  'psk',
  'becomepass',
  'sshpass',
  'sudopass',
  'mysqlpwd',
];
const weakEndings: readonly string[] = [
  'token',
  'secret',
  'secretkey',
  'accesskey',
  'credential',
  'credentials',
  'pass',
  'auth',
  'secretid',
  'cookie',
];

/** Tokens of paging and of words, which everybody may see. */
const harmless =
  /^(?:next|page|paging|continue|continuation|sync|csrf|resume|cursor|end|start|default|existing|initial-cluster|pull|image\s?pull|tls)/i;

/** Said of a secret, and safe to say. */
const derived = /checksum|hash|digest|fingerprint|sha\d/i;

export function keyStrength(name: string): KeyStrength {
  if (derived.test(name)) return 'none';
  const joined = name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  if (strongEndings.some((ending) => joined.endsWith(ending))) return 'strong';
  if (!weakEndings.some((ending) => joined.endsWith(ending))) return 'none';
  if (harmless.test(name)) return 'none';
  // An environment variable is assigned what it is called: K3S_TOKEN=….
  return /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(name) ? 'strong' : 'weak';
}

const LENGTH_AT_LEAST = 12;
/** Bits per character: English words have less, random letters and digits of this length more. */
const ENTROPY_AT_LEAST = 3;
const PATH_ENTROPY_AT_LEAST = 4;
const GENERATED_SEGMENT = 16;

/** Whether a value looks as a machine makes secrets: long, without spaces, of mixed characters. */
export function looksSecret(value: string): boolean {
  if (value.length < LENGTH_AT_LEAST || /\s/.test(value) || /^sha(?:1|256|512)[:-]/i.test(value)) return false;
  if (!/[0-9]/.test(value) || !/[A-Za-z]/.test(value)) return false;
  if (/^(?:[a-z0-9]+(?:[-.][a-z0-9]+)*|[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+)$/.test(value)) return hasGeneratedPart(value);
  if (/^[\w.-]+(?:\/[\w.-]+)+$/.test(value)) return entropy(value) >= PATH_ENTROPY_AT_LEAST;
  return entropy(value) >= ENTROPY_AT_LEAST;
}

/** Names of Kubernetes objects end in generated parts of five to ten characters; secrets have longer ones. */
function hasGeneratedPart(value: string): boolean {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return true;
  return value
    .split(/[-._]/)
    .some((part) => part.length >= GENERATED_SEGMENT && /[0-9]/.test(part) && /[a-z]/i.test(part));
}

/** Shannon's, in bits per character. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const letter of value) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / value.length) * Math.log2(count / value.length), 0);
}
