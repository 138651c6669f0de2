import type { Item } from '../../jobspec/field.ts';
import type { Template } from '../../jobspec/job.ts';
import { externalTemplate } from '../../template/later.ts';
import type { Output } from '../../template/value.ts';
import type { FileDraft } from '../draft.ts';
import type { Rule, Use } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { storeTodo } from '../secret/cleaned.ts';
import { configKey, secretKey, secretTemplate } from '../secret/secret-key.ts';
import { type S, Sourced } from '../sourced.ts';
import { containerPath, place } from './place.ts';
import { type Render, rendersOf } from './render.ts';

/** What templates become: files of the ConfigMap and of the Secret, and where they will stand. */
export const fileRules: readonly Rule<TaskScope>[] = [
  {
    id: 'template.data',
    nomad: 'template data without secrets',
    kubernetes: 'a file of the ConfigMap of the module, byte for byte',
    class: 'direct',
    why: 'What the template asks of jobs that are converted too is written as their names and ports.',
    apply: (scope, use) => {
      for (const render of rendersOf(scope)) {
        if (render.result.kind !== 'static') continue;
        const text = use.take(itemsOf(render), render.result.text);
        tellNotes(use, render);
        const key = configKey(scope, namesOf(scope, render.template), text);
        addFile(scope, { render, from: 'config', key });
        restartOnChange(scope, render);
      }
    },
  },
  {
    id: 'template.secret',
    nomad: 'template data with secrets',
    kubernetes: 'a template of the ExternalSecret, mounted from its Secret',
    class: 'direct',
    why: 'External Secrets renders Go templates too; only the names of functions and values differ.',
    apply: (scope, use) => {
      for (const render of rendersOf(scope)) {
        if (render.result.kind !== 'secret') continue;
        const { outputs, stored } = render.result;
        const written = externalTemplate(outputs, (leaf) => secretKey(scope, leaf, [render.item]));
        if (written.kind === 'refused') continue;
        const text = use.take(itemsOf(render), written.text);
        tellNotes(use, render);
        const key = secretTemplate(scope, namesOf(scope, render.template), text);
        addFile(scope, { render, from: 'secret', key });
        restartOnChange(scope, render);
        if (stored.length > 0) tellStored(scope, use, { item: render.item, stored });
      }
    },
  },
];

/** What names and functions in the text became. */
export function tellNotes(use: Use, { notes, item }: Render): void {
  for (const note of notes) use.leave(item, note);
}

function tellStored(
  scope: TaskScope,
  use: Use,
  { item, stored }: { readonly item: Item; readonly stored: readonly string[] },
): void {
  use.leave(item, {
    class: 'manual',
    text: `the file holds ${stored.length === 1 ? 'a credential' : 'credentials'} as text; a value of the store stands in its place`,
    todo: storeTodo(scope, stored),
  });
}

/** The lines that say what the text is. */
export function itemsOf({ template }: Render): readonly Item[] {
  return [template.data, template.source].filter((each) => each !== undefined);
}

/** Keys that a file may have, the nicest first. */
function namesOf({ container }: TaskScope, template: Template): readonly string[] {
  const name = baseName(template);
  return [name, `${container.name}-${name}`];
}

function baseName({ destination }: Template): string {
  const name =
    (destination?.value ?? '')
      .split('/')
      .at(-1)
      ?.replaceAll(/[^\w.-]/g, '_') ?? '';
  // a key may not begin with two dots
  return /\w/.test(name) ? name.replace(/^\.{2,}/, '.') : 'template';
}

function addFile(
  { container }: TaskScope,
  { render, from, key }: { readonly render: Render; readonly from: FileDraft['from']; readonly key: string },
): void {
  const { destination, perms } = render.template;
  const found = destination && place(destination.value);
  if (!destination || !found) return;
  const bits = modeOf(perms.value);
  const mode: S<number> = perms.written && bits !== undefined ? new Sourced(bits, [perms]) : (bits ?? DEFAULT_MODE);
  const file: FileDraft = {
    path: containerPath(found),
    from,
    key: new Sourced(key, [destination]),
    mode,
    variables: false,
  };
  container.files = [...(container.files ?? []), file];
}

/** Nomad restarts a task whose template changes, unless told otherwise; Reloader does it for a workload. */
export function restartOnChange({ project, workload }: TaskScope, { template }: Render): void {
  if (template.change_mode.value === 'noop' || !project.policy.reloader) return;
  workload.pod.annotations['reloader.stakater.com/auto'] = 'true';
}

export const DEFAULT_MODE = 0o644;

/** Nomad reads permissions as octal, with or without a leading zero; twelve bits. */
export function modeOf(perms: string): number | undefined {
  return /^0*[0-7]{1,4}$/.test(perms) ? Number.parseInt(perms, 8) : undefined;
}

/** Text of outputs that a container completes: what is known, and `$(NAME)`. */
export function environmentText(outputs: readonly Output[]): string {
  return outputs
    .map((output) => {
      if (output.kind === 'text') return output.text.replaceAll(/\$+(?=\()|\${2,}/g, (run) => run + run);
      return output.kind === 'later' && output.later.kind === 'environment' ? output.later.text : '';
    })
    .join('');
}
