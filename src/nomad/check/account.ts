import { atItem, type Finding } from './finding.ts';
import type { Check, JobSubject, Subject } from './subject.ts';

/** C17: the report has an account of every attribute of the input, with its file and line, and of nothing else. */
export const account: Check = {
  id: 'C17',
  title: 'the report is complete',
  run: (subject) => [...subject.jobs.flatMap((job) => jobFindings(subject, job)), ...strangers(subject)],
};

function jobFindings({ report }: Subject, { loaded }: JobSubject): readonly Finding[] {
  return loaded.items.flatMap((item): readonly Finding[] => {
    const accounts = report.of(item);
    const where = { check: 'C17', severity: 'error', ...atItem(item) } as const;
    if (accounts.length === 0) {
      return [
        {
          ...where,
          message: 'the report says nothing about it',
          todo: 'Convert again; a line without an account is a fault of Larder.',
        },
      ];
    }
    // parts of a list may have accounts of their own, at their own lines
    if (accounts.some(({ line }) => line >= item.at.line && line <= item.at.end.line)) return [];
    const message = `the report has it at line ${accounts[0]?.line}`;
    return [{ ...where, message, todo: 'The input has changed since: convert again.' }];
  });
}

function strangers({ report, jobs }: Subject): readonly Finding[] {
  const known = new Set(jobs.flatMap(({ loaded }) => loaded.items.map(({ path, at }) => `${at.file}\n${path}`)));
  const files = new Set(jobs.map(({ loaded }) => loaded.file));
  return report.accounts
    .filter(({ file, path }) => files.has(file) && !known.has(`${file}\n${path}`))
    .map(({ file, line, path }) => ({
      check: 'C17',
      severity: 'warning',
      file,
      line,
      object: path,
      message: 'the report tells of it, and the input does not have it',
      todo: 'The input has changed since: convert again.',
    }));
}
