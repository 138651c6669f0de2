/** The page of what each key of a Nomad job becomes, from the rules that do it. */
import { nomadVersion } from '../../../src/nomad/jobspec/nomad-version.ts';
import type { Class, Row } from '../../../src/nomad/translate/account.ts';
import { rows } from '../../../src/nomad/translate/rows.ts';
import { code, markdownTable, page } from './markdown.ts';

const meanings: Readonly<Record<Class, string>> = {
  direct: 'the same in Kubernetes',
  approximate: 'written, and it behaves a little differently',
  manual: 'nothing is written, or a person must look; the report says what to do',
  dropped: 'has no meaning there, and nothing is lost',
};
const ROWS_AT_LEAST = 20;

export function nomadMappingPage(): string {
  const all = rows();
  if (all.length < ROWS_AT_LEAST) throw new Error(`only ${all.length} rules found`);
  const families = [...Map.groupBy(all, ({ id }) => familyOf(id))].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const counts = Object.keys(meanings).map((name) => [name, all.filter((row) => row.class === name).length] as const);
  return page(
    'Nomad to Kubernetes',
    `What \`larder nomad convert\` makes of each key of a job: ${all.length} rows, ${counts.map(([name, count]) => `${count} ${name}`).join(', ')}. The class is that of the usual case; a single line may be worse, and the report then says so. A line that no row knows is reported too, as one for a person.`,
    `Keys and defaults are those of Nomad ${nomadVersion}: a line that a job leaves out counts as Nomad ${nomadVersion} counts it. Jobs from 0.12 on are read, with the spellings that they had.`,
    markdownTable(['Class', 'Meaning'], Object.entries(meanings)),
    ...families.flatMap(([family, own]) => [
      `## ${family}`,
      markdownTable(['Row', 'Nomad', 'Kubernetes', 'Class', 'Why'], own.map(cells)),
    ]),
  );
}

function familyOf(id: string): string {
  return id.split('.')[0] ?? id;
}

function cells({ id, nomad, kubernetes, class: kind, why }: Row): readonly string[] {
  return [code(id), nomad, kubernetes, kind, why];
}
