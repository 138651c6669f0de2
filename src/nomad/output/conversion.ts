import type { Item } from '../jobspec/field.ts';
import { keyOf } from '../jobspec/items.ts';
import type { Policy } from '../policy.ts';
import type { Project } from '../project.ts';
import { cover } from '../report/conceal.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Account } from '../translate/account.ts';
import { apiVersions, type ModuleDraft } from '../translate/draft.ts';
import type { Question } from '../translate/scope.ts';
import { translate } from '../translate/translate.ts';
import { collisions, type Pair } from './collision.ts';
import { type Link, type RenderedModule, render } from './render.ts';
import { WITHHELD } from './withhold.ts';

/** What a project becomes, before anything of it is text or report. */
export interface Conversion {
  /** In the order of their names; the refused ones too, without what would be written. */
  readonly modules: readonly ConvertedModule[];
  /** Jobs that could be read and hold something that is not converted. */
  readonly refused: Project['refused'];
  readonly accounts: readonly ConvertedAccount[];
  readonly questions: readonly Question[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ConvertedModule {
  /** Without its links, which stand in the accounts. */
  readonly rendered: RenderedModule;
  /** Not empty: nothing of it is written. */
  readonly reasons: readonly string[];
}

export interface ConvertedAccount extends Account {
  readonly outputs: readonly { readonly file: string; readonly line: number; readonly pointer: string }[];
  /** How many more outputs there are than are listed; absent: none. */
  readonly omitted?: number;
}

export interface ConversionInput {
  readonly project: Project;
  readonly policy: Policy;
  readonly answers: ReadonlyMap<string, string>;
}

export function convert({ project, policy, answers }: ConversionInput): Conversion {
  const { jobs, surroundings, secrets } = project;
  const { environment } = policy;
  const { modules, accounts, questions } = translate({ jobs, policy, answers, surroundings });
  const pairs = modules.map((draft): Pair => ({ draft, rendered: render(draft, { environment, secrets }) }));
  const refusals = collisions(pairs);
  const converted = pairs.map(({ draft, rendered }): Drafted => {
    const reasons = refusals.filter(({ module }) => module === draft).map((each) => each.reason);
    return { draft, rendered: reasons.length > 0 ? { ...rendered, manifests: [] } : rendered, reasons };
  });
  return {
    modules: converted.map(told).toSorted((one, other) => compare(one.rendered.name, other.rendered.name)),
    refused: project.refused,
    accounts: [
      ...withWithheld(withIdle(linked(accounts, converted), converted), converted),
      ...refusedAccounts(project),
    ]
      .toSorted(byPlace)
      .map((each) => discreet(each, secrets)),
    questions: questions.map((each) => {
      return { ...each, text: cover(each.text, secrets), fallback: cover(each.fallback, secrets) };
    }),
    diagnostics: [...project.diagnostics, ...refusals.map(({ diagnostic }) => diagnostic), ...gaps(converted)],
  };
}

/** A module that still knows the job it was made of. */
interface Drafted extends ConvertedModule {
  readonly draft: ModuleDraft;
}

/** Of hundreds of jobs, drafts and links are most of the memory, and nobody asks for them again. */
function told({ rendered, reasons }: Drafted): ConvertedModule {
  const manifests = rendered.manifests.map((each) => ({ ...each, links: [] }));
  return { rendered: { ...rendered, manifests }, reasons };
}

function discreet(account: ConvertedAccount, secrets: readonly string[]): ConvertedAccount {
  if (secrets.length === 0) return account;
  const { text, todo } = account;
  return { ...account, text: cover(text, secrets), ...(todo === undefined ? {} : { todo: cover(todo, secrets) }) };
}

/** Where nothing of a job would run, what was only for the pods was not written, whatever its rule said. */
function withIdle(accounts: readonly ConvertedAccount[], modules: readonly Drafted[]): readonly ConvertedAccount[] {
  const idle = modules.filter(({ rendered }) => !rendered.manifests.some(({ kind }) => RUNNING.has(kind)));
  const files = new Set(idle.map(({ draft }) => draft.file));
  return accounts.map((account): ConvertedAccount => {
    const { class: each, outputs, item } = account;
    if (!files.has(item.at.file) || outputs.length > 0 || each === 'manual' || each === 'dropped') return account;
    return { ...account, class: 'manual', text: 'not written: no task of this job would run in Kubernetes' };
  });
}

const RUNNING = new Set<string>(Object.keys(apiVersions));

/** A line whose value could be written nowhere is for a person, whatever its rule said. */
function withWithheld(accounts: readonly ConvertedAccount[], modules: readonly Drafted[]): readonly ConvertedAccount[] {
  const places = new Map<string, string>();
  for (const { path, withheld } of modules.flatMap(({ rendered }) => rendered.manifests)) {
    for (const { line, items } of withheld) for (const item of items) places.set(keyOf(item), `${path}:${line}`);
  }
  if (places.size === 0) return accounts;
  return accounts.map((account): ConvertedAccount => {
    const place = places.get(keyOf(account.item));
    if (place === undefined) return account;
    const text = `a secret stands here, and ${WITHHELD} in its place at ${place}`;
    const todo = `Put at ${place} what reads the value from a Secret, or do without it: it was written nowhere.`;
    return { ...account, class: 'manual', text, todo };
  });
}

/** One for each line of a job, however often it is written. */
function gaps(modules: readonly Drafted[]): readonly Diagnostic[] {
  return modules.flatMap(({ draft, rendered }) => {
    const places = rendered.manifests.flatMap(({ path, withheld }) =>
      withheld.map(({ line, items }) => ({ place: `${path}:${line}`, at: items[0]?.at ?? draft.job.at })),
    );
    return [...Map.groupBy(places, ({ at }) => at)].map(([at, same]): Diagnostic => {
      const named = same.map(({ place }) => place).join(', ');
      const message = `a secret stands where no manifest can read it from a Secret: ${WITHHELD} is in its place at ${named}, and does not work before somebody changes it`;
      return { severity: 'warning', code: 'LARDER_NOMAD_SECRET', message, at };
    });
  });
}

/** A job that was read and is not converted: each of its lines is told as not written. */
function refusedAccounts({ refused }: Project): readonly ConvertedAccount[] {
  return refused.flatMap(({ loaded, reason }) =>
    loaded.items.map((item): ConvertedAccount => {
      return { item, row: 'refused', class: 'manual', text: `not written: ${reason}`, outputs: [] };
    }),
  );
}

/** Each account with the lines of the output that came from its item; of a refused job nothing came. */
function linked(accounts: readonly Account[], modules: readonly Drafted[]): readonly ConvertedAccount[] {
  const all = modules.flatMap(({ rendered }) => rendered.manifests.flatMap((each) => each.links));
  const links = Map.groupBy(all, ({ item }) => keyOf(item));
  const refused = new Map(
    modules.filter(({ reasons }) => reasons.length > 0).map((each) => [each.draft.file, each.reasons]),
  );
  return accounts.map((account): ConvertedAccount => {
    const reasons = refused.get(account.item.at.file);
    if (reasons)
      return { item: account.item, row: 'refused', class: 'manual', text: `not written: ${reasons[0]}`, outputs: [] };
    const outputs = outputsOf(account.item, links.get(keyOf(account.item)) ?? []);
    const omitted = outputs.length - MOST_OUTPUTS;
    return { ...account, outputs: outputs.slice(0, MOST_OUTPUTS), ...(omitted > 0 ? { omitted } : {}) };
  });
}

/** Nobody follows more; a list of thousands that thousands of lines came from would fill the memory with links. */
const MOST_OUTPUTS = 100;

/** Of an entry of a list, what came from that entry or from the list as a whole; each line once. */
function outputsOf({ at }: Item, links: readonly Link[]): readonly ConvertedAccount['outputs'][number][] {
  const found = new Map<string, ConvertedAccount['outputs'][number]>();
  for (const { item, path, line, pointer } of links) {
    if (isWithin(item.at, at) || isWithin(at, item.at)) found.set(`${path}\n${pointer}`, { file: path, line, pointer });
  }
  return [...found.values()];
}

function isWithin(inner: Item['at'], outer: Item['at']): boolean {
  return inner.offset >= outer.offset && inner.end.offset <= outer.end.offset;
}

function byPlace(one: ConvertedAccount, other: ConvertedAccount): number {
  return compare(one.item.at.file, other.item.at.file) || one.item.at.offset - other.item.at.offset;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
