import { itemsOf } from '../../jobspec/items.ts';
import { fold } from '../fold.ts';
import type { Rule } from '../rule.ts';
import type { TaskScope } from '../scope.ts';

/** The shortest that the API server gives out. */
const SHORTEST = 600;
const HOUR = 3600;

export const identity: Rule<TaskScope> = {
  id: 'task.identity',
  nomad: 'identity (name, aud, file, ttl)',
  kubernetes: 'projected service account token in a file',
  class: 'approximate',
  why: 'Signed by the cluster, not by Nomad: whoever checks it must trust the issuer of the cluster. The kubelet renews it, as a file.',
  apply: ({ task, container, workload }, use) => {
    for (const block of task.identity) {
      const name = block.name?.value ?? 'default';
      const items = itemsOf(block);
      const own = name === 'default' && !block.aud;
      if (own || !(block.file.value || block.env.value)) {
        const todo = `${container.name} used its identity for Nomad's own API: decide what it asked there.`;
        const unused = !(block.file.value || block.env.value);
        use.leave(
          items,
          unused ? { class: 'dropped', text: 'given to nobody' } : { class: 'manual', text: 'a token of Nomad', todo },
        );
        continue;
      }
      const volume = fold(`identity-${container.name}-${name}`);
      const file = `nomad_${name}.jwt`;
      const directory = `/var/run/secrets/nomad/${fold(name)}`;
      const seconds = Math.max(SHORTEST, Math.round((block.ttl?.value ?? HOUR * 1000) / 1000));
      const token = { audience: block.aud?.value[0], expirationSeconds: seconds, path: file };
      const moved = `${directory}/${file} instead of ${block.filepath?.value ?? `\${NOMAD_SECRETS_DIR}/${file}`}`;
      const env = block.env.value ? ` It was in NOMAD_TOKEN_${name} too, which Kubernetes cannot do.` : '';
      const source = use.take(items, [{ serviceAccountToken: token }], {
        text: moved,
        todo: `Point ${container.name} to ${directory}/${file}, and let who checks it trust this cluster.${env}`,
      });
      workload.pod.volumes.set(volume, { projected: { sources: source } });
      container.mounts.push({ name: volume, mountPath: directory, readOnly: true });
    }
  },
};
