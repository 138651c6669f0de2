/** What the roles would change on machines, in check mode. */
import type { Played } from '../run/ansible.ts';
import type { TaskResult } from '../run/run-event.ts';
import { blind, type DriftFinding, type Looked, nothing, together, type Unknown } from './finding.ts';

/** `hosts` are all that the playbook was to look at; of one that says nothing nobody knows. */
export function hostFindings(playbook: string, played: Played, hosts: readonly string[]): Looked {
  switch (played.kind) {
    case 'unavailable':
      return together(hosts.map((host) => blind('host', host, played.reason)));
    case 'interrupted':
      return together(hosts.map((host) => blind('host', host, `${playbook} was interrupted`)));
    case 'played': {
      const { results } = played;
      const silent = hosts.filter(
        (host) => played.hosts[host] === undefined && !results.some((each) => each.host === host),
      );
      const said = played.code === 'error' ? lastWords(played.log) : 'Ansible said nothing of it';
      return {
        ...nothing,
        findings: results.filter(({ outcome }) => outcome === 'changed').map(changed),
        unknown: [
          ...results.filter(isEnd).map(ended),
          ...silent.map((host): Unknown => ({ kind: 'host', object: host, why: `${playbook}: ${said}` })),
        ],
      };
    }
    default:
      return played satisfies never;
  }
}

function changed({ host, task, diff }: TaskResult): DriftFinding {
  const lines = changedLines(diff ?? '');
  return {
    kind: 'host',
    object: host,
    message: `the roles would change it: ${task}${lines === '' ? '' : ` (${lines})`}`,
  };
}

function isEnd({ outcome }: TaskResult): boolean {
  return outcome === 'failed' || outcome === 'unreachable';
}

/** After a failure the rest of the roles was not looked at. */
function ended({ host, task, outcome, message }: TaskResult): Unknown {
  const why = message === undefined || message === '' ? '' : `: ${message}`;
  const what = outcome === 'unreachable' ? 'cannot be reached' : `the task "${task}" failed`;
  return { kind: 'host', object: host, why: `${what}${why}` };
}

const LINES_AT_MOST = 4;

function changedLines(diff: string): string {
  const lines = diff.split('\n').filter((line) => /^[+-](?![+-]{2} )/.test(line) && line.trim().length > 1);
  const more = lines.length > LINES_AT_MOST ? ` and ${lines.length - LINES_AT_MOST} more lines` : '';
  return `${lines.slice(0, LINES_AT_MOST).join(' ')}${more}`;
}

function lastWords(log: string): string {
  const lines = log.trimEnd().split('\n');
  return lines.slice(-3).join(' ') || 'Ansible ended without a word';
}
