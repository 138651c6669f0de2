import type { Item } from '../../jobspec/field.ts';
import { leavesOf } from '../../jobspec/items.ts';
import type { Job, Secret, Vault } from '../../jobspec/job.ts';
import type { Note } from '../account.ts';
import type { Rule } from '../rule.ts';
import type { ModuleScope } from '../scope.ts';

/** `vault` and `secret` blocks, wherever they stand in a job. */
export const secretRules: readonly Rule<ModuleScope>[] = [
  {
    id: 'vault.role',
    nomad: 'vault with role, policies, namespace, cluster',
    kubernetes: 'the store of the policy file, whose role must read the same paths',
    class: 'approximate',
    why: 'One ClusterSecretStore reads for all services. For least privilege give a service a SecretStore and a role of its own.',
    apply: ({ project, job, module }, use) => {
      const { store, kind } = project.policy.secrets;
      for (const vault of vaultsOf(job)) {
        if (vault.counted) use.leave(vault, { text: `External Secrets reads in its place, from ${kind} ${store}` });
        const { role, policies, namespace, cluster } = vault;
        const rights = [role, policies].filter((each) => each !== undefined);
        const names = [...(role ? [role.value] : []), ...(policies?.value ?? [])].join(', ');
        const todo = `Let the role of ${kind} ${store} read what ${names} may read for ${module.name}.`;
        if (rights.length > 0) use.leave(rights, { todo });
        const places = [namespace, cluster].filter((each) => each !== undefined);
        const other = places.map(({ value }) => value).join(', ');
        if (places.length > 0) {
          use.leave(places, { class: 'manual', todo: `Point ${kind} ${store} at ${other}, or name another store.` });
        }
      }
    },
  },
  {
    id: 'vault.token',
    nomad: 'vault with env, disable_file, change_mode, change_signal, allow_token_expiration',
    kubernetes: 'none: no token reaches the pod',
    class: 'dropped',
    why: 'External Secrets talks to Vault, not the application. One that needs a token of its own needs the Vault Agent.',
    apply: ({ job }, use) => {
      for (const vault of vaultsOf(job)) {
        const {
          env,
          disable_file: file,
          change_mode: mode,
          change_signal: signal,
          allow_token_expiration: expiry,
        } = vault;
        const written = [env, file, mode, signal, expiry].filter((each) => each !== undefined);
        for (const item of written) if (!('written' in item) || item.written) use.leave(item);
      }
    },
  },
  {
    id: 'vault.used',
    nomad: 'VAULT_TOKEN, VAULT_ADDR or secrets/vault_token in a task',
    kubernetes: 'nothing: the Vault Agent or a login of the application',
    class: 'manual',
    why: 'Nomad made a token for the task and renewed it. No token is written anywhere.',
    apply: ({ job, module }, use) => {
      for (const { item, task } of tokenUses(job)) {
        use.leave(item, {
          text: `the task ${task} reads a token of Vault, which only Nomad makes`,
          todo: `Give ${module.name} a login to Vault of its own (Vault Agent, or Kubernetes auth in the application).`,
        });
      }
    },
  },
  {
    id: 'secret.block',
    nomad: 'secret "name" with provider, path, config and env',
    kubernetes: 'data of the ExternalSecret; ${secret.name.key} is a variable from the Secret',
    class: 'direct',
    why: 'Only the keys that something names are fetched.',
    apply: (scope, use) => {
      for (const secret of secretsOf(scope.job)) {
        const config = secret.config ? leavesOf(secret.config) : [];
        const { provider, path } = secret;
        const items: readonly Item[] = [secret.item, provider, path, ...config].filter((each) => each !== undefined);
        use.leave(items, providerNote(secret));
        if (secret.env.length > 0) {
          use.leave(secret.env, { class: 'manual', text: 'variables of the provider, which does not run here' });
        }
      }
    },
  },
];

function vaultsOf({ vault, group }: Job): readonly Vault[] {
  const tasks = group.flatMap(({ task }) => task);
  return [vault, ...group.map((each) => each.vault), ...tasks.map((each) => each.vault)].filter(
    (each) => each !== undefined,
  );
}

/** With their labels, which are the names of the secrets. */
function secretsOf({ secret, group }: Job): Job['secret'] {
  return [...secret, ...group.flatMap((each) => [...each.secret, ...each.task.flatMap((task) => task.secret)])];
}

function providerNote({ provider, path }: Secret): Note {
  switch (provider?.value) {
    case 'vault':
      return {};
    case 'nomad':
      return {
        class: 'approximate',
        text: 'fetched from the store, after the variable was copied there',
        todo: `Copy the variable ${path?.value ?? ''} of Nomad to the same path of Vault.`,
      };
    default:
      return {
        class: 'manual',
        text: `${provider?.value ?? 'no provider'}: a plugin of Nomad's clients`,
        todo: `Store in Vault what the plugin gave for ${path?.value ?? 'this secret'}.`,
      };
  }
}

const token = /\bVAULT_(?:TOKEN|ADDR)\b|secrets\/vault_token|NOMAD_SECRETS_DIR\}?\/vault_token/;

/** Lines of tasks that name the token; the names of variables that the job itself sets are no use of it. */
function tokenUses(job: Job): readonly { readonly item: Item; readonly task: string }[] {
  return job.group.flatMap(({ task }) =>
    task.flatMap((each) => {
      const config = each.config ? leavesOf(each.config) : [];
      const texts = config.map(({ path, at, node }) => ({ path, at, text: JSON.stringify(node ?? '') }));
      const variables = each.env.map(({ path, at, value }) => ({ path, at, text: value }));
      const templates = each.template.flatMap(({ data }) =>
        data ? [{ path: data.path, at: data.at, text: data.value }] : [],
      );
      return [...texts, ...variables, ...templates]
        .filter(({ text }) => token.test(text))
        .map(({ path, at }) => ({ item: { path, at }, task: each.label.text }));
    }),
  );
}
