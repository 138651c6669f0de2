/** What .sops.yaml says of a file that is encrypted for the first time. Source: getsops/sops v3.13.3, config/config.go. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type Refused, refused } from './refused.ts';
import { goExpression, readScope, type Scope } from './scope.ts';

/** Its name, at the top of the repository. */
export const SOPS_CONFIG = '.sops.yaml';

const list = z.union([z.string(), z.array(z.string())]).nullish();
const rule = z.looseObject({
  path_regex: z.string().nullish(),
  age: list,
  unencrypted_suffix: z.string().nullish(),
  encrypted_suffix: z.string().nullish(),
  unencrypted_regex: z.string().nullish(),
  encrypted_regex: z.string().nullish(),
  mac_only_encrypted: z.boolean().nullish(),
});
const shape = z.looseObject({ creation_rules: z.array(rule).nullish() });

export interface CreationRule {
  readonly kind: 'rule';
  readonly scope: Scope;
  /** As the rule names them; empty where it leaves them to others. */
  readonly recipients: readonly string[];
}

/** The first rule that fits counts. `file`: from the root of the repository. Without a text there is no rule, and everything is encrypted. */
export function creationRule(config: string | undefined, file: string): CreationRule | Refused {
  if (config === undefined) return { kind: 'rule', scope: {}, recipients: [] };
  const document = parseDocument(config, { logLevel: 'silent' });
  const parsed = shape.safeParse(document.errors.length > 0 ? undefined : (document.toJS({ maxAliasCount: 0 }) ?? {}));
  if (!parsed.success) return refused('LARDER_SECRET_FORMAT', `${SOPS_CONFIG} cannot be read as sops reads it`);
  for (const each of parsed.data.creation_rules ?? []) {
    const expression = each.path_regex ? goExpression(each.path_regex) : /(?:)/;
    if (expression === undefined) {
      const message = `${SOPS_CONFIG} has the expression ${each.path_regex}, which is not read here: use a plain one`;
      return refused('LARDER_SECRET_FORMAT', message);
    }
    if (expression.test(file)) return ruleOf(each);
  }
  if (!parsed.data.creation_rules?.length) return { kind: 'rule', scope: {}, recipients: [] };
  return refused('LARDER_SECRET_FORMAT', `${SOPS_CONFIG} has no rule for ${file}: add one, or name another file`);
}

function ruleOf(each: z.infer<typeof rule>): CreationRule | Refused {
  const scope: Scope = {
    unencryptedSuffix: each.unencrypted_suffix ?? undefined,
    encryptedSuffix: each.encrypted_suffix ?? undefined,
    unencryptedRegex: each.unencrypted_regex ?? undefined,
    encryptedRegex: each.encrypted_regex ?? undefined,
    macOnlyEncrypted: each.mac_only_encrypted ?? undefined,
  };
  const read = readScope(scope);
  if (read.kind === 'invalid') return refused('LARDER_SECRET_FORMAT', `${SOPS_CONFIG}: a rule ${read.why}`);
  const names = typeof each.age === 'string' ? each.age.split(',') : (each.age ?? []);
  return { kind: 'rule', scope, recipients: names.map((name) => name.trim()).filter((name) => name !== '') };
}
