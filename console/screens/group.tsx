import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { GroupAnswer, GroupPreview } from '../../src/operator/policies/group-api.ts';
import { Link } from '../frame/link.tsx';
import { groupPath } from '../frame/route.ts';
import { useEscape } from '../frame/use-escape.ts';
import { useTitle } from '../frame/use-title.ts';
import { ask, failureOf } from '../live/ask.ts';
import { CommandLine } from '../parts/copy.tsx';
import { Empty } from '../parts/empty.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { draftAt, keepDraft } from '../policy/drafts.ts';
import { GroupMembers } from '../policy/group-members.tsx';
import { usePreviewed } from '../policy/policy-editor.tsx';
import { textOf } from '../policy/policy-text.ts';
import { PolicyYaml } from '../policy/policy-yaml.tsx';
import { WhatIf } from '../policy/what-if.tsx';

interface Named {
  readonly namespace: string;
  readonly name: string;
}

const POLICIES = '/policies';
const NEW = '/groups/new';
const NOT_THERE = 'LARDER_HTTP_NOT_FOUND';

/** One that is there: what is written here is tried, not saved. */
export function Group({ namespace, name }: Named): ReactNode {
  useTitle(`${namespace}/${name}`);
  useEscape(POLICIES);
  const path = groupPath(namespace, name);
  const { data, error, refetch } = useQuery({
    queryKey: ['group', namespace, name],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => ask<GroupAnswer>(`/api${path}`, undefined, signal),
  });
  if (data) {
    const title = (
      <>
        <span className="quiet">{namespace}/</span>
        {name}
      </>
    );
    return <Written path={path} title={title} start={textOf(data.object)} />;
  }
  if (error && failureOf(error).code === NOT_THERE) {
    return (
      <Empty screen title={`There is no group ${namespace}/${name}.`}>
        <p>It may have been deleted, or it is in a namespace that you may not see.</p>
        <Link to={POLICIES}>Policies and groups</Link>
      </Empty>
    );
  }
  if (error) return <FailureNote what="The group was not read" cause={error} retry={() => void refetch()} />;
  return <Waiting what="the group" />;
}

const START = `apiVersion: pvc-chonker.io/v1alpha1
kind: PVCGroup
metadata:
  name: data
  namespace: default
spec:
  coordinationPolicy: largest
  selector:
    matchLabels:
      app: data
  template:
    threshold: 80%
    increase: 20%
`;

export function NewGroup(): ReactNode {
  useTitle('New group');
  useEscape(POLICIES);
  return <Written path={NEW} title="New group" start={START} />;
}

interface WrittenProperties {
  readonly path: string;
  readonly title: ReactNode;
  /** What stands there before anybody types. */
  readonly start: string;
}

function Written({ path, title, start }: WrittenProperties): ReactNode {
  const [draft, setDraft] = useState(() => draftAt(path)?.text);
  const setText = (text: string): void => {
    const next = text === start ? undefined : text;
    keepDraft(path, next === undefined ? undefined : { text: next, base: undefined });
    setDraft(next);
  };
  const editing = usePreviewed<GroupPreview>('groups', draft ?? start, setText);
  const { text, read, problems, preview, failure, again, namespace, name, object } = editing;
  const isReadable =
    namespace !== '' && read.kind === 'read' && problems.every(({ field }) => field.startsWith('metadata.'));
  return (
    <article className="policy group">
      <header className="title-line">
        <h1>{title}</h1>
        {draft !== undefined && <span className="chip-plain">tried, not applied</span>}
        {draft !== undefined && (
          <div className="actions">
            <button type="button" onClick={() => setText(start)}>
              Discard changes
            </button>
          </div>
        )}
      </header>
      <PolicyYaml of="group" {...{ text, setText, read, problems }} onLeave={undefined} readOnly={false} />
      <p className="quiet">What is written here is tried and not saved: groups are changed with kubectl.</p>
      <CommandLine command={`kubectl apply -f ${/^[\w.-]+$/.test(name) ? name : 'group'}.yaml`} />
      <section aria-labelledby="members">
        <h2 id="members">Claims</h2>
        {failure ? <FailureNote what="Its claims were not found" cause={failure} retry={again} /> : null}
        {!isReadable && <p className="quiet">Mend what is wrong with it, and its claims stand here.</p>}
        {isReadable && preview && <GroupMembers preview={preview} />}
      </section>
      <WhatIf of="group" {...{ namespace, name }} object={isReadable ? object : undefined} />
    </article>
  );
}
