import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import type { ObjectText } from '../../src/operator/console/object-text.ts';
import { ask } from '../live/ask.ts';
import { useMay } from '../live/me.ts';
import { CommandLine, Copy } from '../parts/copy.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';

/** The objects behind the volume as the API has them. They are asked for when somebody opens them. */
export function YamlView({ row }: { readonly row: VolumeRow }): ReactNode {
  const mayClaim = useMay(needOf('read claims', row.namespace));
  const mayVolume = useMay(needOf('read volumes'));
  const { namespace, claim, volume } = row;
  if (!mayClaim && !mayVolume) return null;
  return (
    <section aria-labelledby="yaml">
      <h2 id="yaml">YAML</h2>
      {mayClaim && (
        <Folded
          name={`PersistentVolumeClaim ${namespace}/${claim}`}
          path={`/api/claims/${encodeURIComponent(namespace)}/${encodeURIComponent(claim)}/object`}
          command={`kubectl get pvc ${claim} -n ${namespace} -o yaml`}
        />
      )}
      {mayVolume && volume !== '' && (
        <Folded
          name={`PersistentVolume ${volume}`}
          path={`/api/volumes/${encodeURIComponent(volume)}/object`}
          command={`kubectl get pv ${volume} -o yaml`}
        />
      )}
    </section>
  );
}

interface FoldedProperties {
  readonly name: string;
  readonly path: string;
  readonly command: string;
}

function Folded({ name, path, command }: FoldedProperties): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <details className="folded" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{name}</summary>
      {open && <Text name={name} path={path} command={command} />}
    </details>
  );
}

function Text({ name, path, command }: FoldedProperties): ReactNode {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['object', path],
    queryFn: ({ signal }) => ask<ObjectText>(path, undefined, signal),
  });
  if (error) return <FailureNote what={`${name} was not read`} cause={error} retry={() => void refetch()} />;
  if (!data) return <Waiting what="the API" />;
  return (
    <>
      <div className="section-bar">
        <CommandLine command={command} />
        <button type="button" disabled={isFetching} onClick={() => void refetch()}>
          Read again
        </button>
        <Copy text={data.text} what={`the YAML of ${name}`} word="copy the YAML" />
      </div>
      <Code text={data.text} label={name} />
      {data.managedFields !== '' && (
        <details className="folded">
          <summary>
            managedFields <span className="quiet">who wrote which field</span>
          </summary>
          <Code text={data.managedFields} label={`managedFields of ${name}`} />
        </details>
      )}
    </>
  );
}

function Code({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className="yaml" tabIndex={0} aria-label={label}>
      <pre>
        <code>{text}</code>
      </pre>
    </section>
  );
}
