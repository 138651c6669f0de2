import type { Report, ReportAccount } from './report.ts';

/** What the page's script reads: the report, with what belongs to a job at the job. */
export interface PageDataInput {
  readonly report: Report;
  readonly sources: ReadonlyMap<string, string>;
  /** Texts of the manifests, by path. */
  readonly manifests: ReadonlyMap<string, string>;
}

/** The number of a text. */
type Numbered = (text: string) => number;

/**
 * JSON, in pieces, because a page of many jobs is large. Every line and every sentence is in it once, in a list at the end,
 * and is called by its number before: jobs and manifests repeat each other. Nothing in it ends the element that it stands in.
 */
export function* pageData({ report, sources, manifests }: PageDataInput): Generator<string> {
  const { accounts, modules, ...rest } = report;
  const byFile = Map.groupBy(accounts, ({ file }) => file);
  const texts = new Map<string, number>();
  const numberOf: Numbered = (text) => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, texts.size);
    return texts.size - 1;
  };
  const linesOf = (text: string): readonly number[] => text.split('\n').map(numberOf);
  yield `${inElement(JSON.stringify(rest)).slice(0, -1)},"modules":[`;
  for (const [index, module] of modules.entries()) {
    const job = {
      ...module,
      source: linesOf(sources.get(module.file) ?? ''),
      accounts: (byFile.get(module.file) ?? []).map((each) => accountData(each, module, numberOf)),
      manifests: module.manifests.map(({ file }) => [file, linesOf(manifests.get(file) ?? '')]),
    };
    yield `${index === 0 ? '' : ','}${inElement(JSON.stringify(job))}`;
  }
  yield '],"texts":[';
  let first = true;
  for (const text of texts.keys()) {
    yield `${first ? '' : ','}${inElement(JSON.stringify(text))}`;
    first = false;
  }
  yield ']}';
}

/** Line, path below the job, class, text, what to do, row; then file and line of each line of the output. */
function accountData(
  { line, path, class: kind, text, todo = '', row, outputs }: ReportAccount,
  { job, manifests }: Report['modules'][number],
  numberOf: Numbered,
): readonly number[] {
  const below = path.startsWith(`job.${job}`) ? path.slice(`job.${job}`.length) : ` ${path}`;
  const places = outputs.flatMap((output) => {
    const index = manifests.findIndex(({ file }) => file === output.file);
    return index < 0 ? [] : [index, output.line];
  });
  return [line, ...[below, kind, text, todo, row].map(numberOf), ...places];
}

/** Characters beyond Latin-1 are escaped too: one of them makes the whole text take twice the memory. */
function inElement(json: string): string {
  return json.replace(/[<>&\u0100-\uffff]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
