import { joined } from '../carry.ts';
import { interpolate } from '../interpolate.ts';
import type { Rule } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { both, onDocker } from './driver-config.ts';

/** Schemes that name a place on the node, not in a registry. */
const local = /^(docker-archive|oci-archive|oci|dir|containers-storage|docker-daemon):/;

const image = both(
  {
    key: 'image',
    kubernetes: 'image, with its tag as it is',
    class: 'direct',
    why: 'Tag and digest are never changed. `docker://` of podman and `https://` are no part of a name.',
  },
  (scope, use) => {
    const { config, container } = scope;
    const field = config.image;
    if (!field) return;
    const { text, notes } = interpolate(field.value.replace(/^(docker|https?):\/\//, ''), scope, 'verbatim');
    container.image = text;
    if (local.test(text)) {
      const todo = `Push the image of ${container.name} to a registry, and write its name.`;
      container.image = use.take(field, text, { class: 'manual', text: `${text} is a file of the node`, todo });
      return;
    }
    container.image = use.take(field, text, joined(notes));
  },
);

const forcePull = both(
  { key: 'force_pull', kubernetes: 'imagePullPolicy Always', class: 'direct', why: ':latest is always pulled anyway.' },
  ({ config, container }, use) => {
    const field = config.force_pull;
    if (!field) return;
    if (field.value) container.rest['imagePullPolicy'] = use.take(field, 'Always');
    else use.leave(field, { class: 'dropped', text: 'the default' });
  },
);

const load = onDocker(
  {
    key: 'load',
    kubernetes: 'nothing: images come from a registry',
    class: 'manual',
    why: 'The image was in a file that an artifact fetched.',
  },
  ({ config, container }, use) => {
    const todo = `Push the image of ${container.name} to a registry.`;
    if (config.load) use.leave(config.load, { todo });
  },
);

export const imageRules: readonly Rule<TaskScope>[] = [...image, ...forcePull, load];
