import { useEffect, useMemo, useState } from 'react';
import type { ReportAccount, ReportModule } from '../../src/nomad/report/report.ts';
import { useParameter } from '../frame/use-route.ts';
import { accountsOf, type CodeLine, jobLines, linesWith, outputLines } from './link.ts';
import type { Migration } from './use-conversion.ts';

export type Side = 'in' | 'out';

interface At {
  readonly side: Side;
  readonly line: number;
}

export interface Choice {
  readonly lines: Readonly<Record<Side, readonly CodeLine[]>>;
  readonly marked: Readonly<Record<Side, ReadonlySet<number>>>;
  readonly hovered: Readonly<Record<Side, ReadonlySet<number>>>;
  readonly at: At | undefined;
  /** Of the line that was chosen. */
  readonly accounts: readonly ReportAccount[];
  /** Files of the module, manifests first. */
  readonly files: readonly string[];
  /** The one that is shown; empty: there is none. */
  readonly file: string;
  readonly show: (file: string) => void;
  /** `file`: of an output that is not shown yet. */
  readonly pick: (side: Side, line: number, file?: string) => void;
  readonly hover: (side: Side, line: number | undefined) => void;
}

/** The address may be written so often; arrow keys are faster. */
const SETTLED_MS = 250;

/** What is chosen of one service; it stands in the address, so that a copied one shows the same. */
export function useChoice(migration: Migration, module: ReportModule): Choice {
  const [fileWord, setFile] = useParameter('file');
  const [atWord, setAtWord] = useParameter('at');
  const [at, setAt] = useState(() => placeOf(atWord));
  const [over, setOver] = useState<At | undefined>(undefined);
  useSettled(at === undefined ? '' : `${at.side}:${at.line}`, setAtWord);
  const own = useMemo(() => accountsOf(migration.report, module), [migration, module]);
  const files = useMemo(() => filesOf(migration, module), [migration, module]);
  const left = useMemo(() => jobLines(migration.sources[module.file] ?? '', own), [migration, module, own]);
  const file = files.includes(fileWord) ? fileWord : (firstFile(left, at, files) ?? '');
  const right = useMemo(() => outputLines(file, migration.texts.get(file) ?? '', own), [migration, file, own]);
  const lines = { in: left, out: right };
  const accountsAt = (place: At | undefined): readonly ReportAccount[] =>
    place === undefined ? [] : (lines[place.side][place.line - 1]?.accounts ?? []);
  const marksOf = (place: At | undefined): Choice['marked'] => {
    const wanted = accountsAt(place);
    return { in: linesWith(left, wanted), out: linesWith(right, wanted) };
  };
  return {
    lines,
    marked: marksOf(at),
    hovered: marksOf(over),
    at,
    accounts: accountsAt(at),
    files,
    file,
    show: (next) => setFile(next),
    pick: (side, line, wanted) => {
      setAt({ side, line });
      const outputs = side === 'in' ? (left[line - 1]?.accounts ?? []).flatMap((each) => each.outputs) : [];
      const other = outputs.some((output) => output.file === file) ? undefined : outputs[0]?.file;
      const next = wanted ?? other;
      if (next !== undefined && next !== file) setFile(next);
    },
    hover: (side, line) => setOver(line === undefined ? undefined : { side, line }),
  };
}

function useSettled(word: string, write: (word: string) => void): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what writes is another function each time
  useEffect(() => {
    const timer = setTimeout(() => {
      if ((new URLSearchParams(location.search).get('at') ?? '') !== word) write(word);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [word]);
}

function placeOf(word: string): At | undefined {
  const [, side, line] = /^(in|out):(\d{1,6})$/.exec(word) ?? [];
  return side === undefined ? undefined : { side: side === 'in' ? 'in' : 'out', line: Number(line) };
}

/** Where the chosen line of the job went, else the first. */
function firstFile(left: readonly CodeLine[], at: At | undefined, files: readonly string[]): string | undefined {
  const chosen = at?.side === 'in' ? left[at.line - 1]?.accounts : undefined;
  return chosen?.flatMap(({ outputs }) => outputs)[0]?.file ?? files[0];
}

function filesOf({ texts }: Migration, { manifests }: ReportModule): readonly string[] {
  const written = manifests.map(({ file }) => file);
  const folder = written[0]?.split('/').slice(0, 2).join('/');
  if (folder === undefined) return [];
  const others = [...texts.keys()].filter((path) => path.startsWith(`${folder}/`) && !written.includes(path));
  return [...written, ...others];
}
