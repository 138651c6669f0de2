import { type ReactNode, useDeferredValue, useState } from 'react';
import type { VolumeRow } from '../../src/operator/api.ts';
import type { ClaimSettingsAnswer } from '../../src/operator/claim-api.ts';
import { ask } from '../live/ask.ts';
import { ActionDialog, type Outcome } from '../parts/action-dialog.tsx';
import type { Explained } from './explained.ts';
import { editable, settingText } from './setting-text.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly decision: Explained;
  readonly onClose: () => void;
}

const ANNOTATION = 'annotation';

/** What the claim itself says; what it does not say comes from its policy, namespace or class, and stands there in grey. */
export function EditSettings({ row, decision, onClose }: Properties): ReactNode {
  const [own] = useState(() => ownTexts(decision));
  const [typed, setTyped] = useState(own);
  const settings = changesOf(own, useDeferredValue(typed));
  const question = Object.keys(settings).length === 0 ? undefined : JSON.stringify(settings);
  const send = (dryRun: boolean, signal?: AbortSignal): Promise<Outcome> => {
    const body = { namespace: row.namespace, name: row.claim, settings, dryRun };
    return ask<ClaimSettingsAnswer>('/api/claims/settings', body, signal).then(({ outcome, message, ...rest }) => ({
      ...rest,
      message: outcome === '' ? message : `${message}. The claim then ${outcome}`,
    }));
  };
  return (
    <ActionDialog
      onClose={onClose}
      action={{
        title: `Settings of ${row.namespace}/${row.claim}`,
        does: 'What is filled in becomes an annotation of the claim, which counts before its policy, namespace and class.',
        leaves: 'An emptied field takes the annotation away; then the next place counts. Nothing grows by this alone.',
        command: `kubectl annotate pvc/${row.claim} -n ${row.namespace} --overwrite …`,
        verb: 'Save settings',
        question,
        plan: (signal) => send(true, signal),
        act: () => send(false),
      }}
    >
      <div className="fields">
        {editable.map(({ key, name, hint }) => (
          <label key={key} className="field">
            <span>{name}</span>
            <input
              value={typed[key] ?? ''}
              placeholder={elsewhere(decision, key)}
              onChange={(event) => setTyped({ ...typed, [key]: event.target.value })}
            />
            <span className="quiet">{hint}</span>
          </label>
        ))}
      </div>
    </ActionDialog>
  );
}

/** One that cannot be read stands in its field as it is: it is what has to be put right. */
function ownTexts({ settings, problems }: Explained): Readonly<Record<string, string>> {
  const own = editable.flatMap(({ key }) => {
    const unread = problems.find(({ field, source }) => field === key && source.label === ANNOTATION);
    if (unread) return [[key, unread.value] as const];
    const setting = settings[key];
    return setting?.source === ANNOTATION ? [[key, settingText(key, setting.value)] as const] : [];
  });
  return Object.fromEntries(own);
}

function elsewhere({ settings }: Explained, key: string): string {
  const setting = settings[key];
  if (!setting || setting.source === ANNOTATION) return '';
  const text = settingText(key, setting.value);
  return text === '' ? 'not set' : `${text} (${setting.source})`;
}

/** Null takes an annotation away. */
function changesOf(
  own: Readonly<Record<string, string>>,
  typed: Readonly<Record<string, string>>,
): Readonly<Record<string, string | null>> {
  const changes: Record<string, string | null> = {};
  for (const { key } of editable) {
    const now = (typed[key] ?? '').trim();
    if (now !== (own[key] ?? '')) changes[key] = now === '' ? null : now;
  }
  return changes;
}
