import type { Item } from '../jobspec/field.ts';
import { dig, fields, maps, word } from './dig.ts';
import { atItem, type Finding } from './finding.ts';
import { isSamePath } from './part.ts';
import { type SecretKey, secretKeysOf } from './piece.ts';
import {
  type Check,
  type GroupSubject,
  groupsOf,
  type Subject,
  settingsOf,
  type TaskSubject,
  tasksOf,
} from './subject.ts';
import type { WrittenManifest } from './tree.ts';

/** C3: every key of a secret has an ExternalSecret entry, and no credential of the job stands in the output. */
export const secret: Check = {
  id: 'C3',
  title: 'secrets',
  run: (subject) => [...groupsOf(subject).flatMap((group) => keyFindings(subject, group)), ...leaks(subject)],
};

function keyFindings({ report }: Subject, group: GroupSubject): readonly Finding[] {
  const entries = (group.of.module?.manifests ?? []).filter(({ kind }) => kind === 'ExternalSecret').flatMap(entriesOf);
  return group.tasks.flatMap(({ task }) =>
    task.template.flatMap((template): readonly Finding[] => {
      const { data } = template;
      if (!data || report.lost(data) || report.lost(template)) return [];
      const delimiters = { left: template.left_delimiter.value, right: template.right_delimiter.value };
      return secretKeysOf(data.value, delimiters)
        .filter((wanted) => !entries.some((entry) => isEntryOf(entry, wanted)) && !report.names(data, wanted.key))
        .map((wanted) => missing(data, wanted));
    }),
  );
}

function missing(item: Item, { path, key }: SecretKey): Finding {
  const message = `no ExternalSecret of the module reads the key ${key} of ${path}`;
  const todo = `Add an entry with property ${key}, or say in the report where the application gets it.`;
  return { check: 'C3', severity: 'error', ...atItem(item), message, todo };
}

interface Entry {
  readonly path: string;
  /** Absent: all of them. */
  readonly key?: string;
}

function entriesOf({ object }: WrittenManifest): readonly Entry[] {
  const single = maps(dig(object, 'spec', 'data')).map(({ remoteRef }) => ({
    path: word(dig(remoteRef, 'key')),
    key: word(dig(remoteRef, 'property')),
  }));
  const whole = maps(dig(object, 'spec', 'dataFrom')).map(({ extract }) => ({ path: word(dig(extract, 'key')) }));
  return [...single, ...whole];
}

function isEntryOf(entry: Entry, wanted: SecretKey): boolean {
  return (entry.key === undefined || entry.key === wanted.key) && isSamePath(wanted.path, entry.path);
}

/** Shorter ones would be found everywhere. */
const SHORTEST = 4;

function leaks(subject: Subject): readonly Finding[] {
  const credentials = tasksOf(subject).flatMap(credentialsOf);
  return [...subject.tree.files].flatMap(([file, text]) =>
    credentials
      .filter(({ value }) => value.length >= SHORTEST && text.includes(value))
      .map(({ value, item }): Finding => {
        const line = text.slice(0, text.indexOf(value)).split('\n').length;
        const message = `the credential of ${item.at.file}:${item.at.line} stands here in plain text`;
        const todo = 'Take it out, keep it in the secret store, and rotate it: it was in a file.';
        return { check: 'C3', severity: 'error', file, line, object: item.path, message, todo };
      }),
  );
}

interface Credential {
  readonly value: string;
  readonly item: Item;
}

const SECRET_OPTION = /^(?:sshkey|aws_access_key_secret|aws_access_token|authorization|x-.*token.*|.*password.*)$/i;

const SECRET_NAME = /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY)$/i;
/** A word or a number alone is found in any text, and is hardly a credential. */
const GUESSED = /^(?=.*[a-z])(?=.*[^a-z\s])[^\s/]{6,}$/i;

/** What a jobspec has only to prove who asks: passwords of registries, keys and headers of artifacts, variables that are called so. */
function credentialsOf({ task }: TaskSubject): readonly Credential[] {
  const { config } = task;
  const variables = task.env.filter(({ key, value }) => SECRET_NAME.test(key) && GUESSED.test(value));
  const { auth } = settingsOf(config);
  const logins = config ? [auth, ...maps(auth)].map((each) => word(fields(each)['password'])) : [];
  const artifacts = task.artifact.flatMap(({ options, headers }) => [...options, ...headers]);
  return [
    ...logins.map((value) => ({ value, item: config ?? task })),
    ...variables.map((pair) => ({ value: pair.value, item: pair })),
    ...artifacts.filter(({ key }) => SECRET_OPTION.test(key)).map((pair) => ({ value: pair.value, item: pair })),
  ].filter(({ value }) => !value.includes('${'));
}
