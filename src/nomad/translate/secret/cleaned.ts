import type { Output } from '../../template/value.ts';
import type { GroupScope, TaskScope } from '../scope.ts';
import { credentialsIn } from './credential.ts';
import { ownProperty } from './own-property.ts';

/** Where a credential that stands in a job has to be put: a secret of the module's own. */
export function ownPath({ project, module }: Pick<GroupScope, 'project' | 'module'>): string {
  const [mount = 'secret'] = project.policy.secrets.mounts;
  return `${mount}/${module.name}`;
}

export interface Cleaned {
  readonly outputs: readonly Output[];
  /** Properties that a person has to store. */
  readonly stored: readonly string[];
}

/** Credentials in the text of a file become values of the store. */
export function withoutCredentials(outputs: readonly Output[], scope: TaskScope): Cleaned {
  const stored: string[] = [];
  const cleaned = outputs.flatMap((output): readonly Output[] => {
    if (output.kind !== 'text') return [output];
    const parts: Output[] = [];
    let done = 0;
    for (const { start, end, name, value } of credentialsIn(output.text)) {
      const property = `${scope.container.name}_${name}`.replaceAll(/[^A-Za-z0-9_]/g, '_');
      const unique = ownProperty(scope, [property], value);
      stored.push(unique);
      if (start > done) parts.push({ kind: 'text', text: output.text.slice(done, start) });
      const leaf = { source: 'vault', path: ownPath(scope), property: unique, engine: 2 } as const;
      parts.push({ kind: 'later', later: { kind: 'leaf', leaf } });
      done = end;
    }
    if (done < output.text.length) parts.push({ kind: 'text', text: output.text.slice(done) });
    return parts;
  });
  return { outputs: cleaned, stored };
}

export function storeTodo(scope: Pick<GroupScope, 'project' | 'module'>, properties: readonly string[]): string {
  return `Store ${properties.join(', ')} in Vault at ${ownPath(scope)}: the value in the job is written nowhere, and change it, since it stood in a file.`;
}
