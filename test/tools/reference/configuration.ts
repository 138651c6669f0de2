/** The page of settings, from the table that parses them. */
import { configurationRows } from '../../../src/expand/settings/configuration.ts';
import { code, markdownTable, page } from './markdown.ts';

export function configurationPage(): string {
  const rows = configurationRows.map(({ key, flag, environment, fallback, description }) => [
    code(key),
    code(`--${flag}`),
    environment.map(code).join(' or '),
    fallback === '' ? 'empty' : code(fallback),
    description,
  ]);
  return page(
    'Configuration',
    'Settings of the whole installation. A flag is stronger than the environment, which is stronger than the file; `larder config show` prints each value with its source. Annotations of a claim, its class and its namespace are stronger than all of these for the settings that a claim has (threshold, increase, largest size, cooldown).',
    markdownTable(['Key in the file', 'Flag', 'Environment', 'Default', 'Meaning'], rows),
    'Sizes are Kubernetes quantities (`10Gi`), durations are numbers with a unit (`90s`, `15m`, `1h30m`), shares are percentages (`80%`).',
  );
}
