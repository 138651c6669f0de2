import type { Conversion, ConvertedAccount, ConvertedModule } from '../output/conversion.ts';
import { type Dependency, dependencies, migrationOrder } from '../output/dependency.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { fold } from '../translate/fold.ts';
import { countsOf } from './counts-of.ts';
import type { Report, ReportAccount, ReportModule } from './report.ts';

/** The report of a conversion. It has no time and no place in it: the same input gives the same bytes. */
export function build(conversion: Conversion, answers: ReadonlyMap<string, string>): Report {
  const { modules, accounts, questions, diagnostics } = conversion;
  const written = modules.filter(({ reasons }) => reasons.length === 0).map(({ rendered }) => rendered);
  const needs = new Map(dependencies(written).map((each) => [each.name, each]));
  const byFile = Map.groupBy(accounts, ({ item }) => item.at.file);
  const failed = diagnostics.filter(({ severity, at }) => severity === 'error' && at).map(({ at }) => at?.file);
  return {
    version: 1,
    counts: {
      ...countsOf(accounts),
      files: new Set([...modules.map(({ rendered }) => rendered.file), ...failed]).size,
      modules: written.length,
      refused: modules.length - written.length + conversion.refused.length,
    },
    modules: [
      ...modules.map((module) => moduleOf(module, byFile.get(module.rendered.file) ?? [], needs)),
      ...conversion.refused.map((each) => refusedModule(each, byFile.get(each.loaded.file) ?? [])),
    ],
    order: migrationOrder([...needs.values()]).map((step) => [...step]),
    accounts: accounts.map(accountOf),
    questions: questions.map(({ id, text, fallback }) => {
      const answer = answers.get(id);
      return { id, text, value: answer ?? fallback, answered: answer !== undefined };
    }),
    diagnostics: diagnostics.map(diagnosticOf),
  };
}

function moduleOf(
  { rendered, reasons }: ConvertedModule,
  accounts: readonly ConvertedAccount[],
  needs: ReadonlyMap<string, Dependency>,
): ReportModule {
  const todos = todosOf(accounts);
  const counts = countsOf(accounts);
  const open = todos.length > 0 || counts.manual > 0;
  const { calls = [], shares = [] } = needs.get(rendered.name) ?? {};
  return {
    name: rendered.name,
    job: rendered.job,
    file: rendered.file,
    namespace: rendered.namespace,
    verdict: reasons.length > 0 ? 'refused' : open ? 'decide' : 'go',
    reasons: [...reasons],
    counts,
    manifests: rendered.manifests.map(({ path, kind, name }) => ({ file: path, kind, name })),
    todos,
    calls: [...calls],
    shares: [...shares],
  };
}

/** One decision may be for several lines: it stands at the first. */
function todosOf(accounts: readonly ConvertedAccount[]): ReportModule['todos'] {
  const first = new Map<string, ReportModule['todos'][number]>();
  for (const { item, todo } of accounts) {
    const { file, line } = item.at;
    if (todo !== undefined && !first.has(todo)) first.set(todo, { file, line, path: item.path, text: todo });
  }
  return [...first.values()];
}

function refusedModule(
  { loaded: { file, job }, reason }: Conversion['refused'][number],
  accounts: readonly ConvertedAccount[],
): ReportModule {
  return {
    name: fold(job.label.text),
    job: job.label.text,
    file,
    namespace: job.namespace.value,
    verdict: 'refused',
    reasons: [reason],
    counts: countsOf(accounts),
    ...{ manifests: [], todos: [], calls: [], shares: [] },
  };
}

function accountOf({ item, row, class: kind, text, todo, outputs, omitted }: ConvertedAccount): ReportAccount {
  const { file, line, end } = item.at;
  const account = { file, line, end: Math.max(line, end.line), path: item.path, row, class: kind, text };
  return {
    ...account,
    ...(todo === undefined ? {} : { todo }),
    outputs: [...outputs],
    ...(omitted === undefined ? {} : { omitted }),
  };
}

function diagnosticOf({ severity, code, message, at }: Diagnostic): Report['diagnostics'][number] {
  return { severity, code, message, ...(at ? { file: at.file, line: at.line, column: at.column } : {}) };
}
