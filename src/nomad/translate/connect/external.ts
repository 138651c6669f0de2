import { ask, type ProjectScope } from '../scope.ts';

/** Where a service is that no converted job has: a person says it, once for all who call it. */
export interface External {
  readonly host: string;
  readonly port?: number;
}

export function externalOf(project: ProjectScope, name: string): External | undefined {
  const { value } = ask(project, {
    id: `external.${name}`,
    text: `Where is the service ${name}, which no converted job has? (NAME or NAME:PORT in DNS; empty: decided later)`,
    fallback: '',
    accepts: {
      pattern: /^$|^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9]\d{0,4})?$/i,
      words: 'a DNS name, with :PORT where callers need one, or nothing',
    },
  });
  const [host = '', port] = value.split(':');
  if (host === '') return undefined;
  return { host, ...(port === undefined ? {} : { port: Number(port) }) };
}
