import type { ClusterSpec } from '../spec/cluster-spec.ts';

/** Whole values are encrypted in these files; names stay readable, so that a diff says which secret changed. */
const FILES = '^secrets/.*\\.sops\\.(yaml|json)$';

/** `.sops.yaml`: which files are encrypted, and for whom. Without a recipient there is no rule, and sops refuses to encrypt. */
export function sopsRules({ secrets }: ClusterSpec): string {
  const recipients = secrets?.recipients ?? [];
  const head =
    '# Which files are encrypted, and for whom: the recipients are those of secrets.recipients in cluster.yaml.\n---\n';
  if (recipients.length === 0)
    return `${head}# Nobody can read encrypted files yet: \`larder cluster secrets init\` makes a key.\ncreation_rules: []\n`;
  return `${head}creation_rules:\n  - path_regex: '${FILES}'\n    age: >-\n${recipients.map((each) => `      ${each}`).join(',\n')}\n`;
}
