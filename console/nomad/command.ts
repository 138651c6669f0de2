/** The same migration on the command line. Pure. */
import { shellWord } from '../../src/nomad/report/shell-word.ts';
import type { Jobs } from './jobs.ts';

/** For the folder that holds the folder of the jobs. */
export function convertCommand({ folder, policy, variables, answers }: Jobs): string {
  return [
    'larder nomad convert',
    folder === undefined ? 'modules' : shellWord(folder),
    '--out .',
    ...(policy.trim() === '' ? [] : ['--policy policy.yaml']),
    ...(variables.trim() === '' ? [] : ['--var-file variables.hcl']),
    ...(Object.keys(answers).length === 0 ? [] : ['--answers answers.yaml']),
    '--yes',
  ].join(' ');
}

/** The file of answers; JSON's strings are YAML's. */
export function answersText(answers: Jobs['answers']): string {
  return Object.entries(answers)
    .map(([id, answer]) => `${/^[\w.-]+$/.test(id) ? id : JSON.stringify(id)}: ${JSON.stringify(answer)}\n`)
    .join('');
}
