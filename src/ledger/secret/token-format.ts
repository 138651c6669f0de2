/**
 * Secrets that can be told by their form alone. The forms are those that their makers publish; where a row says
 * gitleaks, the length and the letters were read in the default rules of its version 8.28.0 (rule in brackets),
 * 2026-11. A pattern asks for a little less than the form, so that next year's longer token is found too.
 */
interface TokenFormat {
  readonly kind: string;
  /** With the flags d and g; group 1, where there is one, is the secret, else all of it. */
  readonly pattern: RegExp;
  readonly source: string;
}

export const tokenFormats: readonly TokenFormat[] = [
  {
    kind: 'private key',
    // All of it, so that masking leaves nothing; alone its first line is a finding, too.
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?:[^-]|-(?!----)){0,20000}-----END [A-Z0-9 ]{0,40}-----)?/dg,
    source: 'RFC 7468; RFC 9580 section 6.2 for PGP; PROTOCOL.key of OpenSSH',
  },
  { kind: 'private key of PuTTY', pattern: /\bPuTTY-User-Key-File-[0-9]+:/dg, source: 'PuTTY manual, appendix C' },
  {
    kind: 'age secret key',
    pattern: /\bAGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]{20,}/dgi,
    source: 'C2SP age.md: Bech32 with the prefix AGE-SECRET-KEY-',
  },
  {
    kind: 'k3s token',
    pattern: /\bK10[0-9a-f]{64}::[^\s"'\\]+/dg,
    source: 'k3s documentation, cli/token: K10<CA hash>::<user>:<password>',
  },
  {
    kind: 'k3s password',
    pattern: /(?<![\w.:/-])(?:server|node):([0-9a-f]{32,})\b/dg,
    source: 'k3s documentation, cli/token: the credentials behind K10<CA hash>::',
  },
  {
    kind: 'AWS access key',
    pattern: /\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/dg,
    source: gitleaks('aws-access-token'),
  },
  { kind: 'GitHub token', pattern: /\bgh[pousr]_[0-9A-Za-z]{36,}/dg, source: gitleaks('github-pat') },
  { kind: 'GitHub token', pattern: /\bgithub_pat_\w{60,}/dg, source: gitleaks('github-fine-grained-pat') },
  {
    kind: 'GitLab token',
    pattern: /\bgl(?:pat|dt|rt|ptt|cbt|ft|soat|imt|agent|oas|ffct)-[\w-]{20,}/dg,
    source: gitleaks('gitlab-pat and the other gitlab rules'),
  },
  {
    kind: 'Slack token',
    pattern: /\bxox[abeoprs]-[0-9A-Za-z-]{10,}|\bxapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+/dg,
    source: gitleaks('slack-bot-token'),
  },
  {
    kind: 'Slack webhook',
    pattern: /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9+/]{20,})/dg,
    source: gitleaks('slack-webhook-url'),
  },
  {
    kind: 'Discord webhook',
    pattern: /\bdiscord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d+\/([\w-]{30,})/dg,
    source: 'Discord developer documentation, resources/webhook: /webhooks/{id}/{token}',
  },
  { kind: 'Google API key', pattern: /\bAIza[\w-]{35}/dg, source: gitleaks('gcp-api-key') },
  {
    kind: 'Azure client secret',
    pattern: /(?<![\w~.])[\w~.]{3}\dQ~[\w~.-]{31,}/dg,
    source: gitleaks('azure-ad-client-secret'),
  },
  {
    kind: 'Azure storage key',
    pattern: /\b(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,}={0,2})/dg,
    source: 'Azure documentation, storage connection strings',
  },
  {
    kind: 'Cloudflare origin CA key',
    pattern: /\bv1\.0-[a-f0-9]{24}-[a-f0-9]{100,}/dg,
    source: gitleaks('cloudflare-origin-ca-key'),
  },
  { kind: 'DigitalOcean token', pattern: /\bdo[opr]_v1_[a-f0-9]{64}/dg, source: gitleaks('digitalocean-pat') },
  { kind: 'Vault token', pattern: /\bhv[sb]\.[\w-]{24,}/dg, source: gitleaks('vault-service-token') },
  {
    kind: 'Terraform token',
    pattern: /\b[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}/dg,
    source: gitleaks('hashicorp-tf-api-token'),
  },
  { kind: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}/dg, source: gitleaks('npm-access-token') },
  { kind: 'PyPI token', pattern: /\bpypi-AgE[\w-]{50,}/dg, source: gitleaks('pypi-upload-token') },
  {
    kind: 'Grafana token',
    pattern: /\bgl(?:sa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|c_[A-Za-z0-9+/]{32,}={0,2})/dg,
    source: gitleaks('grafana-service-account-token'),
  },
  { kind: 'OpenShift token', pattern: /\bsha256~[\w-]{43}/dg, source: gitleaks('openshift-user-token') },
  { kind: 'SendGrid key', pattern: /\bSG\.[\w-]{16,}\.[\w-]{16,}/dg, source: gitleaks('sendgrid-api-token') },
  {
    kind: 'Stripe key',
    pattern: /\b[sr]k_(?:test|live|prod)_[A-Za-z0-9]{10,}/dg,
    source: gitleaks('stripe-access-token'),
  },
  { kind: 'Hugging Face token', pattern: /\bhf_[A-Za-z]{34}\b/dg, source: gitleaks('huggingface-access-token') },
  { kind: 'Pulumi token', pattern: /\bpul-[a-f0-9]{40}/dg, source: gitleaks('pulumi-api-token') },
  {
    kind: 'Doppler token',
    pattern: /\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,}/dg,
    source: gitleaks('doppler-api-token'),
  },
  {
    kind: 'Fly.io token',
    pattern: /\bfo1_[\w-]{43}|\bfm[12][ar]?_[A-Za-z0-9+/]{100,}={0,3}/dg,
    source: gitleaks('flyio-access-token'),
  },
  {
    kind: '1Password token',
    pattern: /\bops_eyJ[A-Za-z0-9+/]{200,}/dg,
    source: gitleaks('1password-service-account-token'),
  },
  { kind: 'API key', pattern: /\bsk-[A-Za-z0-9_-]{40,}/dg, source: gitleaks('the rules whose keys begin with sk-') },
  {
    kind: 'Telegram bot token',
    pattern: /\b(?:bot)?\d{8,10}:A[\w-]{34}\b/dg,
    source: gitleaks('telegram-bot-api-token'),
  },
  {
    kind: 'Docker Hub token',
    pattern: /\bdckr_(?:pat|oat)_[\w-]{20,}/dg,
    source: 'Docker documentation, personal access tokens',
  },
  { kind: 'Tailscale key', pattern: /\btskey-[a-z]+-[\w-]{10,}/dg, source: 'Tailscale documentation, key prefixes' },
  {
    kind: 'JSON web token',
    pattern: /(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]*/dg,
    source: 'RFC 7519: header and claims are JSON objects in base64url, so both begin with eyJ',
  },
  {
    kind: 'password hash',
    pattern: /\$(?:2[abxy]|[156y]|apr1|argon2(?:id?|d)|scrypt)\$[^\s"'\\,;]{20,}/dg,
    source: 'crypt(5) of libxcrypt; htpasswd(1)',
  },
];

function gitleaks(rule: string): string {
  return `gitleaks 8.28.0 (${rule})`;
}
