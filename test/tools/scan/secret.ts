/** What a secret looks like, wherever it stands. Written so that no pattern matches this file. */
export const secrets: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\\?n?[A-Za-z0-9+/=]{40}/ },
  {
    what: 'a token',
    pattern:
      /\b(AKIA[0-9A-Z]{16}|gh[opsu]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|xox[bp]-[\w-]{20,}|eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,})/,
  },
  {
    what: 'a password in an address',
    pattern: /\b[a-z][a-z0-9+]{1,20}:\/\/[^\s/:@"'`<>{}$]+:[^\s/:@"'`<>{}$]{3,}@[\w-]/,
  },
];

/** Those that stand in the text. */
export function secretsIn(text: string): readonly string[] {
  return secrets.filter(({ pattern }) => pattern.test(text)).map(({ what }) => what);
}
