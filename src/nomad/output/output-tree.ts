import { guide } from '../report/guide.ts';
import { markdown } from '../report/markdown.ts';
import { page } from '../report/page.ts';
import type { Report } from '../report/report.ts';
import { moduleText } from '../terraform/module-text.ts';
import { ROOT, rootText } from '../terraform/root-text.ts';
import type { Conversion } from './conversion.ts';
import type { RenderedModule } from './render.ts';

export interface TreeInput {
  readonly conversion: Pick<Conversion, 'modules'>;
  readonly report: Report;
  /** Texts of the jobspecs, as a report may show them. */
  readonly sources: ReadonlyMap<string, string>;
  /** Names of modules of earlier runs that stay. */
  readonly earlier: readonly string[];
}

/** A file of the output, before its text is made: all texts of hundreds of jobs together are as much as all else. */
export interface OutputFile {
  /** From the root of the output, with `/`. */
  readonly path: string;
  /** In pieces, because a report may be large; asked again, it is the same. */
  readonly pieces: () => Iterable<string>;
}

export function wholeText({ pieces }: Pick<OutputFile, 'pieces'>): string {
  return [...pieces()].join('');
}

/** All files of the output, one after the other. */
export function* outputTree(input: TreeInput): Generator<OutputFile> {
  const { conversion, report, sources } = input;
  const byFile = Map.groupBy(report.accounts, ({ file }) => file);
  const described = new Map(report.modules.map((each) => [each.name, each]));
  for (const module of writtenIn(conversion)) {
    for (const [name, text] of moduleText(module)) yield file(`${module.folder}/${name}`, text);
    for (const { path, text } of module.manifests) yield file(path, text);
    const about = described.get(module.name);
    if (!about) continue;
    const accounts = byFile.get(about.file) ?? [];
    const text = guide({ module: about, rendered: module, accounts, questions: report.questions });
    yield file(`${module.folder}/MIGRATION.md`, text);
  }
  yield file(ROOT, rootText(calledNames(input)));
  yield { path: 'migration-report.json', pieces: () => reportPieces(report) };
  yield file('migration-report.md', markdown(report));
  yield { path: 'migration-report.html', pieces: () => page({ report, conversion, sources }) };
}

/** Modules that the root calls: those that are written, and those of earlier runs. */
export function calledNames({ conversion, earlier }: Pick<TreeInput, 'conversion' | 'earlier'>): readonly string[] {
  return [...new Set([...writtenIn(conversion).map(({ name }) => name), ...earlier])].sort();
}

function writtenIn({ modules }: Pick<Conversion, 'modules'>): readonly RenderedModule[] {
  return modules.filter(({ reasons }) => reasons.length === 0).map(({ rendered }) => rendered);
}

function file(path: string, text: string): OutputFile {
  return { path, pieces: () => [text] };
}

/** A line for each account: the file of a large repository stays readable by people and by line. */
function* reportPieces({ accounts, ...rest }: Report): Generator<string> {
  const text = JSON.stringify({ ...rest, accounts: [] }, null, 2);
  yield `${text.slice(0, text.lastIndexOf('[]'))}[\n`;
  for (const [index, account] of accounts.entries())
    yield `${index === 0 ? '' : ',\n'}    ${narrow(JSON.stringify(account))}`;
  yield '\n  ]\n}\n';
}

/** One character beyond Latin-1 makes a text take twice the memory; JSON can say it in others. */
function narrow(json: string): string {
  return json.replace(/[\u0100-\uffff]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
