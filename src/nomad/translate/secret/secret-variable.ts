import { textAt } from '../../jobspec/items.ts';
import type { Secret } from '../../jobspec/job.ts';
import { withoutData } from '../../template/field.ts';
import type { TaskScope } from '../scope.ts';
import { Sourced } from '../sourced.ts';
import type { Resolver } from '../variable/variable.ts';
import { secretKey } from './secret-key.ts';

/** `${secret.name.key}` of a `secret` block: the task's own before its group's before its job's. */
export const secretVariable: Resolver = (name, scope) => {
  const [, label, key] = /^secret\.([^.]+)\.(.+)$/.exec(name) ?? [];
  if (label === undefined || key === undefined) return undefined;
  const { task, group, job } = scope;
  const found = [...task.secret, ...group.secret, ...job.secret].find((each) => each.label.text === label);
  if (!found?.path || (found.provider?.value !== 'vault' && found.provider?.value !== 'nomad')) {
    const text = `\${${name}}: no secret ${label} of Vault or Nomad is in the job`;
    return { kind: 'manual', note: { class: 'manual', text, todo: `Set what \${${name}} was for.` } };
  }
  const variable = `SECRET_${label}_${key}`.replaceAll(/[^A-Za-z0-9_]/g, '_');
  const secretKeyRef = new Sourced(reference(scope, found, { key, path: found.path.value }), [found.path]);
  return { kind: 'runtime', text: `$(${variable})`, env: [{ name: variable, valueFrom: { secretKeyRef } }] };
};

function reference(scope: TaskScope, secret: Secret, { key, path }: { readonly key: string; readonly path: string }) {
  const engine = secret.provider?.value === 'nomad' || engineOf(secret) === 'kv_v2' ? 2 : 1;
  const source = secret.provider?.value === 'nomad' ? 'nomad' : 'vault';
  const clean = path.replaceAll(/^\/+|\/+$/g, '');
  const at = engine === 2 && source === 'vault' ? withoutData(clean, scope.project.policy.secrets.mounts) : clean;
  const leaf = { source, path: at, property: key, engine } as const;
  return { name: `${scope.module.name}-secrets`, key: secretKey(scope, leaf, secret.path ? [secret.path] : []) };
}

/** Nomad reads a secret as one of KV version 1 unless its config says otherwise. */
function engineOf({ config }: Secret): string {
  return (config && textAt(config, 'engine')?.value) ?? 'kv';
}
