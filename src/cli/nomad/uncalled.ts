import { join } from 'node:path';
import { count } from '../../nomad/report/count.ts';
import { moduleCall, ROOT } from '../../nomad/terraform/root-text.ts';
import { contentOf, type OutputPlan } from './output-files.ts';

/** A screen of blocks; who has more to add copies them from the file. */
const SHOWN = 10;

/**
 * What a person adds to a `kubernetes.tf` of their own, which stays as it is: until it calls a module, Terraform finds
 * nothing to plan there and says so with success. Undefined where it calls them all.
 */
export function uncalled(
  out: string,
  { kept }: Pick<OutputPlan, 'kept'>,
  modules: readonly string[],
): string | undefined {
  const found = kept.find(({ path }) => path === ROOT);
  const text = found && contentOf(out, ROOT);
  if (text === undefined) return undefined;
  const missing = modules.filter((name) => !text.includes(`modules-k8s/${name}"`));
  if (missing.length === 0) return undefined;
  const rest =
    missing.length > SHOWN ? [`and ${count(missing.length - SHOWN, 'block')} more, all in ${found?.beside}\n`] : [];
  return [
    `${join(out, ROOT)} is yours and does not call ${count(missing.length, 'module')}: terraform plans nothing for what it does not call. Add to it (${found?.beside} has the provider, too):\n`,
    ...missing.slice(0, SHOWN).map(moduleCall),
    ...rest,
  ].join('\n');
}
