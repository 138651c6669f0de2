import { guide } from '../report/guide.ts';
import { markdown } from '../report/markdown.ts';
import { page } from '../report/page.ts';
import type { Report } from '../report/report.ts';
import { moduleText } from '../terraform/module-text.ts';
import { ROOT, rootText } from '../terraform/root-text.ts';
import type { Conversion } from './conversion.ts';

export interface TreeInput {
  readonly conversion: Pick<Conversion, 'modules'>;
  readonly report: Report;
  /** Texts of the jobspecs, as a report may show them. */
  readonly sources: ReadonlyMap<string, string>;
  /** Names of modules of earlier runs that stay. */
  readonly earlier: readonly string[];
}

/** All files of the output, by path. */
export function outputTree({ conversion, report, sources, earlier }: TreeInput): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const written = conversion.modules.filter(({ reasons }) => reasons.length === 0).map(({ rendered }) => rendered);
  const byFile = Map.groupBy(report.accounts, ({ file }) => file);
  const described = new Map(report.modules.map((each) => [each.name, each]));
  for (const module of written) {
    for (const [name, text] of moduleText(module)) files.set(`${module.folder}/${name}`, text);
    for (const { path, text } of module.manifests) files.set(path, text);
    const about = described.get(module.name);
    if (about) {
      const accounts = byFile.get(about.file) ?? [];
      files.set(
        `${module.folder}/MIGRATION.md`,
        guide({ module: about, rendered: module, accounts, questions: report.questions }),
      );
    }
  }
  const names = [...new Set([...written.map(({ name }) => name), ...earlier])].sort();
  files.set(ROOT, rootText(names));
  files.set('migration-report.json', reportText(report));
  files.set('migration-report.md', markdown(report));
  files.set('migration-report.html', page({ report, conversion, sources }));
  return files;
}

/** A line for each account: the file of a large repository stays readable by people and by line. */
function reportText({ accounts, ...rest }: Report): string {
  const lines = accounts.map((account) => `    ${narrow(JSON.stringify(account))}`);
  const text = JSON.stringify({ ...rest, accounts: [] }, null, 2);
  return `${text.slice(0, text.lastIndexOf('[]'))}[\n${lines.join(',\n')}\n  ]\n}\n`;
}

/** One character beyond Latin-1 makes a text take twice the memory; JSON can say it in others. */
function narrow(json: string): string {
  return json.replace(/[\u0100-\uffff]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
