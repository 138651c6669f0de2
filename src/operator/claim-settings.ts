/** Settings of one claim, written as the annotations that a person would write with kubectl. */
import type { Expander } from '../expand/controller.ts';
import { ANNOTATION_PREFIX, fieldsOfAnnotations, type SettingName, settingKeys } from '../expand/settings/settings.ts';
import { summaryOf } from '../expand/summary.ts';
import { HttpError } from '../http/registry.ts';
import type { Client } from '../kube/client.ts';
import { isKubeError } from '../kube/error.ts';
import { kinds, type PersistentVolumeClaim } from '../kube/kinds.ts';
import { lineWord } from '../nomad/report/shell-word.ts';
import type { ClaimSettingsAnswer, ClaimSettingsRequest } from './claim-api.ts';

export interface ClaimSetting {
  setClaim(request: ClaimSettingsRequest, signal: AbortSignal): Promise<ClaimSettingsAnswer>;
}

interface Parts {
  readonly client: Client;
  readonly expander: Pick<Expander, 'suppose'>;
  /** Why growth is off; undefined: it is not. */
  readonly growthOff: () => string | undefined;
  readonly claimOf: (key: string) => PersistentVolumeClaim | undefined;
}

const keys = Object.values(settingKeys);
const names = Object.keys(settingKeys).filter((name): name is SettingName => Object.hasOwn(settingKeys, name));

export function claimSetting(parts: Parts): ClaimSetting {
  return {
    async setClaim(request, signal) {
      const { namespace, name, dryRun } = request;
      const key = `${namespace}/${name}`;
      const object = parts.claimOf(key);
      if (!object) throw new HttpError('LARDER_HTTP_NOT_FOUND', 404, `there is no claim ${key}`);
      const patch = annotationsOf(request);
      const after = merged(object.metadata.annotations ?? {}, patch);
      refuseUnreadable(patch, after);
      const written = Object.entries(patch).filter(
        ([annotation, value]) => (object.metadata.annotations?.[annotation] ?? null) !== value,
      );
      const answer = { claim: key, command: commandOf(request, patch), outcome: await outcomeOf(parts, key, after) };
      if (written.length === 0) return { ...answer, changes: false, message: 'nothing to do: it says so already' };
      await write(parts.client, request, patch, signal);
      const said = written.map(([annotation, value]) =>
        value === null ? `${annotation} is taken away` : `${annotation}: "${value}"`,
      );
      return { ...answer, changes: true, message: `${dryRun ? 'would write' : 'wrote'} ${said.join(', ')}` };
    },
  };
}

/** Also a dry run asks the API server: who may not write is told before. */
async function write(
  client: Client,
  { namespace, name, dryRun }: ClaimSettingsRequest,
  annotations: Readonly<Record<string, string | null>>,
  signal: AbortSignal,
): Promise<void> {
  const patch = { kind: 'merge', value: { metadata: { annotations } } } as const;
  try {
    await client.patch(kinds.PersistentVolumeClaim, { namespace, name }, patch, {
      fieldManager: 'larder',
      dryRun,
      signal,
    });
  } catch (failure) {
    if (isKubeError(failure)) throw new HttpError('LARDER_HTTP_REFUSED', 409, failure.message, { cause: failure });
    throw failure;
  }
}

function annotationsOf({ settings }: ClaimSettingsRequest): Readonly<Record<string, string | null>> {
  const entries = Object.entries(settings);
  if (entries.length === 0) throw bad('no setting was named');
  const unknown = entries.find(([key]) => !keys.some((known) => known === key));
  if (unknown) throw bad(`there is no setting "${unknown[0]}"; these are: ${keys.join(', ')}`);
  return Object.fromEntries(entries.map(([key, value]) => [`${ANNOTATION_PREFIX}${key}`, value]));
}

function merged(
  annotations: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const after = { ...annotations };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete after[name];
    else after[name] = value;
  }
  return after;
}

/** A value that cannot be read would stop growth: it is not written. */
function refuseUnreadable(
  patch: Readonly<Record<string, string | null>>,
  after: Readonly<Record<string, string>>,
): void {
  const fields = fieldsOfAnnotations(after);
  for (const name of names) {
    const field = fields[name];
    if (field === undefined || field.ok || !(`${ANNOTATION_PREFIX}${settingKeys[name]}` in patch)) continue;
    throw bad(`${settingKeys[name]} is "${field.text}": it ${field.reason}`);
  }
}

async function outcomeOf(
  { expander, growthOff }: Parts,
  key: string,
  annotations: Readonly<Record<string, string>>,
): Promise<string> {
  if (growthOff() !== undefined) return '';
  const explanation = await expander.suppose(key, annotations);
  return explanation ? summaryOf(explanation.decision) : '';
}

function commandOf({ namespace, name }: ClaimSettingsRequest, patch: Readonly<Record<string, string | null>>): string {
  const words = Object.entries(patch).map(([annotation, value]) =>
    value === null ? `${annotation}-` : lineWord(`${annotation}=${value}`),
  );
  return `kubectl annotate pvc/${name} -n ${namespace} --overwrite ${words.join(' ')}`;
}

function bad(message: string): HttpError {
  return new HttpError('LARDER_HTTP_BAD_REQUEST', 400, message);
}
