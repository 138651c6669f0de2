import { ask, type GroupScope, type ProjectScope } from '../scope.ts';
import { filled } from '../service/filled.ts';
import { targetsOf } from '../service/service-rules.ts';
import type { ServiceTarget } from '../service-index.ts';
import { isTraefik, readTags, type TraefikTags } from './tag.ts';

/** A service with tags of Traefik. */
export interface Tagged {
  readonly target: ServiceTarget;
  readonly tags: TraefikTags;
  /** `off`: Traefik is told to leave it. `unsaid`: whether it is routed was decided by Traefik's own configuration. */
  readonly state: 'on' | 'off' | 'unsaid';
}

/** The services of a group that have tags of Traefik, with Nomad's variables filled in. */
export function taggedOf(scope: GroupScope): readonly Tagged[] {
  return targetsOf(scope).flatMap((target) =>
    target.blocks.flatMap(({ service, task }) => {
      if (!service.tags?.value.some(isTraefik)) return [];
      const tags = readTags(service.tags, (text) => filled(text, scope, task).text);
      return [{ target, tags, state: stateOf(scope.project, tags) }];
    }),
  );
}

function stateOf(project: ProjectScope, { enable }: TraefikTags): Tagged['state'] {
  if (enable) return /^(true|1)$/i.test(enable.value) ? 'on' : 'off';
  return exposed(project) ? 'on' : 'unsaid';
}

function exposed(project: ProjectScope): boolean {
  const { value } = ask(project, {
    id: 'traefik.exposedByDefault',
    text: 'Did Traefik route services that have no tag traefik.enable=true (exposedByDefault)?',
    fallback: 'false',
    accepts: { pattern: /^(true|false)$/, words: 'true, false' },
  });
  return value === 'true';
}
