/** What the corpus becomes, as files that are read in review: `node test/tools/golden.ts` writes them, a test compares. */
import { join, resolve } from 'node:path';
import type { Report } from '../../src/nomad/report/report.ts';
import { convertedFolder, corpus, corpusJobs } from './converted.ts';

export const goldenFolder = resolve(import.meta.dirname, '../fixtures/nomad/golden');

/** Path below the folder → text: manifests, what Terraform makes of them, and a line for every account. */
export function goldenFiles(jobs: readonly string[] = corpusJobs()): ReadonlyMap<string, string> {
  return new Map(
    jobs.flatMap((job) => {
      const { files, report } = convertedFolder(join(corpus, job));
      const kept = [...files].filter(([path]) => /\/manifests\/|\/main\.tf$/.test(path));
      const short = kept.map(([path, text]) => [`${job}/${path.replace(/^modules-k8s\//, '')}`, text] as const);
      return [...short, [`${job}/accounts.txt`, accountsText(report)] as const];
    }),
  );
}

function accountsText({ accounts, questions, diagnostics, modules }: Report): string {
  const lines = [
    ...modules.flatMap(({ name, reasons }) => reasons.map((reason) => `refused ${name}: ${reason}`)),
    ...diagnostics.map(
      ({ severity, code, message, file, line }) => `${severity} ${code} ${file ?? ''}:${line ?? ''} ${message}`,
    ),
    ...questions.map(({ id, text, value }) => `question ${id} = ${value}: ${text}`),
    ...accounts.flatMap(({ file, line, path, class: kind, row, text, todo, outputs }) => [
      `${file}:${line} ${path} | ${kind} | ${row} | ${text}`,
      ...(todo === undefined ? [] : [`    todo: ${todo}`]),
      ...outputs.map((output) => `    ${output.file.replace(/^modules-k8s\//, '')}:${output.line} ${output.pointer}`),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}
