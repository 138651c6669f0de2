import type { Item } from '../../jobspec/field.ts';
import type { Template } from '../../jobspec/job.ts';
import { type Leaf, leavesOf } from '../../template/value.ts';
import type { Note } from '../account.ts';
import type { Rule, Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { place } from './place.ts';
import { type Use as Asked, type Render, rendersOf } from './render.ts';
import { modeOf } from './template.ts';

/** What stands around the text of a template. */
export const templateFieldRules: readonly Rule<TaskScope>[] = [
  {
    id: 'template.manual',
    nomad: 'a template that asks for what no store and no job has',
    kubernetes: 'nothing: a file with a part missing would be worse than none',
    class: 'manual',
    why: 'Instances of services, keys of Consul, time, files of the node and functions without a twin are known only while Nomad runs.',
    apply: (scope, use) => {
      for (const { result, item, template } of rendersOf(scope)) {
        if (result.kind !== 'manual') continue;
        const at = destinationOf(template);
        const todo = `Write ${at} for ${scope.workload.name} by hand: ${result.why}.`;
        use.leave([item, ...writtenOf([template.env])], { text: `not translated: ${result.why}`, todo });
      }
    },
  },
  asking('template.vault', 'secret', {
    nomad: 'secret "mount/path" in a template',
    kubernetes: 'data of the ExternalSecret, a key and a property each',
    class: 'direct',
    why: '`mount/data/path` and `mount/path` are one secret of KV version 2. `.Data.key` reads version 1, for which a store of its own is named.',
  }),
  asking('template.nomad_var', 'nomadVar', {
    nomad: 'nomadVar "path" in a template',
    kubernetes: 'data of the ExternalSecret, after the variable was copied into the store',
    class: 'approximate',
    why: 'Variables of Nomad end with Nomad. Copy each to the same path of Vault before the cut-over.',
  }),
  asking('template.service', 'service', {
    nomad: 'service, nomadService and connect in a template',
    kubernetes: 'the name and the port of the Service',
    class: 'approximate',
    why: 'One line stands for all instances: the Service spreads connections, and the file does not change when instances come and go.',
  }),
  asking('template.environment', 'env', {
    nomad: 'env "NAME" in a template',
    kubernetes: 'the value, or $(NAME) in a variable of the container',
    class: 'direct',
    why: 'What only the pod knows (its address, its uid) can stand in a variable, not in a file.',
  }),
  asking('template.consul_key', 'key', {
    nomad: 'key, keyOrDefault, ls and tree in a template',
    kubernetes: 'the default, where one is given',
    class: 'manual',
    why: 'The values are in Consul and not in the job.',
  }),
  field('template.destination', {
    nomad: 'template destination',
    kubernetes: 'where the file is mounted',
    class: 'direct',
    why: 'Below local/ and secrets/ a container sees the file; elsewhere only what a docker volume binds.',
    of: ({ destination }) => [destination],
    note: ({ template, result }) => {
      if (result.kind === 'variables') return { class: 'dropped', text: 'the variables need no file' };
      if (result.kind === 'manual') return { class: 'manual', text: 'the template was not translated' };
      const found = place(template.destination?.value ?? '');
      if (found) return {};
      return {
        class: 'manual',
        text: 'the destination leaves the directory of the task',
        todo: `Mount the file at ${template.destination?.value}.`,
      };
    },
  }),
  field('template.source', {
    nomad: 'template source',
    kubernetes: 'the text of the file, where it stands beside the job',
    class: 'approximate',
    why: 'Nomad reads it on the node when the task starts; Larder when it converts.',
    of: ({ source }) => [source],
    note: ({ result }) => (result.kind === 'manual' ? { class: 'manual', text: result.why } : {}),
  }),
  field('template.delimiters', {
    nomad: 'template left_delimiter, right_delimiter',
    kubernetes: 'read with them; the written template has the usual ones',
    class: 'direct',
    why: '',
    of: ({ left_delimiter: left, right_delimiter: right }) => [left, right],
  }),
  field('template.perms', {
    nomad: 'template perms',
    kubernetes: 'mode of the mounted file',
    class: 'direct',
    why: 'Octal in Nomad, decimal in JSON: 0755 is 493.',
    of: ({ perms }) => [perms],
    note: ({ template }) =>
      modeOf(template.perms.value) === undefined ? { class: 'manual', text: 'not octal: 0644 is written' } : {},
  }),
  field('template.owner', {
    nomad: 'template uid, gid',
    kubernetes: 'none: mounted files belong to root and to fsGroup',
    class: 'manual',
    why: 'A group can be given with fsGroup, an owner cannot.',
    of: ({ uid, gid }) => [uid, gid],
    note: ({ template }) => ({
      todo: `Make sure that the process may read ${destinationOf(template)}, or set fsGroup.`,
    }),
  }),
  field('template.env_flag', {
    nomad: 'template env = false',
    kubernetes: 'a file, as written',
    class: 'direct',
    why: '',
    of: ({ env }) => (env.value ? [] : [env]),
  }),
  field('template.change_mode', {
    nomad: 'template change_mode restart, noop',
    kubernetes: 'annotation reloader.stakater.com/auto; nothing for noop',
    class: 'approximate',
    why: 'Restart is what Nomad does without a word about it. Kubernetes restarts nothing by itself: Reloader does, for the whole workload.',
    of: ({ change_mode: mode }) => (mode.value === 'restart' || mode.value === 'noop' ? [mode] : []),
    note: ({ template }) =>
      template.change_mode.value === 'noop'
        ? { class: 'direct', text: 'nothing happens on a change, as in Nomad' }
        : {},
  }),
  field('template.change_action', {
    nomad: 'template change_mode signal, script with change_signal and change_script',
    kubernetes: 'a restart by Reloader',
    class: 'manual',
    why: 'A file that is mounted by itself never changes in a running pod, so nobody could be signalled.',
    of: (template) => {
      const { change_mode: mode, change_signal: signal, change_script: script } = template;
      const isAction = mode.value === 'signal' || mode.value === 'script';
      const parts = script
        ? [script.command, script.args, script.timeout, script.fail_on_error, script.run_on_first_render]
        : [];
      return [isAction ? mode : undefined, signal, ...parts];
    },
    note: ({ template }) => ({
      todo: `A change of ${destinationOf(template)} restarts the pod. Where that is too much, reload by hand or with a sidecar.`,
    }),
  }),
  field('template.timing', {
    nomad: 'template wait, splay, once, vault_grace, error_on_missing_key',
    kubernetes: 'none',
    class: 'dropped',
    why: 'External Secrets fetches every refreshInterval, and a key that is missing is always an error there.',
    of: ({ wait, splay, once, vault_grace: grace, error_on_missing_key: missing }) => [
      wait?.min,
      wait?.max,
      splay,
      once,
      grace,
      missing,
    ],
  }),
];

type MaybeItem = (Item & { readonly written?: boolean }) | { readonly written: false } | undefined;

interface FieldRow {
  readonly nomad: string;
  readonly kubernetes: string;
  readonly class: Rule<TaskScope>['class'];
  readonly why: string;
  readonly of: (template: Template) => readonly MaybeItem[];
  readonly note?: (render: Render) => Note;
}

/** A row for attributes that say how, not what. */
function field(id: string, { of, note, ...row }: FieldRow): Rule<TaskScope> {
  return {
    id,
    ...row,
    apply: (scope, use) => {
      for (const render of rendersOf(scope)) {
        const items = writtenOf(of(render.template));
        if (items.length > 0) use.leave(items, note?.(render) ?? {});
      }
    },
  };
}

/** A row for functions that ask the world: told beside what the text became. */
function asking(id: string, asked: Asked, row: Omit<Rule<TaskScope>, 'id' | 'apply'>): Rule<TaskScope> {
  return {
    id,
    ...row,
    apply: (scope, use) => {
      for (const render of rendersOf(scope)) tell(render, { asked, use });
    },
  };
}

function tell(render: Render, { asked, use }: { readonly asked: Asked; readonly use: Use }): void {
  if (!render.uses.includes(asked)) return;
  const { item, result } = render;
  if (result.kind === 'manual') use.leave(item, { class: 'manual', text: 'the template was not translated' });
  else if (asked === 'key') use.leave(item, { class: 'approximate' });
  else if (asked === 'nomadVar') use.leave(item, copyNote(render));
  else if (asked === 'secret') use.leave(item, engineNote(render));
  else use.leave(item);
}

/** What has to be in the store before the workload starts. */
function copyNote({ result }: Render): Note {
  const leaves = leavesOfResult(result).filter(({ source }) => source === 'nomad');
  const paths = [...new Set(leaves.map(({ path }) => path))];
  const each = paths.map((path) => {
    const keys = leaves.filter((leaf) => leaf.path === path).map(({ property }) => property);
    return `${path} (${[...new Set(keys)].join(', ')})`;
  });
  return paths.length === 0 ? {} : { todo: `Copy variables of Nomad to the same path of Vault: ${each.join('; ')}.` };
}

/** A store speaks to engines of one version. */
function engineNote({ result }: Render): Note {
  const paths = [...new Set(leavesOfResult(result).flatMap(({ engine, path }) => (engine === 1 ? [path] : [])))];
  if (paths.length === 0) return {};
  const words = paths.join(', ');
  const mounts = [...new Set(paths.map((path) => path.split('/')[0]))].join(' --kv1 ');
  return {
    class: 'approximate',
    text: `${words}: read as KV version 1, from the store whose name ends with -v1`,
    todo: `Make the store for ${words} with \`larder nomad core --kv1 ${mounts}\` (the name of the policy's, with -v1 behind it), or move them to version 2.`,
  };
}

function leavesOfResult(result: Render['result']): readonly Leaf[] {
  if (result.kind === 'secret') return leavesOf(result.outputs);
  return result.kind === 'variables' ? leavesOf(result.settings.flatMap(({ value }) => value)) : [];
}

function writtenOf(items: readonly MaybeItem[]): readonly Item[] {
  return items.filter((each) => each !== undefined).filter((each) => isWritten(each));
}

function isWritten(item: NonNullable<MaybeItem>): item is Item {
  return 'path' in item && item.written !== false;
}

function destinationOf({ destination }: Template): string {
  return destination?.value ?? 'the file';
}
