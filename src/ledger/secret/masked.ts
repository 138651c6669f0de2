/** Values that stand where a secret would and are none: masks, references, names of places. */
const masks: readonly RegExp[] = [
  /^(?:null|~|true|false|yes|no|none|nil|undefined|n\/a)$/i,
  /^(?:\{\}|\[\]|\{|\[|[|>][+-]?\d?)$/,
  // kubectl diff: *** (before); helm diff: -------- # (5 bytes)
  /^(?:[*•]{2,}|[xX]{3,}|\.{3}|…)(?: \((?:before|after)\))?$/u,
  /^(?:-{8}|\+{8}|REDACTED) # \(\d+ bytes\)/,
  /^[<[(]\s*(?:redacted|masked|hidden|omitted|secret|sensitive(?: value)?|removed|none|unset|empty|(?:un)?changed)\s*[>\])]$/i,
  /^(?:redacted|masked|omitted)$/i,
  /^(?:DATA\+OMITTED|VALUE_SPECIFIED_IN_NO_LOG_PARAMETER|REDACTED)$/,
  /^\(sensitive\b/,
  // Encrypted: SOPS, ansible-vault, age
  /^ENC\[[A-Z0-9_]+/,
  /^(?:!vault|\$ANSIBLE_VAULT;)/,
  // References: shell, templates, Terraform, GitHub Actions, YAML aliases, and the schemes of secret stores.
  /^\$\{.*\}?$/,
  /^\$\(.*\)?$/,
  /^\$[A-Za-z_]\w*$/,
  /^%[\w(]/,
  /^(?:\{\{|<%|<[^<>]{1,80}>$)/,
  /^\*[A-Za-z_][\w-]*$/,
  /^(?:op|vault|ref\+\w+|secretref|awssm|gcpsm|file|env|azurekv|bao):/i,
  /^(?:data|var|local|module|random_password|kubernetes_secret)\w*\.[\w.[\]"-]+$/,
  // A sentence about it, as schemas have; and what is too short a number to keep anything.
  /^(?=(?:\S+ ){5})[^"]*[,.;] /,
  /^-?\d{1,3}$/,
  /^\{ ?\w+:/,
  // A version, a file, and a name in code where a value is only said to be: `TOKEN` of a page.
  /^v?\d+(?:\.\d+){1,3}$/,
  /^[\w./-]+\.(?:key|pem|crt|cer|ya?ml|json|txt|env)$/,
  /^`/,
  // A path is where it lies, not what it is.
  /^(?:~|\.{1,2})?(?:\/[\w.@-]+){2,}$/,
];

/** Whether a value, without its quotes, gives nothing away. */
export function isMasked(value: string): boolean {
  const trimmed = value.trim();
  return trimmed === '' || masks.some((mask) => mask.test(trimmed));
}
