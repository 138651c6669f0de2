import type { Report } from './report.ts';

/** What the page's script reads: the report, but every text once, and what belongs to a job with the job. */
export interface PageDataInput {
  readonly report: Report;
  readonly sources: ReadonlyMap<string, string>;
  /** Texts of the manifests, by path. */
  readonly manifests: ReadonlyMap<string, string>;
}

/** JSON, in pieces, because a page of many jobs is large. Nothing in it ends the element that it stands in. */
export function pageData({ report, sources, manifests }: PageDataInput): readonly string[] {
  const { accounts, modules, ...rest } = report;
  const byFile = Map.groupBy(accounts, ({ file }) => file);
  const texts = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = texts.get(text) ?? texts.size;
    texts.set(text, known);
    return known;
  };
  const jobs = modules.map((module) => {
    const paths = new Map(module.manifests.map(({ file }, index) => [file, index]));
    const own = (byFile.get(module.file) ?? []).map(({ line, path, class: kind, text, todo = '', row, outputs }) => [
      ...[line, path, kind, numberOf(text), numberOf(todo), row],
      outputs.flatMap((output) => {
        const index = paths.get(output.file);
        return index === undefined ? [] : [[index, output.line]];
      }),
    ]);
    const written = module.manifests.map(({ file }) => [file, manifests.get(file) ?? '']);
    return inElement(
      JSON.stringify({ ...module, source: sources.get(module.file) ?? '', accounts: own, manifests: written }),
    );
  });
  const head = inElement(JSON.stringify({ ...rest, texts: [...texts.keys()] }));
  return [`${head.slice(0, -1)},"modules":[`, ...jobs.map((job, index) => (index === 0 ? job : `,${job}`)), ']}'];
}

/** Characters beyond Latin-1 are escaped too: one of them makes the whole text take twice the memory. */
function inElement(json: string): string {
  return json.replace(/[<>&\u0100-\uffff]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
