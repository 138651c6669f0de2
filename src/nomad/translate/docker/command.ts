import type { Item } from '../../jobspec/field.ts';
import type { Rule } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { spoken, spokenAll } from '../task/spoken.ts';
import { both, onDocker, onPodman } from './driver-config.ts';

const entrypointWords = {
  key: 'entrypoint',
  kubernetes: 'command',
  class: 'direct',
  why: '',
} as const;

const dockerEntrypoint = onDocker(entrypointWords, (scope, use) => {
  const field = scope.config.entrypoint;
  if (!field) return;
  if (field.value.length === 0) use.leave(field, { class: 'dropped', text: 'empty: that of the image' });
  else scope.container.command = spokenAll(scope, { items: [field] }, field.value, use);
});

/** A text is one word, as podman takes it; a list since 0.5. */
const podmanEntrypoint = onPodman(entrypointWords, (scope, use) => {
  const field = scope.config.entrypoint;
  if (!field) return;
  const { value } = field;
  const words = Array.isArray(value) ? value.map(String) : [String(value)];
  scope.container.command = spokenAll(scope, { items: [{ path: field.path, at: field.at }] }, words, use);
});

/** Docker's command is what follows the entrypoint of the image: Kubernetes calls that args. */
const command = both(
  {
    key: 'command',
    nomad: 'command, args',
    kubernetes: 'args: the command first, then its arguments; `$(X)` is escaped',
    class: 'direct',
    why: "Docker's command is not the entrypoint, so it is not Kubernetes' command. A relative path depends on work_dir.",
  },
  (scope, use) => {
    const { command: first, args } = scope.config;
    const items: readonly Item[] = [first, args].filter((each) => each !== undefined);
    const words = [...(first ? [first.value] : []), ...(args?.value ?? [])];
    if (items.length === 0) return;
    if (words.length === 0) use.leave(items, { class: 'dropped', text: 'empty' });
    else scope.container.args = spokenAll(scope, { items }, words, use);
  },
);

const workDirWords = { kubernetes: 'workingDir', class: 'direct', why: '' } as const;

const dockerWorkDir = onDocker({ key: 'work_dir', ...workDirWords }, (scope, use) => {
  const field = scope.config.work_dir;
  if (field) scope.container.rest['workingDir'] = spoken(scope, field, field.value, { use, reading: 'verbatim' });
});

const podmanWorkDir = onPodman({ key: 'working_dir', ...workDirWords }, (scope, use) => {
  const field = scope.config.working_dir;
  if (field) scope.container.rest['workingDir'] = spoken(scope, field, field.value, { use, reading: 'verbatim' });
});

const tty = both({ key: 'tty', kubernetes: 'tty', class: 'direct', why: '' }, ({ config, container }, use) => {
  const field = config.tty;
  if (!field) return;
  if (field.value) container.rest['tty'] = use.take(field, true);
  else use.leave(field, { class: 'dropped', text: 'the default' });
});

const interactive = onDocker(
  { key: 'interactive', kubernetes: 'stdin', class: 'direct', why: '' },
  ({ config, container }, use) => {
    const field = config.interactive;
    if (!field) return;
    if (field.value) container.rest['stdin'] = use.take(field, true);
    else use.leave(field, { class: 'dropped', text: 'the default' });
  },
);

/** Last of all: variables that templates set are known by then. */
export const commandRules: readonly Rule<TaskScope>[] = [
  dockerEntrypoint,
  podmanEntrypoint,
  ...command,
  dockerWorkDir,
  podmanWorkDir,
  ...tty,
  interactive,
];
