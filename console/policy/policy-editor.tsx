import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { PoliciesAnswer, PolicyPreview, PolicyProblem, Written } from '../../src/operator/policies/policy-api.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { PolicyForm } from './policy-form.tsx';
import { fieldText, type PolicyText, readText } from './policy-text.ts';
import { PolicyYaml } from './policy-yaml.tsx';
import { ReachedClaims } from './reached-claims.tsx';
import { useSettled } from './use-settled.ts';
import type { ShownProblems } from './use-shown-problems.ts';
import { WhatIf } from './what-if.tsx';

/** A policy or a group as it is written just now, and what the operator says of it. */
export interface Editing<Preview = PolicyPreview> {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly read: PolicyText;
  /** The last that could be read. */
  readonly object: Written;
  readonly namespace: string;
  readonly name: string;
  readonly problems: readonly PolicyProblem[];
  readonly preview: Preview | undefined;
  readonly failure: unknown;
  readonly again: () => void;
  /** What is shown of it is of what is written. */
  readonly isSettled: boolean;
}

const NONE: readonly PolicyProblem[] = [];
const AGAIN_MS = 10_000;

export function useEditing(text: string, setText: (text: string) => void): Editing {
  return usePreviewed<PolicyPreview>('policies', text, setText);
}

/** `kind`: as its address in the API has it. */
export function usePreviewed<Preview extends { readonly problems: readonly PolicyProblem[] }>(
  kind: 'policies' | 'groups',
  text: string,
  setText: (text: string) => void,
): Editing<Preview> {
  const live = useIsLive();
  const read = useMemo(() => readText(text), [text]);
  const [object, setObject] = useState<Written>(() => (read.kind === 'read' ? read.object : {}));
  useEffect(() => {
    if (read.kind === 'read') setObject(read.object);
  }, [read]);
  const namespace = fieldText(object, ['metadata', 'namespace']);
  const name = fieldText(object, ['metadata', 'name']);
  const body = JSON.stringify({ namespace, name, object });
  const settled = useSettled(body);
  const { data, error, refetch } = useQuery({
    queryKey: ['preview', kind, settled],
    enabled: namespace !== '',
    placeholderData: keepPreviousData,
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<Preview>(`/api/${kind}/preview`, JSON.parse(settled), signal),
  });
  return {
    ...{ text, setText, read, object, namespace, name, preview: data, failure: error },
    problems: data?.problems ?? NONE,
    again: () => void refetch(),
    isSettled: settled === body,
  };
}

interface Properties {
  readonly editing: Editing;
  readonly isNew: boolean;
  readonly readOnly: boolean;
  /** Those of its problems that are said; undefined: all of them. */
  readonly said?: Pick<ShownProblems, 'shown' | 'leave'>;
}

/** Form and YAML side by side, the claims and the what-if below. */
export function PolicyEditor({ editing, isNew, readOnly, said }: Properties): ReactNode {
  const { text, setText, read, object, problems, namespace, name, preview, failure, again } = editing;
  const { data: all } = useQuery({
    queryKey: ['policies'],
    enabled: isNew,
    queryFn: ({ signal }) => ask<PoliciesAnswer>('/api/policies', undefined, signal),
  });
  const isReadable = read.kind === 'read' && problems.every(({ field }) => field.startsWith('metadata.'));
  const told = { problems: said?.shown ?? problems, onLeave: said?.leave };
  return (
    <>
      <div className="editor">
        <PolicyForm
          {...{ object, text, setText, isNew }}
          {...told}
          namespaces={all?.namespaces ?? []}
          closed={readOnly || read.kind === 'broken'}
        />
        <PolicyYaml of="policy" {...{ text, setText, read, readOnly }} {...told} />
      </div>
      <section aria-labelledby="claims">
        <h2 id="claims">Claims</h2>
        {failure ? <FailureNote what="Its claims were not found" cause={failure} retry={again} /> : null}
        {namespace === '' && <p className="quiet">Say in which namespace it is, and its claims stand here.</p>}
        {preview && namespace !== '' && isReadable && <ReachedClaims namespace={namespace} preview={preview} />}
        {!isReadable && <p className="quiet">Mend what is wrong with it, and its claims stand here.</p>}
      </section>
      <WhatIf of="policy" {...{ namespace, name }} object={isReadable && namespace !== '' ? object : undefined} />
    </>
  );
}
