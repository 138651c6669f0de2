import { externalTemplate } from '../../template/later.ts';
import { leavesOf, type Output } from '../../template/value.ts';
import type { Note } from '../account.ts';
import type { EnvDraft } from '../draft.ts';
import type { Rule } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { ownPath, storeTodo } from '../secret/cleaned.ts';
import { isCredential } from '../secret/credential.ts';
import { secretKey, secretTemplate, wholeSecret } from '../secret/secret-key.ts';
import { Sourced } from '../sourced.ts';
import { type Render, rendersOf } from './render.ts';
import { environmentText, itemsOf, restartOnChange, tellNotes } from './template.ts';

/** Before the rules of `env`, because a variable of a job may be made of one that a template sets. */
export const environmentRules: readonly Rule<TaskScope>[] = [
  {
    id: 'template.env',
    nomad: 'template with env = true',
    kubernetes: 'variables of the container, from the Secret where they hold secrets',
    class: 'direct',
    why: 'Read as Nomad reads it: NAME=value lines with comments, quotes and escapes. A value with a secret in it is rendered by External Secrets, and a secret is taken as it is stored: quotes and # in it are not read again.',
    apply: (scope, use) => {
      for (const render of rendersOf(scope)) {
        if (render.result.kind !== 'variables') continue;
        const { template } = render;
        restartOnChange(scope, render);
        tellNotes(use, render);
        const lines = [...itemsOf(render), ...(template.env.written ? [template.env] : [])];
        use.leave(lines, variablesNote(render.result.settings.map(({ name }) => name)));
        for (const { name, value } of render.result.settings) {
          put(scope, { name, ...draftOf(scope, { name, value, render }) });
        }
        for (const of of render.result.whole) {
          const name = wholeSecret(scope, new Sourced(of.path, [render.item]));
          scope.container.envFrom.push({ secretRef: { name } });
        }
        const stored = render.result.settings.filter(({ name, value }) => isPlainCredential(name, value));
        if (stored.length > 0) {
          const names = stored.map(({ name }) => name);
          const text = `${names.join(', ')}: a credential stands in the job; the variable reads it from the store`;
          use.leave(render.item, { class: 'manual', text, todo: storeTodo(scope, names) });
        }
      }
    },
  },
];

function variablesNote(names: readonly string[]): Note {
  return names.length === 0 ? {} : { text: `variables of the container: ${names.join(', ')}` };
}

function isPlainCredential(name: string, value: readonly Output[]): boolean {
  return value.every(({ kind }) => kind === 'text') && isCredential(name, environmentText(value));
}

interface Given {
  readonly name: string;
  readonly value: readonly Output[];
  readonly render: Render;
}

function draftOf(scope: TaskScope, { name, value, render }: Given): Omit<EnvDraft, 'name'> {
  const from = [render.item];
  const ofKey = (key: string): Omit<EnvDraft, 'name'> => ({
    valueFrom: { secretKeyRef: new Sourced({ name: `${scope.module.name}-secrets`, key }, from) },
  });
  if (isPlainCredential(name, value)) {
    return ofKey(secretKey(scope, { source: 'vault', path: ownPath(scope), property: name, engine: 2 }, from));
  }
  const [only, more] = value;
  if (only?.kind === 'later' && more === undefined && only.later.kind === 'leaf') {
    return ofKey(secretKey(scope, only.later.leaf, from));
  }
  const isRendered = leavesOf(value).length > 0 || value.some(({ kind }) => kind === 'if');
  if (!isRendered) return { value: new Sourced(environmentText(value), from) };
  const written = externalTemplate(value, (leaf) => secretKey(scope, leaf, from));
  const text = written.kind === 'written' ? written.text : '';
  return ofKey(
    secretTemplate(scope, [name, `${scope.container.name}_${name}`.replaceAll('-', '_')], new Sourced(text, from)),
  );
}

/** A later template wins over an earlier one. */
function put({ container }: TaskScope, draft: EnvDraft): void {
  const at = container.env.findIndex(({ name }) => name === draft.name);
  if (at >= 0) container.env.splice(at, 1);
  container.env.push(draft);
}
