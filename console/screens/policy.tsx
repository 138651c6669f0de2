import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { ObjectText } from '../../src/operator/console/object-text.ts';
import type { PolicyAnswer } from '../../src/operator/policies/policy-api.ts';
import { Link } from '../frame/link.tsx';
import { policyPath } from '../frame/route.ts';
import { useEscape } from '../frame/use-escape.ts';
import { go } from '../frame/use-route.ts';
import { useTitle } from '../frame/use-title.ts';
import { ask, failureOf } from '../live/ask.ts';
import { useMay, useMe } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { DeletePolicy } from '../policy/delete-policy.tsx';
import { type Draft, draftAt, keepDraft } from '../policy/drafts.ts';
import { Overtaken } from '../policy/overtaken.tsx';
import { type Editing, PolicyEditor, useEditing } from '../policy/policy-editor.tsx';
import { labelsIn, policyOfClaim } from '../policy/policy-of-claim.ts';
import { textOf, withField } from '../policy/policy-text.ts';
import { SavePolicy } from '../policy/save-policy.tsx';
import { useShownProblems } from '../policy/use-shown-problems.ts';
import type { ExplainedAnswer } from '../volume/explained.ts';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

const AGAIN_MS = 5_000;
const POLICIES = '/policies';
const NEW = '/policies/new';
const NOT_THERE = 'LARDER_HTTP_NOT_FOUND';

/** One that is there. */
export function Policy({ namespace, name }: Named): ReactNode {
  useTitle(`${namespace}/${name}`);
  useEscape(POLICIES);
  const live = useIsLive();
  const { data, error, refetch } = useQuery({
    queryKey: ['policy', namespace, name],
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<PolicyAnswer>(`/api${policyPath(namespace, name)}`, undefined, signal),
  });
  const isGone = error !== null && failureOf(error).code === NOT_THERE;
  if (data) return <Edited {...{ namespace, name, isGone }} newest={data} />;
  if (isGone) {
    return (
      <Empty screen title={`There is no policy ${namespace}/${name}.`}>
        <p>It may have been deleted, or it is in a namespace that you may not see.</p>
        <Link to={POLICIES}>All policies</Link>
      </Empty>
    );
  }
  if (error) return <FailureNote what="The policy was not read" cause={error} retry={() => void refetch()} />;
  return <Waiting what="the policy" />;
}

/** What was typed, kept for the address; undefined: nothing was. */
function useDraft(path: string): readonly [Draft | undefined, (draft: Draft | undefined) => void] {
  const [draft, setDraft] = useState(() => draftAt(path));
  return [
    draft,
    (next) => {
      keepDraft(path, next);
      setDraft(next);
    },
  ];
}

interface EditedProperties extends Named {
  readonly newest: PolicyAnswer;
  readonly isGone: boolean;
}

/** As long as nothing is typed it is what the cluster has; what is typed stays on top of what it was made of. */
function Edited({ namespace, name, newest, isGone }: EditedProperties): ReactNode {
  const queries = useQueryClient();
  const [draft, setDraft] = useDraft(policyPath(namespace, name));
  const base = draft?.base ?? newest;
  const stored = textOf(base.object);
  const setText = (text: string): void => setDraft(text === stored ? undefined : { text, base });
  const editing = useEditing(draft?.text ?? stored, setText);
  const [open, setOpen] = useState<'save' | 'delete' | undefined>(undefined);
  const [isDeleted, setDeleted] = useState(false);
  const { read } = editing;
  const onSaved = (saved: PolicyAnswer): void => {
    const queryKey = ['policy', namespace, name];
    void queries.cancelQueries({ queryKey }); // what is on its way is older
    queries.setQueryData(queryKey, saved);
    setDraft(undefined);
  };
  return (
    <article className="policy">
      <Head
        {...{ namespace, name, editing, open: setOpen }}
        isEdited={draft !== undefined}
        discard={() => setText(stored)}
      />
      {isGone && !isDeleted && <p className="tone-warn">It was deleted meanwhile. What you see is what it was.</p>}
      {newest.version !== base.version && (
        <Overtaken theirs={textOf(newest.object)} base={stored} onTake={() => setDraft(undefined)} />
      )}
      <PolicyEditor editing={editing} isNew={false} readOnly={!useMay(needOf('change policies', namespace))} />
      {open === 'save' && read.kind === 'read' && (
        <SavePolicy
          {...{ namespace, name, onSaved }}
          preview={editing.preview}
          object={read.object}
          version={base.version}
          onRebase={(theirs) => setDraft({ text: editing.text, base: theirs })}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open === 'delete' && (
        <DeletePolicy
          {...{ namespace, name }}
          version={base.version}
          onDeleted={() => {
            setDraft(undefined);
            setDeleted(true);
          }}
          onClose={() => (isDeleted ? go(POLICIES) : setOpen(undefined))}
        />
      )}
    </article>
  );
}

interface HeadProperties extends Named {
  readonly editing: Editing;
  readonly isEdited: boolean;
  readonly discard: () => void;
  readonly open: (dialog: 'save' | 'delete') => void;
}

function Head({ namespace, name, editing, isEdited, discard, open }: HeadProperties): ReactNode {
  const live = useIsLive();
  const mayChange = useMay(needOf('change policies', namespace));
  const mayDelete = useMay(needOf('delete policies', namespace));
  return (
    <header className="title-line">
      <h1>
        <span className="quiet">{namespace}/</span>
        {name}
      </h1>
      {isEdited && <span className="chip-plain">not saved</span>}
      <div className="actions">
        {mayChange && (
          <button
            type="button"
            className="primary"
            disabled={!live || !isEdited || !isReady(editing)}
            onClick={() => open('save')}
          >
            Save
          </button>
        )}
        {isEdited && (
          <button type="button" onClick={discard}>
            Discard changes
          </button>
        )}
        {mayDelete && (
          <button type="button" disabled={!live} onClick={() => open('delete')}>
            Delete
          </button>
        )}
      </div>
    </header>
  );
}

function isReady(editing: Editing): boolean {
  return isLookedAt(editing) && editing.problems.length === 0;
}

/** What stands there can be read, and the operator has said what is wrong with it. */
function isLookedAt({ read, isSettled, preview }: Editing): boolean {
  return read.kind === 'read' && isSettled && preview !== undefined;
}

const START = `apiVersion: pvc-chonker.io/v1alpha1
kind: PVCPolicy
metadata:
  name:
  namespace: default
spec:
  selector: {}
  template:
    threshold: 80%
    increase: 20%
`;

/** Empty, or as a claim has it that the address names. */
export function NewPolicy(): ReactNode {
  useTitle('New policy');
  useEscape(POLICIES);
  const wanted = new URLSearchParams(location.search);
  const [namespace, claim] = [wanted.get('namespace'), wanted.get('claim')];
  if (namespace !== null && claim !== null) return <PolicyOfClaim namespace={namespace} name={claim} />;
  const start = namespace === null ? START : withField(START, ['metadata', 'namespace'], namespace);
  return <NewEdited start={start} />;
}

function PolicyOfClaim({ namespace, name }: Named): ReactNode {
  const me = useMe();
  const mayRead = useMay(needOf('read claims', namespace));
  const path = `/api/claims/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
  const { data, error, refetch } = useQuery({
    queryKey: ['policy of', namespace, name, mayRead],
    enabled: me !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const { decision } = await ask<ExplainedAnswer>(`${path}/explain`, undefined, signal);
      const object = mayRead ? await ask<ObjectText>(`${path}/object`, undefined, signal) : undefined;
      const labels = object && labelsIn(object.text);
      return policyOfClaim({ namespace, settings: decision.settings, labels });
    },
  });
  if (error) return <FailureNote what="The claim was not read" cause={error} retry={() => void refetch()} />;
  return data === undefined ? <Waiting what="the settings of the claim" /> : <NewEdited start={data} />;
}

function NewEdited({ start }: { readonly start: string }): ReactNode {
  const live = useIsLive();
  const [draft, setDraft] = useDraft(NEW + location.search);
  const setText = (text: string): void => setDraft(text === start ? undefined : { text, base: undefined });
  const editing = useEditing(draft?.text ?? start, setText);
  const { namespace, name, read, preview, problems } = editing;
  const said = useShownProblems(problems);
  const { tries } = said;
  const article = useRef<HTMLElement>(null);
  useEffect(() => {
    if (tries > 0) article.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [tries]);
  const mayMake = useMay(needOf('make policies', namespace));
  const [open, setOpen] = useState(false);
  const [isMade, setMade] = useState(false);
  const close = (): void => {
    setOpen(false);
    if (isMade) go(policyPath(namespace, name));
  };
  return (
    <article className="policy" ref={article}>
      <header className="title-line">
        <h1>New policy</h1>
        <div className="actions">
          <button
            type="button"
            className="primary"
            disabled={!live || !mayMake || !isLookedAt(editing)}
            onClick={() => (problems.length === 0 ? setOpen(true) : said.tried())}
          >
            Make policy
          </button>
          {draft && (
            <button type="button" onClick={() => setDraft(undefined)}>
              Start again
            </button>
          )}
        </div>
      </header>
      {!mayMake && namespace !== '' && (
        <p className="quiet">
          Your account may not make policies in {namespace}. The YAML can be copied and given to who may.
        </p>
      )}
      <PolicyEditor editing={editing} isNew readOnly={false} said={said} />
      {open && read.kind === 'read' && (
        <SavePolicy
          {...{ namespace, name, preview }}
          object={read.object}
          version={undefined}
          onSaved={() => {
            keepDraft(NEW + location.search, undefined);
            setMade(true);
          }}
          onRebase={() => go(policyPath(namespace, name))}
          onClose={close}
        />
      )}
    </article>
  );
}
