import type { Task } from '../../jobspec/job.ts';
import { ask, type ProjectScope } from '../scope.ts';

/** Registries that anybody may pull from; a private repository on one of them is the policy's `registries`. */
const publicHosts = new Set([
  'codeberg.org',
  'data.forgejo.org',
  'docker.elastic.co',
  'docker.gitea.com',
  'docker.io',
  'gcr.io',
  'ghcr.io',
  'icr.io',
  'index.docker.io',
  'k8s.gcr.io',
  'lscr.io',
  'mcr.microsoft.com',
  'mirror.gcr.io',
  'nvcr.io',
  'public.ecr.aws',
  'quay.io',
  'registry-1.docker.io',
  'registry.access.redhat.com',
  'registry.gitlab.com',
  'registry.k8s.io',
]);

/** The first part of an image's name, if it is a host; Docker Hub for one without. */
export function registryHost(image: string): string {
  const [first = '', ...rest] = image.replace(/^\w+:\/\//, '').split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}

/** A registry that only some may read looks like any other: a person says which one it is, once for all its images. */
export function answeredSecret(image: string, task: Task, project: ProjectScope): string | undefined {
  const host = registryHost(image);
  if (publicHosts.has(host) || !/^[a-z0-9.-]+(:\d+)?$/i.test(host) || hasLogin(task)) return undefined;
  const { value } = ask(project, {
    id: `registry.${host}.secret`,
    text: `Which pull secret do images of ${host} need? (empty: none, anybody may pull them)`,
    fallback: '',
    accepts: {
      pattern: /^$|^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/,
      words: 'the name of a Secret of the type kubernetes.io/dockerconfigjson, or nothing',
    },
  });
  return value === '' ? undefined : value;
}

/** Its rule makes a pull secret. */
function hasLogin({ config }: Task): boolean {
  const { attributes = [], blocks = [] } = config?.body ?? {};
  return attributes.some(({ name }) => name === 'auth') || blocks.some(({ type }) => type === 'auth');
}
